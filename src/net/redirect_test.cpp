#include "net/redirect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punkt::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

struct Given {
    Method method = Method::get;
    bool any_method = false;
    int hops = 0;
    std::string from = "http://a.example/x";
};

struct Outcome {
    Redirection redirection;
    Request request;
    Url url;
};

Outcome judge(int status, std::optional<std::string> location, Given given = {}) {
    Outcome outcome{{}, {}, *parse_url(given.from)};
    outcome.request.method = given.method;
    outcome.request.redirect_any_method = given.any_method;
    outcome.request.body = std::make_shared<std::string>("body");
    outcome.request.headers = {{"Authorization", "secret"}, {"content-type", "text/plain"}, {"x-own", "1"}};
    outcome.redirection = redirect(status, location, given.hops, outcome.request, outcome.url);
    return outcome;
}

TEST(Redirect, is_followed_by_get_and_head) {
    for (const Method method : {Method::get, Method::head}) {
        for (const int status : {301, 302, 303, 307, 308}) {
            const auto outcome = judge(status, "/y", {.method = method});
            EXPECT_TRUE(outcome.redirection.follow) << status;
            EXPECT_EQ(outcome.url.text(), "http://a.example/y");
            EXPECT_EQ(outcome.request.method, method);
        }
    }
}

TEST(Redirect, keeps_method_and_body_on_307_and_308) {
    for (const int status : {307, 308}) {
        const auto outcome = judge(status, "/y", {.method = Method::post});
        EXPECT_TRUE(outcome.redirection.follow);
        EXPECT_EQ(outcome.request.method, Method::post);
        EXPECT_EQ(*outcome.request.body, "body");
        EXPECT_EQ(outcome.request.headers.size(), 3u);
    }
}

TEST(Redirect, of_another_method_fails_and_names_the_location) {
    for (const Method method : {Method::post, Method::put, Method::patch, Method::delete_}) {
        const auto outcome = judge(302, "/login", {.method = method});
        EXPECT_FALSE(outcome.redirection.follow);
        EXPECT_EQ(outcome.redirection.failure, Failure::redirect);
        EXPECT_THAT(outcome.redirection.error, HasSubstr("302 to http://a.example/login"));
    }
}

TEST(Redirect, turns_into_get_without_body_when_the_task_wants_it) {
    for (const int status : {301, 302, 303}) {
        const auto outcome = judge(status, "/y", {.method = Method::post, .any_method = true});
        EXPECT_TRUE(outcome.redirection.follow);
        EXPECT_EQ(outcome.request.method, Method::get);
        EXPECT_EQ(outcome.request.body, nullptr);
        EXPECT_THAT(outcome.request.headers, ElementsAre(Pair("Authorization", "secret"), Pair("x-own", "1")));
    }
}

TEST(Redirect, leaves_secrets_behind_when_the_origin_changes) {
    for (const char* other : {"http://b.example/", "https://a.example/", "http://a.example:8080/", "//b.example"}) {
        const auto outcome = judge(307, other);
        EXPECT_TRUE(outcome.redirection.follow);
        EXPECT_THAT(outcome.request.headers, ElementsAre(Pair("content-type", "text/plain"), Pair("x-own", "1")))
            << other;
    }
    EXPECT_EQ(judge(307, "http://a.example:80/y").request.headers.size(), 3u);
}

TEST(Redirect, is_the_answer_without_location_or_when_none_are_wanted) {
    EXPECT_FALSE(judge(302, std::nullopt).redirection.follow);
    for (const int status : {200, 300, 304, 305, 306}) {
        const auto outcome = judge(status, "/y");
        EXPECT_FALSE(outcome.redirection.follow);
        EXPECT_EQ(outcome.redirection.failure, Failure::none);
    }
    Request request;
    request.redirects_max = 0;
    Url url = *parse_url("http://a/");
    EXPECT_EQ(redirect(302, "/y", 0, request, url).failure, Failure::none);
}

TEST(Redirect, ends_after_as_many_as_allowed) {
    EXPECT_TRUE(judge(302, "/y", {.hops = 9}).redirection.follow);
    const auto outcome = judge(302, "/y", {.hops = 10});
    EXPECT_EQ(outcome.redirection.failure, Failure::protocol);
    EXPECT_THAT(outcome.redirection.error, HasSubstr("more than 10 redirects"));
}

TEST(Redirect, to_something_that_is_no_http_url_is_an_error) {
    for (const char* location :
         {"file:///etc/passwd", "gopher://a/", "http://u:p@b/", "http://0x7f.1/", "http://", "\\\\b"}) {
        const auto outcome = judge(302, location);
        EXPECT_FALSE(outcome.redirection.follow);
        EXPECT_EQ(outcome.redirection.failure, Failure::protocol) << location;
        EXPECT_THAT(outcome.redirection.error, HasSubstr("must be a valid HTTP or HTTPS URL")) << location;
    }
}

}  // namespace
}  // namespace punkt::net
