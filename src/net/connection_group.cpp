#include "net/connection_group.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/log.h"
#include "net/input_buffer.h"
#include "net/reply_writer.h"
#include "net/request_parser.h"

namespace punkt::net {
namespace {

constexpr std::size_t output_bytes_max = 64 * 1024;     // pipelined answers are written when they reach this
constexpr std::size_t discarded_bytes_max = 64 * 1024;  // of what a refused client still sends

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
constexpr auto as_value = asio::as_tuple(asio::use_awaitable_t<Executor>());

}  // namespace

class ConnectionGroup::Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(ConnectionGroup& group, Socket socket, std::string peer)
        : group_(group), socket_(std::move(socket)), peer_(std::move(peer)), parser_(limits(group.options_)) {
        group_.add(*this);
        enter(Phase::idle);
    }
    ~Connection() {
        release_body();
        group_.remove(*this);
    }
    Connection(const Connection&) = delete;

    static Async<> run(std::shared_ptr<Connection> connection) {
        while (co_await connection->serve_one()) {
        }
    }

    void sweep(Microseconds now);
    void begin_stopping() {
        if (phase_ == Phase::idle) expire();
        if (stream_ == nullptr) return;
        stream_->close();
        if (phase_ == Phase::writing) expire();  // its client does not read: no last word reaches it
    }

    std::size_t place = 0;  // in the group's list

  private:
    enum class Phase { idle, head, body, handling, streaming, writing, lingering };

    static RequestParser::Limits limits(const ServerOptions& options) {
        return {options.header_bytes_max, options.headers_max, options.target_bytes_max, options.body_bytes_max,
                options.body_bytes_max_at};
    }
    Async<bool> serve_one();
    Async<> serve_stream(HttpReply reply, ReplyFrame frame);
    Async<bool> send_pieces(bool is_http_1_0);
    static Async<> watch(std::shared_ptr<Connection> self);
    Async<bool> receive();
    Async<HttpReply> answer();
    Async<bool> refuse(int status, std::string reason);
    Async<bool> flush();
    Async<> linger();
    void enter(Phase phase) {
        phase_ = phase;
        since_ = group_.now_;
        phase_bytes_ = 0;
    }
    void enter_reading_phase();
    bool is_past_deadline(Microseconds now) const;
    void expire() {
        is_expired_ = true;
        boost::system::error_code ignored;
        (void)socket_.cancel(ignored);
    }
    asio::mutable_buffer room(bool wants_more) {
        const std::span<char> free = input_.room(wants_more);
        return {free.data(), free.size()};
    }
    bool send_now();
    /// Counts `count` bytes of a body. False when all bodies together have become too large.
    bool hold_body(std::size_t count) {
        held_bytes_ += count;
        return group_.counters_.bodies_bytes.fetch_add(count) + count <= group_.options_.bodies_bytes_max;
    }
    void release_body() {
        if (held_bytes_ > 0) group_.counters_.bodies_bytes.fetch_sub(std::exchange(held_bytes_, 0));
    }
    ReplyFrame frame(bool keep_alive) {
        return {group_.date_, parser_.request().method == "HEAD", parser_.is_http_1_0(), keep_alive};
    }

    ConnectionGroup& group_;
    Socket socket_;
    std::string peer_;
    RequestParser parser_;
    InputBuffer input_;
    std::string output_;
    std::size_t written_ = 0;  // of output_
    Phase phase_ = Phase::idle;
    Microseconds since_{};
    std::size_t phase_bytes_ = 0;
    std::size_t held_bytes_ = 0;
    bool is_expired_ = false;
    std::shared_ptr<BodyStream> stream_;  // while it is sent
};

// Steps: 1. a whole request  2. its answer, behind those of the pipelined requests before it  3. out, unless another
// request is already here and shares the write. False ends the connection.
Async<bool> ConnectionGroup::Connection::serve_one() {
    parser_.reset();
    if (!co_await receive()) co_return false;
    group_.counters_.requests.fetch_add(1, std::memory_order_relaxed);
    enter(Phase::handling);
    const ReplyFrame asked = frame(parser_.is_keep_alive());  // the request itself leaves with the handler
    HttpReply reply = co_await answer();
    release_body();
    ReplyFrame answered = asked;
    answered.date = group_.date_;
    if (reply.stream != nullptr && !asked.is_head) {
        co_await serve_stream(std::move(reply), answered);
        co_return false;
    }
    answered.keep_alive = asked.keep_alive && !reply.close && !group_.is_stopping_;
    append_reply(output_, reply, answered);
    if (!answered.keep_alive) {
        if (!send_now() && !co_await flush()) co_return false;
        if (asked.keep_alive) co_await linger();  // the client does not know yet
        co_return false;
    }
    if (input_.unread().empty() || output_.size() > output_bytes_max) co_return send_now() || co_await flush();
    co_return true;
}

