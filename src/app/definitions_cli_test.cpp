// punkt export, plan and apply against a running node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "testing/node_cli_house.h"

namespace punkt::app {
namespace {

using punkt::testing::NodeCliTest;

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* definitions = R"(version: 1
tasks:
  - key: cleanup
    name: Clean up
    url: https://example.com/cleanup
    cron_expression: 30 3 * * *
    queue: night
    headers: {x-token: "007"}
  - key: digest
    name: Digest
    url: https://example.com/digest
    cron: "@daily"
    method: POST
    body: {"who": "all"}
    retry: {strategy: exponential, initial_ms: 1000}
)";

constexpr const char* empty_export = "version: 1\ntasks: []\nqueues: []\norganization: {}\nsubscriptions: []\n";

class DefinitionsCliTest : public NodeCliTest {
  protected:
    std::string write(const std::string& text) {
        const std::string path = folder.path() + "/definitions.yaml";
        std::ofstream(path) << text;
        return path;
    }
};

TEST_F(DefinitionsCliTest, a_second_apply_changes_nothing) {
    const std::string file = write(definitions);
    EXPECT_EQ(run({"plan", file}), exit_code::changes) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("+ create Clean up (key cleanup)\n"), HasSubstr("    queue: \"night\"\n"),
                           HasSubstr("Import would be: 2 created\n")));
    ASSERT_EQ(run({"apply", file}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr("Import complete: 2 created\n"));
    EXPECT_EQ(run({"plan", file}), exit_code::ok) << out;
    EXPECT_EQ(out, "= 2 unchanged\nNo changes\n");
    ASSERT_EQ(run({"apply", file, "--prune"}), exit_code::ok) << err;
    EXPECT_EQ(out, "= 2 unchanged\nNo changes\n");
}

