// Every route that changes something says so in the audit log.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "db/connection.h"
#include "store/data_folder.h"
#include "tests/wire/changes.h"

namespace punkt::wire {
namespace {

/// Routes without an entry, and why.
const std::map<std::string, std::string> unaudited{
    {"POST /auth/sync", "reads the keys again and stores nothing"},
    {"POST /api/v1/simulate", "runs the schedules on a clock of its own and stores nothing"},
    {"* /_shutdown", "stops the process; the log of the process tells of it"},
};

/// Entries that a request left, whoever's log they are in.
std::int64_t entries_of(const House& house, const std::string& request_id) {
    const std::string folder = house.data_folder() + "/data";
    auto opened = db::Connection::open({.path = store::DataFolder::database_path(folder)}, db::Access::read);
    EXPECT_TRUE(opened);
    const auto found = db::query_number(
        *opened, "SELECT count(*) FROM audit_entry WHERE metadata ->> 'request_id' = $1", {request_id});
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : 0;
}

TEST(WireAudit, every_route_that_changes_something_leaves_an_entry) {
    const auto house = House::create(settings_for_changes());
    ASSERT_TRUE(house) << house.error().message;
    std::set<std::string> seen;
    int number = 0;
    for (const Change& change : changes_of(**house)) {
        const std::string request_id = fmt::format("audited-request-number-{}", ++number);
        const std::string method = change.route.substr(0, change.route.find(' '));
        const auto answer = (*house)->call(
            {.first = method + " " + change.path, .headers = {{"x-request-id", request_id}}, .body = change.body},
            change.caller);
        EXPECT_TRUE(answer.first.starts_with("2")) << change.route << ": " << answer.first << " " << answer.body;
        EXPECT_GT(entries_of(**house, request_id), 0) << change.route << " " << change.body << " leaves no entry";
        seen.insert(change.route);
    }
    for (const std::string& route : changing_routes(**house))
        EXPECT_NE(seen.contains(route), unaudited.contains(route))
            << route << ": a request in changes.cpp, or a reason in this file";
}

TEST(WireAudit, what_changes_nothing_leaves_no_entry) {
    const auto house = House::create({});
    ASSERT_TRUE(house) << house.error().message;
    const std::vector<std::pair<std::string, std::string>> idle{
        {"POST /api/v1/tasks", R"({"url":"{{target}}/hook","delay":"1h"})"},  // unless audit.task_creates says so
        {"POST /schedule", R"({"targetUrl":"{{target}}/hook","delay":3600000})"},
        {"PUT /schedule/once", R"({"callback_url":"{{target}}/t","delay":3600})"},
        {"DELETE /schedule/nothing", ""},
        {"PUT /api/v1/notifications", R"({"notify_on_recovery":true})"},
        {"PUT /api/v1/queues/q", "{}"},
        {"PUT /api/v1/sync", R"({"tasks":[{"name":"new","url":"{{target}}/s","cron":"0 0 2 1 *"}],"dry_run":true})"},
        {"POST /api/v1/queues/q/purge", R"({"confirm":true})"},
        {"POST /api/v1/dead-letters/dismiss", R"({"all":true})"},
        {"POST /api/v1/dead-letters/redrive", R"({"all":true})"},
    };
    int number = 0;
    for (const auto& [first, body] : idle) {
        const std::string request_id = fmt::format("idle-request-number-{}", ++number);
        const auto filled = (*house)->memory().fill(body, (*house)->clock().now());
        const auto answer =
            (*house)->call({.first = first, .headers = {{"x-request-id", request_id}}, .body = *filled}, "alice");
        EXPECT_TRUE(answer.first.starts_with("2")) << first << ": " << answer.first << " " << answer.body;
        EXPECT_EQ(entries_of(**house, request_id), 0) << first << " " << body;
    }
}

}  // namespace
}  // namespace punkt::wire
