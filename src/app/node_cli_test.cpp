// The command line against a running node: the walk of one task as a newcomer sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <thread>

#include "app/dev_receiver.h"
#include "app/saved_key.h"
#include "testing/mail_server.h"
#include "testing/node_cli_house.h"

namespace punkt::app {
namespace {

using punkt::testing::NodeCliTest;

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(NodeCliTest, a_lost_run_is_told_by_email_and_four_times_an_hour_at_most) {
    punkt::testing::MailServer mails;
    stop();
    server_environment = {{"PUNKT_MAIL_SERVER", mails.url()}, {"PUNKT_MAIL_FROM", "punkt@example.org"}};
    start();
    const std::string file = folder.path() + "/definitions.yaml";
    std::ofstream(file) << "version: 1\ntasks: []\norganization:\n  notification_email: ops@example.org\n";
    ASSERT_EQ(run({"apply", file}), exit_code::ok) << err;
    for (int i = 1; i <= 6; ++i) {  // hosts of their own: one that fails thrice would be blocked
        const std::string target = "http://127.0.0." + std::to_string(i) + ":9/";
        ASSERT_EQ(run({"task", "create", target, "--retries", "0", "--name", "report"}), exit_code::ok) << err;
    }
    const auto letters = mails.wait_for(4);
    ASSERT_EQ(letters.size(), 4u);
    EXPECT_EQ(letters[0].to, "ops@example.org");
    EXPECT_THAT(letters[0].text, AllOf(HasSubstr("Subject: [Punkt] Task failed: report"), HasSubstr("econnrefused")));
    int last = 0;
    for (const auto& letter : letters) last += letter.text.find("[Punkt] More tasks failed") != std::string::npos;
    EXPECT_EQ(last, 1);
}

TEST_F(NodeCliTest, a_task_is_queued_delivered_and_looked_up) {
    std::promise<std::string> delivered;
    auto receiver = DevReceiver::create(0, [&](const std::string& delivery) { delivered.set_value(delivery); });
    ASSERT_TRUE(receiver) << receiver.error().message;
    (*receiver)->start();
    const std::string target = "http://127.0.0.1:" + std::to_string((*receiver)->port()) + "/hello";
    ASSERT_EQ(run({"task", "create", target, "-d", "hi there", "-H", "x-colour: red", "-o", "json"}), exit_code::ok)
        << err;
    const std::string task = printed("task_id"), execution = printed("execution_id");
    EXPECT_THAT(delivered.get_future().get(), AllOf(HasSubstr("POST /hello"), HasSubstr("hi there"), HasSubstr(task)));
    (*receiver)->stop();

    EXPECT_EQ(run({"task", "list"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr(task), HasSubstr("once")));
    EXPECT_EQ(run({"task", "get", task}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr(target));
    EXPECT_EQ(run({"execution", "list", task}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr(execution));
    EXPECT_EQ(run({"execution", "get", execution}), exit_code::ok) << err;
    EXPECT_EQ(run({"execution", "list", "--status", "failed"}), exit_code::ok) << err;
    EXPECT_THAT(out, Not(HasSubstr(execution)));
    EXPECT_EQ(run({"task", "delete", task}), exit_code::ok) << err;
    EXPECT_EQ(run({"task", "get", task}), exit_code::failed);
    EXPECT_THAT(err, HasSubstr("Resource not found (404)"));
}

TEST_F(NodeCliTest, a_cron_task_is_changed_and_triggered) {
    ASSERT_EQ(run({"task", "create", "http://127.0.0.1:9/x", "--cron", "0 9 * * *", "--timezone", "Europe/Oslo", "-o",
                   "json"}),
              exit_code::ok)
        << err;
    const std::string task = printed("id");
    EXPECT_EQ(run({"task", "update", task, "--name", "nine", "--enabled", "false"}), exit_code::ok) << err;
    EXPECT_EQ(run({"task", "list", "--type", "cron"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("nine"), HasSubstr("0 9 * * *"), HasSubstr("false")));
    EXPECT_EQ(run({"task", "trigger", task}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr("pending"));
}

TEST_F(NodeCliTest, events_are_sent_somewhere_and_no_more) {
    ASSERT_EQ(run({"subscription", "create", "http://127.0.0.1:9/told", "--types", "execution.failed", "-o", "json"}),
              exit_code::ok)
        << err;
    const std::string id = printed("id");
    EXPECT_EQ(run({"subscription", "list"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr(id), HasSubstr("execution.failed")));
    EXPECT_EQ(run({"subscription", "update", id, "--enabled", "false"}), exit_code::ok) << err;
    EXPECT_EQ(run({"subscription", "get", id}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("false"), HasSubstr("http://127.0.0.1:9/told")));
    EXPECT_EQ(run({"subscription", "test", id}), exit_code::ok) << err;
    EXPECT_EQ(run({"subscription", "delete", id}), exit_code::ok) << err;
    EXPECT_EQ(run({"subscription", "get", id}), exit_code::failed);
}

TEST_F(NodeCliTest, notices_are_set_and_shown) {
    ASSERT_EQ(run({"notifications", "set", "--webhook-url", "http://127.0.0.1:9/team", "--on-recovery", "false"}),
              exit_code::ok)
        << err;
    EXPECT_EQ(run({"notifications", "show"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("http://127.0.0.1:9/team"), HasSubstr("false")));
    ASSERT_EQ(run({"notifications", "set", "--webhook-url", "none"}), exit_code::ok) << err;
    EXPECT_THAT(out, Not(HasSubstr("team")));
}

TEST_F(NodeCliTest, tasks_are_queued_from_a_file_and_found_by_their_labels) {
    const std::string file = folder.path() + "/batch.json";
    std::ofstream(file) << R"({"unordered":true,"tasks":[
        {"url":"http://127.0.0.1:9/a","delay":"1h","name":"first","tags":["billing"],"metadata":{"customer":42}},
        {"url":"http://127.0.0.1:9/b","delay":"1h","name":"second","tags":["billing"]}]})";
    ASSERT_EQ(run({"task", "batch", file}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr("2 tasks created"));
    EXPECT_EQ(run({"task", "list", "--tag", "billing", "--metadata", "customer=42"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("first"), Not(HasSubstr("second"))));
    EXPECT_EQ(run({"task", "list", "--metadata", "customer"}), exit_code::usage);
}

TEST_F(NodeCliTest, all_lost_runs_are_redriven_page_after_page) {
    server_environment = {{"PUNKT_HOSTS_BREAKER", "false"}};  // or the first three would hold the others back
    stop();
    start();
    std::string batch = R"({"unordered":true,"retry_attempts":0,"tasks":[)";
    for (int i = 0; i < 130; ++i) batch += std::string(i == 0 ? "" : ",") + R"({"url":"http://127.0.0.1:1/lost"})";
    const std::string file = folder.path() + "/batch.json";
    std::ofstream(file) << batch << "]}";
    ASSERT_EQ(run({"task", "batch", file}), exit_code::ok) << err;
    const auto lost = [&] {
        (void)run({"dead-letter", "list", "-o", "json"});
        const auto document = json::Document::parse(out);
        const auto groups = document->root()["data"].elements();
        return groups.empty() ? 0 : groups.front()["count"].integer().value_or(0);
    };
    for (int tries = 0; tries < 500 && lost() < 130; ++tries) std::this_thread::yield();
    ASSERT_EQ(run({"dead-letter", "dismiss", "--all", "-o", "json"}), exit_code::ok) << err;
    EXPECT_EQ(out, "{\"data\":{\"dismissed\":130}}\n");
    EXPECT_EQ(run({"dead-letter", "redrive", "--all"}), exit_code::ok) << err;
    EXPECT_EQ(out, "0 redriven\n");
}

TEST_F(NodeCliTest, the_webhook_secret_is_rotated) {
    ASSERT_EQ(run({"webhook-secret", "show", "-o", "json"}), exit_code::ok) << err;
    const std::string old = printed("secret");
    ASSERT_EQ(run({"webhook-secret", "rotate", "--overlap-hours", "3", "-o", "json"}), exit_code::ok) << err;
    EXPECT_EQ(printed("previous_secret"), old);
    EXPECT_NE(printed("secret"), old);
    EXPECT_EQ(run({"webhook-secret", "drop-previous"}), exit_code::ok) << err;
    EXPECT_EQ(run({"webhook-secret", "show"}), exit_code::ok) << err;
    EXPECT_THAT(out, Not(HasSubstr(old)));
    EXPECT_EQ(run({"webhook-secret", "drop-previous"}), exit_code::failed);
}

TEST_F(NodeCliTest, a_pending_execution_is_cancelled) {
    ASSERT_EQ(run({"task", "create", "http://127.0.0.1:9/x", "--delay", "1h", "-o", "json"}), exit_code::ok) << err;
    const std::string execution = printed("execution_id");
    EXPECT_EQ(run({"execution", "cancel", execution}), exit_code::ok) << err;
    EXPECT_EQ(run({"execution", "get", execution}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr("cancelled"));
}

TEST_F(NodeCliTest, events_are_printed_once_somebody_listens) {
    ASSERT_EQ(run({"events"}), exit_code::ok) << err;
    EXPECT_EQ(out, "");
    ASSERT_EQ(run({"task", "create", "http://127.0.0.1:9/x", "--delay", "1h", "--name", "soon"}), exit_code::ok) << err;
    ASSERT_EQ(run({"events", "--types", "task.*"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("task.created"), HasSubstr("  soon")));
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
    ASSERT_EQ(run({"events", "--types", "execution.*"}), exit_code::ok) << err;
    EXPECT_EQ(out, "");
    EXPECT_EQ(run({"events", "--types", "nonsense"}), exit_code::failed);
    EXPECT_THAT(err, HasSubstr("types: "));
}

TEST_F(NodeCliTest, a_long_list_says_how_to_go_on) {
    for (int i = 0; i < 3; ++i)
        ASSERT_EQ(run({"task", "create", "http://127.0.0.1:9/x", "--delay", "1h", "--name", "n" + std::to_string(i)}),
                  exit_code::ok)
            << err;
    ASSERT_EQ(run({"task", "list", "--limit", "2"}), exit_code::ok) << err;
    ASSERT_THAT(err, HasSubstr("There is more: --"));
    std::istringstream words(err.substr(err.find("--")));
    std::string flag, value;
    words >> flag >> value;
    ASSERT_EQ(run({"task", "list", "--limit", "2", flag, value}), exit_code::ok) << err;
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2) << out;
    EXPECT_EQ(err, "");
}

TEST_F(NodeCliTest, what_is_wrong_with_a_task_is_told_by_field) {
    EXPECT_EQ(run({"task", "create", "nonsense", "--field", "timeout_ms=5"}), exit_code::failed);
    EXPECT_EQ(out, "");
    EXPECT_THAT(err, AllOf(HasSubstr("(422)"), HasSubstr("url: "), HasSubstr("timeout_ms: ")));
    EXPECT_EQ(run({"task", "create", "http://127.0.0.1:9", "-H", "no colon"}), exit_code::usage);
}

TEST_F(NodeCliTest, keys_are_created_listed_and_revoked_through_the_server) {
    ASSERT_EQ(run({"key", "create", "--name", "ci", "-o", "json"}), exit_code::ok) << err;
    const std::string id = printed("id"), key = printed("key");
    environment.emplace_back("PUNKT_API_KEY", key);
    EXPECT_EQ(run({"key", "list"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr(id), HasSubstr("ci"), HasSubstr("First key")));
    environment.pop_back();
    EXPECT_EQ(run({"key", "revoke", id}), exit_code::ok) << err;
    environment.emplace_back("PUNKT_API_KEY", key);
    EXPECT_EQ(run({"task", "list"}), exit_code::failed);
    EXPECT_THAT(err, AllOf(HasSubstr("(401)"), Not(HasSubstr("no key was sent"))));
}

TEST_F(NodeCliTest, without_a_key_it_says_where_one_comes_from) {
    environment[1].second = "/nowhere";
    EXPECT_EQ(run({"task", "list"}), exit_code::failed);
    EXPECT_THAT(err, AllOf(HasSubstr("(401)"), HasSubstr("PUNKT_API_KEY")));
}

TEST_F(NodeCliTest, keys_are_managed_on_the_data_directory_when_no_server_runs) {
    stop();
    environment.erase(environment.begin() + 2);  // PUNKT_URL
    ASSERT_EQ(run({"key", "create", "--client", "shop", "-o", "json"}), exit_code::ok) << err;
    const std::string id = printed("id"), key = printed("key");
    EXPECT_EQ(printed("client"), "shop");
    EXPECT_EQ(run({"key", "list"}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr(id));
    start();
    environment.emplace_back("PUNKT_API_KEY", key);
    EXPECT_EQ(run({"task", "list"}), exit_code::ok) << err;
    stop();
    environment.erase(environment.begin() + 2);
    EXPECT_EQ(run({"key", "revoke", id}), exit_code::ok) << err;
    EXPECT_EQ(run({"key", "revoke", "nonsense"}), exit_code::failed);
}

TEST_F(NodeCliTest, a_server_that_does_not_answer_has_an_exit_code_of_its_own) {
    stop();
    EXPECT_EQ(run({"task", "list"}), exit_code::unreachable);
    EXPECT_THAT(err, HasSubstr("punkt serve"));
}

TEST_F(NodeCliTest, a_running_server_is_backed_up_and_restored_when_it_is_stopped) {
    const std::string backup = folder.path("backup.db");
    ASSERT_EQ(run({"task", "create", "http://127.0.0.1:9/x", "--delay", "1h", "-o", "json"}), exit_code::ok) << err;
    const std::string kept = printed("task_id");
    ASSERT_EQ(run({"backup", backup}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr("1 organizations, 1 tasks, 1 pending, 0 executions"));
    EXPECT_EQ(run({"backup", backup}), exit_code::failed);
    EXPECT_THAT(err, HasSubstr("exists already"));
    ASSERT_EQ(run({"task", "create", "http://127.0.0.1:9/x", "--delay", "1h", "-o", "json"}), exit_code::ok) << err;
    const std::string lost = printed("task_id");
    EXPECT_EQ(run({"restore", backup}), exit_code::failed);  // the server has it open
    stop();
    ASSERT_EQ(run({"restore", backup, "-o", "json"}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr("\"tasks\":1,\"pending\":1,"));
    start();
    EXPECT_EQ(run({"task", "get", kept}), exit_code::ok) << err;
    EXPECT_EQ(run({"task", "get", lost}), exit_code::failed);
}

TEST_F(NodeCliTest, what_is_no_backup_is_not_restored) {
    stop();
    folder.write("nonsense", "not a database");
    EXPECT_EQ(run({"restore", folder.path("nonsense")}), exit_code::failed);
    EXPECT_EQ(run({"restore", folder.path("absent")}), exit_code::failed);
    environment[1].second = folder.path("elsewhere");
    EXPECT_EQ(run({"backup", folder.path("x.db")}), exit_code::failed);
    EXPECT_THAT(err, HasSubstr("--data-directory"));
}

TEST_F(NodeCliTest, doctor_finds_the_server) {
    EXPECT_EQ(run({"doctor"}), exit_code::ok) << out;
    EXPECT_THAT(out, ::testing::ContainsRegex("ok +server +http://127.0.0.1:[0-9]+ answers"));
    EXPECT_EQ(run({"doctor", "-o", "json"}), exit_code::ok);
    EXPECT_THAT(out, HasSubstr(R"({"level":"ok","what":"database",)"));
}

TEST_F(NodeCliTest, the_key_of_the_first_start_is_the_saved_one_and_later_starts_have_none) {
    EXPECT_FALSE(node->first_key().empty());
    EXPECT_EQ(node->first_key(), saved_key(folder.path()));
    stop();
    start();
    EXPECT_EQ(node->first_key(), "");
    EXPECT_EQ(run({"task", "list"}), exit_code::ok) << err;
}

class MasterKeyTest : public NodeCliTest {
  protected:
    void SetUp() override {
        server_environment = {{"PUNKT_MASTER_KEY", "a-master-key-for-tests"}};
        start();
        environment.emplace_back("PUNKT_MASTER_KEY", "a-master-key-for-tests");
    }
};

TEST_F(MasterKeyTest, clients_get_keys_and_the_first_start_makes_none) {
    EXPECT_EQ(node->first_key(), "");
    EXPECT_EQ(saved_key(folder.path()), "");
    ASSERT_EQ(run({"key", "create", "--client", "shop"}), exit_code::ok) << err;
    EXPECT_THAT(out, AllOf(HasSubstr("sk_live_"), HasSubstr("whsec_")));
    EXPECT_EQ(run({"key", "list"}), exit_code::ok) << err;
    EXPECT_THAT(out, HasSubstr("shop"));
}

}  // namespace
}  // namespace punkt::app
