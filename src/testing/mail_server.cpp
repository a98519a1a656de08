#include "testing/mail_server.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "base/async.h"

namespace punkt::testing {
namespace {

using asio::ip::tcp;
using Socket = asio::basic_stream_socket<tcp, Executor>;
constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> as_values{};

/// What stands between < and >.
std::string address_in(const std::string& line) {
    const auto from = line.find('<');
    const auto until = line.find('>');
    return from == line.npos || until == line.npos ? "" : line.substr(from + 1, until - from - 1);
}

/// Up to and with `end`; nothing when the peer is gone.
Async<std::optional<std::string>> read_to(Socket& socket, std::string& buffer, const char* end) {
    const auto [error, bytes] =
        co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), std::string(end), as_values);
    if (error) co_return std::nullopt;
    std::string text = buffer.substr(0, bytes);
    buffer.erase(0, bytes);
    co_return text;
}

}  // namespace

struct MailServer::Impl {
    Impl() : acceptor(context, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {
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
            asio::co_spawn(context.get_executor(), serve(std::move(socket)), asio::detached);
        }
    }

    Async<void> serve(Socket socket) {
        std::string buffer;
        Letter letter;
        std::string reply = "220 test ESMTP";
        while (true) {
            reply += "\r\n";
            const auto [error, written] = co_await asio::async_write(socket, asio::buffer(reply), as_values);
            if (error) co_return;
            if (reply.starts_with("354")) {
                const auto text = co_await read_to(socket, buffer, "\r\n.\r\n");
                if (!text) co_return;
                letter.text = text->substr(0, text->size() - 3);
                take(std::exchange(letter, {}));
                reply = "250 taken";
                continue;
            }
            const auto line = co_await read_to(socket, buffer, "\r\n");
            if (!line) co_return;
            reply = answer(*line, letter);
        }
    }

    std::string answer(const std::string& line, Letter& letter) {
        if (line.starts_with("MAIL")) letter.from = address_in(line);
        if (line.starts_with("DATA")) return "354 go on";
        if (line.starts_with("QUIT")) return "221 bye";
        if (!line.starts_with("RCPT")) return "250 OK";
        letter.to = address_in(line);
        const std::lock_guard lock(mutex);
        return refusal.empty() ? "250 OK" : refusal;
    }

    void take(Letter letter) {
        const std::lock_guard lock(mutex);
        letters.push_back(std::move(letter));
        came.notify_all();
    }

    asio::io_context context{1};
    asio::basic_socket_acceptor<tcp, Executor> acceptor;
    std::mutex mutex;
    std::condition_variable came;
    std::string refusal;
    std::vector<Letter> letters;
    std::thread thread;
};

MailServer::MailServer() : impl_(std::make_unique<Impl>()) {}

MailServer::~MailServer() = default;

std::string MailServer::url() const {
    return fmt::format("smtp://127.0.0.1:{}", impl_->acceptor.local_endpoint().port());
}

void MailServer::refuse(std::string line) {
    const std::lock_guard lock(impl_->mutex);
    impl_->refusal = std::move(line);
}

std::vector<MailServer::Letter> MailServer::wait_for(std::size_t count) const {
    std::unique_lock lock(impl_->mutex);
    impl_->came.wait_for(lock, std::chrono::seconds(10), [&] { return impl_->letters.size() >= count; });
    return impl_->letters;
}

}  // namespace punkt::testing
