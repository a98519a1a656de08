// Somebody else's id is answered exactly like an unknown one, by every route that takes an id.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/router.h"
#include "base/json.h"
#include "tests/wire/house.h"

namespace punkt::wire {
namespace {

constexpr std::string_view unknown_uuid = "00000000-0000-7000-8000-000000000000";

/// What Alice has, and how an id that nobody has looks in its place.
struct Thing {
    std::string id;
    std::string unknown{unknown_uuid};
};

/// Alice's things by the part of a pattern before ":id". A new kind of route needs its thing here.
class Things {
  public:
    explicit Things(House& house) : house_(house) {
        const auto task = made(R"({"url":"{{target}}/hook","delay":"1h"})", "/api/v1/tasks");
        things_["/api/v1/tasks/"] = {text(task["data"]["task_id"])};
        const auto waiting = made(R"({"url":"{{target}}/hook","delay":"1h"})", "/api/v1/tasks");
        things_["/api/v1/executions/"] = {text(waiting["data"]["execution_id"])};
        const auto bulk = made(R"({"action":"delete","filter":{"type":"cron"}})", "/api/v1/bulk");
        things_["/api/v1/bulk/"] = {text(bulk["data"]["id"])};
        things_["/api/v1/keys/"] = {text(made(R"({"name":"mine"})", "/api/v1/keys")["data"]["id"])};
        things_["/api/v1/dead-letters/"] = {lost_run()};
        const auto subscription = made(R"({"url":"{{target}}/events"})", "/api/v1/subscriptions");
        things_["/api/v1/subscriptions/"] = {text(subscription["data"]["id"])};
        const auto job = made(R"({"targetUrl":"{{target}}/hook","delay":3600000})", "/schedule");
        things_["/schedule/"] = {text(job["jobId"]), "4711"};
    }
    /// Empty when there is none of that kind.
    Thing of(const std::string& pattern) const {
        const auto found = things_.find(pattern.substr(0, pattern.find(":id")));
        return found == things_.end() ? Thing{"", ""} : found->second;
    }
    /// How all of it looks to Alice.
    std::string seen_by_alice() {
        std::string all;
        for (const auto& [prefix, thing] : things_)
            if (prefix != "/api/v1/keys/") all += house_.call({.first = "GET " + prefix + thing.id}, "alice").body;
        return all +
               fmt::format("{} keys", json::Document::parse(house_.call({.first = "GET /api/v1/keys"}, "alice").body)
                                          ->root()["data"]
                                          .elements()
                                          .size());
    }

  private:
    json::Value made(const std::string& body, const std::string& path) {
        const auto filled = house_.memory().fill(body, house_.clock().now());
        const auto answer = house_.call({.first = "POST " + path, .body = *filled}, "alice");
        EXPECT_TRUE(answer.first.starts_with("2")) << path << ": " << answer.body;
        documents_.push_back(*json::Document::parse(answer.body));
        return documents_.back().root();
    }
    /// A run that is finally lost.
    std::string lost_run() {
        const std::string run =
            text(made(R"({"url":"{{closed}}/x","retry_attempts":0})", "/api/v1/tasks")["data"]["execution_id"]);
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (std::chrono::steady_clock::now() < deadline &&
               house_.call({.first = "GET /api/v1/dead-letters/runs"}, "alice").body.find(run) == std::string::npos) {
        }
        return run;
    }
    static std::string text(json::Value value) { return std::string(value.string().value_or("")); }

