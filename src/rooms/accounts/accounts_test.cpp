#include "rooms/accounts/accounts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>

#include "rooms/accounts/account_store.h"
#include "rooms/accounts/key_audit.h"
#include "testing/test_store.h"

namespace punkt::accounts {
namespace {

class AccountsTest : public ::testing::Test {
  protected:
    template <class T, class Start>
    T wait(Start start) {
        std::promise<T> promise;
        start(UniqueFunction<void(T)>([&promise](T value) { promise.set_value(std::move(value)); }));
        return promise.get_future().get();
    }
    Result<Issued> issue_for_client(std::string client) {
        return wait<Result<Issued>>([&](Accounts::IssuedDone done) {
            accounts.issue_for_client(std::move(client), KeyKind::single, {}, std::move(done));
        });
    }
    Result<Issued> issue(Id organization) {
        return wait<Result<Issued>>(
            [&](Accounts::IssuedDone done) { accounts.issue(organization, KeyKind::pair, "ci", {}, std::move(done)); });
    }
    Result<void> revoke(Id key, Id organization, Accounts::Again again = Accounts::Again::is_unknown) {
        return wait<Result<void>>(
            [&](store::Done done) { accounts.revoke(key, organization, again, {}, std::move(done)); });
    }
    bool opens(const Issued& issued) {
        return accounts.ring().find({.secret = issued.key.secret}, clock.now()).entry != nullptr;
    }

    SystemClock clock;
    IdMaker ids;
    testing::TestStore store;
    Accounts accounts{store.writer(), clock, ids};
};

TEST_F(AccountsTest, every_new_client_is_an_organization_and_the_same_name_again_a_second_key_of_it) {
    auto first = issue_for_client("My Startup"), second = issue_for_client("My Startup"),
         other = issue_for_client("my startup");
    ASSERT_TRUE(first && second && other);
    EXPECT_EQ(first->organization.id, second->organization.id);
    EXPECT_EQ(first->organization.webhook_secret, second->organization.webhook_secret);
    EXPECT_NE(first->key.secret, second->key.secret);
    EXPECT_NE(first->organization.id, other->organization.id);
    EXPECT_EQ(store::list_organizations(store.reader())->size(), 2U);
}

TEST_F(AccountsTest, a_key_works_when_it_is_answered_and_after_a_restart) {
    auto issued = issue_for_client("a");
    ASSERT_TRUE(issued);
    EXPECT_TRUE(opens(*issued));
    Accounts again(store.writer(), clock, ids);
    ASSERT_TRUE(again.load(store.reader()));
    const auto found = again.ring().find({.secret = issued->key.secret}, clock.now());
    ASSERT_TRUE(found.entry);
    EXPECT_EQ(found.entry->organization, issued->organization.id);
    EXPECT_EQ(again.organizations().webhook_secrets(issued->organization.id, from_ms(0)).current,
              issued->organization.webhook_secret);
}

TEST_F(AccountsTest, the_previous_secret_signs_until_the_overlap_is_over_also_after_a_restart) {
    const auto issued = issue_for_client("a");
    ASSERT_TRUE(issued);
    const Id organization = issued->organization.id;
    ASSERT_TRUE(wait<Result<void>>([&](store::Done done) {
        accounts.rotate_webhook_secret(organization, std::chrono::hours{2}, {}, std::move(done));
    }));
    Accounts again(store.writer(), clock, ids);
    ASSERT_TRUE(again.load(store.reader()));
    for (const Accounts* one : {&accounts, &again}) {
        const auto now = one->organizations().webhook_secrets(organization, clock.now());
        EXPECT_EQ(now.previous, issued->organization.webhook_secret);
        EXPECT_NE(now.current, now.previous);
        const auto later = one->organizations().webhook_secrets(organization, clock.now() + std::chrono::hours{2});
        EXPECT_EQ(later.current, now.current);
        EXPECT_EQ(later.previous, "");
    }
}

TEST_F(AccountsTest, what_does_not_sign_any_more_is_erased_from_the_disk) {
    const auto issued = issue_for_client("a");
    ASSERT_TRUE(issued);
    ASSERT_TRUE(wait<Result<void>>([&](store::Done done) {
        accounts.rotate_webhook_secret(issued->organization.id, std::chrono::hours{2}, {}, std::move(done));
    }));
    const auto forget = [&](Timestamp now) {
        return wait<Result<void>>([&](store::Done done) {
            store.writer().submit(store::make_write(
                [now](db::Connection& connection) {
                    auto forgotten = store::forget_previous_secrets(connection, now);
                    return forgotten ? Result<void>() : Result<void>(forgotten.error());
                },
                std::move(done)));
        });
    };
    ASSERT_TRUE(forget(clock.now() + std::chrono::hours{1}));
    EXPECT_EQ(store::list_organizations(store.reader())->front().previous_webhook_secret,
              issued->organization.webhook_secret);
    ASSERT_TRUE(forget(clock.now() + std::chrono::hours{3}));
    const auto left = store::list_organizations(store.reader())->front();
    EXPECT_EQ(left.previous_webhook_secret, "");
    EXPECT_FALSE(left.previous_secret_until);
}

TEST_F(AccountsTest, a_revoked_key_is_refused_when_it_is_answered_and_after_a_restart) {
    auto issued = issue_for_client("a"), kept = issue_for_client("a");
    ASSERT_TRUE(issued && kept);
    ASSERT_TRUE(revoke(issued->key.key.id, issued->organization.id));
    EXPECT_FALSE(opens(*issued));
    EXPECT_TRUE(opens(*kept));
    Accounts again(store.writer(), clock, ids);
    ASSERT_TRUE(again.load(store.reader()));
    EXPECT_EQ(again.ring().size(), 1U);
}

TEST_F(AccountsTest, charlie_cannot_revoke_the_key_of_alice) {
    auto alice = issue_for_client("alice"), charlie = issue_for_client("charlie");
    ASSERT_TRUE(alice && charlie);
    auto refused = revoke(alice->key.key.id, charlie->organization.id);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::not_found);
    EXPECT_TRUE(opens(*alice));
}

TEST_F(AccountsTest, revoking_twice_is_as_asked) {
    auto issued = issue_for_client("a");
    ASSERT_TRUE(issued);
    const Id key = issued->key.key.id;
    ASSERT_TRUE(revoke(key, 0));
    EXPECT_FALSE(revoke(key, 0, Accounts::Again::is_unknown));
    EXPECT_TRUE(revoke(key, 0, Accounts::Again::is_fine));
    EXPECT_FALSE(revoke(key + 1, 0, Accounts::Again::is_fine));
}

TEST_F(AccountsTest, a_key_for_an_unknown_organization_is_refused_and_changes_nothing) {
    auto refused = issue(12345);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::not_found);
    EXPECT_EQ(accounts.ring().size(), 0U);
    EXPECT_TRUE(list_keys(store.reader(), 0)->empty());
}

