#include "rooms/accounts/authenticator.h"

#include <gtest/gtest.h>

namespace punkt::accounts {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

class AuthenticatorTest : public ::testing::Test {
  protected:
    AuthenticatorTest() : alice(issue(1, 10, KeyKind::pair)), charlie(issue(2, 20, KeyKind::single)) {}

    NewKey issue(Id id, Id organization, KeyKind kind) {
        NewKey made = make_key(kind, "key " + std::to_string(id));
        made.key.id = id;
        made.key.organization = organization;
        ring.add(made.key);
        return made;
    }
    Result<api::Caller> identify(Headers headers) const {
        return authenticator.identify({.method = "GET", .path = "/", .headers = std::move(headers), .peer = "::1"});
    }
    /// The organization that these headers open; 0: refused.
    Id opens(Headers headers) const {
        auto caller = identify(std::move(headers));
        return caller ? caller->organization : 0;
    }

    SystemClock clock;
    KeyRing ring;
    NewKey alice, charlie;
    KeyAuthenticator authenticator{ring, clock, {.master_key = "the.master-key", .master_organization = 99}};
};

TEST_F(AuthenticatorTest, a_pair_opens_its_organization) {
    auto caller = identify({{"authorization", "Bearer " + alice.presented()}});
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->organization, 10);
    EXPECT_EQ(caller->key, 1);
    EXPECT_EQ(caller->key_name, "key 1");
    EXPECT_FALSE(caller->is_master);
}

TEST_F(AuthenticatorTest, a_secret_alone_opens_it_in_every_header) {
    EXPECT_EQ(opens({{"authorization", "Bearer " + charlie.secret}}), 20);
    EXPECT_EQ(opens({{"x-api-key", charlie.secret}}), 20);
    EXPECT_EQ(opens({{"qron-x-api-key", charlie.secret}}), 20);
    EXPECT_EQ(opens({{"x-api-key", alice.secret}}), 10);
    EXPECT_EQ(opens({{"x-api-key", alice.presented()}}), 10);
}

TEST_F(AuthenticatorTest, of_two_key_headers_x_api_key_wins) {
    EXPECT_EQ(opens({{"qron-x-api-key", alice.secret}, {"x-api-key", charlie.secret}}), 20);
    EXPECT_EQ(opens({{"x-api-key", "wrong"}, {"qron-x-api-key", alice.secret}}), 0);
}

TEST_F(AuthenticatorTest, another_scheme_of_authorization_does_not_hide_the_key_header) {
    EXPECT_EQ(opens({{"authorization", "Basic dXNlcjpwYXNz"}, {"x-api-key", alice.secret}}), 10);
}

TEST_F(AuthenticatorTest, the_prefix_is_exact_and_the_header_alone) {
    const std::string key = alice.presented();
    EXPECT_EQ(opens({{"authorization", "bearer " + key}}), 0);
    EXPECT_EQ(opens({{"authorization", "Bearer  " + key}}), 0);
    EXPECT_EQ(opens({{"authorization", key}}), 0);
    EXPECT_EQ(opens({{"authorization", "Bearer " + key}, {"authorization", "Bearer " + key}}), 0);
    EXPECT_EQ(opens({{"authorization", "Bearer " + key + "."}}), 0);
}

TEST_F(AuthenticatorTest, a_mixed_pair_opens_nothing) {
    EXPECT_EQ(opens({{"authorization", "Bearer " + charlie.key.key_id + "." + alice.secret}}), 0);
    EXPECT_EQ(opens({{"authorization", "Bearer " + alice.key.key_id + "." + alice.key.secret_sha256}}), 0);
}

TEST_F(AuthenticatorTest, the_master_key_is_known_in_every_header_whatever_its_form) {
    for (const Headers& headers :
         {Headers{{"authorization", "Bearer the.master-key"}}, Headers{{"x-api-key", "the.master-key"}},
          Headers{{"qron-x-api-key", "the.master-key"}}}) {
        auto caller = identify(headers);
        ASSERT_TRUE(caller);
        EXPECT_TRUE(caller->is_master);
        EXPECT_EQ(caller->organization, 99);
    }
    EXPECT_EQ(opens({{"x-api-key", "the.master-ke"}}), 0);
    EXPECT_EQ(opens({{"x-api-key", "the.master-keyy"}}), 0);
}

TEST_F(AuthenticatorTest, a_master_key_may_look_like_a_key) {
    const KeyAuthenticator other(ring, clock, {.master_key = "sk_live_master", .master_organization = 99});
    EXPECT_TRUE(other.identify({.headers = {{"x-api-key", "sk_live_master"}}})->is_master);
}

TEST_F(AuthenticatorTest, without_a_master_key_nothing_is_the_master_key) {
    const KeyAuthenticator other(ring, clock, {});
    EXPECT_FALSE(other.identify({.headers = {{"x-api-key", ""}}}));
    EXPECT_FALSE(other.identify({.headers = {{"authorization", "Bearer "}}}));
    EXPECT_FALSE(other.identify({.headers = {}}));
}

TEST_F(AuthenticatorTest, every_cause_has_the_same_words_and_the_code_says_whether_there_was_a_key) {
    for (const Headers& headers :
         {Headers{{"x-api-key", "sk_live_wrong"}}, Headers{{"authorization", "Bearer nonsense"}},
          Headers{{"authorization", "Bearer " + charlie.key.key_id + "." + alice.secret}}}) {
        auto refused = identify(headers);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::unauthorized);
        EXPECT_EQ(refused.error().message, "Invalid or missing API key");
        EXPECT_EQ(refused.error().code, "unauthorized");
    }
    EXPECT_EQ(identify({}).error().message, "Invalid or missing API key");
    EXPECT_EQ(identify({}).error().code, "");
}

TEST_F(AuthenticatorTest, a_revoked_key_is_refused_at_once) {
    EXPECT_EQ(opens({{"x-api-key", alice.secret}}), 10);
    ring.remove(1);
    EXPECT_EQ(opens({{"x-api-key", alice.secret}}), 0);
}

}  // namespace
}  // namespace punkt::accounts