// Two coroutines hold the connection: this one writes, watch() notices when the client leaves. Whichever comes to its
// end last lets it go; after the last piece that is watch(), which then waits for the client to read it all.
Async<> ConnectionGroup::Connection::serve_stream(HttpReply reply, ReplyFrame frame) {
    frame.keep_alive = false;
    append_reply(output_, reply, frame);
    stream_ = std::move(reply.stream);
    if (group_.is_stopping_) stream_->close();
    enter(Phase::streaming);
    asio::co_spawn(socket_.get_executor(), watch(shared_from_this()), asio::detached);
    const bool is_sent = co_await send_pieces(frame.is_http_1_0);
    stream_.reset();
    if (!is_sent) co_return expire();
    enter(Phase::lingering);
    boost::system::error_code ignored;
    (void)socket_.shutdown(Socket::shutdown_send, ignored);
}

/// False when the client did not get everything.
Async<bool> ConnectionGroup::Connection::send_pieces(bool is_http_1_0) {
    while (send_now() || co_await flush()) {
        std::optional<std::string> piece;
        try {
            piece = co_await stream_->next();
        } catch (const std::exception& failure) {
            log::error("a stream threw: {}", failure.what());
            co_return false;  // without an end of the chunks: the client sees that it was cut
        }
        if (is_expired_) co_return false;
        if (piece) {
            append_piece(output_, *piece, is_http_1_0);
            continue;
        }
        if (!is_http_1_0) output_.append(end_of_chunks);
        co_return send_now() || co_await flush();
    }
    co_return false;
}

/// What a client sends behind its request is not for this answer: it is read and dropped, a little of it.
Async<> ConnectionGroup::Connection::watch(std::shared_ptr<Connection> self) {
    std::size_t dropped = self->input_.unread().size();
    self->input_.consume(dropped);
    while (dropped < discarded_bytes_max) {
        const auto [failed, count] = co_await self->socket_.async_read_some(self->room(false), as_value);
        if (failed) break;
        dropped += count;
    }
    self->expire();
    if (self->stream_ != nullptr) self->stream_->close();
}

Async<bool> ConnectionGroup::Connection::receive() {
    while (true) {
        input_.consume(parser_.feed(input_.unread()));
        if (parser_.has_failed()) co_return co_await refuse(parser_.status(), parser_.reason());
        if (parser_.is_done()) co_return true;
        enter_reading_phase();
        if (parser_.take_expectation() && input_.unread().empty()) output_.append("HTTP/1.1 100 Continue\r\n\r\n");
        if (!output_.empty() && !send_now() && !co_await flush()) co_return false;
        if (phase_ == Phase::idle) {
            if (group_.is_stopping_) co_return false;
            input_.give_back();
        }
        const auto [failed, count] = co_await socket_.async_read_some(room(phase_ == Phase::body), as_value);
        if (is_expired_) {
            if (phase_ == Phase::idle) co_return false;
            co_return co_await refuse(
                408, phase_ == Phase::head ? "the headers came too slowly" : "the body came too slowly");
        }
        if (failed) co_return false;
        input_.received(count);
        phase_bytes_ += count;
        // What came with the headers is not counted: it is small, and most requests are nothing else.
        if (phase_ == Phase::body && !hold_body(count)) co_return co_await refuse(503, "too many large bodies at once");
    }
}

void ConnectionGroup::Connection::enter_reading_phase() {
    const Phase next = parser_.is_in_body() ? Phase::body : parser_.has_started() ? Phase::head : Phase::idle;
    if (next != phase_) enter(next);
}

Async<HttpReply> ConnectionGroup::Connection::answer() {
    parser_.request().peer = peer_;
    try {
        co_return co_await group_.handler_(std::move(parser_.request()));
    } catch (const std::exception& failure) {
        log::error("a handler threw: {}", failure.what());
    }
    HttpReply reply = refuse_as_json({}, 500, "Internal Server Error");
    reply.close = true;
    co_return reply;
}

Async<bool> ConnectionGroup::Connection::refuse(int status, std::string reason) {
    group_.counters_.refused.fetch_add(1, std::memory_order_relaxed);
    parser_.request().peer = peer_;
    append_reply(output_, group_.options_.refusal(parser_.request(), status, reason), frame(false));
    is_expired_ = false;
    parser_.reset();
    release_body();
    if (send_now() || co_await flush()) co_await linger();
    co_return false;
}