TEST_F(DefinitionsCliTest, an_export_imports_as_it_is_in_both_formats) {
    ASSERT_EQ(run({"apply", write(definitions)}), exit_code::ok) << err;
    ASSERT_EQ(run({"export"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("version: 1\ntasks:\n  - key: cleanup\n    name: Clean up\n"),
                           HasSubstr("x-token: \"***\""), Not(HasSubstr("timeout_ms"))));
    const std::string yaml = out;
    EXPECT_EQ(run({"plan", write(yaml), "--prune"}), exit_code::ok) << out;
    ASSERT_EQ(run({"export", "--format", "json"}), exit_code::ok) << err;
    EXPECT_EQ(run({"plan", write(out), "--prune"}), exit_code::ok) << out;
    ASSERT_EQ(run({"export"}), exit_code::ok);
    EXPECT_EQ(out, yaml);
}

TEST_F(DefinitionsCliTest, every_field_of_a_task_survives_an_export) {
    ASSERT_EQ(run({"task",
                   "create",
                   "https://example.com/all",
                   "--cron",
                   "0 9 * * *",
                   "--timezone",
                   "Europe/Oslo",
                   "-X",
                   "PUT",
                   "-H",
                   "x-a: 1",
                   "-d",
                   "two\nlines",
                   "--queue",
                   "q",
                   "--timeout-ms",
                   "5000",
                   "--retries",
                   "2",
                   "--callback-url",
                   "https://example.com/c",
                   "--field",
                   "priority=2",
                   "--field",
                   "key=all",
                   "--field",
                   R"(retry={"strategy":"ladder","ladder_ms":[1000,5000],"on":["timeout","5xx"]})",
                   "--field",
                   R"(limit={"key":"customer:42","concurrency":3,"rate":{"count":5,"period_ms":1000}})",
                   "--field",
                   "overlap=skip",
                   "--field",
                   "catch_up=skip",
                   "--field",
                   "cron_dialect=and",
                   "--field",
                   "expected_status_codes=2xx",
                   "--field",
                   "notify_on_failure=false",
                   "--enabled",
                   "false"}),
              exit_code::ok)
        << err;
    ASSERT_EQ(run({"export"}), exit_code::ok) << err;
    const std::string exported = out;
    EXPECT_THAT(exported, AllOf(HasSubstr("customer:42"), HasSubstr("strategy: ladder"), HasSubstr("enabled: false")));
    const std::string file = write(exported);
    EXPECT_EQ(run({"plan", file, "--prune"}), exit_code::ok) << exported << out << err;
    ASSERT_EQ(run({"bulk", "delete", "--type", "cron", "--yes"}), exit_code::ok) << err;
    ASSERT_EQ(run({"apply", file}), exit_code::ok) << err;
    ASSERT_EQ(run({"export"}), exit_code::ok) << err;
    EXPECT_EQ(out, exported);
}

TEST_F(DefinitionsCliTest, plan_shows_each_field_and_prune_deletes) {
    ASSERT_EQ(run({"apply", write(definitions)}), exit_code::ok) << err;
    const std::string file = write(
        "version: 1\ntasks:\n- {key: digest, name: Digest, url: https://example.com/d, cron: 0 8 * * *, method: POST, "
        "body: "
        "{who: all}}\n");
    EXPECT_EQ(run({"plan", file}), exit_code::changes);
    EXPECT_THAT(out, AllOf(HasSubstr("~ update Digest (key digest)\n"),
                           HasSubstr("    cron_expression: \"@daily\" → \"0 8 * * *\"\n"), Not(HasSubstr("delete"))));
    ASSERT_EQ(run({"apply", file, "--prune"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("- delete Clean up (key cleanup)\n"),
                           HasSubstr("Import complete: 1 updated, 1 deleted\n")));
    EXPECT_EQ(run({"plan", file, "--prune"}), exit_code::ok) << out;
}

TEST_F(DefinitionsCliTest, what_is_wrong_is_named_and_nothing_is_stored) {
    EXPECT_EQ(run({"apply", write("version: 1\ntasks:\n- {name: a, url: https://example.com/, cron: 61 * * * *}\n"
                                  "- {name: b, url: https://example.com/, cron: \"@daily\", timout_ms: 5}\n")}),
              exit_code::failed);
    EXPECT_THAT(err, AllOf(HasSubstr("'a': cron_expression"), HasSubstr("'b': timout_ms: is no field of a task")));
    EXPECT_EQ(run({"apply", write("tasks: []\n"), "--prune"}), exit_code::failed);
    EXPECT_THAT(err, HasSubstr("version"));
    EXPECT_EQ(run({"apply", write("version: 1\n"), "--prune"}), exit_code::failed);
    EXPECT_EQ(run({"apply", write("a: [1\n")}), exit_code::failed);
    EXPECT_THAT(err, HasSubstr("malformed YAML"));
    ASSERT_EQ(run({"export"}), exit_code::ok);
    EXPECT_EQ(out, empty_export);
}

TEST_F(DefinitionsCliTest, queues_and_the_organization_are_part_of_the_file) {
    const std::string file = write(R"(version: 1
tasks: []
queues:
  - name: night
    concurrency: 2
    rate: 5/m
organization:
  notification_webhook_url: https://example.com/told
subscriptions:
  - url: https://example.com/events
    types: [execution.failed]
)");
    EXPECT_EQ(run({"plan", file}), exit_code::changes) << err;
    EXPECT_THAT(out,
                AllOf(HasSubstr("+ create queue night\n    concurrency: 2\n"), HasSubstr("~ update organization\n"),
                      HasSubstr("+ create subscription https://example.com/events\n")));
    ASSERT_EQ(run({"apply", file, "--prune"}), exit_code::ok) << err;
    EXPECT_EQ(run({"plan", file, "--prune"}), exit_code::ok) << out;
    ASSERT_EQ(run({"export"}), exit_code::ok) << err;
    const std::string exported = out;
    EXPECT_THAT(exported, HasSubstr("    rate:\n      count: 5\n"));
    EXPECT_EQ(run({"plan", write(exported), "--prune"}), exit_code::ok) << out;
    ASSERT_EQ(run({"apply", write("version: 1\ntasks: []\n"), "--prune"}), exit_code::ok) << err;
    ASSERT_EQ(run({"export"}), exit_code::ok) << err;
    EXPECT_EQ(out, exported);
    ASSERT_EQ(run({"apply", write(empty_export), "--prune"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("- delete queue night\n"), HasSubstr("~ update organization\n"),
                           HasSubstr("- delete subscription https://example.com/events\n")));
    ASSERT_EQ(run({"export"}), exit_code::ok) << err;
    EXPECT_EQ(out, empty_export);
}

TEST_F(DefinitionsCliTest, a_bulk_action_is_counted_then_confirmed) {
    ASSERT_EQ(run({"apply", write(definitions)}), exit_code::ok) << err;
    EXPECT_EQ(run({"bulk", "delete"}), exit_code::failed);
    EXPECT_THAT(err, HasSubstr("filter can't be empty"));
    ASSERT_EQ(run({"bulk", "move-queue", "--type", "cron", "--to", "slow"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("2 tasks match\n"), HasSubstr("Clean up"), HasSubstr("Digest")));
    const auto at = err.find("punkt bulk confirm ");
    ASSERT_NE(at, std::string::npos) << err;
    const std::string id = err.substr(at + 19, 36);
    ASSERT_EQ(run({"bulk", "confirm", id}), exit_code::ok) << err;
    EXPECT_THAT(err, HasSubstr("done: 2 of 2 changed, 0 skipped\n"));
    ASSERT_EQ(run({"bulk", "delete", "--queue", "slow", "--yes", "-o", "json"}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr(R"("status":"done")"));
    ASSERT_EQ(run({"export"}), exit_code::ok);
    EXPECT_EQ(out, empty_export);
    ASSERT_EQ(run({"bulk", "list"}), exit_code::ok);
    EXPECT_THAT(out, AllOf(HasSubstr("move_queue"), HasSubstr("done")));
    EXPECT_EQ(run({"bulk", "abort", id}), exit_code::failed);
}

TEST_F(DefinitionsCliTest, a_simulation_shows_what_runs_and_what_a_file_would_change) {
    ASSERT_EQ(run({"apply", write(definitions)}), exit_code::ok) << err;
    ASSERT_EQ(run({"simulate", "--from", "2026-03-02T00:00:00Z", "--days", "7"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("2026-03-02T00:00:00Z to 2026-03-09T00:00:00Z: 14 runs of 2 tasks"),
                           HasSubstr("2026-03-02T03:30:00Z"), HasSubstr("night")));
    const std::string file =
        write("version: 1\ntasks:\n- {key: cleanup, name: Clean up, url: https://example.com/, cron: 30 */6 * * *}\n");
    ASSERT_EQ(
        run({"simulate", "--from", "2026-03-02T00:00:00Z", "--to", "2026-03-03T00:00:00Z", "--apply", file, "--prune"}),
        exit_code::ok)
        << err;
    EXPECT_THAT(out, AllOf(HasSubstr("~ cleanup: runs 1 → 4, first run 2026-03-02T03:30:00Z → 2026-03-02T00:30:00Z"),
                           HasSubstr("- digest: 1 runs\n"), HasSubstr("runs 2 → 4")));
    ASSERT_EQ(run({"simulate", "--days", "31", "-o", "json"}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr(R"("complete":true)"));
    EXPECT_THAT(err, HasSubstr("simulated until"));
    EXPECT_EQ(run({"simulate", "--from", "2026-01-01T00:00:00Z", "--to", "2026-03-01T00:00:00Z"}), exit_code::failed);
    EXPECT_THAT(err, HasSubstr("at most 31 days"));
}

}  // namespace
}  // namespace punkt::app
