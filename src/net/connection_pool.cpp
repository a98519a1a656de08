#include "net/connection_pool.h"

#include <algorithm>

#include "base/check.h"

namespace punkt::net {
namespace {

constexpr std::size_t hosts_kept_max = 10'000;
/// A connection that was used so lately is not asked whether it is closed: that costs a system call, and the second try
/// on a fresh connection covers the rare case.
constexpr Microseconds surely_alive{100'000};

}  // namespace

ConnectionPool::ConnectionPool(asio::io_context& context, PoolLimits limits, DeadlineWheel& wheel)
    : context_(context), limits_(limits), wheel_(wheel) {}

ConnectionPool::~ConnectionPool() = default;

ConnectionPool::Host& ConnectionPool::host(const Url& url) {
    const auto found = hosts_.find(Origin{url.https, url.port, url.host});
    if (found != hosts_.end()) return found->second->host;
    if (hosts_.size() >= hosts_kept_max) forget_unused();
    auto entry = std::make_unique<Entry>();
    entry->name = url.host;
    Host& host = entry->host;
    hosts_.emplace(Origin{url.https, url.port, entry->name}, std::move(entry));
    return host;
}

ConnectionPool::Lease ConnectionPool::take_idle(Host& host) {
    if (host.idle.empty()) return nullptr;
    const Microseconds now = SystemClock().elapsed();
    while (!host.idle.empty()) {
        Lease lease = std::move(host.idle.back());
        host.idle.pop_back();
        lease->leave();
        if (now - lease->idle_since < surely_alive || !lease->connection.stale()) return lease;
        --host.open;
        --open_;
    }
    return nullptr;
}

ConnectionPool::Lease ConnectionPool::take(Host& host, bool fresh) {
    if (!host.line.alone()) return nullptr;
    if (!fresh) {
        if (Lease lease = take_idle(host)) return lease;
    }
    return make_room(host, fresh) ? open_new(host) : nullptr;
}

void ConnectionPool::wait(Host& host, Waiting& place) {
    place.insert_before(host.line);
    serve(host);
}

void ConnectionPool::give_back(Lease lease, bool reusable) {
    check(lease != nullptr, "a lease that is given back is not empty");
    Host& host = lease->host;
    if (lease->connection.tls() != nullptr) {
        if (TlsTicket ticket = lease->connection.tls()->ticket(); ticket.impl) host.ticket = std::move(ticket);
    }
    // 1. To the next in line, unless other hosts wait for the total to sink: one busy host must not keep them out.
    if (reusable && !host.line.alone() && starving_.empty()) {
        static_cast<Waiting&>(*host.line.after).answer(std::move(lease));
        return;
    }
    if (reusable && host.line.alone()) {
        lease->idle_since = SystemClock().elapsed();
        lease->insert_before(idle_);
        if (!reaper_.is_set()) wheel_.set(reaper_, lease->idle_since + limits_.idle_max);
        host.idle.push_back(std::move(lease));
    } else {
        lease.reset();
        --host.open;
        --open_;
    }
    // 2. There is room now, or a connection that may be closed for others.
    while (!starving_.empty() && (open_ < limits_.total_max || !idle_.alone())) {
        Host& next = *starving_.front();
        starving_.pop_front();
        next.starving = false;
        serve(next);
    }
    serve(host);
}

bool ConnectionPool::make_room(Host& host, bool fresh) {
    if (host.open >= limits_.per_host_max) {
        if (!fresh || host.idle.empty()) return false;
        drop_idle(*host.idle.front());
    }
    if (open_ < limits_.total_max) return true;
    if (idle_.alone()) return false;
    drop_idle(static_cast<Pooled&>(*idle_.after));
    return true;
}

ConnectionPool::Lease ConnectionPool::open_new(Host& host) {
    ++host.open;
    ++open_;
    return std::make_unique<Pooled>(context_, host);
}

void ConnectionPool::serve(Host& host) {
    while (!host.line.alone()) {
        Lease lease = take_idle(host);
        if (!lease && make_room(host, false)) lease = open_new(host);
        if (!lease) {
            const bool by_total = host.open < limits_.per_host_max;
            if (by_total && !host.starving) {
                host.starving = true;
                starving_.push_back(&host);
            }
            return;
        }
        static_cast<Waiting&>(*host.line.after).answer(std::move(lease));
    }
}

void ConnectionPool::drop_idle(Pooled& pooled) {
    pooled.leave();
    auto& idle = pooled.host.idle;
    --pooled.host.open;
    --open_;
    idle.erase(std::find_if(idle.begin(), idle.end(), [&](const auto& one) { return one.get() == &pooled; }));
}

void ConnectionPool::reap() {
    const Microseconds now = SystemClock().elapsed();
    while (!idle_.alone()) {
        auto& oldest = static_cast<Pooled&>(*idle_.after);
        if (oldest.idle_since + limits_.idle_max > now) {
            wheel_.set(reaper_, oldest.idle_since + limits_.idle_max);
            return;
        }
        drop_idle(oldest);
    }
}

void ConnectionPool::forget_unused() {
    std::erase_if(hosts_, [](const auto& one) {
        const Host& host = one.second->host;
        return host.open == 0 && host.line.alone() && !host.starving;
    });
}

}  // namespace punkt::net
