#include "net/http_server.h"

#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <thread>

#include "net/reply_writer.h"
#include "net/request_vectors.h"
#include "testing/raw_socket.h"

namespace punkt::net {
namespace {

using namespace std::chrono_literals;
using punkt::testing::RawReply;
using punkt::testing::RawSocket;

/// Answers with what it was asked, and remembers the paths.
struct Echo {
    std::mutex mutex;
    std::vector<std::string> paths;

    static Async<HttpReply> answer(Echo* self, HttpRequest request) {
        {
            const std::lock_guard lock(self->mutex);
            self->paths.push_back(request.path);
        }
        if (request.path == "/throws") throw std::runtime_error("on purpose");
        if (request.path == "/large") co_return HttpReply{.body = std::string(20'000'000, 'x')};
        if (request.path == "/empty") co_return HttpReply{.status = 204};
        if (request.path == "/closes") co_return HttpReply{.body = "bye", .close = true};
        if (request.path == "/split")
            co_return HttpReply{.body = "x", .headers = {{"x-thing", "a\r\nset-cookie: b\r\n\r\nc"}}};
        if (request.path == "/peer") co_return HttpReply{.body = request.peer};
        co_return HttpReply{.content_type = "text/plain",
                            .body = request.method + " " + request.path + " " + request.body};
    }
};

struct Running {
    explicit Running(ServerOptions options = {}) {
        options.port = 0;
        auto created = HttpServer::create(
            options, [this](HttpRequest request) { return Echo::answer(&echo, std::move(request)); });
        EXPECT_TRUE(created) << created.error().message;
        server = std::move(created).value();
        server->start();
    }
    std::uint16_t port() const { return server->port(); }
    Echo echo;
    std::unique_ptr<HttpServer> server;
};

std::string get(std::string_view path, std::string_view lines = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
}

std::size_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t pages = 0, resident = 0;
    file >> pages >> resident;
    return resident * 4096;
}

TEST(HttpServer, answers_requests_one_after_the_other_on_one_connection) {
    Running running;
    RawSocket client(running.port());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send(post_with("Content-Length: 5\r\n", "hello")));
        const RawReply reply = client.receive();
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.body, "POST / hello");
        EXPECT_EQ(reply.header("content-type"), "text/plain");
        EXPECT_EQ(reply.header("connection"), "");
        EXPECT_EQ(reply.header("date").size(), 29u);
    }
    const auto statistics = running.server->statistics();
    EXPECT_EQ(statistics.requests, 3u);
    EXPECT_EQ(statistics.connections, 1u);
    EXPECT_EQ(statistics.open, 1u);
    EXPECT_EQ(statistics.refused, 0u);
}

TEST(HttpServer, answers_pipelined_requests_in_order) {
    Running running;
    RawSocket client(running.port());
    std::string all;
    for (int i = 0; i < 1000; ++i) all += get("/" + std::to_string(i));
    std::thread sender([&] { EXPECT_TRUE(client.send(all)); });
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(client.receive().body, "GET /" + std::to_string(i) + " ");
    sender.join();
}

