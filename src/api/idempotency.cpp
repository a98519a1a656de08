#include "api/idempotency.h"

#include <fmt/format.h>

#include "api/problem.h"
#include "api/router.h"
#include "base/crypto.h"
#include "base/log.h"

namespace punkt::api {
namespace {

using store::hour_of;

constexpr std::size_t key_bytes_max = 255;

Error bad_key(std::string message) {
    return {ErrorKind::invalid, "idempotency-key " + message, "validation_error", {{"idempotency-key", message}}};
}

std::string fingerprint_of(const net::HttpRequest& request) {
    // A NUL cannot occur in the first three, so that nothing can move from one part into the next.
    std::string text = request.method;
    text.append(1, '\0')
        .append(request.path)
        .append(1, '\0')
        .append(request.query)
        .append(1, '\0')
        .append(request.body);
    return crypto::hex(crypto::sha256(text));
}

bool is_kept(const net::HttpReply& reply) { return reply.status / 100 == 2 && !reply.body.empty(); }

}  // namespace

Result<void> AnswerSlot::store(db::Connection& connection, const net::HttpReply& answer) const {
    if (!is_kept(answer)) return {};
    auto stored = connection.execute(
        "INSERT INTO idempotency_answer (expiry_hour, organization, key, fingerprint, status, body, expires_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {hour_of(expires_at_), organization_, key_, fingerprint_, answer.status, answer.body, expires_at_});
    return stored ? Result<void>() : Result<void>(stored.error());
}

std::optional<std::string> idempotency_key(const net::HttpRequest& request) {
    const auto value = request.header("idempotency-key");
    if (!value || value->empty()) return std::nullopt;
    return std::string(*value);
}

Async<net::HttpReply> Idempotency::answer(Context& context, const Route& route, std::string key) {
    // Cut, two keys could become one.
    if (key.size() > key_bytes_max)
        co_return route.style(bad_key(fmt::format("should be at most {} character(s)", key_bytes_max)));
    const Id organization = context.caller.organization;
    const std::string name = fmt::format("{} {}", organization, key);
    if (!begin(name))
        co_return route.style({ErrorKind::conflict, "Request in progress. Please wait and retry.",
                               std::string(code_request_in_progress)});
    AnswerSlot slot(organization, key, fingerprint_of(context.request), context.now + kept);
    net::HttpReply reply;
    const auto stored = co_await find(organization, key, context.now);
    if (!stored) {
        reply = route.style(stored.error());
    } else if (*stored && (*stored)->fingerprint != slot.fingerprint()) {
        reply = route.style(bad_key("was used before with another request"));
    } else if (*stored) {
        reply = {.status = (*stored)->status, .body = (*stored)->body};
        reply.headers.emplace_back("idempotency-replayed", "true");
    } else {
        context.answer_slot = &slot;
        reply = co_await route.handler(context);
        context.answer_slot = nullptr;
        if (is_kept(reply) && !slot.is_taken) {
            const auto written = co_await keep(slot, reply);
            // The work is done and on disk; only a later repetition would not be recognised.
            if (!written) log::warn("an answer could not be kept for its Idempotency-Key: {}", written.error().message);
        }
    }
    end(name);
    co_return reply;
}

Async<Result<std::optional<Idempotency::Stored>>> Idempotency::find(Id organization, const std::string& key,
                                                                    Timestamp now) {
    co_return co_await readers_.read<std::optional<Stored>>(
        [organization, key, now](db::Connection& connection) -> Result<std::optional<Stored>> {
            std::optional<Stored> stored;
            auto read = connection.query(
                "WITH RECURSIVE hour (number) AS (SELECT $1 UNION ALL SELECT number + 1 FROM hour WHERE number < $2) "
                "SELECT fingerprint, status, body FROM hour CROSS JOIN idempotency_answer ON expiry_hour = number AND "
                "organization = $3 AND key = $4 WHERE expires_at > $5",
                {hour_of(now), hour_of(now + kept), organization, key, now}, [&](const db::Row& row) {
                    stored = Stored{row.string(0), row.number(1), row.string(2)};
                });
            if (!read) return read.error();
            return stored;
        });
}

Async<Result<void>> Idempotency::keep(const AnswerSlot& slot, const net::HttpReply& reply) {
    co_return co_await wait_for<Result<void>>([&](store::Done done) {
        writer_.submit(store::make_write(
            [&slot, &reply](db::Connection& connection) { return slot.store(connection, reply); }, std::move(done)));
    });
}

Result<std::int64_t> Idempotency::forget_expired(db::Connection& connection, Timestamp now, int rows) {
    return connection.execute(
        "DELETE FROM idempotency_answer WHERE (expiry_hour, organization, key) IN (SELECT expiry_hour, organization, "
        "key FROM idempotency_answer WHERE expiry_hour < $1 LIMIT $2)",
        {hour_of(now), rows});
}

bool Idempotency::begin(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return in_progress_.insert(name).second;
}

void Idempotency::end(const std::string& name) {
    const std::lock_guard lock(mutex_);
    in_progress_.erase(name);
}

}  // namespace punkt::api
