// Every *.http file below tests/wire becomes one test. `--approve [part of a path]` rewrites the files instead.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "tests/wire/runner.h"
#include "tests/wire/scripts_on_disk.h"

namespace punkt::wire {
namespace {

class WireTest : public ::testing::Test {
  public:
    explicit WireTest(std::string path) : path_(std::move(path)) {}
    void TestBody() override {
        const auto script = load_script(path_);
        ASSERT_TRUE(script) << script.error().message;
        const auto outcome = run_script(*script, false);
        if (!outcome.problem.empty()) ADD_FAILURE_AT(path_.c_str(), outcome.line) << outcome.problem;
    }

  private:
    std::string path_;
};

/// "tests/wire/tasks/create.http" is Wire.tasks_create
void register_tests() {
    for (const auto& path : script_paths()) {
        std::string name = path.substr(std::string("tests/wire/").size());
        name.resize(name.size() - std::string(".http").size());
        std::replace_if(
            name.begin(), name.end(), [](char c) { return c == '/' || c == '-'; }, '_');
        ::testing::RegisterTest("Wire", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                                [path]() -> ::testing::Test* { return new WireTest(path); });
    }
}

int approve_all(const std::string& part) {
    int problems = 0;
    for (const auto& path : script_paths()) {
        if (path.find(part) == std::string::npos) continue;
        const auto script = load_script(path);
        const Outcome outcome =
            script ? run_script(*script, true) : Outcome{.problem = script.error().message, .line = 1};
        if (!outcome.problem.empty()) {
            fmt::print(stderr, "{}:{}: {}\n", path, outcome.line, outcome.problem);
            ++problems;
            continue;
        }
        const auto file = std::filesystem::path(PUNKT_SOURCE_DIR) / path;
        const std::string text = rewritten(*script, outcome.blocks);
        if (text == read_source(path)) continue;
        std::ofstream(file, std::ios::binary) << text;
        fmt::print("rewritten: {}\n", path);
    }
    return problems == 0 ? 0 : 1;
}

}  // namespace
}  // namespace punkt::wire

int main(int argc, char** argv) {
    punkt::log::configure(punkt::log::Level::error, punkt::log::Format::text);
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (!arguments.empty() && arguments[0] == "--approve")
        return punkt::wire::approve_all(arguments.size() > 1 ? arguments[1] : "");
    punkt::wire::register_tests();
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
