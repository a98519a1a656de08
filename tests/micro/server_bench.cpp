// What one request costs the server: wrk posts 200 bytes of JSON over keep-alive connections, the handler parses them
// and answers 60 bytes. Prints CPU microseconds per request (user and system) of this process; wrk is another one.
// Usage: bench_server [connections] [seconds] [threads]
// Budget: at most 6 µs with 64 connections and one thread (measurements.md §1).
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "api/context.h"
#include "api/router.h"
#include "base/clock.h"
#include "base/json.h"
#include "net/http_server.h"

namespace {

using namespace punkt;

constexpr std::string_view script = R"(
wrk.method = "POST"
wrk.path = arg_path
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer pk_live_abcdefghijklmnopqrstuvwx.sk_live_abcdefghijklmnopqrstuvwxyzabcdef"
wrk.body = '{"url":"https://receiver.example/hooks/orders","method":"POST","queue":"orders","delay":"5m","retry_attempts":5,"timeout_ms":30000,"headers":{"x-order":"A-1001"},"body":"{\"order\":1001,\"ok\":true}"}'
)";

net::HttpReply made(std::string_view url) {
    json::Writer writer;
    writer.begin_object().key("data").begin_object().key("id").string("0192f0c1-7a9b-7000-8000-00000000").key("url");
    writer.boolean(!url.empty()).end_object().end_object();
    return {.status = 202, .body = writer.take()};
}

Async<net::HttpReply> bare(net::HttpRequest request) {
    const auto document = json::Document::parse(request.body);
    co_return made(document ? document->root()["url"].string().value_or("") : "");
}

Async<net::HttpReply> routed(api::Context& context) {
    auto fields = context.fields("task");
    co_return made(fields.string("url").value_or(""));
}

struct Spent {
    double user = 0, system = 0;
};
Spent spent() {
    rusage usage{};
    (void)::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return {seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

void measure(const std::string& name, net::HttpHandler handler, int connections, int seconds, int threads) {
    auto server = net::HttpServer::create({.port = 0, .threads = threads}, std::move(handler));
    if (!server) {
        fmt::print(stderr, "{}\n", server.error().message);
        std::exit(1);
    }
    (*server)->start();
    const auto file = std::filesystem::temp_directory_path() / fmt::format("bench_server_{}.lua", (*server)->port());
    std::ofstream(file) << "arg_path = '/api/v1/tasks'\n" << script;
    const std::string command = fmt::format("wrk -t1 -c{} -d{}s -s {} http://127.0.0.1:{}/ >/dev/null", connections,
                                            seconds, file.string(), (*server)->port());
    const SystemClock clock;
    const Spent before = spent();
    const Microseconds start = clock.elapsed();
    const int failed = std::system(command.c_str());
    const double took = static_cast<double>((clock.elapsed() - start).count()) / 1e6;
    const Spent after = spent();
    std::filesystem::remove(file);
    const auto requests = static_cast<double>((*server)->statistics().requests);
    if (failed != 0 || requests == 0) {
        fmt::print(stderr, "wrk is missing or failed: apt-get install wrk\n");
        std::exit(1);
    }
    fmt::print("{:<8} c={:<5} threads={} {:>8.0f} req/s  {:.2f} us/req (user {:.2f}, system {:.2f})\n", name,
               connections, threads, requests / took,
               (after.user - before.user + after.system - before.system) * 1e6 / requests,
               (after.user - before.user) * 1e6 / requests, (after.system - before.system) * 1e6 / requests);
    (*server)->stop(std::chrono::milliseconds(100));
}

/// The cost of parsing and writing alone, without a socket.
void measure_json() {
    const std::string text = R"({"url":"https://receiver.example/hooks/orders","method":"POST","queue":"orders",)"
                             R"("delay":"5m","retry_attempts":5,"timeout_ms":30000,"headers":{"x-order":"A-1001",)"
                             R"("content-type":"application/json"},"body":"{\"order\":1001,\"ok\":true,\"total\":12.5,)"
                             R"(\"lines\":[1,2,3],\"note\":\"please deliver before noon\"}","name":"orders sync"})";
    const SystemClock clock;
    constexpr int rounds = 300'000;
    std::size_t sum = 0;
    Microseconds start = clock.elapsed();
    for (int i = 0; i < rounds; ++i) sum += json::Document::parse(text)->root().exists();
    const double parse = static_cast<double>((clock.elapsed() - start).count()) * 1000 / rounds;
    start = clock.elapsed();
    for (int i = 0; i < rounds; ++i) sum += made(text).body.size();
    const double write = static_cast<double>((clock.elapsed() - start).count()) * 1000 / rounds;
    fmt::print("json     parse of {} bytes {:.0f} ns, answer of 60 bytes {:.0f} ns ({})\n", text.size(), parse, write,
               sum % 10);
}

}  // namespace

int main(int argc, char** argv) {
    const int connections = argc > 1 ? std::atoi(argv[1]) : 64;
    const int seconds = argc > 2 ? std::atoi(argv[2]) : 3;
    const int threads = argc > 3 ? std::atoi(argv[3]) : 1;
    measure_json();
    measure("server", bare, connections, seconds, threads);
    const SystemClock clock;
    api::Router router({.clock = &clock});
    router.add({.method = "POST", .pattern = "/api/v1/tasks", .access = api::Access::open, .handler = routed});
    measure(
        "router", [&](net::HttpRequest request) { return router.handle(std::move(request)); }, connections, seconds,
        threads);
}
