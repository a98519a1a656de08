#include "sink.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <queue>
#include <unordered_map>

#include "http_scan.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
constexpr std::string_view bad = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
constexpr std::size_t scratch_bytes = 256 * 1024;

struct Connection {
    Fd fd;
    std::string rest = {};     // bytes of a request that is not complete
    bool is_waiting = false;   // an answer is due later; what follows on this connection waits for it
    std::uint64_t serial = 0;  // tells a delayed answer that its connection is another one by now
};

struct Due {
    std::int64_t at_ns;
    int fd;
    std::uint64_t serial;
    bool operator>(const Due& other) const { return at_ns > other.at_ns; }
};

}  // namespace

class Sink::Loop {
  public:
    Loop(Sink& sink, Fd listener, Fd epoll)
        : sink_(sink), listener_(std::move(listener)), epoll_(std::move(epoll)), scratch_(scratch_bytes) {}

    void run() {
        epoll_event events[512];
        while (true) {
            note_cpu();
            const timespec wait = time_to_wait();
            const int n =
                ::epoll_pwait2(epoll_.get(), events, std::size(events), due_.empty() ? nullptr : &wait, nullptr);
            for (int i = 0; i < n; ++i) {
                if (events[i].data.fd == sink_.stop_.get()) return;
                if (events[i].data.fd == listener_.get())
                    accept_all();
                else
                    receive(events[i].data.fd);
            }
            answer_due();
        }
    }

  private:
    /// At most once a millisecond: the system calls would otherwise show up in what they measure.
    void note_cpu() {
        const auto now = steady_ns();
        if (now - cpu_noted_ns_ < ns_per_ms) return;
        cpu_noted_ns_ = now;
        sink_.cpu_ns_.store(thread_cpu_ns(), std::memory_order_relaxed);
        sink_.user_ns_.store(thread_user_ns(), std::memory_order_relaxed);
    }

    timespec time_to_wait() const {
        if (due_.empty()) return {};
        const std::int64_t left = std::max<std::int64_t>(due_.top().at_ns - steady_ns(), 0);
        return {.tv_sec = left / ns_per_s, .tv_nsec = left % ns_per_s};
    }

    void accept_all() {
        while (true) {
            Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!fd) return;
            epoll_event event{.events = EPOLLIN | EPOLLET | EPOLLRDHUP, .data = {.fd = fd.get()}};
            if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) continue;
            const int number = fd.get();
            connections_[number] = Connection{.fd = std::move(fd), .serial = ++serial_};
        }
    }

    void receive(int fd) {
        const auto found = connections_.find(fd);
        if (found == connections_.end()) return;
        Connection& connection = found->second;
        while (true) {
            const auto n = ::recv(fd, scratch_.data(), scratch_.size(), 0);
            if (n == 0 || (n < 0 && errno != EAGAIN)) {
                connections_.erase(found);
                return;
            }
            if (n < 0) return;
            const std::string_view got(scratch_.data(), static_cast<std::size_t>(n));
            if (!take(connection, got)) {
                connections_.erase(found);
                return;
            }
            // A short read empties the socket: the next arrival is a new edge.
            if (got.size() < scratch_.size()) return;
        }
    }

    /// False: the connection is of no use any more.
    bool take(Connection& connection, std::string_view got) {
        if (connection.rest.empty() && !connection.is_waiting) {
            std::string_view left = got;
            if (!answer_all(connection, left)) return false;
            connection.rest.assign(left);
            return true;
        }
        connection.rest.append(got);
        return connection.is_waiting || take_rest(connection);
    }

    bool take_rest(Connection& connection) {
        std::string_view left = connection.rest;
        if (!answer_all(connection, left)) return false;
        connection.rest.erase(0, connection.rest.size() - left.size());
        return true;
    }

    /// Answers the complete requests at the front of `bytes` in one write, up to the first one that has to wait.
    bool answer_all(Connection& connection, std::string_view& bytes) {
        out_.clear();
        while (!bytes.empty() && !connection.is_waiting) {
            Message request;
            const auto state = scan_message(bytes, request);
            if (state == Scan::partial) break;
            if (state == Scan::broken) {
                out_.append(bad);
                send(connection);
                return false;
            }
            const auto path = request.path();
            note(number_in(path));
            const auto sleep_ms = sleep_in(path);
            if (sleep_ms > 0) {
                connection.is_waiting = true;
                due_.push({steady_ns() + sleep_ms * ns_per_ms, connection.fd.get(), connection.serial});
            } else {
                out_.append(ok);
            }
            bytes.remove_prefix(request.bytes);
        }
        return out_.empty() || send(connection);
    }

    /// Answers are tiny, so a full send buffer means a peer that stopped reading: it is cut off.
    bool send(Connection& connection) {
        const auto n = ::send(connection.fd.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
        return n == static_cast<ssize_t>(out_.size());
    }

    void note(std::int64_t number) {
        sink_.requests_.fetch_add(1, std::memory_order_relaxed);
        if (number < 0 || static_cast<std::size_t>(number) >= sink_.arrivals_.size()) return;
        Arrivals& seen = sink_.arrivals_[static_cast<std::size_t>(number)];
        const auto now = wall_ns();
        if (seen.count.load(std::memory_order_relaxed) == 0) {
            seen.first_ns.store(now, std::memory_order_relaxed);
            sink_.distinct_.fetch_add(1, std::memory_order_relaxed);
        }
        seen.last_ns.store(now, std::memory_order_relaxed);
        seen.count.fetch_add(1, std::memory_order_release);
    }

    void answer_due() {
        while (!due_.empty() && due_.top().at_ns <= steady_ns()) {
            const Due due = due_.top();
            due_.pop();
            const auto found = connections_.find(due.fd);
            if (found == connections_.end() || found->second.serial != due.serial) continue;
            out_.assign(ok);
            found->second.is_waiting = false;
            if (!send(found->second) || !take_rest(found->second)) connections_.erase(found);
        }
    }

    Sink& sink_;
    Fd listener_;
    Fd epoll_;
    std::vector<char> scratch_;
    std::string out_;
    std::unordered_map<int, Connection> connections_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::uint64_t serial_ = 0;
    std::int64_t cpu_noted_ns_ = 0;
};

Result<std::unique_ptr<Sink>> Sink::start(std::size_t numbers) {
    auto listener = listen_on_loopback();
    if (!listener) return listener.error();
    auto port = port_of(*listener);
    if (!port) return port.error();
    std::unique_ptr<Sink> sink(new Sink(numbers));
    sink->port_ = *port;
    sink->stop_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    Fd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll || !sink->stop_) return system_error("no epoll");
    for (const int fd : {listener->get(), sink->stop_.get()}) {
        epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
        if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0) return system_error("epoll");
    }
    auto loop = std::make_shared<Loop>(*sink, std::move(listener).value(), std::move(epoll));
    sink->thread_ = std::thread([loop] { loop->run(); });
    return sink;
}

Sink::~Sink() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    if (::write(stop_.get(), &one, sizeof one) == sizeof one) thread_.join();
}

std::string Sink::url(std::uint64_t number, int sleep_ms) const {
    if (sleep_ms > 0) return fmt::format("http://127.0.0.1:{}/sleep/{}/n/{}", port_, sleep_ms, number);
    return fmt::format("http://127.0.0.1:{}/n/{}", port_, number);
}

}  // namespace punkt::load
