#include "facades/qron_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "facades/qron_problem.h"
#include "testing/accounts_house.h"

namespace punkt::qron {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class QronKeysTest : public ::testing::Test {
  protected:
    QronKeysTest() {
        api.add_routes(house.router);
        house.router.add({.method = "GET",
                          .pattern = "/who",
                          .handler = [](api::Context& context) -> Async<net::HttpReply> {
                              co_return net::HttpReply{.body = std::to_string(context.caller.organization)};
                          },
                          .style = problem});
    }
    net::HttpReply master(std::string method, std::string path, std::string body = {}) {
        return house.call(testing::AccountsHouse::master_key, std::move(method), std::move(path), std::move(body));
    }
    std::string member(const net::HttpReply& reply, std::string_view name) {
        auto document = json::Document::parse(reply.body);
        return document ? std::string(document->root()[name].string().value_or("")) : "";
    }

    testing::AccountsHouse house;
    KeysApi api{house.accounts, *house.readers, house.public_ids};
};

TEST_F(QronKeysTest, a_created_key_works_the_moment_it_is_answered) {
    const auto reply = master("POST", "/auth/keys", R"({"client":"My Startup"})");
    EXPECT_EQ(reply.status, 201);
    EXPECT_THAT(reply.body, MatchesRegex(R"(\{"apiKey":"sk_live_[0-9a-f-]{36}","id":"[0-9a-f-]{36}",)"
                                         R"("client":"My Startup","webhook_secret":"whsec_[0-9a-f]{48}"\})"));
    EXPECT_EQ(house.call(member(reply, "apiKey"), "GET", "/who").status, 200);
}

TEST_F(QronKeysTest, one_client_is_one_organization) {
    const auto first = master("POST", "/auth/keys", R"({"client":"a"})");
    const auto second = master("POST", "/auth/keys", R"({"client":"a"})");
    const auto other = master("POST", "/auth/keys", R"({"client":"b"})");
    const auto who = [&](const net::HttpReply& reply) {
        return house.call(member(reply, "apiKey"), "GET", "/who").body;
    };
    EXPECT_EQ(who(first), who(second));
    EXPECT_NE(who(first), who(other));
    EXPECT_EQ(member(first, "webhook_secret"), member(second, "webhook_secret"));
}

TEST_F(QronKeysTest, a_client_without_a_name_is_refused_in_both_sentences) {
    const std::string both =
        R"({"message":["client should not be empty","client must be a string"],"error":"Bad Request","statusCode":400})";
    for (const char* body : {"", "{}", R"({"client":""})", R"({"client":null})", R"({"client":" "})"}) {
        const auto reply = master("POST", "/auth/keys", body);
        EXPECT_EQ(reply.status, 400) << body;
        EXPECT_EQ(reply.body, both) << body;
    }
    EXPECT_EQ(master("POST", "/auth/keys", R"({"client":5})").body,
              R"({"message":["client must be a string"],"error":"Bad Request","statusCode":400})");
    EXPECT_THAT(master("POST", "/auth/keys", "{").body, HasSubstr("\"error\":\"Bad Request\",\"statusCode\":400}"));
}

TEST_F(QronKeysTest, revoking_is_effective_at_once_and_may_be_repeated) {
    const auto created = master("POST", "/auth/keys", R"({"client":"a"})");
    const std::string path = "/auth/keys/" + member(created, "id");
    for (int i = 0; i < 2; ++i) {
        const auto reply = master("DELETE", path);
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.body, R"({"message":"key revoked"})");
    }
    const auto refused = house.call(member(created, "apiKey"), "GET", "/who");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.body, R"({"message":"Invalid API Key","error":"Unauthorized","statusCode":401})");
    EXPECT_THAT(master("GET", "/auth/keys").body, HasSubstr("\"client\":\"a\",\"isActive\":false"));
}

TEST_F(QronKeysTest, an_unknown_id_is_not_found) {
    for (const std::string& id : {std::string("7"), house.public_ids.uuid(IdKind::api_key, 987654321)}) {
        const auto reply = master("DELETE", "/auth/keys/" + id);
        EXPECT_EQ(reply.status, 404);
        EXPECT_EQ(reply.body, R"({"message":"Key ID not found","error":"Not Found","statusCode":404})");
    }
}

TEST_F(QronKeysTest, only_the_master_key_opens_these_routes) {
    const auto as_alice = house.call(house.alice.key.secret, "GET", "/auth/keys");
    EXPECT_EQ(as_alice.status, 401);
    EXPECT_EQ(as_alice.body, R"({"message":"Admin access only","error":"Unauthorized","statusCode":401})");
    const auto without = house.call("", "POST", "/auth/keys", R"({"client":"a"})");
    EXPECT_EQ(without.status, 401);
    EXPECT_EQ(without.body, R"({"message":"Missing API Key","error":"Unauthorized","statusCode":401})");
}

TEST_F(QronKeysTest, the_list_shows_every_client_and_no_secret) {
    const auto reply = master("GET", "/auth/keys");
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.body, HasSubstr("\"client\":\"alice\",\"isActive\":true,\"createdAt\":\"20"));
    EXPECT_THAT(reply.body, HasSubstr("\"client\":\"charlie\""));
    EXPECT_THAT(reply.body, ::testing::Not(HasSubstr("sk_live_")));
}

TEST_F(QronKeysTest, sync_says_that_it_was_triggered) {
    const auto reply = master("POST", "/auth/sync");
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(reply.body, R"({"triggered":true})");
}

TEST(QronProblem, an_internal_error_says_nothing_about_itself) {
    const auto reply = problem({ErrorKind::internal, "disk on fire at /srv"});
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(reply.body, R"({"statusCode":500,"message":"Internal server error"})");
}

}  // namespace
}  // namespace punkt::qron
