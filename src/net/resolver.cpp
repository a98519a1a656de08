#include "net/resolver.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "base/log.h"
#include "base/thread_name.h"

namespace punkt::net {
namespace {

std::string sentence(const std::string& host, int code) {
    switch (code) {
        case EAI_NONAME:
#ifdef EAI_NODATA
        case EAI_NODATA:
#endif
            return fmt::format("no address found for '{}'", host);
        case EAI_AGAIN:
            return fmt::format("the name server did not answer for '{}'", host);
        default:
            return fmt::format("'{}' could not be looked up: {}", host, gai_strerror(code));
    }
}

Resolved look_up(const std::string& host, std::size_t answers_max) {
    Resolved resolved;
    addrinfo hints{}, *list = nullptr;
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;  // else every address comes once per protocol
    const int code = getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (code != 0) {
        resolved.error = sentence(host, code);
        return resolved;
    }
    for (const addrinfo* one = list; one != nullptr && resolved.addresses.size() < answers_max; one = one->ai_next) {
        Address address;
        if (one->ai_family == AF_INET) {
            address = *Address::parse("0.0.0.0");
            std::memcpy(address.bytes.data() + 12, &reinterpret_cast<const sockaddr_in*>(one->ai_addr)->sin_addr, 4);
        } else if (one->ai_family == AF_INET6) {
            std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(one->ai_addr)->sin6_addr, 16);
        } else {
            continue;
        }
        if (std::find(resolved.addresses.begin(), resolved.addresses.end(), address) == resolved.addresses.end()) {
            resolved.addresses.push_back(address);
        }
    }
    freeaddrinfo(list);
    if (resolved.addresses.empty()) resolved.error = fmt::format("no address found for '{}'", host);
    return resolved;
}

}  // namespace

/// Shared with the threads: one that hangs in getaddrinfo() outlives the resolver.
struct SystemResolver::State {
    explicit State(ResolverOptions given) : options(given) {}

    const ResolverOptions options;
    std::mutex mutex;
    std::condition_variable work_or_end;
    std::deque<std::string> queue;
    std::unordered_map<std::string, std::vector<Done>> waiting;  // queued or being looked up
    int threads = 0;
    int idle = 0;
    bool ended = false;

    static void run(const std::shared_ptr<State>& state);
};

void SystemResolver::State::run(const std::shared_ptr<State>& state) {
    name_this_thread("resolver");
    std::unique_lock lock(state->mutex);
    while (!state->ended) {
        if (state->queue.empty()) {
            if (state->threads > state->options.threads) break;  // was started because the others hung
            ++state->idle;
            state->work_or_end.wait(lock, [&] { return state->ended || !state->queue.empty(); });
            --state->idle;
            continue;
        }
        const std::string host = std::move(state->queue.front());
        state->queue.pop_front();
        lock.unlock();
        const Resolved resolved = look_up(host, state->options.answers_max);
        lock.lock();
        if (state->ended) break;
        const auto waiters = state->waiting.extract(host);
        // Called under the lock, so that the destructor knows that no answer is on its way once it returns.
        for (Done& done : waiters.mapped()) done(resolved);
    }
    --state->threads;
}

SystemResolver::SystemResolver(ResolverOptions options) : state_(std::make_shared<State>(options)) {}

SystemResolver::~SystemResolver() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->ended = true;
    }
    state_->work_or_end.notify_all();
}

void SystemResolver::resolve(std::string host, Done done) {
    std::unique_lock lock(state_->mutex);
    // 1. The same name is looked up once for all who ask meanwhile.
    if (const auto found = state_->waiting.find(host); found != state_->waiting.end()) {
        found->second.push_back(std::move(done));
        return;
    }
    if (state_->queue.size() >= state_->options.waiting_max) {
        lock.unlock();
        done(Resolved{{}, fmt::format("'{}' was not looked up: too many names are waiting", host)});
        return;
    }
    state_->waiting[host].push_back(std::move(done));
    state_->queue.push_back(std::move(host));
    // 2. A thread for it: an idle one, or a new one when all of them may hang.
    const auto idle = static_cast<std::size_t>(state_->idle);
    if (state_->queue.size() > idle && state_->threads < state_->options.threads_max) {
        try {
            std::thread([state = state_] { State::run(state); }).detach();
            ++state_->threads;
        } catch (const std::system_error& error) {
            // The threads that exist will get to it; without any, its deadline ends the wait.
            log::warn("no thread to look up names: {}", error.what());
        }
    }
    state_->work_or_end.notify_one();
}

}  // namespace punkt::net
