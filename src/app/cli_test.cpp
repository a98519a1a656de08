#include "app/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "testing/scratch_folder.h"

namespace punkt::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CliTest : public ::testing::Test {
  protected:
    /// Runs `punkt <arguments>`; what it printed is in `out` and `err`.
    int run(std::vector<std::string> arguments) {
        std::ostringstream out_stream, err_stream;
        const int code =
            run_cli(std::move(arguments), {.out = out_stream, .err = err_stream, .environment = environment});
        out = out_stream.str();
        err = err_stream.str();
        return code;
    }
    std::vector<std::pair<std::string, std::string>> environment = {{"PUNKT_CONFIG", "/dev/null"}};
    std::string out, err;
};

TEST_F(CliTest, without_a_command_it_says_how_to_get_help) {
    EXPECT_EQ(run({}), exit_code::usage);
    EXPECT_EQ(out, "");
    EXPECT_THAT(err, HasSubstr("Try `punkt --help`."));
}

TEST_F(CliTest, help_is_data) {
    EXPECT_EQ(run({"--help"}), exit_code::ok);
    EXPECT_THAT(out, AllOf(HasSubstr("cron"), HasSubstr("config")));
    EXPECT_EQ(err, "");
    EXPECT_EQ(run({"cron", "next", "--help"}), exit_code::ok);
    EXPECT_THAT(out, HasSubstr("Usage: punkt cron next [OPTIONS] expression"));
}

TEST_F(CliTest, an_unknown_command_is_answered_with_the_nearest) {
    EXPECT_EQ(run({"corn"}), exit_code::usage);
    EXPECT_THAT(err, HasSubstr("`corn` is no command, did you mean `cron`?"));
    EXPECT_EQ(run({"-o", "json", "cron", "nxt"}), exit_code::usage);
    EXPECT_THAT(err, HasSubstr("`nxt` is no command, did you mean `next`?"));
}

TEST_F(CliTest, an_unknown_flag_is_a_usage_error) {
    EXPECT_EQ(run({"version", "--colour"}), exit_code::usage);
    EXPECT_THAT(err, HasSubstr("--colour"));
    EXPECT_EQ(run({"version", "-o", "xml"}), exit_code::usage);
}

// The line that the contract gives: Oslo skips from 02:00 to 03:00 on the 29th.
TEST_F(CliTest, cron_next_prints_one_instant_a_line) {
    EXPECT_EQ(
        run({"cron", "next", "--tz", "Europe/Oslo", "--from", "2026-03-28T00:00:00Z", "--count", "3", "30 2 * * *"}),
        exit_code::ok)
        << err;
    EXPECT_EQ(out, "2026-03-28T01:30:00Z\n2026-03-29T01:00:00Z\n2026-03-30T00:30:00Z\n");
    EXPECT_EQ(err, "");
}

TEST_F(CliTest, cron_next_reads_both_dialects) {
    const std::vector<std::string> arguments = {"cron",    "next", "--from",      "2026-01-01T00:00:00Z",
                                                "--count", "1",    "0 0 13 * FRI"};
    run(arguments);
    EXPECT_EQ(out, "2026-01-02T00:00:00Z\n");
    auto with_and = arguments;
    with_and.insert(with_and.end(), {"--dialect", "and"});
    run(with_and);
    EXPECT_EQ(out, "2026-02-13T00:00:00Z\n");
}

TEST_F(CliTest, cron_next_as_json_is_an_array) {
    EXPECT_EQ(run({"cron", "next", "-o", "json", "--from", "2026-01-01T00:00:00Z", "--count", "2", "@daily"}),
              exit_code::ok);
    EXPECT_EQ(out, "[\"2026-01-02T00:00:00Z\",\"2026-01-03T00:00:00Z\"]\n");
}