TEST_F(AccountsTest, reloading_sees_what_others_wrote) {
    auto issued = issue_for_client("a");
    ASSERT_TRUE(issued);
    ASSERT_TRUE(store.write([&](store::Done done) {
        class Revoke final : public store::Write {
          public:
            Revoke(Id key, store::Done finished) : key_(key), finished_(std::move(finished)) {}
            Result<void> apply(db::Connection& connection) override {
                auto done = revoke_key(connection, key_, from_ms(1));
                return done ? Result<void>() : done.error();
            }
            void finished(const Result<void>& result) override { finished_(result); }

          private:
            Id key_;
            store::Done finished_;
        };
        return std::make_unique<Revoke>(issued->key.key.id, std::move(done));
    }));
    EXPECT_TRUE(opens(*issued));
    ASSERT_TRUE(wait<Result<void>>([&](store::Done done) { accounts.reload(std::move(done)); }));
    EXPECT_FALSE(opens(*issued));
}

TEST_F(AccountsTest, last_use_reaches_the_table) {
    auto issued = issue_for_client("a");
    ASSERT_TRUE(issued);
    ASSERT_TRUE(opens(*issued));
    accounts.write_uses(false);
    ASSERT_TRUE(wait<Result<void>>([&](store::Done done) { accounts.reload(std::move(done)); }));  // a later write
    EXPECT_EQ((*find_key(store.reader(), issued->key.key.id))->last_used_at,
              accounts.ring().last_used(issued->key.key.id));
}

