#include "store/audit.h"

#include "store/task_edits.h"
#include "testing/store_contract.h"

namespace punkt::store {
namespace {

using std::chrono::hours;

class AuditContract : public testing::StoreContract {
  protected:
    static AuditEntry an_entry(std::string action, Timestamp at = noon) {
        return {.at = at,
                .organization = organization,
                .actor_type = ActorType::api,
                .actor_name = "ci",
                .action = std::move(action),
                .resource_type = "task",
                .resource_id = "one",
                .metadata = {{"ip", "127.0.0.1"}}};
    }
    Result<void> write(AuditEntry entry) {
        return store.write([&](Done done) {
            return audited(make_write([](db::Connection&) { return Result<void>(); }, std::move(done)), {entry});
        });
    }
    std::vector<std::string> actions(const AuditQuery& query, Id of = organization) {
        const auto found = list_audit(store.reader(), of, query);
        EXPECT_TRUE(found);
        std::vector<std::string> actions;
        for (const auto& entry : *found) actions.push_back(entry.action);
        return actions;
    }
    using Actions = std::vector<std::string>;
};
PUNKT_ON_EVERY_STORE(AuditContract);

TEST_P(AuditContract, entries_come_back_the_newest_first_in_the_order_of_their_commits) {
    ASSERT_TRUE(write(an_entry("first")));
    ASSERT_TRUE(write(an_entry("second")));
    ASSERT_TRUE(write(an_entry("earlier by its clock", noon - hours{1})));
    EXPECT_EQ(actions({}), (Actions{"earlier by its clock", "second", "first"}));
    EXPECT_EQ(actions({}, organization + 1), Actions{});
    const auto found = list_audit(store.reader(), organization, {});
    EXPECT_EQ(time_of(found->back().id), noon);
    EXPECT_EQ(found->back().metadata, R"({"ip":"127.0.0.1"})");
    EXPECT_EQ(found->back().changes, "");
}

TEST_P(AuditContract, a_change_that_fails_leaves_no_entry) {
    const auto done = store.write([&](Done finished) {
        return audited(std::make_unique<CancelExecution>(organization, 4711, noon, std::move(finished)),
                       {an_entry("cancelled")});
    });
    EXPECT_EQ(done.error().kind, ErrorKind::not_found);
    EXPECT_EQ(actions({}), Actions{});
}

TEST_P(AuditContract, what_only_the_write_finds_out_is_asked_after_it_and_once_for_each_try) {
    int found = 0;
    const auto done = store.write([&](Done finished) {
        auto write = make_write(
            [&](db::Connection&) -> Result<void> {
                ++found;
                return {};
            },
            std::move(finished));
        return audited(std::move(write), [&] { return std::vector{an_entry(std::to_string(found))}; });
    });
    EXPECT_TRUE(done);
    EXPECT_EQ(actions({}), Actions{std::to_string(found)});
    const auto refused = store.write([&](Done finished) {
        return audited(std::make_unique<CancelExecution>(organization, 4711, noon, std::move(finished)),
                       [&] { return std::vector{an_entry("cancelled")}; });
    });
    EXPECT_FALSE(refused);
    EXPECT_EQ(actions({}).size(), 1u);
}

TEST_P(AuditContract, filters_narrow_and_pages_go_on) {
    AuditEntry other = an_entry("other");
    other.actor_type = ActorType::system;
    other.actor_name = "breaker";
    other.resource_type = "host";
    other.resource_id = "two";
    ASSERT_TRUE(write(an_entry("first")));
    ASSERT_TRUE(write(other));
    ASSERT_TRUE(write(an_entry("last", noon + hours{1})));
    EXPECT_EQ(actions({.actor_type = ActorType::system}), Actions{"other"});
    EXPECT_EQ(list_audit(store.reader(), organization, {.actor = "breaker"})->front().metadata,
              R"({"by":"breaker","ip":"127.0.0.1"})");
    EXPECT_EQ(actions({.actor = "ci"}), (Actions{"last", "first"}));
    EXPECT_EQ(actions({.action = "first"}), Actions{"first"});
    EXPECT_EQ(actions({.resource_type = "host"}), Actions{"other"});
    EXPECT_EQ(actions({.resource_id = "one"}), (Actions{"last", "first"}));
    EXPECT_EQ(actions({.from = noon + hours{1}}), Actions{"last"});
    EXPECT_EQ(actions({.to = noon + hours{1}}), (Actions{"other", "first"}));
    const auto page = list_audit(store.reader(), organization, {.limit = 1});
    ASSERT_EQ(page->size(), 2u);
    EXPECT_EQ(actions({.before = page->front().id}), (Actions{"other", "first"}));
}

TEST_P(AuditContract, what_is_old_goes_a_few_at_a_time) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(write(an_entry("old", noon - hours{1})));
    ASSERT_TRUE(write(an_entry("kept")));
    ASSERT_TRUE(store.write([&](Done done) {
        return make_write(
            [](db::Connection& connection) -> Result<void> {
                EXPECT_EQ(*forget_audit(connection, noon, 2), 2);
                return {};
            },
            std::move(done));
    }));
    ASSERT_TRUE(write(an_entry("afterwards")));
    EXPECT_EQ(actions({}), (Actions{"afterwards", "kept", "old"}));
}

}  // namespace
}  // namespace punkt::store