TEST(HttpServer, answers_head_without_the_body_but_with_its_length) {
    Running running;
    RawSocket client(running.port());
    ASSERT_TRUE(client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/y")));
    EXPECT_EQ(client.receive(true).header("content-length"), "8");
    EXPECT_EQ(client.receive().body, "GET /y ");
}

TEST(HttpServer, sends_no_body_and_no_length_with_204) {
    Running running;
    RawSocket client(running.port());
    ASSERT_TRUE(client.send(get("/empty") + get("/y")));
    const RawReply reply = client.receive();
    EXPECT_EQ(reply.status, 204);
    EXPECT_EQ(reply.head.find("content-"), std::string::npos);
    EXPECT_EQ(client.receive().body, "GET /y ");
}

TEST(HttpServer, ends_connections_when_asked_and_keeps_http_1_0_ones_when_asked) {
    Running running;
    const auto ask = [&](std::string_view bytes) {
        RawSocket client(running.port());
        EXPECT_TRUE(client.send(bytes));
        const RawReply reply = client.receive();
        EXPECT_EQ(reply.status, 200);
        const bool is_last = reply.header("connection") == "close";
        const bool closed = client.is_closed_within(is_last ? 5s : 50ms);
        return reply.header("connection") + (closed ? " closed" : " open");
    };
    EXPECT_EQ(ask(get("/", "Connection: close\r\n")), "close closed");
    EXPECT_EQ(ask(get("/closes")), "close closed");
    EXPECT_EQ(ask("GET / HTTP/1.0\r\n\r\n"), "close closed");
    EXPECT_EQ(ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "keep-alive open");
    EXPECT_EQ(ask(get("/")), " open");
}

TEST(HttpServer, asks_for_the_body_when_the_client_waits_for_that) {
    Running running;
    RawSocket client(running.port());
    ASSERT_TRUE(client.send(post_with("Expect: 100-continue\r\nContent-Length: 5\r\n", "")));
    EXPECT_EQ(client.receive().status, 100);
    ASSERT_TRUE(client.send("hello"));
    EXPECT_EQ(client.receive().body, "POST / hello");
    ASSERT_TRUE(client.send(post_with("Expect: 100-continue\r\nContent-Length: 99999999\r\n", "")));
    EXPECT_EQ(client.receive().status, 413);
}

TEST(HttpServer, names_the_peer) {
    Running running;
    RawSocket client(running.port());
    ASSERT_TRUE(client.send(get("/peer")));
    EXPECT_EQ(client.receive().body, "127.0.0.1");
}

TEST(HttpServer, turns_a_throwing_handler_into_a_500) {
    Running running;
    RawSocket client(running.port());
    ASSERT_TRUE(client.send(get("/throws")));
    EXPECT_EQ(client.receive().status, 500);
    EXPECT_TRUE(client.is_closed_within(5s));
}

TEST(HttpServer, lets_no_header_value_start_another_header) {
    Running running;
    RawSocket client(running.port());
    ASSERT_TRUE(client.send(get("/split")));
    const RawReply reply = client.receive();
    EXPECT_EQ(reply.header("x-thing"), "a  set-cookie: b    c");
    EXPECT_EQ(reply.body, "x");
}

TEST(HttpServer, writes_answers_larger_than_the_kernel_takes_at_once) {
    Running running;
    RawSocket client(running.port());
    ASSERT_TRUE(client.send(get("/large") + get("/y")));
    EXPECT_EQ(client.receive().body.size(), 20'000'000u);
    EXPECT_EQ(client.receive().body, "GET /y ");
}

// Behind every refused request stands another, as an attacker would smuggle it: it must never be understood.
TEST(HttpServer, judges_every_vector_and_smuggles_nothing) {
    Running running({.body_bytes_max = 1'000'000, .linger = 20ms});
    for (const RequestVector& vector : request_vectors()) {
        RawSocket client(running.port());
        client.send(vector.bytes + get("/smuggled"));
        const RawReply reply = client.receive();
        EXPECT_EQ(reply.status, vector.status) << vector.name << ": " << reply.body;
        if (vector.status == 200) continue;
        EXPECT_NE(reply.body.find("\"error\":{\"code\":\""), std::string::npos) << vector.name;
        EXPECT_EQ(reply.header("connection"), "close") << vector.name;
        EXPECT_EQ(client.receive_all(), "") << vector.name;
    }
    // Those that were understood are followed by theirs, the others are not.
    const auto vectors = request_vectors();
    const auto understood =
        std::count_if(vectors.begin(), vectors.end(), [](const auto& each) { return each.status == 200; });
    RawSocket last(running.port());
    ASSERT_TRUE(last.send(get("/last")));
    EXPECT_EQ(last.receive().status, 200);
    const std::lock_guard lock(running.echo.mutex);
    const auto& paths = running.echo.paths;
    EXPECT_LE(std::count(paths.begin(), paths.end(), "/smuggled"), understood);
    EXPECT_EQ(running.server->statistics().refused, vectors.size() - static_cast<std::size_t>(understood));
}

TEST(HttpServer, refuses_slow_headers) {
    Running running({.header_deadline = 60ms});
    RawSocket client(running.port());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost:"));
    const RawReply reply = client.receive();
    EXPECT_EQ(reply.status, 408);
    EXPECT_EQ(reply.body, R"({"error":{"code":"request_timeout","message":"the headers came too slowly"}})");
    EXPECT_TRUE(client.is_closed_within(5s));
}

TEST(HttpServer, refuses_headers_that_dribble_without_end) {
    Running running({.header_deadline = 60ms});
    RawSocket client(running.port());
    std::thread dribble([&] {
        for (int i = 0;
             i < 1000 && client.send(i == 0 ? "GET / HTTP/1.1\r\n" : "a: b\r\n") && !client.is_closed_within(5ms);
             ++i) {
        }
    });
    dribble.join();
    EXPECT_TRUE(client.is_closed_within(0ms));
    EXPECT_EQ(running.server->statistics().refused, 1u);
}

TEST(HttpServer, refuses_a_slow_body) {
    Running running({.body_grace = 60ms, .body_rate_min = 1024});
    RawSocket client(running.port());
    ASSERT_TRUE(client.send(post_with("Content-Length: 5\r\n", "hell")));
    const RawReply reply = client.receive();
    EXPECT_EQ(reply.status, 408);
    EXPECT_EQ(reply.body, R"({"error":{"code":"request_timeout","message":"the body came too slowly"}})");
}

TEST(HttpServer, waits_for_a_body_that_is_fast_enough) {
    Running running({.body_grace = 100ms, .body_rate_min = 1});
    RawSocket client(running.port());
    // More than one read's worth at once, then nothing for three times the grace.
    ASSERT_TRUE(client.send(post_with("Content-Length: 20001\r\n", std::string(20'000, 'x'))));
    EXPECT_FALSE(client.is_closed_within(300ms));
    ASSERT_TRUE(client.send("x"));
    EXPECT_EQ(client.receive().status, 200);
}

TEST(HttpServer, closes_idle_connections_without_a_word) {
    Running running({.idle_deadline = 60ms});
    RawSocket silent(running.port());
    EXPECT_EQ(silent.receive_all(5s), "");
    EXPECT_TRUE(silent.is_closed_within(0ms));
    RawSocket used(running.port());
    ASSERT_TRUE(used.send(get("/")));
    EXPECT_EQ(used.receive().status, 200);
    EXPECT_EQ(used.receive_all(5s), "");
    EXPECT_TRUE(used.is_closed_within(0ms));
}

TEST(HttpServer, gives_a_new_connection_its_whole_idle_time) {
    Running running({.linger = 20ms});  // looks at deadlines every 5 ms
    RawSocket client(running.port());
    EXPECT_FALSE(client.is_closed_within(50ms));
}

TEST(HttpServer, drops_clients_that_do_not_take_their_answer) {
    Running running({.write_deadline = 60ms});
    RawSocket client(running.port());
    ASSERT_TRUE(client.send(get("/large")));
    while (running.server->statistics().open == 0 || running.server->statistics().requests == 0)
        std::this_thread::yield();
    while (running.server->statistics().open > 0) std::this_thread::yield();  // without the deadline: forever
    EXPECT_LT(client.receive_all().size(), 20'000'000u);
}

TEST(HttpServer, lets_the_client_of_a_large_body_read_the_refusal) {
    Running running({.body_bytes_max = 100'000});
    RawSocket client(running.port());
    const std::string head = post_with("Content-Length: 1073741824\r\n", "");
    ASSERT_TRUE(client.send(head));
    client.send(std::string(60'000, 'x'));  // it does not look before it has sent a while
    const RawReply reply = client.receive();
    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(reply.body, R"({"error":{"code":"too_large","message":"the body is larger than 100000 bytes"}})");
}

TEST(HttpServer, stays_small_whatever_is_sent) {
    Running running({.linger = 20ms});
    const std::size_t before = resident_bytes();
    std::vector<std::unique_ptr<RawSocket>> clients;
    const std::string piece(64 * 1024, 'x');
    const std::string chunk = "10000\r\n" + piece + "\r\n";
    for (int i = 0; i < 20; ++i) {
        auto& lying = *clients.emplace_back(std::make_unique<RawSocket>(running.port()));
        lying.send(post_with("Content-Length: 1073741824\r\n", piece));
        auto& endless = *clients.emplace_back(std::make_unique<RawSocket>(running.port()));
        endless.send(chunked(""));
        for (int piece_count = 0; piece_count < 200 && endless.send(chunk); ++piece_count) {
        }
        auto& headers = *clients.emplace_back(std::make_unique<RawSocket>(running.port()));
        headers.send("GET / HTTP/1.1\r\na: ");
        for (int piece_count = 0; piece_count < 200 && headers.send(piece); ++piece_count) {
        }
    }
    EXPECT_LT(resident_bytes(), before + clients.size() * 2 * 1024 * 1024);
    EXPECT_EQ(running.server->statistics().refused, clients.size());
}

TEST(HttpServer, holds_no_more_than_so_many_bytes_of_all_bodies) {
    Running running({.body_bytes_max = 1'000'000, .bodies_bytes_max = 1'000'000, .linger = 20ms});
    const auto begin = [&] {
        auto client = std::make_unique<RawSocket>(running.port());
        client->send(post_with("Content-Length: 800000\r\n", ""));
        client->send(std::string(400'000, 'x'));
        return client;
    };
    auto first = begin();
    auto second = begin();
    EXPECT_FALSE(first->is_closed_within(20ms));
    EXPECT_FALSE(second->is_closed_within(20ms));
    EXPECT_EQ(begin()->receive().status, 503);
    first->send(std::string(400'000, 'x'));  // the refusal may come before its end
    EXPECT_EQ(first->receive().status, 503);
    ASSERT_TRUE(second->send(std::string(400'000, 'x')));
    EXPECT_EQ(second->receive().status, 200);
    auto again = begin();
    ASSERT_TRUE(again->send(std::string(400'000, 'x')));
    EXPECT_EQ(again->receive().status, 200);
}

TEST(HttpServer, makes_the_next_client_wait_while_it_is_full) {
    Running running({.connections_max = 2});
    auto first = std::make_unique<RawSocket>(running.port());
    RawSocket second(running.port());
    ASSERT_TRUE(first->send(get("/")) && second.send(get("/")));
    EXPECT_EQ(first->receive().status, 200);
    EXPECT_EQ(second.receive().status, 200);
    RawSocket third(running.port());  // the kernel accepts it
    ASSERT_TRUE(third.send(get("/")));
    EXPECT_FALSE(third.is_closed_within(60ms));
    EXPECT_EQ(running.server->statistics().connections, 2u);
    first.reset();
    EXPECT_EQ(third.receive().status, 200);
}

TEST(HttpServer, serves_from_several_threads_on_one_port) {
    Running running({.threads = 3});
    std::vector<std::unique_ptr<RawSocket>> clients;
    for (int i = 0; i < 30; ++i) clients.push_back(std::make_unique<RawSocket>(running.port()));
    for (auto& client : clients) ASSERT_TRUE(client->send(get("/")));
    for (auto& client : clients) EXPECT_EQ(client->receive().status, 200);
}

TEST(HttpServer, names_the_port_that_is_taken) {
    for (const int threads : {1, 2}) {
        Running running({.threads = threads});
        auto second = HttpServer::create({.port = running.port(), .threads = threads},
                                         [](HttpRequest) -> Async<HttpReply> { co_return HttpReply{}; });
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
        EXPECT_NE(second.error().message.find(std::to_string(running.port())), std::string::npos)
            << second.error().message;
    }
    auto nowhere = HttpServer::create({.address = "localhost"}, nullptr);
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().kind, ErrorKind::invalid);
}

/// A handler that waits until the test lets it go.
struct Gate {
    std::mutex mutex;
    std::vector<UniqueFunction<void(int)>> waiting;

    static Async<HttpReply> answer(Gate* self, HttpRequest) {
        const int status = co_await wait_for<int>([self](auto done) {
            const std::lock_guard lock(self->mutex);
            self->waiting.push_back(std::move(done));
        });
        co_return HttpReply{.status = status};
    }
    void open(std::size_t expected) {
        while (true) {
            const std::lock_guard lock(mutex);
            if (waiting.size() < expected) continue;
            for (auto& done : waiting) done(200);
            waiting.clear();
            return;
        }
    }
};

TEST(HttpServer, answers_what_is_being_worked_on_before_it_stops) {
    Gate gate;
    auto server =
        HttpServer::create({.port = 0}, [&](HttpRequest request) { return Gate::answer(&gate, std::move(request)); });
    ASSERT_TRUE(server);
    (*server)->start();
    RawSocket idle((*server)->port());
    RawSocket busy((*server)->port());
    ASSERT_TRUE(busy.send(get("/")));
    while ((*server)->statistics().requests < 1) std::this_thread::yield();
    std::thread stopping([&] { (*server)->stop(10s); });
    EXPECT_TRUE(idle.is_closed_within(5s));
    gate.open(1);
    const RawReply reply = busy.receive();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("connection"), "close");
    stopping.join();
    EXPECT_TRUE(busy.is_closed_within(5s));
}

TEST(HttpServer, stops_after_the_grace_time_whatever_still_waits) {
    Gate gate;
    auto server =
        HttpServer::create({.port = 0}, [&](HttpRequest request) { return Gate::answer(&gate, std::move(request)); });
    ASSERT_TRUE(server);
    (*server)->start();
    RawSocket busy((*server)->port());
    ASSERT_TRUE(busy.send(get("/")));
    while ((*server)->statistics().requests < 1) std::this_thread::yield();
    (*server)->stop(20ms);
    gate.open(1);  // too late: nobody is resumed, nothing breaks
    server->reset();
    EXPECT_EQ(busy.receive().status, 0);
}

TEST(ReplyWriter, writes_dates_as_http_wants_them) {
    EXPECT_EQ(http_date(from_ms(784111777000)), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(from_ms(1709210096999)), "Thu, 29 Feb 2024 12:34:56 GMT");
}

}  // namespace
}  // namespace punkt::net
