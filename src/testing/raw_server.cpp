#include "testing/raw_server.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/async.h"
#include "base/check.h"

namespace punkt::testing {
namespace {

using asio::ip::tcp;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> as_values{};

std::size_t content_length(const std::string& head) {
    const std::size_t at = head.find("content-length: ");
    return at == head.npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

Script Script::answer(int status, const std::string& body, const std::string& extra_header_lines) {
    return Script().send(fmt::format("HTTP/1.1 {} Status\r\ncontent-length: {}\r\n{}\r\n{}", status, body.size(),
                                     extra_header_lines, body));
}

Script Script::dribble(const std::string& bytes, std::chrono::milliseconds pause) && {
    for (const char byte : bytes) {
        steps_.push_back({Step::Kind::send, std::string(1, byte)});
        steps_.push_back({Step::Kind::wait, {}, pause});
    }
    return std::move(*this);
}

struct RawServer::Impl {
    explicit Impl(const std::string& address)
        : acceptor(context, tcp::endpoint(asio::ip::make_address(address), 0)), host(address) {
        asio::co_spawn(context.get_executor(), accept(), asio::detached);
        thread = std::thread([this] { context.run(); });
    }
    ~Impl() {
        context.stop();
        thread.join();
    }

    Async<void> accept() {
        while (true) {
            Socket socket(context);
            const auto [error] = co_await acceptor.async_accept(socket, as_values);
            if (error) co_return;
            asio::co_spawn(context.get_executor(), serve(std::move(socket), ++connections), asio::detached);
        }
    }

    Async<void> serve(Socket socket, int number) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        std::string buffer;
        bool open = co_await play(socket, greeting());
        while (open) {
            const auto [error, head_bytes] =
                co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), "\r\n\r\n", as_values);
            if (error) break;
            Seen seen{.head = buffer.substr(0, head_bytes), .connection = number};
            buffer.erase(0, head_bytes);
            const std::size_t length = content_length(seen.head);
            if (buffer.size() < length) {
                const auto [failed, count] = co_await asio::async_read(
                    socket, asio::dynamic_buffer(buffer), asio::transfer_exactly(length - buffer.size()), as_values);
                if (failed) break;
            }
            seen.body = buffer.substr(0, length);
            buffer.erase(0, length);
            open = co_await play(socket, note(std::move(seen)));
        }
        const std::lock_guard lock(mutex);
        ++closed;
        changed.notify_all();
    }

    /// False when the connection is closed.
    Async<bool> play(Socket& socket, Script script) {
        for (const auto& step : script.steps()) {
            switch (step.kind) {
                case Script::Step::Kind::send:
                case Script::Step::Kind::flood:
                    do {
                        const auto [error, count] =
                            co_await asio::async_write(socket, asio::buffer(step.bytes), as_values);
                        bytes_sent += count;
                        if (error) co_return false;
                    } while (step.kind == Script::Step::Kind::flood);
                    break;
                case Script::Step::Kind::wait: {
                    Timer timer(context, step.time);
                    co_await timer.async_wait(as_values);
                    break;
                }
                case Script::Step::Kind::hang: {
                    char byte = 0;
                    co_await socket.async_read_some(asio::buffer(&byte, 1), as_values);
                    co_return false;
                }
                case Script::Step::Kind::reset: {
                    boost::system::error_code ignored;
                    socket.set_option(asio::socket_base::linger(true, 0), ignored);
                    socket.close(ignored);
                    co_return false;
                }
                case Script::Step::Kind::close: {
                    boost::system::error_code ignored;
                    socket.shutdown(tcp::socket::shutdown_both, ignored);
                    socket.close(ignored);
                    co_return false;
                }
            }
        }
        co_return true;
    }

    Script greeting() {
        const std::lock_guard lock(mutex);
        return hello;
    }

    Script note(Seen seen) {
        const std::size_t blank = seen.head.find(' ');
        seen.method = seen.head.substr(0, blank);
        seen.target = seen.head.substr(blank + 1, seen.head.find(' ', blank + 1) - blank - 1);
        const std::string path = seen.target.substr(0, seen.target.find('?'));
        const std::lock_guard lock(mutex);
        all_seen.push_back(std::move(seen));
        const auto found = scripts.find(path);
        if (found == scripts.end()) return Script::answer(404);
        auto& [list, next] = found->second;
        const std::size_t index = std::min(next++, list.size() - 1);
        return list[index];
    }

    asio::io_context context{1};
    asio::basic_socket_acceptor<tcp, Executor> acceptor;
    const std::string host;
    std::atomic<int> connections = 0;
    std::atomic<std::uint64_t> bytes_sent = 0;

    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    std::map<std::string, std::pair<std::vector<Script>, std::size_t>> scripts;
    Script hello;
    std::vector<Seen> all_seen;
    int closed = 0;
    std::thread thread;
};

RawServer::RawServer(const std::string& address) : impl_(std::make_unique<Impl>(address)) {}
RawServer::~RawServer() = default;

std::uint16_t RawServer::port() const { return impl_->acceptor.local_endpoint().port(); }

std::string RawServer::url(const std::string& path) const {
    const bool v6 = impl_->host.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}{}", v6 ? "[" : "", impl_->host, v6 ? "]" : "", port(), path);
}

void RawServer::on(const std::string& path, std::vector<Script> scripts) {
    check(!scripts.empty(), "a path has a script");
    const std::lock_guard lock(impl_->mutex);
    impl_->scripts[path] = {std::move(scripts), 0};
}

void RawServer::greet(Script script) {
    const std::lock_guard lock(impl_->mutex);
    impl_->hello = std::move(script);
}

std::vector<RawServer::Seen> RawServer::seen() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->all_seen;
}

int RawServer::connections() const { return impl_->connections; }
std::uint64_t RawServer::bytes_sent() const { return impl_->bytes_sent; }

bool RawServer::wait_for_closed(int count) const {
    std::unique_lock lock(impl_->mutex);
    return impl_->changed.wait_for(lock, std::chrono::seconds(5), [&] { return impl_->closed >= count; });
}

}  // namespace punkt::testing
