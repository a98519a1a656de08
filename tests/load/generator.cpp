#include "generator.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <vector>

#include "http_scan.h"
#include "sockets.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr std::size_t scratch_bytes = 256 * 1024;
constexpr std::int64_t look_around_ns = 100 * ns_per_ms;  // how often stop_requested() is looked at
constexpr int reconnects_max = 10'000;

struct Asked {
    std::uint64_t number;
    std::int64_t since_ns;
};

struct Connection {
    Fd fd;
    std::deque<Asked> asked = {};
    std::string unsent = {};
    std::string rest = {};
};

class Generator {
  public:
    explicit Generator(const LoadOptions& options)
        : options_(options),
          connections_(static_cast<std::size_t>(options.connections)),
          next_(options.first_number),
          scratch_(scratch_bytes) {}

    LoadResult run() {
        epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
        for (std::size_t i = 0; i < connections_.size(); ++i)
            if (!open(i)) return std::move(result_);
        const auto cpu_before = thread_cpu_ns();
        const auto user_before = thread_user_ns();
        start_ns_ = last_answer_ns_ = steady_ns();
        send_until_ns_ = start_ns_ + options_.duration.count() * ns_per_ms;
        const auto give_up_ns = send_until_ns_ + options_.answers_within.count() * ns_per_ms;
        for (std::size_t i = 0; i < connections_.size(); ++i) is_closed_loop() ? refill(i) : idle_.push_back(i);
        while (!is_done() && lost_ < connections_.size() && steady_ns() < give_up_ns && !stop_requested()) {
            send_planned();
            wait_and_receive();
        }
        for (const auto& connection : connections_) result_.unanswered += connection.asked.size();
        if (result_.unanswered > 0 && result_.first_problem.empty())
            result_.first_problem = fmt::format("{} requests were not answered in time", result_.unanswered);
        result_.seconds = seconds(last_answer_ns_ - start_ns_);
        result_.cpu_ns = thread_cpu_ns() - cpu_before;
        result_.user_ns = thread_user_ns() - user_before;
        return std::move(result_);
    }

  private:
    bool is_closed_loop() const { return options_.per_second <= 0; }
    bool may_send() const { return result_.sent < options_.requests_max; }
    bool is_done() const { return in_flight_ == 0 && late_.empty() && (!may_send() || steady_ns() >= send_until_ns_); }

