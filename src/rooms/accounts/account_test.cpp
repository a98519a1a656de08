#include "rooms/accounts/account.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"

namespace punkt::accounts {
namespace {

using ::testing::MatchesRegex;

TEST(Account, a_pair_has_the_lengths_of_the_contract) {
    const NewKey made = make_key(KeyKind::pair, "ci");
    EXPECT_THAT(made.key.key_id, MatchesRegex("pk_live_[A-Za-z0-9_-]{24}"));
    EXPECT_THAT(made.secret, MatchesRegex("sk_live_[A-Za-z0-9_-]{32}"));
    EXPECT_EQ(made.presented(), made.key.key_id + "." + made.secret);
    EXPECT_EQ(made.key.name, "ci");
}

TEST(Account, a_single_key_ends_in_a_uuid_of_version_4) {
    const NewKey made = make_key(KeyKind::single, "x");
    EXPECT_THAT(made.secret,
                MatchesRegex("sk_live_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    EXPECT_EQ(made.presented(), made.secret);
}

TEST(Account, only_the_hash_of_a_secret_is_kept_in_the_key) {
    const NewKey made = make_key(KeyKind::pair, "ci");
    EXPECT_EQ(made.key.secret_sha256, crypto::hex(crypto::sha256(made.secret)));
    EXPECT_EQ(hash_of_secret("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Account, no_two_keys_are_alike) {
    EXPECT_NE(make_key(KeyKind::pair, "a").secret, make_key(KeyKind::pair, "a").secret);
    EXPECT_NE(make_key(KeyKind::pair, "a").key.key_id, make_key(KeyKind::pair, "a").key.key_id);
}

TEST(Account, a_token_is_a_pair_or_a_secret_alone) {
    auto pair = read_credential("pk_live_a.sk_live_b");
    ASSERT_TRUE(pair);
    EXPECT_EQ(pair->key_id, "pk_live_a");
    EXPECT_EQ(pair->secret, "sk_live_b");
    auto single = read_credential("sk_live_b");
    ASSERT_TRUE(single);
    EXPECT_EQ(single->key_id, "");
    EXPECT_EQ(single->secret, "sk_live_b");
}

TEST(Account, what_is_neither_is_not_looked_up) {
    for (const std::string& token :
         {std::string(), std::string("pk_live_a"), std::string("sk_test_b"), std::string("pk_live_a.sk_live_b.c"),
          std::string("sk_live_b.pk_live_a"), std::string("pk_live_a."), std::string(".sk_live_b"),
          std::string("pk_live_a..sk_live_b"), "sk_live_" + std::string(600, 'a')})
        EXPECT_FALSE(read_credential(token)) << token;
}

TEST(Account, a_name_is_neither_blank_nor_long_nor_unprintable) {
    EXPECT_EQ(name_problem("My Startup"), "");
    EXPECT_EQ(name_problem(std::string(255, 'a')), "");
    EXPECT_EQ(name_problem("  "), "can't be blank");
    EXPECT_EQ(name_problem(std::string(256, 'a')), "should be at most 255 bytes");
    EXPECT_EQ(name_problem("a\nb"), "is invalid");
}

}  // namespace
}  // namespace punkt::accounts
