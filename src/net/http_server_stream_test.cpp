// Answers that are made while they are sent.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "net/http_server.h"
#include "testing/raw_socket.h"

namespace punkt::net {
namespace {

using namespace std::chrono_literals;
using punkt::testing::RawReply;
using punkt::testing::RawSocket;

using Piece = std::optional<std::string>;

/// What the test puts in, the client gets. Closed, it says "bye" and ends.
struct Pipe {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Piece> pieces;
    UniqueFunction<void(Piece)> waiting;
    int asked = 0, closed = 0, destroyed = 0;

    void put(Piece piece) {
        const std::lock_guard lock(mutex);
        pieces.push_back(std::move(piece));
        hand_over();
    }
    void hand_over() {
        if (!waiting || pieces.empty()) return;
        auto resume = std::exchange(waiting, {});
        Piece piece = std::move(pieces.front());
        pieces.pop_front();
        resume(std::move(piece));
    }
    template <class Until>
    bool wait_until(Until until) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 5s, until);
    }
};

class PipeStream final : public BodyStream {
  public:
    explicit PipeStream(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}
    ~PipeStream() override {
        const std::lock_guard lock(pipe_->mutex);
        ++pipe_->destroyed;
        pipe_->changed.notify_all();
    }
    Async<Piece> next() override {
        co_return co_await wait_for<Piece>([pipe = pipe_](UniqueFunction<void(Piece)> done) {
            const std::lock_guard lock(pipe->mutex);
            ++pipe->asked;
            pipe->waiting = std::move(done);
            pipe->hand_over();
            pipe->changed.notify_all();
        });
    }
    void close() override {
        if (std::exchange(is_closed_, true)) return;
        pipe_->put("bye");
        pipe_->put(std::nullopt);
        const std::lock_guard lock(pipe_->mutex);
        ++pipe_->closed;
        pipe_->changed.notify_all();
    }

  private:
    std::shared_ptr<Pipe> pipe_;
    bool is_closed_ = false;
};

struct Streaming {
    explicit Streaming(ServerOptions options = {}) {
        options.port = 0;
        auto created = HttpServer::create(options, [this](HttpRequest request) { return answer(pipe, request.path); });
        EXPECT_TRUE(created) << created.error().message;
        server = std::move(created).value();
        server->start();
    }
    static Async<HttpReply> answer(std::shared_ptr<Pipe> pipe, std::string path) {
        if (path == "/plain") co_return HttpReply{.body = "plain"};
        co_return HttpReply{.content_type = "text/event-stream", .stream = std::make_shared<PipeStream>(pipe)};
    }
    std::shared_ptr<Pipe> pipe = std::make_shared<Pipe>();
    std::unique_ptr<HttpServer> server;
};

TEST(HttpServerStream, sends_each_piece_as_a_chunk_and_ends_the_connection) {
    Streaming streaming;
    RawSocket client(streaming.server->port());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    streaming.pipe->put("first\n");
    streaming.pipe->put("");
    streaming.pipe->put("the second, which is longer\n");
    streaming.pipe->put(std::nullopt);
    const std::string all = client.receive_all();
    EXPECT_NE(all.find("transfer-encoding: chunked\r\n"), std::string::npos) << all;
    EXPECT_NE(all.find("connection: close\r\n"), std::string::npos) << all;
    EXPECT_EQ(all.find("content-length"), std::string::npos) << all;
    EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), "6\r\nfirst\n\r\n1c\r\nthe second, which is longer\n\r\n0\r\n\r\n");
}

TEST(HttpServerStream, sends_a_piece_when_it_is_made_not_when_there_are_more) {
    Streaming streaming;
    RawSocket client(streaming.server->port());
    ASSERT_TRUE(client.send("GET / HTTP/1.0\r\n\r\n"));
    ASSERT_TRUE(streaming.pipe->wait_until([&] { return streaming.pipe->asked == 1; }));
    streaming.pipe->put("one");
    ASSERT_TRUE(streaming.pipe->wait_until([&] { return streaming.pipe->asked == 2; }));
    EXPECT_NE(client.receive_all(200ms).find("\r\n\r\none"), std::string::npos);
}