/// Most answers fit the kernel's buffer: no need to ask the reactor. False when some is left (or the peer is gone).
bool ConnectionGroup::Connection::send_now() {
    const ssize_t sent = ::send(socket_.native_handle(), output_.data() + written_, output_.size() - written_,
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) written_ += static_cast<std::size_t>(sent);
    if (written_ < output_.size()) return false;
    written_ = 0;
    output_.clear();
    if (output_.capacity() > output_bytes_max) output_.shrink_to_fit();
    return true;
}

Async<bool> ConnectionGroup::Connection::flush() {
    const Phase before = phase_;
    enter(Phase::writing);
    while (written_ < output_.size()) {
        const auto [failed, count] = co_await socket_.async_write_some(
            asio::buffer(output_.data() + written_, output_.size() - written_), as_value);
        if (failed || is_expired_) co_return false;
        written_ += count;
        since_ = group_.now_;
    }
    written_ = 0;
    output_.clear();
    output_.shrink_to_fit();
    enter(before);
    co_return true;
}

// Closing with unread bytes makes the kernel reset the connection, and the client may lose the answer: RFC 9112 §9.6.
Async<> ConnectionGroup::Connection::linger() {
    enter(Phase::lingering);
    boost::system::error_code ignored;
    (void)socket_.shutdown(Socket::shutdown_send, ignored);
    input_.consume(input_.unread().size());
    while (phase_bytes_ < discarded_bytes_max) {
        const auto [failed, count] = co_await socket_.async_read_some(room(false), as_value);
        if (failed || is_expired_) co_return;
        phase_bytes_ += count;
    }
    (void)co_await socket_.async_wait(Socket::wait_error, as_value);
}

bool ConnectionGroup::Connection::is_past_deadline(Microseconds now) const {
    const ServerOptions& options = group_.options_;
    const Microseconds spent = now - since_;
    switch (phase_) {
        case Phase::idle:
            return spent >= options.idle_deadline;
        case Phase::head:
            return spent >= options.header_deadline;
        case Phase::body: {
            const auto due = static_cast<double>(options.body_rate_min) * static_cast<double>(spent.count()) / 1e6;
            return spent >= options.body_grace && static_cast<double>(phase_bytes_) < due;
        }
        case Phase::handling:
        case Phase::streaming:
            return false;
        case Phase::writing:
            return spent >= options.write_deadline;
        case Phase::lingering:
            return spent >= options.linger;
    }
    return false;
}

void ConnectionGroup::Connection::sweep(Microseconds now) {
    if (is_past_deadline(now)) expire();
}

ConnectionGroup::ConnectionGroup(const ServerOptions& options, const HttpHandler& handler, ServerCounters& counters)
    : options_(options), handler_(handler), counters_(counters) {
    sweep();
}

ConnectionGroup::~ConnectionGroup() = default;

void ConnectionGroup::open(asio::io_context& context, int socket, int protocol, std::string peer) {
    Socket owned(context.get_executor());
    boost::system::error_code failed;
    (void)owned.assign(protocol == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket, failed);
    if (failed) {
        log::warn("a connection from {} could not be served: {}", peer, failed.message());
        return;
    }
    (void)owned.set_option(asio::ip::tcp::no_delay(true), failed);
    asio::co_spawn(context.get_executor(),
                   Connection::run(std::make_shared<Connection>(*this, std::move(owned), std::move(peer))),
                   asio::detached);
}

void ConnectionGroup::sweep() {
    now_ = clock_.elapsed();
    const Timestamp wall = clock_.now();
    if (const auto second = to_ms(wall) / 1000; second != date_second_) {
        date_second_ = second;
        date_ = http_date(wall);
    }
    for (Connection* connection : connections_) connection->sweep(now_);
}

Milliseconds ConnectionGroup::sweep_interval() const {
    const auto shortest = std::min({options_.header_deadline, options_.idle_deadline, options_.body_grace,
                                    options_.write_deadline, options_.linger});
    return std::clamp<Milliseconds>(shortest / 4, Milliseconds(5), Milliseconds(250));
}

void ConnectionGroup::begin_stopping() {
    is_stopping_ = true;
    for (Connection* connection : connections_) connection->begin_stopping();
}

void ConnectionGroup::add(Connection& connection) {
    connection.place = connections_.size();
    connections_.push_back(&connection);
    counters_.connections.fetch_add(1, std::memory_order_relaxed);
    counters_.open.fetch_add(1);
}

void ConnectionGroup::remove(Connection& connection) {
    connections_[connection.place] = connections_.back();
    connections_[connection.place]->place = connection.place;
    connections_.pop_back();
    if (counters_.open.fetch_sub(1) > 1) return;
    const std::lock_guard lock(counters_.mutex);
    counters_.all_closed.notify_all();
}

}  // namespace punkt::net
