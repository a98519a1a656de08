#include "rooms/accounts/account_store.h"

#include <gtest/gtest.h>

#include "db/migrate.h"
#include "testing/scratch_folder.h"

namespace punkt::accounts {
namespace {

constexpr Timestamp noon = from_ms(1'700'000'000'000);
constexpr Timestamp later = from_ms(1'700'000'600'000);

class AccountStoreTest : public ::testing::Test {
  protected:
    AccountStoreTest() {
        auto opened = db::Connection::open({.path = folder.path("test.db")}, db::Access::write);
        EXPECT_TRUE(opened) << opened.error().message;
        connection.emplace(std::move(*opened));
        EXPECT_TRUE(db::migrate(*connection, noon));
    }
    ApiKey key(Id id, Id organization) {
        ApiKey made = make_key(KeyKind::single, "key").key;
        made.id = id;
        made.organization = organization;
        made.created_at = made.updated_at = noon;
        return made;
    }
    testing::ScratchFolder folder;
    std::optional<db::Connection> connection;
};

TEST_F(AccountStoreTest, a_key_comes_back_as_it_went_in) {
    ApiKey stored = key(9, 5);
    ASSERT_TRUE(insert_key(*connection, stored));
    auto found = find_key(*connection, 9);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->secret_sha256, stored.secret_sha256);
    EXPECT_EQ((*found)->key_id, stored.key_id);
    EXPECT_EQ((*found)->kind, KeyKind::single);
    EXPECT_EQ((*found)->organization, 5);
    EXPECT_EQ((*found)->last_used_at, std::nullopt);
    EXPECT_EQ((*found)->revoked_at, std::nullopt);
}

TEST_F(AccountStoreTest, the_same_secret_is_stored_once) {
    ApiKey stored = key(9, 5);
    ASSERT_TRUE(insert_key(*connection, stored));
    stored.id = 10;
    auto again = insert_key(*connection, stored);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::conflict);
}

TEST_F(AccountStoreTest, a_revoked_key_is_listed_but_not_active) {
    ASSERT_TRUE(insert_key(*connection, key(1, 5)));
    ASSERT_TRUE(insert_key(*connection, key(2, 6)));
    EXPECT_TRUE(*revoke_key(*connection, 1, later));
    EXPECT_EQ(active_keys(*connection)->size(), 1U);
    EXPECT_EQ(active_keys(*connection)->front().id, 2);
    EXPECT_EQ(list_keys(*connection, 0)->size(), 2U);
    ASSERT_EQ(list_keys(*connection, 5)->size(), 1U);
    EXPECT_EQ(list_keys(*connection, 5)->front().revoked_at, later);
}

TEST_F(AccountStoreTest, revoking_twice_keeps_the_first_time_and_an_unknown_key_is_none) {
    ASSERT_TRUE(insert_key(*connection, key(1, 5)));
    EXPECT_TRUE(*revoke_key(*connection, 1, noon));
    EXPECT_TRUE(*revoke_key(*connection, 1, later));
    EXPECT_EQ((*find_key(*connection, 1))->revoked_at, noon);
    EXPECT_EQ((*find_key(*connection, 1))->updated_at, noon);
    EXPECT_FALSE(*revoke_key(*connection, 2, noon));
}

TEST_F(AccountStoreTest, the_last_use_never_moves_backwards) {
    ASSERT_TRUE(insert_key(*connection, key(1, 5)));
    ASSERT_TRUE(set_last_used(*connection, 1, later));
    ASSERT_TRUE(set_last_used(*connection, 1, noon));
    EXPECT_EQ((*find_key(*connection, 1))->last_used_at, later);
}

TEST_F(AccountStoreTest, the_greatest_id_counts_revoked_keys_too) {
    EXPECT_EQ(*greatest_id(*connection), 0);
    ASSERT_TRUE(insert_key(*connection, key(3, 5)));
    EXPECT_TRUE(*revoke_key(*connection, 3, later));
    EXPECT_EQ(*greatest_id(*connection), 3);
}

}  // namespace
}  // namespace punkt::accounts