TEST(HttpServerStream, gives_http_1_0_the_pieces_as_they_are) {
    Streaming streaming;
    RawSocket client(streaming.server->port());
    ASSERT_TRUE(client.send("GET / HTTP/1.0\r\n\r\n"));
    streaming.pipe->put("one");
    streaming.pipe->put("two");
    streaming.pipe->put(std::nullopt);
    const std::string all = client.receive_all();
    EXPECT_EQ(all.find("chunked"), std::string::npos);
    EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), "onetwo");
}

TEST(HttpServerStream, does_not_begin_a_stream_for_head) {
    Streaming streaming;
    RawSocket client(streaming.server->port());
    ASSERT_TRUE(client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /plain HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_EQ(client.receive(true).header("transfer-encoding"), "chunked");
    EXPECT_EQ(client.receive().body, "plain");
    EXPECT_EQ(streaming.pipe->asked, 0);
    EXPECT_EQ(streaming.pipe->destroyed, 1);
}

TEST(HttpServerStream, tells_the_producer_at_once_that_the_client_has_left) {
    Streaming streaming;
    auto client = std::make_unique<RawSocket>(streaming.server->port());
    ASSERT_TRUE(client->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    ASSERT_TRUE(streaming.pipe->wait_until([&] { return streaming.pipe->asked == 1; }));
    client.reset();
    EXPECT_TRUE(streaming.pipe->wait_until([&] { return streaming.pipe->destroyed == 1; }));
    EXPECT_EQ(streaming.pipe->closed, 1);
    while (streaming.server->statistics().open > 0) std::this_thread::yield();
}

TEST(HttpServerStream, ends_what_sends_instead_of_listening) {
    Streaming streaming;
    RawSocket client(streaming.server->port());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    ASSERT_TRUE(streaming.pipe->wait_until([&] { return streaming.pipe->asked == 1; }));
    EXPECT_TRUE(client.send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"));  // dropped
    EXPECT_FALSE(client.is_closed_within(20ms));
    (void)client.send(std::string(200'000, 'x'));
    EXPECT_TRUE(streaming.pipe->wait_until([&] { return streaming.pipe->destroyed == 1; }));
}

TEST(HttpServerStream, holds_the_producer_back_while_the_client_does_not_read_then_gives_up) {
    Streaming streaming({.write_deadline = 300ms});
    RawSocket client(streaming.server->port());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    constexpr int pieces = 64;
    for (int i = 0; i < pieces; ++i) streaming.pipe->put(std::string(1'000'000, 'x'));
    EXPECT_TRUE(streaming.pipe->wait_until([&] { return streaming.pipe->destroyed == 1; }));
    EXPECT_LT(streaming.pipe->asked, pieces);
    while (streaming.server->statistics().open > 0) std::this_thread::yield();
}

TEST(HttpServerStream, says_the_last_word_when_the_server_stops) {
    Streaming streaming;
    RawSocket client(streaming.server->port());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    ASSERT_TRUE(streaming.pipe->wait_until([&] { return streaming.pipe->asked == 1; }));
    std::thread stopping([&] { streaming.server->stop(30s); });
    const std::string all = client.receive_all();
    stopping.join();
    EXPECT_TRUE(all.ends_with("3\r\nbye\r\n0\r\n\r\n")) << all;
    EXPECT_EQ(streaming.pipe->destroyed, 1);
}

TEST(HttpServerStream, stops_at_once_although_a_client_does_not_read) {
    Streaming streaming;
    RawSocket client(streaming.server->port());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    for (int i = 0; i < 64; ++i) streaming.pipe->put(std::string(1'000'000, 'x'));
    ASSERT_TRUE(streaming.pipe->wait_until([&] { return streaming.pipe->asked > 1; }));
    const auto before = std::chrono::steady_clock::now();
    streaming.server->stop(30s);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
    EXPECT_EQ(streaming.pipe->destroyed, 1);
}

}  // namespace
}  // namespace punkt::net
