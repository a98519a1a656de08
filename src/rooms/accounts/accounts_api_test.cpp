#include "rooms/accounts/accounts_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/accounts_house.h"

namespace punkt::accounts {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class AccountsApiTest : public ::testing::Test {
  protected:
    AccountsApiTest() { api.add_routes(house.router); }
    std::string id_of(const Issued& issued) { return house.public_ids.uuid(IdKind::api_key, issued.key.key.id); }
    json::Document parse(const net::HttpReply& reply) {
        auto document = json::Document::parse(reply.body);
        EXPECT_TRUE(document) << reply.body;
        return std::move(*document);
    }

    testing::AccountsHouse house;
    AccountsApi api{house.accounts, *house.readers, house.public_ids};
    const std::string alice = house.alice.key.secret, bob = house.bob.key.secret, charlie = house.charlie.key.secret;
};

TEST_F(AccountsApiTest, a_created_key_shows_its_secret_once_and_works) {
    const auto reply = house.call(alice, "POST", "/api/v1/keys", R"({"name":"ci"})");
    ASSERT_EQ(reply.status, 201) << reply.body;
    const auto document = parse(reply);
    const json::Value data = document.root()["data"];
    const std::string key(*data["key"].string()), secret(*data["secret"].string());
    EXPECT_EQ(key, std::string(*data["key_id"].string()) + "." + secret);
    EXPECT_EQ(data["name"].string(), "ci");
    const auto listed = house.call(secret, "GET", "/api/v1/keys");
    EXPECT_EQ(listed.status, 200);
    EXPECT_THAT(listed.body, AllOf(HasSubstr("\"name\":\"ci\""), Not(HasSubstr(secret)), Not(HasSubstr("sk_live_"))));
    EXPECT_EQ(house.call(key, "GET", "/api/v1/keys").status, 200);
}

TEST_F(AccountsApiTest, alice_and_bob_see_their_keys_and_charlie_his_own) {
    EXPECT_THAT(
        house.call(bob, "GET", "/api/v1/keys").body,
        AllOf(HasSubstr(id_of(house.alice)), HasSubstr(id_of(house.bob)), Not(HasSubstr(id_of(house.charlie)))));
    EXPECT_THAT(house.call(charlie, "GET", "/api/v1/keys").body,
                AllOf(HasSubstr(id_of(house.charlie)), Not(HasSubstr(id_of(house.alice)))));
}

TEST_F(AccountsApiTest, a_revoked_key_is_refused_at_once_and_leaves_the_list) {
    EXPECT_EQ(house.call(alice, "DELETE", "/api/v1/keys/" + id_of(house.bob)).status, 204);
    const auto refused = house.call(bob, "GET", "/api/v1/keys");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.body, R"({"error":{"code":"unauthorized","message":"Invalid or missing API key"}})");
    EXPECT_THAT(house.call(alice, "GET", "/api/v1/keys").body, Not(HasSubstr(id_of(house.bob))));
    EXPECT_EQ(house.call(alice, "DELETE", "/api/v1/keys/" + id_of(house.bob)).status, 404);
}

TEST_F(AccountsApiTest, to_charlie_the_key_of_alice_is_as_unknown_as_any) {
    const auto foreign = house.call(charlie, "DELETE", "/api/v1/keys/" + id_of(house.alice));
    const auto unknown =
        house.call(charlie, "DELETE", "/api/v1/keys/" + house.public_ids.uuid(IdKind::api_key, 123456789));
    EXPECT_EQ(foreign.status, 404);
    EXPECT_EQ(foreign.body, unknown.body);
    EXPECT_EQ(house.call(charlie, "DELETE", "/api/v1/keys/nonsense").status, 400);
    EXPECT_EQ(house.call(alice, "GET", "/api/v1/keys").status, 200);
}

TEST_F(AccountsApiTest, a_name_is_required_and_bounded) {
    for (const std::string& body : {std::string(), std::string("{}"), std::string(R"({"name":"  "})"),
                                    std::string(R"({"name":5})"), R"({"name":")" + std::string(256, 'a') + "\"}"}) {
        const auto reply = house.call(alice, "POST", "/api/v1/keys", body);
        EXPECT_EQ(reply.status, 422) << body;
        EXPECT_THAT(reply.body, AllOf(HasSubstr("validation_error"), HasSubstr("\"name\":[")));
    }
}

TEST_F(AccountsApiTest, without_a_key_there_is_nothing_to_see) {
    EXPECT_EQ(house.call("", "GET", "/api/v1/keys").status, 401);
    EXPECT_EQ(house.call("", "POST", "/api/v1/keys", R"({"name":"x"})").status, 401);
    EXPECT_EQ(house.call("", "DELETE", "/api/v1/keys/" + id_of(house.alice)).status, 401);
}

TEST_F(AccountsApiTest, a_key_that_was_just_used_says_so) {
    (void)house.call(alice, "GET", "/api/v1/keys");
    const auto document = parse(house.call(alice, "GET", "/api/v1/keys"));
    for (const auto key : document.root()["data"].elements()) {
        const bool is_own = key["id"].string() == id_of(house.alice);
        EXPECT_EQ(key["last_used_at"].string().has_value(), is_own);
    }
}

}  // namespace
}  // namespace punkt::accounts
