#include "api/problem.h"

#include <gtest/gtest.h>

namespace punkt::api {
namespace {

std::string shown(const Error& error) {
    const auto reply = problem(error);
    EXPECT_EQ(reply.status, http_status(error));
    return std::to_string(reply.status) + " " + reply.body;
}

// runlater-api.md §1.3
TEST(Problem, words_errors_as_the_contract_does) {
    EXPECT_EQ(shown({ErrorKind::invalid, "the delay is negative", "invalid_delay"}),
              R"(400 {"error":{"code":"invalid_delay","message":"the delay is negative"}})");
    EXPECT_EQ(shown({ErrorKind::unauthorized, "Invalid or missing API key"}),
              R"(401 {"error":{"code":"unauthorized","message":"Invalid or missing API key"}})");
    EXPECT_EQ(shown({ErrorKind::unauthorized, "Admin access only", std::string(code_master_key_required)}),
              R"(401 {"error":{"code":"unauthorized","message":"Admin access only"}})");
    EXPECT_EQ(shown({ErrorKind::not_found, "no task 7"}),
              R"(404 {"error":{"code":"not_found","message":"Resource not found"}})");
    EXPECT_EQ(shown({ErrorKind::conflict, "x", std::string(code_request_in_progress)}),
              R"(409 {"error":"Request in progress. Please wait and retry."})");
    EXPECT_EQ(shown({ErrorKind::limited, "x"}), R"(429 {"error":"Rate limit exceeded. Try again later."})");
    EXPECT_EQ(shown({ErrorKind::invalid, "task is deleted", "task_deleted"}),
              R"(422 {"error":{"code":"task_deleted","message":"task is deleted"}})");
    EXPECT_EQ(shown({ErrorKind::unavailable, "too many"}),
              R"(503 {"error":{"code":"service_unavailable","message":"Server is busy, please retry"}})");
    EXPECT_EQ(problem({ErrorKind::unavailable, "x"}).headers.front(),
              (std::pair<std::string, std::string>("retry-after", "5")));
}

TEST(Problem, lists_every_message_under_its_field_and_the_reason_only_in_the_whole) {
    EXPECT_EQ(shown({ErrorKind::invalid,
                     "url is invalid (no host); name is too long",
                     "",
                     {{"url", "is invalid (no host)"}, {"name", "is too long"}, {"url", "is private"}}}),
              R"(422 {"error":{"code":"validation_error","message":"url is invalid (no host); name is too long",)"
              R"("details":{"url":["is invalid","is private"],"name":["is too long"]}}})");
}

TEST(Problem, words_framework_errors_in_both_forms) {
    EXPECT_EQ(
        shown({ErrorKind::invalid, "malformed JSON: empty", std::string(code_malformed)}),
        R"(400 {"errors":{"detail":"Bad Request"},"error":{"code":"bad_request","message":"malformed JSON: empty"}})");
    EXPECT_EQ(
        shown({ErrorKind::not_found, "There is nothing here", std::string(code_unknown_route)}),
        R"(404 {"errors":{"detail":"Not Found"},"error":{"code":"not_found","message":"There is nothing here"}})");
    EXPECT_EQ(shown({ErrorKind::not_found, "Cannot PUT /x", std::string(code_method_not_allowed)}),
              R"(405 {"errors":{"detail":"Method Not Allowed"},)"
              R"("error":{"code":"method_not_allowed","message":"Cannot PUT /x"}})");
    EXPECT_EQ(shown({ErrorKind::invalid, "no", std::string(code_not_acceptable)}).substr(0, 3), "406");
    EXPECT_EQ(shown({ErrorKind::too_large, "large"}),
              R"(413 {"errors":{"detail":"Request Entity Too Large"},"error":{"code":"too_large","message":"large"}})");
}

TEST(Problem, keeps_internal_messages_to_itself) {
    EXPECT_EQ(
        shown({ErrorKind::internal, "secret"}),
        R"(500 {"errors":{"detail":"Internal Server Error"},"error":{"code":"internal_error","message":"Internal Server Error"}})");
}

TEST(Problem, knows_a_status_for_every_kind) {
    EXPECT_EQ(http_status({ErrorKind::forbidden, ""}), 403);
    EXPECT_EQ(http_status({ErrorKind::gone, ""}), 410);
    EXPECT_EQ(http_status({ErrorKind::full, ""}), 507);
    EXPECT_EQ(http_status({ErrorKind::conflict, ""}), 409);
}

TEST(Problem, gives_the_servers_refusals_their_status) {
    for (const int status : {400, 408, 413, 414, 417, 431, 500, 503, 505})
        EXPECT_EQ(http_status(error_of_refusal(status, "why")), status);
}

TEST(Problem, a_conflict_over_a_field_names_it_and_what_is_in_the_way) {
    const auto reply = problem({ErrorKind::conflict,
                                "key has already been taken ('a' is another task's)",
                                "key_taken",
                                {{"key", "has already been taken"}, {"task_id", "0190"}}});
    EXPECT_EQ(reply.status, 409);
    EXPECT_EQ(reply.body,
              R"j({"error":{"code":"key_taken","message":"key has already been taken ('a' is another task's)",)j"
              R"j("task_id":"0190","details":{"key":["has already been taken"]}}})j");
}

}  // namespace
}  // namespace punkt::api
