#include "app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "app/config_keys.h"
#include "base/random.h"
#include "testing/scratch_folder.h"

namespace punkt::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string no_file = "/dev/null";

ConfigSources sources(std::vector<std::pair<std::string, std::string>> environment,
                      std::vector<std::pair<std::string, std::string>> flags = {}) {
    return {.file = no_file, .environment = std::move(environment), .flags = std::move(flags)};
}

std::string problem(const ConfigSources& from) {
    auto config = load_config(from);
    return config ? "(no error)" : config.error().message;
}

/// Writes a file and answers its path.
std::string written(const testing::ScratchFolder& folder, std::string_view name, std::string_view content) {
    folder.write(name, content);
    return folder.path(name);
}

std::string origin(const Config& config, std::string_view name) {
    for (const auto& setting : config.settings)
        if (setting.name == name) return setting.origin;
    return "(unknown)";
}

TEST(Config, without_any_source_every_value_is_its_default) {
    auto config = load_config(sources({}));
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->server.port, 4000);
    EXPECT_EQ(config->data.directory, "./data");
    EXPECT_EQ(config->retry.base_ms, 5000);
    EXPECT_EQ(config->settings.size(), config_table().size());
    for (const auto& setting : config->settings) EXPECT_EQ(setting.origin, "default") << setting.name;
}

TEST(Config, defaults_pass_their_own_rules) {
    for (const auto& key : config_table()) {
        Config config;
        EXPECT_TRUE(assign(key, key.default_text(), config)) << key.name;
    }
}

TEST(Config, the_later_source_wins_and_is_named) {
    const testing::ScratchFolder folder;
    ConfigSources from;
    from.file = written(folder, "p.toml", "[server]\nport = 1\nthreads = 1\ndrain_seconds = 1\n");
    from.environment = {{"PUNKT_SERVER_PORT", "2"}, {"PUNKT_SERVER_THREADS", "2"}};
    from.flags = {{"server.port", "3"}};
    from.defaults = {{"server.connections_max", "7"}};
    auto config = load_config(from);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->server.port, 3);
    EXPECT_EQ(config->server.threads, 2);
    EXPECT_EQ(config->server.drain_seconds, 1);
    EXPECT_EQ(config->server.connections_max, 7);
    EXPECT_EQ(origin(*config, "server.port"), "flag --server-port");
    EXPECT_EQ(origin(*config, "server.threads"), "environment PUNKT_SERVER_THREADS");
    EXPECT_EQ(origin(*config, "server.drain_seconds"), *from.file + " line 4");
}

TEST(Config, a_list_in_the_file_is_what_commas_are_in_the_environment) {
    const testing::ScratchFolder folder;
    auto config =
        load_config({.file = written(folder, "p.toml", "allow_private_targets = [\"10.0.0.0/8\", \"fd00::/8\"]\n")});
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->allow_private_targets, "10.0.0.0/8,fd00::/8");
}

TEST(Config, an_unknown_name_in_the_file_is_refused_with_its_line_and_the_nearest_name) {
    const testing::ScratchFolder folder;
    const std::string file = written(folder, "p.toml", "[server]\nport = 1\nadress = \"::\"\n");
    EXPECT_EQ(problem({.file = file}),
              "server.adress (" + file + " line 3) is not a known setting, did you mean server.address?");
}

TEST(Config, an_unknown_punkt_variable_is_refused_with_the_nearest_name) {
    EXPECT_EQ(problem(sources({{"PUNKT_SERVER_PROT", "1"}})),
              "PUNKT_SERVER_PROT in the environment is not a known setting, did you mean PUNKT_SERVER_PORT?");
    EXPECT_EQ(problem(sources({{"PUNKT_URL", "http://x"}, {"PUNKT_API_KEY", "k"}, {"HOME", "/"}})), "(no error)");
}

TEST(Config, a_value_outside_its_range_is_named_with_its_origin_and_the_range) {
    EXPECT_EQ(problem(sources({{"PORT", "65536"}})),
              "server.port must be a whole number from 0 to 65535; environment PORT says \"65536\"");
    EXPECT_EQ(problem(sources({}, {{"log.format", "xml"}})),
              "log.format must be one of text, json; flag --log-format says \"xml\"");
    EXPECT_EQ(problem(sources({{"PUNKT_LIMITS_BODY_BYTES", "67108865"}})),
              "limits.body_bytes must be a whole number from 1024 to 67108864 bytes; environment "
              "PUNKT_LIMITS_BODY_BYTES says \"67108865\"");
}

TEST(Config, numbers_are_whole_and_plain) {
    for (const char* bad : {"", " 1", "1 ", "+1", "1.0", "1e3", "0x10", "-1", "99999999999999999999", "ten"})
        EXPECT_NE(problem(sources({}, {{"server.port", bad}})), "(no error)") << bad;
    EXPECT_EQ(problem(sources({}, {{"server.port", "0"}})), "(no error)");
    EXPECT_EQ(problem(sources({}, {{"server.port", "65535"}})), "(no error)");
}

