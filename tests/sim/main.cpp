// punkt_sim --seed 7 --days 3 --faults all [--seeds 200]
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>

#include "base/log.h"
#include "sim/world.h"

#ifndef PUNKT_COMMIT
#define PUNKT_COMMIT PUNKT_VERSION
#endif

namespace {

using punkt::sim::FaultLevel;

const std::map<std::string, FaultLevel> levels{
    {"none", FaultLevel::none}, {"some", FaultLevel::some}, {"all", FaultLevel::all}};

void explain(const punkt::sim::Settings& settings, const std::string& level, const punkt::sim::Verdict& verdict) {
    for (const auto& line : verdict.last_lines) fmt::print("{}\n", line);
    fmt::print("\nseed {} of Punkt {}: {}\n", settings.seed, PUNKT_COMMIT, verdict.violation);
    fmt::print("again: ./dev sim --seed {} --days {} --faults {} --print\n", settings.seed, settings.days, level);
}

}  // namespace

int main(int argc, char** argv) {
    punkt::sim::Settings settings;
    std::string level = "some";
    std::uint64_t seeds = 1;
    CLI::App app("Runs the engine in virtual time with faults and crashes, and watches that every promise is kept.");
    app.add_option("--seed", settings.seed, "The first seed; the same seed gives the same run");
    app.add_option("--seeds", seeds, "How many seeds, one after the other");
    app.add_option("--days", settings.days, "Virtual days before callers and faults stop");
    app.add_option("--faults", level, "none, some or all")->check(CLI::IsMember({"none", "some", "all"}));
    app.add_flag("--print", settings.print_all, "Every line of the run");
    CLI11_PARSE(app, argc, argv);
    settings.faults = levels.at(level);
    // A store that refuses is what this is about; its warnings would hide everything else.
    punkt::log::configure(punkt::log::Level::error, punkt::log::Format::text);

    const auto began = std::chrono::steady_clock::now();
    std::int64_t sent = 0;
    std::int64_t crashes = 0;
    for (const std::uint64_t first = settings.seed; settings.seed < first + seeds; ++settings.seed) {
        const auto verdict = punkt::sim::World(settings).run();
        sent += verdict.sent;
        crashes += verdict.crashes;
        if (!verdict.good) {
            explain(settings, level, verdict);
            return 1;
        }
        if (seeds == 1) fmt::print("{} lines, digest {:016x}\n", verdict.lines, verdict.digest);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    fmt::print("{} seeds of {} days, faults {}: {} requests, {} crashes, no promise broken, {:.1f} s\n", seeds,
               settings.days, level, sent, crashes, took.count());
    return 0;
}
