#include "app/api_client.h"

#include <gtest/gtest.h>

namespace punkt::app {
namespace {

TEST(ApiClient, escapes_what_has_a_meaning_in_a_url) {
    EXPECT_EQ(percent_encoded("a b&c=d/é~-_."), "a%20b%26c%3Dd%2F%C3%A9~-_.");
    EXPECT_EQ(percent_encoded(""), "");
}

TEST(ApiClient, finds_the_sentence_in_every_shape_of_error) {
    EXPECT_EQ(
        error_from({.status = 404, .body = R"({"error":{"code":"not_found","message":"Resource not found"}})"}).message,
        "Resource not found (404)");
    EXPECT_EQ(error_from({.status = 429, .body = R"({"error":"Rate limit exceeded. Try again later."})"}).message,
              "Rate limit exceeded. Try again later. (429)");
    EXPECT_EQ(
        error_from({.status = 401, .body = R"({"message":"Invalid API Key","error":"Unauthorized","statusCode":401})"})
            .message,
        "Invalid API Key (401)");
    EXPECT_EQ(error_from({.status = 404, .body = R"({"errors":{"detail":"Not Found"}})"}).message, "Not Found (404)");
    EXPECT_EQ(error_from({.status = 502, .body = "<html>"}).message, "the server answered 502");
}

TEST(ApiClient, keeps_the_fields_that_are_wrong) {
    const Error error = error_from(
        {.status = 422,
         .body =
             R"({"error":{"code":"validation_error","message":"x","details":{"url":["can't be blank","is invalid"]}}})"});
    ASSERT_EQ(error.fields.size(), 2U);
    EXPECT_EQ(error.fields[0].field, "url");
    EXPECT_EQ(error.fields[1].message, "is invalid");
}

TEST(ApiClient, refuses_an_address_that_is_no_url) {
    for (const char* url : {"", "127.0.0.1:4000", "ftp://x", "http://"}) {
        auto client = ApiClient::create(url, "");
        ASSERT_FALSE(client) << url;
        EXPECT_EQ(client.error().kind, ErrorKind::invalid);
    }
}

}  // namespace
}  // namespace punkt::app
