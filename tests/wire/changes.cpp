#include "tests/wire/changes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/router.h"
#include "base/json.h"

namespace punkt::wire {
namespace {

class Maker {
  public:
    explicit Maker(House& house) : house_(house) {}

    std::string filled(const std::string& text) { return house_.memory().fill(text, house_.clock().now()).value(); }
    /// What the answer to a request of Alice's has in data.<name>.
    std::string made(const std::string& path, const std::string& body, const char* name) {
        const auto answer = house_.call({.first = "POST " + path, .body = filled(body)}, "alice");
        EXPECT_TRUE(answer.first.starts_with("2")) << path << ": " << answer.body;
        return text(answer, name);
    }
    std::string waiting(const char* name) {
        return made("/api/v1/tasks", R"({"url":"{{target}}/hook","delay":"1h"})", name);
    }
    std::string waiting_in(const char* queue) {
        return made("/api/v1/tasks", fmt::format(R"({{"url":"{{{{target}}}}/x","delay":"1h","queue":"{}"}})", queue),
                    "task_id");
    }
    std::string bulk_job() {
        return made("/api/v1/bulk", R"({"action":"delete","filter":{"queue":"nobody's"}})", "id");
    }
    std::string organization() { return text(house_.call({.first = "GET /api/v1/organization"}, "alice"), "id"); }

    /// Three runs that are finally lost, after which the host is blocked.
    std::vector<std::string> lost_runs(const std::string& host) {
        const std::string closed = filled("{{closed.host}}");
        const std::string url = "http://" + host + closed.substr(closed.find(':')) + "/lost";
        std::vector<std::string> runs;
        for (int i = 0; i < 3; ++i)
            runs.push_back(
                made("/api/v1/tasks", fmt::format(R"({{"url":"{}","retry_attempts":0}})", url), "execution_id"));
        for (const std::string& run : runs)
            EXPECT_TRUE(until([&] {
                return house_.call({.first = "GET /api/v1/dead-letters/runs"}, "alice").body.find(run) !=
                       std::string::npos;
            })) << run;
        return runs;
    }

  private:
    static std::string text(const Message& answer, const char* name) {
        const auto document = json::Document::parse(answer.body);
        EXPECT_TRUE(document) << answer.body;
        return document ? std::string(document->root()["data"][name].string().value_or("")) : "";
    }
    House& house_;
};

std::vector<Change> changes_of_tasks(Maker& maker) {
    const std::string task =
        maker.made("/api/v1/tasks", R"({"url":"{{target}}/hook","name":"daily","cron":"0 0 1 1 *"})", "id");
    const std::string goes = maker.waiting("task_id");
    maker.made("/api/v1/tasks", R"({"url":"{{target}}/1","debounce":{"key":"page","wait":"1h"}})", "task_id");
    return {
        {"POST /api/v1/tasks", "/api/v1/tasks", R"({"url":"{{target}}/hook","delay":"1h"})"},
        {"POST /api/v1/tasks", "/api/v1/tasks", R"({"url":"{{target}}/hook","cron":"0 0 1 1 *"})"},
        {"POST /api/v1/tasks", "/api/v1/tasks", R"({"url":"{{target}}/2","debounce":{"key":"page","wait":"1h"}})"},
        {"POST /api/v1/tasks", "/api/v1/tasks",
         R"({"url":"{{target}}/3","delay":"1h","dedupe":{"key":"k","window":"1h"}})"},
        {"POST /api/v1/queue", "/api/v1/queue", R"({"url":"{{target}}/hook","delay":"1h"})"},
        {"POST /api/v1/tasks/batch", "/api/v1/tasks/batch",
         R"({"url":"{{target}}/b","queue":"b","delay":3600,"items":[1,2]})"},
        {"POST /api/v1/tasks/batch", "/api/v1/tasks/batch",
         R"({"tasks":[{"url":"{{target}}/b","delay":3600},{"url":"no"}],"mode":"partial"})"},
        {"PUT /api/v1/tasks/:id", "/api/v1/tasks/" + task, R"({"name":"put"})"},
        {"PATCH /api/v1/tasks/:id", "/api/v1/tasks/" + task, R"({"name":"patched"})"},
        {"POST /api/v1/tasks/:id/trigger", "/api/v1/tasks/" + goes + "/trigger"},
        {"DELETE /api/v1/tasks/:id", "/api/v1/tasks/" + goes},
        {"POST /api/v1/executions/:id/cancel", "/api/v1/executions/" + maker.waiting("execution_id") + "/cancel"},
        {"POST /api/v1/executions/:id/promote", "/api/v1/executions/" + maker.waiting("execution_id") + "/promote"},
        {"PUT /api/v1/sync", "/api/v1/sync",
         R"({"tasks":[{"name":"daily","url":"{{target}}/s","cron":"0 0 2 1 *"},{"name":"new","url":"{{target}}/s","cron":"0 0 2 1 *"}]})"},
        {"POST /api/v1/import", "/api/v1/import",
         R"({"version":1,"tasks":[{"key":"imported","url":"{{target}}/i","cron":"0 0 1 1 *"}]})"},
        {"POST /api/v1/bulk", "/api/v1/bulk", R"({"action":"cancel","filter":{"queue":"nobody's"}})"},
        {"POST /api/v1/bulk/:id/confirm", "/api/v1/bulk/" + maker.bulk_job() + "/confirm"},
        {"POST /api/v1/bulk/:id/abort", "/api/v1/bulk/" + maker.bulk_job() + "/abort"},
    };
}

std::vector<Change> changes_of_outcomes(Maker& maker) {
    const auto lost = maker.lost_runs("127.0.0.1");
    const auto more = maker.lost_runs("localhost");
    return {
        {"POST /api/v1/dead-letters/:id/redrive", "/api/v1/dead-letters/" + lost[0] + "/redrive"},
        {"POST /api/v1/dead-letters/:id/redrive", "/api/v1/dead-letters/" + lost[1] + "/redrive",
         R"({"url":"{{target}}/instead"})"},
        {"POST /api/v1/dead-letters/redrive", "/api/v1/dead-letters/redrive", R"({"host":"localhost","limit":2})"},
        {"POST /api/v1/dead-letters/dismiss", "/api/v1/dead-letters/dismiss",
         fmt::format(R"({{"ids":["{}"]}})", lost[2])},
        {"POST /api/v1/hosts/:host/reset", "/api/v1/hosts/127.0.0.1/reset"},
        {"DELETE /api/v1/hosts/:host", "/api/v1/hosts/localhost"},
    };
}

std::vector<Change> changes_of_queues(Maker& maker) {
    maker.waiting_in("purged");
    maker.waiting_in("emptied");
    return {
        {"PUT /api/v1/queues/:name", "/api/v1/queues/q", R"({"concurrency":2})"},
        {"PATCH /api/v1/queues/:name", "/api/v1/queues/q", R"({"concurrency":3})"},
        {"POST /api/v1/queues/:name/pause", "/api/v1/queues/q/pause"},
        {"POST /api/v1/queues/:name/resume", "/api/v1/queues/q/resume"},
        {"POST /api/v1/queues/:name/drain", "/api/v1/queues/q/drain"},
        {"POST /api/v1/queues/:name/purge", "/api/v1/queues/purged/purge", R"({"confirm":true})"},
        {"DELETE /api/v1/tasks", "/api/v1/tasks?queue=emptied"},
    };
}

std::vector<Change> changes_of_the_organization(Maker& maker) {
    const std::string subscription = maker.made("/api/v1/subscriptions", R"({"url":"{{target}}/events"})", "id");
    return {
        {"PUT /api/v1/notifications", "/api/v1/notifications", R"({"notify_on_recovery":false})"},
        {"POST /api/v1/subscriptions", "/api/v1/subscriptions", R"({"url":"{{target}}/events"})"},
        {"PUT /api/v1/subscriptions/:id", "/api/v1/subscriptions/" + subscription, R"({"enabled":false})"},
        {"PATCH /api/v1/subscriptions/:id", "/api/v1/subscriptions/" + subscription, R"({"types":"task.deleted"})"},
        {"POST /api/v1/subscriptions/:id/test", "/api/v1/subscriptions/" + subscription + "/test"},
        {"DELETE /api/v1/subscriptions/:id", "/api/v1/subscriptions/" + subscription},
        {"PUT /api/v1/organizations/:id/plan", "/api/v1/organizations/" + maker.organization() + "/plan",
         R"({"overrides":{"retention_days":7}})", "master"},
        {"POST /api/v1/organization/webhook-secret/rotate", "/api/v1/organization/webhook-secret/rotate"},
        {"DELETE /api/v1/organization/webhook-secret/previous", "/api/v1/organization/webhook-secret/previous"},
        {"POST /api/v1/keys", "/api/v1/keys", R"({"name":"new"})"},
        {"DELETE /api/v1/keys/:id", "/api/v1/keys/" + maker.made("/api/v1/keys", R"({"name":"old"})", "id")},
        {"POST /auth/keys", "/auth/keys", R"({"client":"carol"})", "master"},
        {"DELETE /auth/keys/:id", "/auth/keys/" + maker.made("/api/v1/keys", R"({"name":"older"})", "id"), "",
         "master"},
        {"POST /schedule", "/schedule", R"({"targetUrl":"{{target}}/hook","delay":3600000})"},
        {"PUT /schedule/:id", "/schedule/daily", R"({"callback_url":"{{target}}/t","cron":"0 0 0 1 1 *"})"},
        {"PUT /schedule/:id", "/schedule/daily", R"({"callback_url":"{{target}}/t","delay":3600})"},
        {"DELETE /schedule/:id", "/schedule/daily"},
    };
}

}  // namespace

std::vector<std::pair<std::string, std::string>> settings_for_changes() {
    return {{"hosts.block_base_ms", "600000"}, {"audit.task_creates", "1"}};
}

std::vector<Change> changes_of(House& house) {
    Maker maker(house);
    std::vector<Change> all;
    for (const auto make : {changes_of_tasks, changes_of_outcomes, changes_of_queues, changes_of_the_organization})
        for (Change& change : make(maker)) {
            change.body = maker.filled(change.body);
            all.push_back(std::move(change));
        }
    return all;
}

std::vector<std::string> changing_routes(const House& house) {
    std::vector<std::string> all;
    for (const auto& route : house.node().router().routes())
        if (route->method != "GET") all.push_back(route->method + " " + route->pattern);
    return all;
}

}  // namespace punkt::wire
