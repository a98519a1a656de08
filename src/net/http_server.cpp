#include "net/http_server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "base/json.h"
#include "base/log.h"
#include "base/thread_name.h"
#include "net/connection_group.h"
#include "net/reply_writer.h"

namespace punkt::net {
namespace {

using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
constexpr auto as_value = asio::as_tuple(asio::use_awaitable_t<Executor>());

// Files that the database, the log and outgoing calls need while the server is full.
constexpr rlim_t files_reserved = 256;
// How soon a full server looks again whether it may accept.
constexpr Milliseconds full_pause{20};

/// As many files as the system lets this process open, minus the reserve.
int connections_allowed(int wanted) {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
    if (files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &files) != 0) (void)::getrlimit(RLIMIT_NOFILE, &files);
    }
    const rlim_t room = files.rlim_cur > 2 * files_reserved ? files.rlim_cur - files_reserved : files.rlim_cur / 2;
    if (room >= static_cast<rlim_t>(wanted)) return wanted;
    log::warn("only {} connections at once instead of {}: the process may open {} files (ulimit -n)", room, wanted,
              files.rlim_cur);
    return static_cast<int>(room);
}

/// Errors: the system's.
boost::system::error_code listen(Acceptor& acceptor, const tcp::endpoint& place, bool shares_port) {
    boost::system::error_code failed;
    (void)acceptor.open(place.protocol(), failed);
    if (!failed) (void)acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed && shares_port) (void)acceptor.set_option(ReusePort(true), failed);
    if (!failed && place.address().is_v6()) (void)acceptor.set_option(asio::ip::v6_only(false), failed);
    if (!failed) (void)acceptor.bind(place, failed);
    if (!failed) (void)acceptor.listen(4096, failed);  // the kernel takes less where somaxconn is less
    return failed;
}

std::string peer_text(const tcp::endpoint& peer) {
    const auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

std::string_view refusal_code(int status) {
    switch (status) {
        case 408:
            return "request_timeout";
        case 413:
            return "too_large";
        case 414:
            return "uri_too_long";
        case 417:
            return "expectation_failed";
        case 431:
            return "headers_too_large";
        case 500:
            return "internal_error";
        case 505:
            return "version_not_supported";
        default:
            return "bad_request";
    }
}

}  // namespace

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (key == name) return value;
    return std::nullopt;
}

HttpReply refuse_as_json(const HttpRequest&, int status, const std::string& reason) {
    json::Writer body;
    body.begin_object().key("error").begin_object().key("code").string(refusal_code(status));
    body.key("message").string(reason).end_object().end_object();
    return {.status = status, .body = body.take(), .close = true};
}

struct HttpServer::Impl {
    struct Thread {
        Thread(const ServerOptions& options, const HttpHandler& handler, ServerCounters& counters)
            : group(options, handler, counters) {}
        ConnectionGroup group;  // outlives the context, whose coroutines take their leave there
        asio::io_context context{1};
        Acceptor acceptor{context.get_executor()};
        Timer sweep_timer{context.get_executor()};
        Timer pause_timer{context.get_executor()};
        std::thread thread;
    };

    Impl(ServerOptions wanted, HttpHandler served) : options(std::move(wanted)), handler(std::move(served)) {}

    Result<void> bind();
    Async<> accept(Thread& thread);
    Async<> sweep(Thread& thread);

    ServerOptions options;
    HttpHandler handler;
    ServerCounters counters;
    std::uint16_t port = 0;
    bool is_stopped = false;
    std::vector<std::unique_ptr<Thread>> threads;
};

