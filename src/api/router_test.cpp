#include "api/router.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "api/reply.h"

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

class RouterTest : public testing::Test {
  protected:
    RouterTest() : router_({.authenticator = &keys_, .clock = &clock_}) {
        add("GET", "/things/:id", Access::key, "one");
        add("GET", "/things/all", Access::key, "all");
        add("POST", "/things", Access::open, "created");
        add("DELETE", "/things", Access::key, "deleted");
        add("GET", "/keys", Access::master, "keys");
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
        asio::io_context context;
        net::HttpReply answer;
        asio::co_spawn(context, router_.handle(std::move(request)),
                       [&](std::exception_ptr, net::HttpReply reply) { answer = reply; });
        context.run();
        return answer;
    }

    OneKey keys_;
    SystemClock clock_;
    Router router_;
    std::string called_, id_, field_;
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
                          std::pair<std::string, std::string>("allow", "POST, DELETE")) != reply.headers.end());
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

}  // namespace
}  // namespace punkt::api