class FirstStartTest : public AccountsTest {
  protected:
    Result<FirstStart> start(bool wants_key) {
        auto opened = db::Connection::open(store.folder().database(), db::Access::write);
        EXPECT_TRUE(opened);
        const auto keep = [this](const std::string& presented) {
            kept = presented;
            return refusal;
        };
        return first_start(*opened, ids, clock.now(), wants_key, keep, note("api_key_created"));
    }
    Accounts::Note note(std::string_view action) const {
        return key_note("the tests", clock.now(), action, public_ids);
    }
    /// What the audit log of an organization says, the newest first.
    std::vector<std::string> noted(Id organization) {
        std::vector<std::string> all;
        const auto entries = store::list_audit(store.reader(), organization, {});
        EXPECT_TRUE(entries);
        for (const auto& entry : *entries)
            all.push_back(entry.action + " " + std::string(word(entry.actor_type)) + " " + entry.metadata);
        return all;
    }
    const PublicIds public_ids{PublicIds::Key{1, 2, 3}};
    std::string kept;
    Result<void> refusal;
};

TEST_F(FirstStartTest, the_first_start_makes_an_organization_and_one_key_and_the_second_none) {
    auto first = start(true);
    ASSERT_TRUE(first) << first.error().message;
    ASSERT_TRUE(first->key);
    EXPECT_EQ(kept, first->key->key.presented());
    EXPECT_EQ(first->key->organization.name, "Default");
    EXPECT_EQ(first->key->organization.id, first->organization);
    const std::vector<std::string> said{fmt::format(
        R"(api_key_created system {{"by":"the tests","name":"First key","key_id":"{}"}})", first->key->key.key.key_id)};
    EXPECT_EQ(noted(first->organization), said);
    auto second = start(true);
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->key);
    EXPECT_EQ(second->organization, first->organization);
    EXPECT_EQ(list_keys(store.reader(), 0)->size(), 1U);
}

TEST_F(FirstStartTest, with_a_master_key_there_is_an_organization_but_no_key) {
    auto first = start(false);
    ASSERT_TRUE(first);
    EXPECT_FALSE(first->key);
    EXPECT_NE(first->organization, 0);
    EXPECT_TRUE(list_keys(store.reader(), 0)->empty());
}

TEST_F(FirstStartTest, a_key_that_cannot_be_kept_is_not_made) {
    refusal = Error{ErrorKind::internal, "no room"};
    EXPECT_FALSE(start(true));
    EXPECT_TRUE(list_keys(store.reader(), 0)->empty());
    refusal = {};
    const auto first = start(true);
    EXPECT_TRUE(first->key);
    EXPECT_EQ(noted(first->organization).size(), 1U);
}

TEST_F(FirstStartTest, revoked_keys_do_not_make_it_a_first_start_again) {
    auto first = start(true);
    ASSERT_TRUE(first && first->key);
    ASSERT_TRUE(revoke(first->key->key.key.id, 0));
    EXPECT_FALSE(start(true)->key);
}

TEST_F(FirstStartTest, a_key_can_be_issued_without_a_server) {
    auto first = start(true);
    auto opened = db::Connection::open(store.folder().database(), db::Access::write);
    ASSERT_TRUE(opened);
    auto own = issue_directly(*opened, ids, clock.now(), "", KeyKind::pair, "laptop", note("api_key_created"));
    ASSERT_TRUE(own);
    EXPECT_EQ(own->organization.id, first->organization);
    auto client = issue_directly(*opened, ids, clock.now(), "shop", KeyKind::single, "shop", note("api_key_created"));
    ASSERT_TRUE(client);
    EXPECT_EQ(client->organization.name, "shop");
    EXPECT_EQ(list_keys(store.reader(), 0)->size(), 3U);
    EXPECT_EQ(noted(client->organization.id).size(), 1U);
}

TEST_F(FirstStartTest, a_key_can_be_revoked_without_a_server_and_that_is_told_once) {
    auto first = start(true);
    auto opened = db::Connection::open(store.folder().database(), db::Access::write);
    ASSERT_TRUE(opened);
    const Id key = first->key->key.key.id;
    for (int again = 0; again < 2; ++again)
        EXPECT_TRUE(revoke_directly(*opened, key, clock.now(), note("api_key_deleted")));
    EXPECT_TRUE(find_key(store.reader(), key).value()->revoked_at);
    EXPECT_EQ(noted(first->organization).size(), 2U);
    EXPECT_EQ(revoke_directly(*opened, key + 1, clock.now(), note("api_key_deleted")).error().kind,
              ErrorKind::not_found);
}

}  // namespace
}  // namespace punkt::accounts
