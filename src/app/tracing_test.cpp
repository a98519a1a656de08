// Spans from a whole Punkt at a collector on the loopback, and what happens when that does not answer.
#include "app/tracing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>

#include "app/node.h"
#include "base/json.h"
#include "net/http_server.h"
#include "testing/raw_socket.h"
#include "testing/scratch_folder.h"

namespace punkt::app {
namespace {

using namespace std::chrono_literals;
using punkt::testing::RawSocket;

/// A collector, and at the same time the target of tasks: remembers every request.
class Collector {
  public:
    Collector() {
        auto made = net::HttpServer::create(
            {.port = 0}, [this](net::HttpRequest request) { return take(this, std::move(request)); });
        EXPECT_TRUE(made);
        server_ = std::move(*made);
        server_->start();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
    /// The spans that came so far, once `enough` says so.
    struct Seen {
        std::string name, trace, span, parent, text;
    };
    template <class Enough>
    std::vector<Seen> wait_for_spans(Enough enough) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(came_.wait_for(lock, 10s, [&] { return enough(spans_); }));
        return spans_;
    }
    net::HttpRequest wait_for(const std::string& path) {
        std::unique_lock lock(mutex_);
        const auto found = [&] {
            return std::find_if(requests_.begin(), requests_.end(), [&](const auto& one) { return one.path == path; });
        };
        EXPECT_TRUE(came_.wait_for(lock, 10s, [&] { return found() != requests_.end(); }));
        return *found();
    }
    std::atomic<int> status = 200;

  private:
    static Async<net::HttpReply> take(Collector* self, net::HttpRequest request) {
        const std::lock_guard lock(self->mutex_);
        const auto document = json::Document::parse(request.body);
        if (request.path == "/v1/traces" && document && self->status == 200) {
            for (const auto resource : document->root()["resourceSpans"].elements())
                for (const auto scope : resource["scopeSpans"].elements())
                    for (const auto span : scope["spans"].elements())
                        self->spans_.push_back({text(span["name"]), text(span["traceId"]), text(span["spanId"]),
                                                text(span["parentSpanId"]), span.text()});
        }
        self->requests_.push_back(std::move(request));
        self->came_.notify_all();
        co_return net::HttpReply{.status = self->status, .body = "{}"};
    }
    static std::string text(json::Value value) { return std::string(value.string().value_or("")); }

    std::mutex mutex_;
    std::condition_variable came_;
    std::vector<net::HttpRequest> requests_;
    std::vector<Seen> spans_;
    std::unique_ptr<net::HttpServer> server_;
};

TEST(Tracing, leads_from_the_callers_span_over_the_request_to_the_delivery) {
    Collector collector;
    punkt::testing::ScratchFolder folder;
    Config config;
    config.data.directory = folder.path();
    config.server.port = 0;
    config.allow_private_targets = "1";
    config.otlp.endpoint = collector.url();
    config.otlp.headers = "x-tenant=a%20b";
    auto node = Node::create(config);
    ASSERT_TRUE(node) << node.error().message;
    (*node)->start();
    RawSocket client((*node)->port());
    const std::string body = R"({"url":")" + collector.url() + R"(/hook"})";
    client.send("POST /api/v1/tasks HTTP/1.1\r\nhost: a\r\nauthorization: Bearer " + (*node)->first_key() +
                "\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
                "content-type: application/json\r\ncontent-length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(client.receive().status, 202);
    const auto spans = collector.wait_for_spans([](const auto& all) {
        const auto has = [&](std::string_view name) {
            return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
        };
        return has("POST /api/v1/tasks") && has("POST 127.0.0.1") && has("commit");
    });
    const auto named = [&](std::string_view name) {
        return *std::find_if(spans.begin(), spans.end(), [&](const auto& one) { return one.name == name; });
    };
    const auto request = named("POST /api/v1/tasks"), delivery = named("POST 127.0.0.1");
    EXPECT_EQ(request.trace, "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(request.parent, "b7ad6b7169203331");
    EXPECT_EQ(delivery.trace, request.trace);
    EXPECT_EQ(delivery.parent, request.span);
    EXPECT_THAT(delivery.text, ::testing::HasSubstr("first_byte"));
    EXPECT_NE(named("commit").trace, request.trace);
    const auto hook = collector.wait_for("/hook");
    EXPECT_EQ(hook.header("traceparent"), "00-" + delivery.trace + "-" + delivery.span + "-01");
    EXPECT_EQ(collector.wait_for("/v1/traces").header("x-tenant"), "a b");
    (*node)->stop(5s);
}

Span a_span(int number) { return {.trace_id = "t", .span_id = std::to_string(number), .name = "span"}; }

TEST(OtlpExporter, drops_and_counts_what_a_collector_does_not_take) {
    Collector collector;
    collector.status = 503;
    Metrics metrics;
    auto made =
        OtlpExporter::create({.endpoint = collector.url(), .queued_max = 2, .every = 1ms, .tries_max = 2}, metrics);
    ASSERT_TRUE(made);
    for (int i = 0; i < 1'000; ++i) (*made)->record(a_span(i));
    (*made)->stop();
    (*made)->record(a_span(0));
    EXPECT_THAT(metrics.text(), ::testing::HasSubstr("punkt_otlp_spans_total{outcome=\"dropped\"} 1001"));
}

TEST(OtlpExporter, sends_what_is_queued_before_it_ends) {
    Collector collector;
    Metrics metrics;
    auto made = OtlpExporter::create({.endpoint = collector.url(), .batch_max = 3, .every = 1h}, metrics);
    ASSERT_TRUE(made);
    for (int i = 0; i < 8; ++i) (*made)->record(a_span(i));
    (*made)->stop();
    EXPECT_EQ(collector.wait_for_spans([](const auto& all) { return all.size() >= 8; }).size(), 8u);
}

TEST(OtlpExporter, refuses_an_endpoint_that_is_no_url) {
    Metrics metrics;
    EXPECT_FALSE(OtlpExporter::create({.endpoint = "collector:4318"}, metrics));
}

TEST(OtlpHeaders, are_pairs_with_encoded_values) {
    EXPECT_EQ(*otlp_headers("Authorization=Basic%20x, b=c=d,,"), (Headers{{"authorization", "Basic x"}, {"b", "c=d"}}));
    EXPECT_TRUE(otlp_headers("")->empty());
    for (const char* wrong : {"a", "=b", "a=%zz"}) EXPECT_FALSE(otlp_headers(wrong)) << wrong;
}

}  // namespace
}  // namespace punkt::app