TEST_F(CliTest, an_invalid_expression_zone_or_time_fails_with_the_reason_on_stderr) {
    EXPECT_EQ(run({"cron", "next", "0 0 30 2 *"}), exit_code::failed);
    EXPECT_EQ(out, "");
    EXPECT_THAT(err, HasSubstr("February has no day 30"));
    EXPECT_EQ(run({"cron", "next", "--tz", "Europe/Olso", "@daily"}), exit_code::failed);
    EXPECT_THAT(err, HasSubstr("Europe/Oslo"));
    EXPECT_EQ(run({"cron", "next", "--from", "yesterday", "@daily"}), exit_code::failed);
    EXPECT_THAT(err, HasSubstr("\"yesterday\""));
    EXPECT_EQ(run({"cron", "next", "--count", "0", "@daily"}), exit_code::usage);
}

TEST_F(CliTest, cron_explain_says_it_in_words) {
    EXPECT_EQ(run({"cron", "explain", "@daily"}), exit_code::ok);
    EXPECT_THAT(out, HasSubstr("00:00"));
}

TEST_F(CliTest, config_prints_values_with_origin) {
    environment.emplace_back("PORT", "5001");
    EXPECT_EQ(run({"config", "--data", "/srv/punkt"}), exit_code::ok);
    EXPECT_THAT(out, ::testing::ContainsRegex("server\\.port +5001 +environment PORT"));
    EXPECT_THAT(out, ::testing::ContainsRegex("data\\.directory +/srv/punkt +flag --data-directory"));
    EXPECT_EQ(run({"config", "-o", "json"}), exit_code::ok);
    EXPECT_THAT(out, HasSubstr(R"({"name":"server.port","value":"5001","unit":"","origin":"environment PORT"})"));
}

TEST_F(CliTest, a_wrong_configuration_has_an_exit_code_of_its_own) {
    EXPECT_EQ(run({"config", "--port", "99999"}), exit_code::config);
    EXPECT_EQ(out, "");
    EXPECT_THAT(err, HasSubstr("flag --server-port says \"99999\""));
    environment.emplace_back("PUNKT_PORT", "1");
    EXPECT_EQ(run({"config"}), exit_code::config);
    EXPECT_THAT(err, HasSubstr("PUNKT_PORT"));
}

TEST_F(CliTest, the_file_of_the_flag_wins_over_that_of_the_environment) {
    const testing::ScratchFolder folder;
    folder.write("p.toml", "[server]\nport = 5002\n");
    EXPECT_EQ(run({"--config", folder.path("p.toml"), "config"}), exit_code::ok);
    EXPECT_THAT(out, ::testing::ContainsRegex("server\\.port +5002"));
    EXPECT_EQ(run({"config", "--config", folder.path("absent.toml")}), exit_code::config);
}

TEST_F(CliTest, version_names_the_libraries_that_matter) {
    EXPECT_EQ(run({"version"}), exit_code::ok);
    EXPECT_THAT(out, AllOf(HasSubstr("punkt " PUNKT_VERSION), HasSubstr("sqlite 3.")));
    EXPECT_EQ(run({"version", "-o", "json"}), exit_code::ok);
    EXPECT_THAT(out, HasSubstr("{\"punkt\":\"" PUNKT_VERSION "\",\"sqlite\":\"3."));
}

TEST_F(CliTest, completion_knows_every_command) {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        EXPECT_EQ(run({"completion", shell}), exit_code::ok);
        EXPECT_THAT(out, AllOf(HasSubstr("cron"), HasSubstr("explain"), HasSubstr("server-port"))) << shell;
    }
    EXPECT_EQ(run({"completion", "tcsh"}), exit_code::usage);
}

TEST_F(CliTest, the_reference_page_is_fresh) {
    ASSERT_EQ(run({"completion", "markdown"}), exit_code::ok);
    std::ifstream file(PUNKT_SOURCE_DIR "/docs/reference/cli.md");
    const std::string committed((std::istreambuf_iterator<char>(file)), {});
    EXPECT_TRUE(committed == out) << "write it anew: punkt completion markdown > docs/reference/cli.md";
}

}  // namespace
}  // namespace punkt::app