Result<void> HttpServer::Impl::bind() {
    boost::system::error_code failed;
    const auto address = asio::ip::make_address(options.address, failed);
    if (failed) return Error{ErrorKind::invalid, fmt::format("'{}' is no IP address to listen on", options.address)};
    tcp::endpoint place(address, options.port);
    const auto taken = [&](const boost::system::error_code& why) {
        return Error{ErrorKind::unavailable,
                     fmt::format("cannot listen on {} port {}: {}", options.address, place.port(), why.message())};
    };
    const bool shares_port = options.threads > 1;
    if (shares_port) {
        // SO_REUSEPORT would let a second Punkt take half of the first one's clients: ask without it first.
        asio::io_context context;
        Acceptor probe(context.get_executor());
        if (const auto why = listen(probe, place, false)) return taken(why);
        place.port(probe.local_endpoint(failed).port());
    }
    for (auto& thread : threads) {
        if (const auto why = listen(thread->acceptor, place, shares_port)) return taken(why);
        place.port(thread->acceptor.local_endpoint(failed).port());
    }
    port = place.port();
    return {};
}

Async<> HttpServer::Impl::accept(Thread& thread) {
    while (thread.acceptor.is_open()) {
        if (counters.open.load(std::memory_order_relaxed) >= options.connections_max) {
            thread.pause_timer.expires_after(full_pause);
            (void)co_await thread.pause_timer.async_wait(as_value);
            continue;
        }
        tcp::endpoint peer;
        auto [failed, socket] = co_await thread.acceptor.async_accept(peer, as_value);
        if (failed == asio::error::operation_aborted) co_return;
        if (failed) {  // EMFILE and its kin pass; trying at once would spin
            log::warn("cannot accept connections: {}", failed.message());
            thread.pause_timer.expires_after(Milliseconds(100));
            (void)co_await thread.pause_timer.async_wait(as_value);
            continue;
        }
        boost::system::error_code ignored;
        const int handle = socket.release(ignored);
        thread.group.open(thread.context, handle, peer.protocol().family(), peer_text(peer));
    }
}

Async<> HttpServer::Impl::sweep(Thread& thread) {
    while (true) {
        thread.sweep_timer.expires_after(thread.group.sweep_interval());
        const auto [failed] = co_await thread.sweep_timer.async_wait(as_value);
        if (failed) co_return;
        thread.group.sweep();
    }
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::create(ServerOptions options, HttpHandler handler) {
    options.threads = std::max(options.threads, 1);
    options.connections_max = connections_allowed(options.connections_max);
    auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
    for (int i = 0; i < impl->options.threads; ++i)
        impl->threads.push_back(std::make_unique<Impl::Thread>(impl->options, impl->handler, impl->counters));
    if (auto bound = impl->bind(); !bound) return bound.error();
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() { stop(Milliseconds(0)); }

void HttpServer::start() {
    for (auto& thread : impl_->threads) {
        asio::co_spawn(thread->context.get_executor(), impl_->accept(*thread), asio::detached);
        asio::co_spawn(thread->context.get_executor(), impl_->sweep(*thread), asio::detached);
        thread->thread = std::thread([&context = thread->context] {
            name_this_thread("server");
            context.run();
        });
    }
}

std::uint16_t HttpServer::port() const { return impl_->port; }

void HttpServer::stop(Milliseconds grace) {
    if (std::exchange(impl_->is_stopped, true)) return;
    for (auto& thread : impl_->threads) {
        asio::post(thread->context, [&thread = *thread] {
            boost::system::error_code ignored;
            (void)thread.acceptor.close(ignored);
            (void)thread.pause_timer.cancel();
            thread.group.begin_stopping();
        });
    }
    {
        std::unique_lock lock(impl_->counters.mutex);
        impl_->counters.all_closed.wait_for(lock, grace, [&] { return impl_->counters.open.load() == 0; });
    }
    for (auto& thread : impl_->threads) {
        thread->context.stop();
        if (thread->thread.joinable()) thread->thread.join();
    }
}

HttpServer::Statistics HttpServer::statistics() const {
    const ServerCounters& counters = impl_->counters;
    return {counters.requests.load(), counters.connections.load(),
            static_cast<std::uint64_t>(std::max(counters.open.load(), 0)), counters.refused.load()};
}

}  // namespace punkt::net