    bool open(std::size_t index) {
        auto fd = connect_to_loopback(options_.port);
        if (!fd) {
            problem(fd.error().message);
            return false;
        }
        epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.u64 = index}};
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd->get(), &event) != 0) return false;
        connections_[index].fd = std::move(fd).value();
        return true;
    }

    void problem(std::string text) {
        if (result_.first_problem.empty()) result_.first_problem = std::move(text);
    }

    /// Closed loop: as many requests as fit in flight, in one write.
    void refill(std::size_t index) {
        Connection& connection = connections_[index];
        const auto now = steady_ns();
        if (now >= send_until_ns_) return;
        while (static_cast<int>(connection.asked.size()) < options_.pipelined && may_send()) ask(connection, now);
        flush(index);
    }

    void ask(Connection& connection, std::int64_t since_ns) {
        options_.write(next_, connection.unsent);
        connection.asked.push_back({next_++, since_ns});
        ++result_.sent;
        ++in_flight_;
    }

    void flush(std::size_t index) {
        Connection& connection = connections_[index];
        while (!connection.unsent.empty()) {
            const auto n =
                ::send(connection.fd.get(), connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
            if (n < 0 && errno == EAGAIN) return;  // the next edge comes when there is room
            if (n < 0) return reopen(index, "the connection broke while sending");
            if (static_cast<std::size_t>(n) == connection.unsent.size())
                connection.unsent.clear();
            else
                connection.unsent.erase(0, static_cast<std::size_t>(n));
        }
    }

    /// Open loop: every request that is due by the plan, on an idle connection or as soon as one gets idle.
    void send_planned() {
        if (is_closed_loop()) return;
        const auto now = steady_ns();
        while (may_plan() && planned_ns() <= now) {
            late_.push_back(planned_ns());
            ++planned_;
        }
        while (!late_.empty() && !idle_.empty()) {
            const auto index = idle_.back();
            idle_.pop_back();
            ask(connections_[index], late_.front());
            late_.pop_front();
            flush(index);
        }
    }

    bool may_plan() const { return planned_ < options_.requests_max && planned_ns() < send_until_ns_; }
    std::int64_t planned_ns() const {
        return start_ns_ + static_cast<std::int64_t>(static_cast<double>(planned_) / options_.per_second *
                                                     static_cast<double>(ns_per_s));
    }

    void wait_and_receive() {
        std::int64_t wait_ns = look_around_ns;
        if (!is_closed_loop() && may_plan())
            wait_ns = std::clamp<std::int64_t>(planned_ns() - steady_ns(), 0, look_around_ns);
        const timespec wait{.tv_sec = wait_ns / ns_per_s, .tv_nsec = wait_ns % ns_per_s};
        epoll_event events[512];
        const int n = ::epoll_pwait2(epoll_.get(), events, std::size(events), &wait, nullptr);
        for (int i = 0; i < n; ++i) {
            const auto index = static_cast<std::size_t>(events[i].data.u64);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(index);
            if (events[i].events & EPOLLOUT) flush(index);
        }
    }

    void receive(std::size_t index) {
        Connection& connection = connections_[index];
        const auto n = ::recv(connection.fd.get(), scratch_.data(), scratch_.size(), 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) return reopen(index, "the connection was closed");
        std::string_view got(scratch_.data(), static_cast<std::size_t>(n));
        if (!connection.rest.empty()) {
            connection.rest.append(got);
            got = connection.rest;
        }
        const auto now = steady_ns();
        while (!got.empty()) {
            Message answer;
            const auto state = scan_message(got, answer);
            if (state == Scan::partial) break;
            if (state == Scan::broken || connection.asked.empty()) return reopen(index, "the answer makes no sense");
            take_answer(connection, answer, now);
            got.remove_prefix(answer.bytes);
        }
        connection.rest = std::string(got);
        if (is_closed_loop())
            refill(index);
        else if (connection.asked.empty())
            idle_.push_back(index);
        if (static_cast<std::size_t>(n) == scratch_.size()) receive(index);
    }

    void take_answer(Connection& connection, const Message& answer, std::int64_t now) {
        const Asked asked = connection.asked.front();
        connection.asked.pop_front();
        --in_flight_;
        last_answer_ns_ = now;
        const int status = answer.status();
        if (status == options_.expected_status) {
            ++result_.answered;
            result_.latency.add(now - asked.since_ns);
        } else {
            ++result_.refused;
            problem(fmt::format("{}: {}", answer.start_line, answer.body.substr(0, 200)));
        }
        if (options_.answered) options_.answered(asked.number, status, answer.body);
    }

    /// An idle connection may be closed by the server at any time; only what was in flight on it is lost.
    void reopen(std::size_t index, std::string_view why) {
        Connection& connection = connections_[index];
        const bool was_idle = connection.asked.empty();
        if (!was_idle) problem(std::string(why));
        result_.unanswered += connection.asked.size();
        in_flight_ -= connection.asked.size();
        connection = Connection{};
        if (++reconnects_ > reconnects_max || !open(index)) {
            ++lost_;
            return;
        }
        if (is_closed_loop())
            refill(index);
        else if (!was_idle)
            idle_.push_back(index);
    }

    const LoadOptions& options_;
    std::vector<Connection> connections_;
    Fd epoll_;
    std::vector<std::size_t> idle_;  // open loop only
    std::deque<std::int64_t> late_;  // planned, no idle connection yet
    std::uint64_t next_;
    std::uint64_t planned_ = 0;
    std::uint64_t in_flight_ = 0;
    std::int64_t start_ns_ = 0;
    std::int64_t send_until_ns_ = 0;
    std::int64_t last_answer_ns_ = 0;
    int reconnects_ = 0;
    std::size_t lost_ = 0;  // connections that could not be made again
    std::vector<char> scratch_;
    LoadResult result_;
};

}  // namespace

LoadResult run_load(const LoadOptions& options) { return Generator(options).run(); }

std::atomic<bool>& stop_requested() {
    static std::atomic<bool> flag = false;
    return flag;
}

}  // namespace punkt::load