    House& house_;
    std::vector<json::Document> documents_;
    std::map<std::string, Thing> things_;
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return text;
}

Message ask_as_bob(House& house, const api::Route& route, const std::string& id) {
    const std::string path = replaced(route.pattern, ":id", id);
    Message request{.first = route.method + " " + path};
    if (route.method == "PUT" || route.method == "PATCH") request.body = R"({"name":"stolen"})";
    return house.call(request, "bob");
}

/// TikTak's names belong to each tenant (tiktak.md §2), and so do those of queues and hosts: another's cannot even be
/// asked for.
bool names_are_per_tenant(const api::Route& route) {
    if (route.pattern.starts_with("/api/v1/queues/:name") || route.pattern.starts_with("/api/v1/hosts/:host"))
        return true;
    return route.pattern == "/schedule/:id" && (route.method == "PUT" || route.method == "DELETE");
}

TEST(WireAccess, a_foreign_id_is_answered_like_an_unknown_one_and_nothing_changes) {
    const auto house = House::create({});
    ASSERT_TRUE(house) << house.error().message;
    Things things(**house);
    const std::string before = things.seen_by_alice();
    int tried = 0;
    for (const auto& route : (*house)->node().router().routes()) {
        if (route->pattern.find("/:") == std::string::npos || route->access == api::Access::master) continue;
        if (names_are_per_tenant(*route) || route->pattern == "/api/v1/docs/:file") continue;
        const Thing thing = things.of(route->pattern);
        ASSERT_FALSE(thing.id.empty()) << "access_test.cpp has nothing of Alice's for " << route->pattern;
        const auto foreign = ask_as_bob(**house, *route, thing.id);
        const auto unknown = ask_as_bob(**house, *route, thing.unknown);
        EXPECT_EQ(foreign.first, "404") << route->method << " " << route->pattern << ": " << foreign.body;
        EXPECT_EQ(replaced(foreign.body, thing.id, "ID"), replaced(unknown.body, thing.unknown, "ID"))
            << route->method << " " << route->pattern;
        EXPECT_EQ(unknown.first, "404");
        EXPECT_EQ(header(foreign, "content-type"), header(unknown, "content-type"));
        ++tried;
    }
    EXPECT_GE(tried, 10);
    EXPECT_EQ(things.seen_by_alice(), before);
}

TEST(WireAccess, every_route_with_a_key_refuses_a_caller_without_one) {
    const auto house = House::create({{"tiktak.allow_shutdown", "1"}});
    ASSERT_TRUE(house) << house.error().message;
    for (const auto& route : (*house)->node().router().routes()) {
        const bool is_open = route->access == api::Access::open && !route->pattern.starts_with("/schedule") &&
                             route->pattern != "/_shutdown";
        const std::string method = route->method == "*" ? "POST" : route->method;
        const Message request{.first = method + " " + replaced(route->pattern, ":id", std::string(unknown_uuid))};
        const auto answer = (*house)->call(request, "none");
        EXPECT_EQ(answer.first == "401", !is_open) << request.first << ": " << answer.first << " " << answer.body;
    }
}

TEST(WireAccess, a_client_key_manages_no_keys_of_the_installation) {
    const auto house = House::create({});
    ASSERT_TRUE(house) << house.error().message;
    int tried = 0;
    for (const auto& route : (*house)->node().router().routes()) {
        if (route->access != api::Access::master) continue;
        const auto answer = ask_as_bob(**house, *route, std::string(unknown_uuid));
        EXPECT_EQ(answer.first, "401") << route->method << " " << route->pattern;
        EXPECT_NE(answer.body.find("Admin access only"), std::string::npos) << answer.body;
        ++tried;
    }
    EXPECT_EQ(tried, 6);
}

TEST(WireAccess, equal_names_of_two_tenants_schedules_are_two_schedules) {
    const auto house = House::create({});
    ASSERT_TRUE(house) << house.error().message;
    const auto put = [&](const std::string& who) {
        const Message request{.first = "PUT /schedule/daily",
                              .body = R"({"callback_url":"http://127.0.0.1:9/","cron":"0 0 0 1 1 *"})"};
        EXPECT_EQ((*house)->call(request, who).first, "200");
    };
    const auto tasks_of = [&](const std::string& who) {
        return json::Document::parse((*house)->call({.first = "GET /api/v1/tasks"}, who).body)
            ->root()["data"]
            .elements()
            .size();
    };
    put("alice");
    EXPECT_EQ(tasks_of("bob"), 0u);
    put("bob");
    EXPECT_EQ((*house)->call({.first = "DELETE /schedule/daily"}, "bob").first, "200");
    EXPECT_EQ(tasks_of("alice"), 1u);
    EXPECT_EQ(tasks_of("bob"), 0u);
}

}  // namespace
}  // namespace punkt::wire
