#include "net/client_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "base/check.h"
#include "base/thread_name.h"
#include "net/redirect.h"
#include "net/request_head.h"

namespace punkt::net {
namespace {

/// How long an address may take to accept while there is another one to try (RFC 8305 races them; one after the other
/// needs no second socket).
constexpr Microseconds patience_with_others{1'000'000};

std::size_t share(int total, int threads) { return static_cast<std::size_t>(std::max(1, total / threads)); }

PoolLimits pool_limits(const ClientOptions& options) {
    return {share(options.connections_per_host_max, options.threads), share(options.connections_max, options.threads),
            options.idle_connection_max};
}

std::string stopped_sentence(const Attempt& attempt) {
    if (attempt.stopped == Failure::cancelled) return "Punkt is stopping";
    return fmt::format("the deadline of {} ms passed while {}", attempt.request.timeout.count(), attempt.doing);
}

}  // namespace

ClientWorker::ClientWorker(ClientShared shared)
    : shared_(shared),
      wheel_(now()),
      book_(context_, shared.resolver, shared.options.guard, shared.options.dns_cache),
      pool_(context_, pool_limits(shared.options), wheel_),
      thread_([this] {
          name_this_thread("client");
          context_.run();
      }) {}

ClientWorker::~ClientWorker() {
    work_.reset();
    context_.stop();
    thread_.join();
}

void ClientWorker::send(std::vector<Request> requests) {
    const std::lock_guard lock(mutex_);
    arrivals_.push_back({std::move(requests), now()});
    if (arrivals_.size() == 1) asio::post(context_, [this] { take_arrivals(); });
}

void ClientWorker::cancel() {
    asio::post(context_, [this] {
        cancelled_ = true;
        wheel_.turn_to_end();
    });
}

void ClientWorker::take_arrivals() {
    std::vector<Arrived> arrivals;
    {
        const std::lock_guard lock(mutex_);
        arrivals.swap(arrivals_);
    }
    for (auto& [requests, at] : arrivals) {
        for (Request& request : requests) {
            auto attempt = std::make_unique<Attempt>(std::move(request), at, cancelled_);
            wheel_.set(*attempt, at + attempt->request.timeout);
            asio::co_spawn(context_.get_executor(), run(std::move(attempt)), [](const std::exception_ptr& error) {
                check(error == nullptr, "an attempt ends without an exception");
            });
        }
    }
    if (!ticking_) tick();
}

void ClientWorker::tick() {
    ticking_ = !wheel_.empty();
    if (!ticking_) return;
    timer_.expires_after(DeadlineWheel::slot_width);
    timer_.async_wait([this](const boost::system::error_code& code) {
        if (code) return;
        wheel_.turn(now());
        tick();
    });
}

Async<void> ClientWorker::run(std::unique_ptr<Attempt> attempt) {
    if (cancelled_) attempt->passed();
    auto url = parse_url(attempt->request.url);
    if (url) {
        attempt->url = std::move(*url);
        while (co_await hop(*attempt)) {
        }
    } else {
        attempt->fail(Failure::protocol, fmt::format("the URL {}", url.error().message));
    }
    finish(*attempt);
}

Async<bool> ClientWorker::hop(Attempt& attempt) {
    const Request& request = attempt.request;
    attempt.answer.timings = {};
    // 1. The request.
    const std::string_view body = request.body ? std::string_view(*request.body) : std::string_view();
    auto head = request_head(request.method, attempt.url, request.headers,
                             request.body ? std::optional(body.size()) : std::nullopt);
    if (!head) {
        attempt.fail(Failure::protocol, head.error().message);
        co_return false;
    }
    attempt.answer.request_head = std::move(*head);
    // 2. A connection, idle or new.
    Lease lease = attempt.fresh ? nullptr : pool_.take_idle(pool_.host(attempt.url));
    if (!lease) lease = co_await new_connection(attempt);
    if (!lease) co_return false;
    ClientConnection& connection = lease->connection;
    const bool reused = connection.used();
    attempt.answer.address = connection.peer();
    // 3. The response.
    ResponseReader reader({shared_.options.header_bytes_max, shared_.options.headers_max, request.body_bytes_max},
                          request.method);
    attempt.connection = &connection;
    attempt.doing = "waiting for the answer";
    const bool answered = co_await connection.exchange(attempt.answer.request_head, body, reader);
    attempt.connection = nullptr;
    if (connection.first_byte_at().count() != 0) {
        attempt.answer.timings.first_byte_us = attempt.since_start(connection.first_byte_at());
    }
    const std::string error = connection.error();
    pool_.give_back(std::move(lease), answered && reader.reusable() && !connection.surplus() && !attempt.is_stopped());
    if (reused) shared_.counters.reused.fetch_add(1, std::memory_order_relaxed);
    if (answered) co_return judge(attempt, reader);
    if (attempt.is_stopped()) co_return false;
    // 4. A server may close a connection just when it is used again; it gets the request once more, on a fresh one.
    if (reused && !reader.started() && !attempt.fresh) co_return attempt.fresh = true;
    attempt.fail(reader.failed() && !reader.ended_early() ? Failure::protocol : Failure::connection, error);
    co_return false;
}

bool ClientWorker::judge(Attempt& attempt, ResponseReader& reader) {
    Answer& answer = attempt.answer;
    auto next = redirect(reader.status(), reader.location(), attempt.hops, attempt.request, attempt.url);
    if (next.follow) {
        ++attempt.hops;
        attempt.fresh = false;
        return true;
    }
    attempt.stopped = Failure::none;  // it is whole, even if the deadline came at the same moment
    attempt.fail(next.failure, std::move(next.error));
    if (next.failure == Failure::protocol) return false;
    answer.status = reader.status();
    answer.response_head = reader.take_head();
    answer.body = reader.take_body();
    answer.body_truncated = reader.truncated();
    answer.retry_after = reader.retry_after();
    answer.no_retry = reader.no_retry();
    return false;
}

Async<ClientWorker::Lease> ClientWorker::new_connection(Attempt& attempt) {
    // 1. Where to.
    Found found = co_await find_addresses(attempt);
    if (attempt.is_stopped()) co_return nullptr;
    if (found.addresses.empty()) {
        attempt.fail(found.failure, std::move(found.error));
        co_return nullptr;
    }
    // 2. May one more be opened?
    attempt.doing = "waiting for a free connection";
    ConnectionPool::Host& host = pool_.host(attempt.url);
    Lease lease = pool_.take(host, attempt.fresh);
    if (!lease) {
        lease = co_await wait_for<Lease>([&](auto done) {
            attempt.in_line.done = std::move(done);
            pool_.wait(host, attempt.in_line);
        });
        if (!lease) co_return nullptr;
    }
    // 3. An idle one came first, or this one is to be set up.
    bool ready = lease->connection.connected();
    if (!ready && !attempt.is_stopped()) {
        attempt.connection = &lease->connection;
        ready = co_await connect(attempt, *lease, std::move(found.addresses));
        if (ready && attempt.url.https) ready = co_await secure(attempt, *lease);
        attempt.connection = nullptr;
    }
    if (ready && !attempt.is_stopped()) co_return lease;
    const bool reusable = ready && lease->connection.connected();
    pool_.give_back(std::move(lease), reusable);
    co_return nullptr;
}

Async<Found> ClientWorker::find_addresses(Attempt& attempt) {
    attempt.doing = "looking up the address";
    if (auto known = book_.find(attempt.url, now())) co_return std::move(*known);
    if (attempt.is_stopped()) co_return Found();
    Limit limit([&attempt] { attempt.asking.give_up(); });
    wheel_.set(limit, now() + shared_.options.dns_timeout);
    const Resolved resolved = co_await wait_for<Resolved>([&](auto done) {
        attempt.asking.done = std::move(done);
        book_.wait(attempt.url.host, attempt.asking);
    });
    if (limit.over) {
        co_return Found{{},
                        Failure::dns,
                        fmt::format("the name server did not answer for '{}' within {} ms", attempt.url.host,
                                    shared_.options.dns_timeout.count())};
    }
    if (resolved.addresses.empty()) co_return Found{{}, Failure::dns, resolved.error};
    attempt.answer.timings.dns_us = attempt.since_start(now());
    co_return book_.allowed(attempt.url, resolved.addresses);
}

Async<bool> ClientWorker::connect(Attempt& attempt, ConnectionPool::Pooled& pooled, std::vector<Address> addresses) {
    attempt.doing = "connecting";
    ClientConnection& connection = pooled.connection;
    auto& preferred = pooled.host.preferred;
    if (preferred)
        std::stable_partition(addresses.begin(), addresses.end(), [&](const auto& a) { return a == *preferred; });
    std::string first_error;  // of the best address: what its owner expects to read
    const std::size_t different = addresses.size();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const Address address = addresses[i];
        const bool last = i + 1 == addresses.size();
        const Microseconds patience = shared_.options.connect_timeout;
        Limit limit([&connection] { connection.abort(); });
        wheel_.set(limit, now() + (last ? patience : std::min(patience, patience_with_others)));
        std::string error = co_await connection.connect(address, attempt.url.port);
        if (attempt.is_stopped()) co_return false;
        if (error.empty() && !limit.over) {
            preferred = address;
            attempt.answer.address = connection.peer();
            attempt.answer.timings.connect_us = attempt.since_start(now());
            shared_.counters.connected.fetch_add(1, std::memory_order_relaxed);
            co_return true;
        }
        if (limit.over) {
            error = fmt::format("{} did not accept the connection in time", connection.peer());
            if (!last && i < different) addresses.push_back(address);  // slow rather than dead, if all others fail
        }
        if (first_error.empty()) {
            first_error = std::move(error);
            attempt.answer.address = connection.peer();
        }
    }
    attempt.fail(Failure::connect, std::move(first_error));
    co_return false;
}