TEST(Config, an_address_is_an_address) {
    for (const char* bad : {"localhost", "", "1.2.3", "::1%lo", "127.0.0.1:80"})
        EXPECT_THAT(problem(sources({}, {{"server.address", bad}})), HasSubstr("server.address must be")) << bad;
    for (const char* good : {"0.0.0.0", "::", "::1"})
        EXPECT_EQ(problem(sources({}, {{"server.address", good}})), "(no error)") << good;
}

TEST(Config, private_targets_are_ranges) {
    EXPECT_THAT(problem(sources({{"PUNKT_ALLOW_PRIVATE_TARGETS", "10.0.0.0/8,banana"}})), HasSubstr("banana"));
    EXPECT_EQ(problem(sources({{"PUNKT_ALLOW_PRIVATE_TARGETS", "1"}})), "(no error)");
}

TEST(Config, every_mistake_is_told_at_once) {
    const std::string text = problem(sources({{"PUNKT_X", "1"}, {"QRON_BACKOFF", "no"}}, {{"server.port", "x"}}));
    EXPECT_THAT(text, AllOf(HasSubstr("PUNKT_X"), HasSubstr("qron.backoff"), HasSubstr("server.port")));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(Config, a_variable_that_ends_in_file_names_the_file_with_the_value) {
    const testing::ScratchFolder folder;
    const std::string secret = written(folder, "key", "a-master-key-of-some-length\n");
    auto config = load_config(sources({{"PUNKT_MASTER_KEY_FILE", secret}}));
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->master_key, "a-master-key-of-some-length");
    EXPECT_EQ(origin(*config, "master_key"), "environment PUNKT_MASTER_KEY_FILE (" + secret + ")");
    EXPECT_THAT(problem(sources({{"PUNKT_MASTER_KEY_FILE", "/nowhere"}})),
                AllOf(HasSubstr("PUNKT_MASTER_KEY_FILE"), HasSubstr("/nowhere")));
    EXPECT_THAT(problem(sources({{"PUNKT_MASTER_KEY_FILE", secret}, {"PUNKT_MASTER_KEY", "x"}})),
                HasSubstr("both set"));
}

TEST(Config, the_names_of_other_systems_work_and_lose_against_our_own) {
    auto config = load_config(sources({{"API_KEY", "the-key-of-the-other-one"}, {"PORT", "1"}, {"QRON_ENABLED", "0"}}));
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->master_key, "the-key-of-the-other-one");
    EXPECT_EQ(config->server.port, 1);
    EXPECT_FALSE(config->qron.enabled);
    config = load_config(sources({{"PORT", "1"}, {"PUNKT_SERVER_PORT", "2"}}));
    EXPECT_EQ(config->server.port, 2);
}

TEST(Config, what_is_ignored_is_said) {
    auto config = load_config(sources({{"DATABASE_URL", "postgres://x"},
                                       {"TIKTAK_REPO_HOSTNAME", "db"},
                                       {"REDIS_HOST", "redis"},
                                       {"QRON_COLOUR", "red"},
                                       {"API_KEY", "short"}}));
    ASSERT_TRUE(config) << config.error().message;
    ASSERT_EQ(config->notices.size(), 5U);
    EXPECT_THAT(config->notices[0], AllOf(HasSubstr("DATABASE_URL"), HasSubstr("ignored")));
    EXPECT_THAT(config->notices[3], HasSubstr("QRON_COLOUR is not known"));
    EXPECT_THAT(config->notices[4], HasSubstr("master key has 5 characters"));
}

TEST(Config, an_empty_variable_counts_as_not_set) {
    auto config = load_config(sources({{"PUNKT_SERVER_PORT", ""}, {"PORT", "9"}}));
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->server.port, 9);
}

TEST(Config, a_file_that_is_no_toml_is_refused_with_line_and_column) {
    const testing::ScratchFolder folder;
    const std::string file = written(folder, "p.toml", "[server]\nport = = 1\n");
    EXPECT_THAT(problem({.file = file}), AllOf(HasSubstr(file + ": line 2, column 8")));
    EXPECT_THAT(problem({.file = folder.path("absent.toml")}), HasSubstr("cannot read"));
}

TEST(Config, secrets_are_masked_and_have_no_flag) {
    auto config = load_config(sources({{"PUNKT_MASTER_KEY", "canary-canary-canary"}}));
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_THAT(settings_table(*config), ::testing::Not(HasSubstr("canary")));
    EXPECT_THAT(settings_json(*config), ::testing::Not(HasSubstr("canary")));
    EXPECT_THAT(settings_table(*config), HasSubstr("****"));
    EXPECT_EQ(find_key("master_key")->flag_name(), "");
    EXPECT_EQ(find_key("client.ca_file")->flag_name(), "--client-ca-file");
    EXPECT_THAT(problem(sources({{"PUNKT_MASTER_KEY", "canary\ncanary"}})), ::testing::Not(HasSubstr("canary")));
}

