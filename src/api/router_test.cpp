#include "api/router.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/reply.h"
#include "testing/run_async.h"

namespace punkt::api {
namespace {

/// Knows one key, "good"; "master" is the master key.
class OneKey final : public Authenticator {
  public:
    Async<Result<Caller>> authenticate(const net::HttpRequest& request) override {
        const auto key = request.header("x-api-key");
        if (key == "good") co_return Caller{.organization = 7, .key = 1};
        if (key == "master") co_return Caller{.organization = 1, .is_master = true};
        co_return Error{ErrorKind::unauthorized, "Invalid or missing API key"};
    }
};

class RouterTest : public ::testing::Test {
  protected:
    explicit RouterTest(RateLimits limits = {})
        : router_(
              {.authenticator = &keys_,
               .clock = &clock_,
               .seen =
                   [this](const Seen& seen) { seen_ = std::string(seen.pattern) + " " + std::to_string(seen.status); },
               .limits = limits}) {
        add("GET", "/things/:id", Access::key, "one");
        add("GET", "/things/all", Access::key, "all");
        add("POST", "/things", Access::open, "created");
        add("DELETE", "/things", Access::key, "deleted");
        add("GET", "/keys", Access::master, "keys");
        router_.add({.method = "POST",
                     .pattern = "/raw",
                     .access = Access::open,
                     .handler = [this](Context& context) -> Async<net::HttpReply> {
                         called_ = context.request.body + context.query_value("a").value_or("");
                         EXPECT_FALSE(context.body);
                         co_return no_content();
                     },
                     .parses_body = false,
                     .is_limited = false});
        router_.style_errors("/foreign", shout);
    }
    static net::HttpReply shout(const Error& error) {
        return {.status = 418, .body = error.message + "! " + error.code};
    }
    static net::HttpReply whisper(const Error&) { return {.status = 417}; }
    static std::string header(const net::HttpReply& reply, std::string_view name) {
        for (const auto& [key, value] : reply.headers)
            if (key == name) return value;
        return {};
    }
    void add(std::string method, std::string pattern, Access access, std::string name) {
        router_.add({.method = std::move(method),
                     .pattern = std::move(pattern),
                     .access = access,
                     .handler = [this, name](Context& context) -> Async<net::HttpReply> {
                         called_ = name;
                         if (name == "one") id_ = context.path_value("id");
                         field_ = context.fields("thing").string("name").value_or("");
                         co_return no_content();
                     }});
    }
    net::HttpReply call(std::string method, std::string path, std::string body = {}, std::string key = "good",
                        std::string query = {}) {
        called_.clear();
        net::HttpRequest request{
            .method = std::move(method), .path = std::move(path), .query = std::move(query), .body = std::move(body)};
        request.headers = {{"x-api-key", key}};
        for (const auto& header : extra_) request.headers.push_back(header);
        return punkt::testing::run_async(router_.handle(std::move(request)));
    }

