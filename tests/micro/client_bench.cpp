// What an outgoing request costs: CPU microseconds per request over kept-alive loopback connections.
//   bench_client [requests [in flight …]]
// The target is a child process, so that its CPU time is not counted. Compare CPU, never requests per second.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "net/http_client.h"

namespace {

using namespace punkt;

constexpr std::string_view response =
    "HTTP/1.1 200 OK\r\nserver: target\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok";

/// Answers each read with one response: the client never pipelines, and its requests fit into one segment.
[[noreturn]] void serve(int listener) {
    const int poll = epoll_create1(0);
    epoll_event event{.events = EPOLLIN, .data = {.fd = listener}};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    std::vector<epoll_event> ready(1024);
    std::vector<char> buffer(64 * 1024);
    while (true) {
        const int count = epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int socket = ready[static_cast<std::size_t>(i)].data.fd;
            if (socket == listener) {
                event.data.fd = accept(listener, nullptr, nullptr);
                const int on = 1;
                setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
            } else if (read(socket, buffer.data(), buffer.size()) <= 0 ||
                       write(socket, response.data(), response.size()) < 0) {
                close(socket);
            }
        }
    }
}

class Load final : public net::AnswerSink {
  public:
    Load(std::uint16_t port, std::uint64_t total)
        : url_(fmt::format("http://127.0.0.1:{}/hook", port)), total_(total) {}

    std::vector<net::Request> next(std::size_t count) {
        std::vector<net::Request> batch;
        for (; batch.size() < count && started_ < total_; ++started_) {
            net::Request request;
            request.ticket = started_;
            request.url = url_;
            request.body = body_;
            request.headers = {{"content-type", "application/json"},
                               {"user-agent", "Punkt/0"},
                               {"punkt-task-id", "0190163d-8694-739b-aea5-966c26f8ad91"},
                               {"punkt-execution-id", "0190163d-8694-739b-aea5-966c26f8ad92"},
                               {"punkt-attempt", "1"}};
            batch.push_back(std::move(request));
        }
        return batch;
    }
    void answered(std::vector<net::Answer> answers) override {
        ++calls_;
        for (const auto& answer : answers) failed_ += answer.status != 200 ? 1 : 0;
        const std::lock_guard lock(mutex_);
        done_ += answers.size();
        if (auto batch = next(answers.size()); !batch.empty()) client->send(std::move(batch));
        if (done_ == total_) finished_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        finished_.wait(lock, [&] { return done_ == total_; });
    }
    std::uint64_t failed() const { return failed_; }
    double per_call() const { return static_cast<double>(done_) / static_cast<double>(calls_); }

    net::HttpClient* client = nullptr;

  private:
    const std::string url_;
    const std::shared_ptr<const std::string> body_ = std::make_shared<std::string>(200, 'x');
    const std::uint64_t total_;
    std::uint64_t started_ = 0, done_ = 0, failed_ = 0, calls_ = 0;
    std::mutex mutex_;
    std::condition_variable finished_;
};

double cpu_us(double& system) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto us = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    };
    system = us(usage.ru_stime);
    return us(usage.ru_utime) + system;
}

void measure(std::uint16_t port, std::uint64_t total, std::size_t in_flight) {
    Load load(port, total);
    net::ClientOptions options;
    options.guard = *net::AddressGuard::create("1");
    auto client = net::HttpClient::create(options, load);
    load.client = client->get();
    double system_before = 0, system_after = 0;
    const double before = cpu_us(system_before);
    const Microseconds from = SystemClock().elapsed();
    (*client)->send(load.next(in_flight));
    load.wait();
    const double used = cpu_us(system_after) - before;
    const auto took = static_cast<double>((SystemClock().elapsed() - from).count());
    const auto requests = static_cast<double>(total);
    fmt::print(
        "in flight {:5}: {:.2f} us CPU per request (system {:.2f}), {:.0f} requests/s, {:.1f} answers per call, {} "
        "failed, {} connections\n",
        in_flight, used / requests, (system_after - system_before) / requests, requests / took * 1e6, load.per_call(),
        load.failed(), (*client)->statistics().connected);
    (*client)->stop(Milliseconds(1000));
}

}  // namespace

int main(int count, char** values) {
    const std::uint64_t total = count > 1 ? std::strtoull(values[1], nullptr, 10) : 300'000;
    std::vector<std::size_t> loads;
    for (int i = 2; i < count; ++i) loads.push_back(std::strtoull(values[i], nullptr, 10));
    if (loads.empty()) loads = {1, 64, 256, 1000};

    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 4096) != 0) return 1;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    const pid_t child = fork();
    if (child == 0) serve(listener);
    for (const std::size_t load : loads) measure(ntohs(address.sin_port), total, load);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
}