TEST(Config, the_reference_page_is_fresh) {
    const std::string path = PUNKT_SOURCE_DIR "/docs/reference/config.md";
    std::ifstream file(path);
    const std::string committed((std::istreambuf_iterator<char>(file)), {});
    EXPECT_TRUE(committed == settings_reference())
        << "write it anew: punkt config --markdown > docs/reference/config.md";
}

// reliability.md I6: a wrong configuration never starts half, and never crashes.
TEST(Config, mutated_files_are_either_valid_or_refused_with_a_sentence) {
    const std::string good =
        "master_key = \"0123456789abcdef\"\nallow_private_targets = [\"10.0.0.0/8\"]\n[server]\naddress = "
        "\"127.0.0.1\"\nport = 4000\n[log]\nlevel = \"info\"\n[qron]\nenabled = true\n[limits]\nbody_bytes = 262144\n";
    const testing::ScratchFolder folder;
    SeededRandom random(7);
    int refused = 0;
    for (int round = 0; round < 500; ++round) {
        std::string text = good;
        for (std::uint64_t change = 0; change <= random.below(4); ++change) {
            const auto at = static_cast<std::size_t>(random.below(text.size()));
            switch (random.below(4)) {
                case 0:
                    text[at] = static_cast<char>(random.below(256));
                    break;
                case 1:
                    text.erase(at, random.below(8) + 1);
                    break;
                case 2:
                    text.insert(at, text.substr(random.below(text.size()), random.below(20)));
                    break;
                default:
                    text.insert(at, std::string(random.below(4) + 1, "[]{}\"=.#\n9"[random.below(10)]));
            }
            if (text.empty()) text = "x";
        }
        auto config = load_config({.file = written(folder, "p.toml", text)});
        if (!config) {
            ++refused;
            EXPECT_FALSE(config.error().message.empty());
            continue;
        }
        Config again;
        for (const auto& setting : config->settings)
            EXPECT_TRUE(assign(*find_key(setting.name), setting.value, again)) << setting.name << "\n" << text;
    }
    EXPECT_GT(refused, 100);
    EXPECT_LT(refused, 500);
}

TEST(Config, the_example_of_plans_can_be_loaded_as_it_stands) {
    auto config = load_config({.file = PUNKT_SOURCE_DIR "/docs/examples/plans.toml"});
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->plans.standard, "free");
    EXPECT_EQ(config->plans.notice_percents, "80,100");
    ASSERT_EQ(config->plans.all.size(), 2u);
    const Plan& free = config->plans.all[0].name == "free" ? config->plans.all[0] : config->plans.all[1];
    const Plan& pro = config->plans.all[0].name == "pro" ? config->plans.all[0] : config->plans.all[1];
    // accounts.md §5
    EXPECT_EQ(free, (Plan{.name = "free",
                          .executions_per_month = 10'000,
                          .min_cron_interval = 3'600,
                          .retention_days = 7,
                          .endpoints = 3,
                          .monitors = 3,
                          .members = 2,
                          .concurrency = 5,
                          .rate_per_minute = 500,
                          .rate_per_hour = 10'000,
                          .batch_items = 1'000}));
    EXPECT_EQ(pro.limit, Plan::Limit::soft);
    EXPECT_EQ(pro.executions_per_month, 1'000'000);
    EXPECT_EQ(pro.min_cron_interval, 60);
    EXPECT_EQ(pro.monitors, 0);
}

TEST(Config, every_mistake_in_a_plan_is_told_with_its_place) {
    const testing::ScratchFolder folder;
    const std::string file =
        written(folder, "punkt.toml",
                "[plans]\ndefault = \"gold\"\nnotices = [0]\n[plans.free]\nmonitor = 3\n"
                "executions_per_month = -1\nlimit = \"firm\"\n[plans.\"Very Big\"]\nmonitors = 1\n");
    const auto message = problem({.file = file});
    for (const char* part :
         {"plans.free.monitor is not a known setting, did you mean monitors?",
          "plans.free.executions_per_month must be", "plans.free.limit must be hard or soft",
          "plans.Very Big.monitors is not a plan", "plans.default is \"gold\", and there is no table [plans.gold]",
          "plans.notices must be", "line 5"})
        EXPECT_THAT(message, HasSubstr(part));
    EXPECT_THAT(problem(sources({{"PUNKT_SERVER_TRUSTED_PROXIES", "10.0.0.0/99"}})),
                HasSubstr("server.trusted_proxies must be a list of address ranges"));
}

}  // namespace
}  // namespace punkt::app