Async<bool> ClientWorker::secure(Attempt& attempt, ConnectionPool::Pooled& pooled) {
    attempt.doing = "agreeing on TLS";
    ClientConnection& connection = pooled.connection;
    Limit limit([&connection] { connection.abort(); });
    wheel_.set(limit, now() + shared_.options.tls_timeout);
    std::string error = co_await connection.secure(shared_.tls, attempt.url.host, pooled.host.ticket);
    if (attempt.is_stopped()) co_return false;
    if (limit.over) error = fmt::format("{} did not finish the TLS handshake in time", connection.peer());
    if (error.empty()) {
        attempt.answer.timings.tls_us = attempt.since_start(now());
        co_return true;
    }
    attempt.fail(Failure::tls, std::move(error));
    co_return false;
}

void ClientWorker::finish(Attempt& attempt) {
    attempt.clear();
    if (attempt.is_stopped()) attempt.fail(attempt.stopped, stopped_sentence(attempt));
    attempt.answer.timings.total_us = attempt.since_start(now());
    answers_.push_back(std::move(attempt.answer));
    // All that end in this turn of the loop travel in one call.
    if (answers_.size() > 1) return;
    asio::post(context_, [this] {
        std::vector<Answer> batch;
        batch.swap(answers_);
        const std::size_t count = batch.size();
        shared_.sink.answered(std::move(batch));
        if (shared_.counters.in_flight.fetch_sub(count) == count) {
            const std::lock_guard lock(shared_.counters.mutex);
            shared_.counters.all_answered.notify_all();
        }
    });
}

}  // namespace punkt::net
