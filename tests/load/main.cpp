// punkt_bench: measures the lines of docs/reference/performance.md against the real binary. `./dev bench` builds both
// in the release preset and calls it.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "scenarios.h"

namespace punkt::load {
namespace {

struct Scenario {
    const char* name;
    Result<void> (*run)(Bench&);
};

constexpr Scenario scenarios[] = {
    {"enqueue", measure_enqueue},   {"end-to-end", measure_end_to_end}, {"limits", measure_rate_limits},
    {"features", measure_features}, {"slow", measure_slow_target},      {"burst", measure_burst},
    {"random", measure_random},     {"memory", measure_memory},         {"backlog", measure_backlog},
    {"crash", measure_crash},       {"mixed", measure_mixed},
};

struct Arguments {
    BenchOptions options;
    bool quick = false;
    bool full = false;
    std::vector<std::string> only;
    std::string markdown;
};

/// A limit of 1,024 open files, a common default, is less than the connections of the slow target.
void raise_open_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void stop_on_signals() {
    struct sigaction action {};
    action.sa_handler = [](int) { stop_requested() = true; };
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

std::string directory_of_this_program() {
    std::error_code failed;
    return std::filesystem::read_symlink("/proc/self/exe", failed).parent_path().string();
}

bool is_wanted(const std::vector<std::string>& only, std::string_view name) {
    return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
}

void run_all(Bench& bench, const std::vector<std::string>& only) {
    const auto run = [&](const Scenario& scenario) {
        if (stop_requested()) return;
        if (const auto done = scenario.run(bench); !done)
            bench.report.add({.what = scenario.name, .verdict = Verdict::unavailable, .note = done.error().message});
    };
    run({"machine", measure_limits});
    for (const auto& scenario : scenarios)
        if (is_wanted(only, scenario.name)) run(scenario);
}

int run(Arguments& arguments) {
    raise_open_files();
    stop_on_signals();
    auto& options = arguments.options;
    options.size = arguments.quick ? Size::quick : arguments.full ? Size::full : Size::normal;
    Bench bench{.options = options};
    run_all(bench, arguments.only);
    fmt::print("{} budgets missed\n", bench.report.missed());
    if (stop_requested()) {
        fmt::print("interrupted: the table is not complete\n");
        return 1;
    }
    if (arguments.markdown.empty()) return 0;
    const char* mode = arguments.quick ? "`--quick`" : arguments.full ? "`--full`" : "default";
    std::ofstream out(arguments.markdown);
    out << bench.report.markdown(PUNKT_VERSION, options.directory, mode);
    out.close();
    if (!out) fmt::print(stderr, "cannot write {}\n", arguments.markdown);
    return out ? 0 : 1;
}

}  // namespace
}  // namespace punkt::load

int main(int count, char** words) {
    punkt::load::Arguments arguments;
    auto& options = arguments.options;
    const std::string here = punkt::load::directory_of_this_program();
    options.program = here + "/punkt";
    options.directory = here;
    CLI::App app("Measures Punkt on this machine. Default: up to 6 minutes.", "punkt_bench");
    auto* quick = app.add_flag("--quick", arguments.quick, "shorter stretches, small backlogs: one minute");
    app.add_flag("--full", arguments.full, "5 million pending tasks, 10 minutes of mixed load")->excludes(quick);
    auto* only =
        app.add_option("--only", arguments.only,
                       "these alone: enqueue end-to-end limits features slow burst random memory backlog crash mixed");
    app.add_option("--minutes", options.minutes, "of mixed load")->check(CLI::Range(0.05, 1'440.0));
    app.add_option("--markdown", arguments.markdown, "write the page docs/reference/performance.md here")
        ->excludes(only);
    app.add_option("--punkt", options.program, "the binary under test")->check(CLI::ExistingFile);
    app.add_option("--directory", options.directory, "where data directories are made: the disk to measure");
    app.add_option("--env", options.environment, "NAME=value for Punkt, may be repeated");
    CLI11_PARSE(app, count, words);
    return punkt::load::run(arguments);
}