    OneKey keys_;
    SystemClock clock_;
    Router router_;
    std::string called_, id_, field_, seen_;
    Parameters extra_;
};

TEST_F(RouterTest, prefers_fixed_segments_over_parameters) {
    EXPECT_EQ(call("GET", "/things/all").status, 204);
    EXPECT_EQ(called_, "all");
    EXPECT_EQ(call("GET", "/things/a%2Fb").status, 204);
    EXPECT_EQ(called_, "one");
    EXPECT_EQ(id_, "a/b");
}

TEST_F(RouterTest, serves_head_as_get) {
    call("HEAD", "/things/all");
    EXPECT_EQ(called_, "all");
}

TEST_F(RouterTest, answers_404_for_unknown_paths_and_405_with_the_methods_that_fit) {
    EXPECT_EQ(call("GET", "/nothing").status, 404);
    const auto reply = call("PUT", "/things");
    EXPECT_EQ(reply.status, 405);
    EXPECT_TRUE(std::find(reply.headers.begin(), reply.headers.end(),
                          std::pair<std::string, std::string>("allow", "DELETE, POST")) != reply.headers.end());
}

TEST_F(RouterTest, asks_who_calls_before_it_says_what_is_wrong) {
    EXPECT_EQ(call("DELETE", "/things", "{", "bad").status, 401);
    EXPECT_EQ(call("DELETE", "/things", "{", "good").status, 400);
    EXPECT_EQ(called_, "");
}

TEST_F(RouterTest, keeps_the_key_check_of_the_route_that_method_override_leads_to) {
    EXPECT_EQ(call("POST", "/things", R"({"_method":"delete"})", "bad").status, 401);
    EXPECT_EQ(call("POST", "/things", R"({"_method":"delete"})", "good").status, 204);
    EXPECT_EQ(called_, "deleted");
}

TEST_F(RouterTest, lets_only_the_master_key_into_master_routes) {
    EXPECT_EQ(call("GET", "/keys", "", "good").status, 401);
    EXPECT_EQ(call("GET", "/keys", "", "master").status, 204);
}

TEST_F(RouterTest, merges_body_over_query_and_takes_wrappers_apart) {
    call("POST", "/things", R"({"thing":{"name":"body"}})", "good", "name=query");
    EXPECT_EQ(field_, "body");
    call("POST", "/things", "", "good", "name=quer%79");
    EXPECT_EQ(field_, "query");
    extra_ = {{"content-type", "application/x-www-form-urlencoded"}};
    call("POST", "/things", "thing[name]=form+post");
    EXPECT_EQ(field_, "form post");
}

TEST_F(RouterTest, refuses_bodies_that_are_no_json_object) {
    for (const char* body : {"{", "[]", "3", "\"x\"", "\xff"})
        EXPECT_EQ(call("POST", "/things", body).status, 400) << body;
}

TEST_F(RouterTest, answers_406_when_json_is_not_accepted) {
    extra_ = {{"accept", "text/html"}};
    EXPECT_EQ(call("GET", "/things/all").status, 406);
    extra_ = {{"accept", "text/html, */*"}};
    EXPECT_EQ(call("GET", "/things/all").status, 204);
}

TEST_F(RouterTest, echoes_a_harmless_request_id_and_makes_one_otherwise) {
    extra_ = {{"x-request-id", "0123456789abcdef0123"}};
    EXPECT_EQ(call("GET", "/things/all").headers.back().second, "0123456789abcdef0123");
    extra_ = {{"x-request-id", "evil\tid-0123456789abcdef"}};
    EXPECT_NE(call("GET", "/things/all").headers.back().second, "evil\tid-0123456789abcdef");
}

TEST_F(RouterTest, leaves_raw_bodies_alone) {
    EXPECT_EQ(call("POST", "/raw", R"({"_method":"DELETE")", "", "a=b").status, 204);
    EXPECT_EQ(called_, R"({"_method":"DELETE"b)");
}

TEST_F(RouterTest, reads_json_that_calls_itself_a_form_and_multipart_forms) {
    extra_ = {{"content-type", "application/x-www-form-urlencoded"}};
    call("POST", "/things", R"({"thing":{"name":"from curl"}})");
    EXPECT_EQ(field_, "from curl");
    extra_ = {{"content-type", "multipart/form-data; boundary=x"}};
    call("POST", "/things", "--x\r\ncontent-disposition: form-data; name=\"thing[name]\"\r\n\r\nparts\r\n--x--");
    EXPECT_EQ(field_, "parts");
    EXPECT_EQ(call("POST", "/things", "--y").status, 400);
}

TEST_F(RouterTest, refuses_malformed_queries_and_paths) {
    EXPECT_EQ(call("POST", "/things", "", "good", "a=%zz").status, 400);
    EXPECT_EQ(call("POST", "/things", "", "good", "a=%FF").status, 400);
    EXPECT_EQ(call("GET", "/things/%zz").status, 400);
    EXPECT_EQ(call("GET", "/things/%zz", "", "bad").status, 401);
    EXPECT_EQ(called_, "");
}

TEST_F(RouterTest, words_unknown_paths_as_their_surface_does) {
    EXPECT_EQ(call("GET", "/foreign/x").body, "Cannot GET /foreign/x! unknown_route");
    EXPECT_EQ(call("GET", "/foreign").status, 418);
    EXPECT_EQ(call("GET", "/foreigner").status, 404);
    router_.style_errors("/", whisper);
    EXPECT_EQ(call("GET", "/nowhere").status, 417);
    EXPECT_EQ(call("GET", "/foreign/x").status, 418);
}

TEST_F(RouterTest, words_what_the_server_refuses) {
    const auto refusal = router_.refusal();
    EXPECT_EQ(refusal({.path = "/foreign"}, 413, "too large").status, 418);
    EXPECT_EQ(refusal({.path = "/things"}, 413, "too large").status, 413);
    EXPECT_EQ(refusal({}, 431, "too many").status, 431);
    EXPECT_GE(header(refusal({}, 400, "bad"), "x-request-id").size(), 20u);
}

TEST_F(RouterTest, tells_the_observer_the_pattern_and_never_the_path) {
    call("GET", "/things/secret");
    EXPECT_EQ(seen_, "/things/:id 204");
    call("GET", "/nowhere");
    EXPECT_EQ(seen_, " 404");
}

class LimitedRouterTest : public RouterTest {
  protected:
    LimitedRouterTest() : RouterTest({.per_hour = 2}) {}
};

TEST_F(LimitedRouterTest, refuses_beyond_the_limit_before_it_asks_who_calls) {
    EXPECT_EQ(header(call("GET", "/things/1"), "ratelimit-remaining"), "1");
    EXPECT_EQ(header(call("GET", "/nowhere"), "ratelimit-remaining"), "0");
    const auto refused = call("GET", "/things/1");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(called_, "");
    EXPECT_FALSE(header(refused, "retry-after").empty());
    EXPECT_EQ(header(refused, "ratelimit-limit"), "2");
    EXPECT_EQ(call("POST", "/raw").status, 204);  // exempt
}

TEST_F(LimitedRouterTest, makes_an_address_pay_for_the_keys_it_invents) {
    EXPECT_EQ(call("GET", "/things/1", "", "bad 1").status, 401);
    EXPECT_EQ(call("GET", "/things/1", "", "bad 2").status, 401);
    EXPECT_EQ(call("GET", "/things/1", "", "bad 3").status, 429);
}

}  // namespace
}  // namespace punkt::api
