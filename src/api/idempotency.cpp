#include "api/idempotency.h"

#include <fmt/format.h>

#include "api/problem.h"
#include "api/router.h"
#include "base/crypto.h"
#include "base/log.h"

namespace punkt::api {
namespace {

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

class KeepAnswer final : public store::Write {
  public:
    KeepAnswer(Id organization, std::string key, std::string fingerprint, int status, std::string body,
               Timestamp expires_at, store::Done done)
        : organization_(organization),
          key_(std::move(key)),
          fingerprint_(std::move(fingerprint)),
          status_(status),
          body_(std::move(body)),
          expires_at_(expires_at),
          done_(std::move(done)) {}

    Result<void> apply(db::Connection& connection) override {
        auto written = connection.execute(
            "INSERT INTO idempotency (organization, key, fingerprint, status, body, expires_at) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization, key) DO UPDATE SET "
            "fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, "
            "expires_at = excluded.expires_at",
            {organization_, key_, fingerprint_, status_, body_, expires_at_});
        return written ? Result<void>() : Result<void>(written.error());
    }
    void finished(const Result<void>& result) override { done_(result); }

  private:
    Id organization_;
    std::string key_;
    std::string fingerprint_;
    int status_;
    std::string body_;
    Timestamp expires_at_;
    store::Done done_;
};

class ForgetExpired final : public store::Write {
  public:
    explicit ForgetExpired(Timestamp now) : now_(now) {}
    Result<void> apply(db::Connection& connection) override {
        auto deleted = connection.execute(
            "DELETE FROM idempotency WHERE (organization, key) IN "
            "(SELECT organization, key FROM idempotency WHERE expires_at <= $1 LIMIT 1000)",
            {now_});
        return deleted ? Result<void>() : Result<void>(deleted.error());
    }
    void finished(const Result<void>&) override {}
    bool may_be_refused() const override { return false; }

  private:
    Timestamp now_;
};

}  // namespace

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
    const std::string fingerprint = fingerprint_of(context.request);
    net::HttpReply reply;
    const auto stored = co_await find(organization, key, context.now);
    if (!stored) {
        reply = route.style(stored.error());
    } else if (*stored && (*stored)->fingerprint != fingerprint) {
        reply = route.style(bad_key("was used before with another request"));
    } else if (*stored) {
        reply = {.status = (*stored)->status, .body = (*stored)->body};
        reply.headers.emplace_back("idempotency-replayed", "true");
    } else {
        reply = co_await route.handler(context);
        if (is_kept(reply)) {
            const auto written = co_await keep(organization, key, {fingerprint, reply.status, reply.body}, context.now);
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
                "SELECT fingerprint, status, body FROM idempotency "
                "WHERE organization = $1 AND key = $2 AND expires_at > $3",
                {organization, key, now}, [&](const db::Row& row) {
                    stored = Stored{row.string(0), row.number(1), row.string(2)};
                });
            if (!read) return read.error();
            return stored;
        });
}

Async<Result<void>> Idempotency::keep(Id organization, const std::string& key, Stored stored, Timestamp now) {
    co_return co_await wait_for<Result<void>>([&](store::Done done) {
        writer_.submit(std::make_unique<KeepAnswer>(organization, key, std::move(stored.fingerprint), stored.status,
                                                    std::move(stored.body), now + kept, std::move(done)));
    });
}

void Idempotency::forget_expired(Timestamp now) { writer_.submit(std::make_unique<ForgetExpired>(now)); }

bool Idempotency::begin(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return in_progress_.insert(name).second;
}

void Idempotency::end(const std::string& name) {
    const std::lock_guard lock(mutex_);
    in_progress_.erase(name);
}

}  // namespace punkt::api
