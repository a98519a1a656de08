#include "report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace punkt::load {
namespace {

constexpr double shaky_percent = 10;  // of foreign CPU; from there on rates and latencies say little

const char* word(Verdict verdict) {
    switch (verdict) {
        case Verdict::met:
            return "met";
        case Verdict::missed:
            return "MISSED";
        case Verdict::watched:
            return "-";
        case Verdict::unavailable:
            return "not available yet";
    }
    return "";
}

/// Threads of one kind are numbered ("io 0", "io 1"): the reader sees them as they are named, largest first.
std::string text_of_threads(const std::map<std::string, double>& threads) {
    std::vector<std::pair<double, std::string>> sorted;
    for (const auto& [name, us] : threads) sorted.emplace_back(us, name);
    std::sort(sorted.rbegin(), sorted.rend());
    std::string out;
    for (const auto& [us, name] : sorted) {
        if (us < 0.05) continue;
        out += fmt::format("{}{} {:.1f}", out.empty() ? "" : ", ", name, us);
    }
    return out;
}

std::string value_after(const std::string& file, const std::string& name) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        if (line.compare(0, name.size(), name) == 0) {
            const auto colon = line.find_first_not_of(" \t:=\"", name.size());
            return colon == std::string::npos ? "" : line.substr(colon, line.find_last_not_of('"') + 1 - colon);
        }
    return "unknown";
}

std::string file_system_of(const std::string& directory) {
    struct statfs about {};
    if (::statfs(directory.c_str(), &about) != 0) return "unknown";
    switch (static_cast<unsigned long>(about.f_type)) {
        case 0xEF53:
            return "ext4";
        case 0x58465342:
            return "xfs";
        case 0x9123683E:
            return "btrfs";
        case 0x01021994:
            return "tmpfs (nothing is durable here)";
        case 0x794C7630:
            return "overlayfs";
        default:
            return fmt::format("type {:#x}", static_cast<unsigned long>(about.f_type));
    }
}

std::string text_of_machine(const std::string& directory) {
    utsname kernel{};
    ::uname(&kernel);
    const auto memory = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
    return fmt::format("{} x {}, {} memory, {}, kernel {}, data on {}", ::sysconf(_SC_NPROCESSORS_ONLN),
                       value_after("/proc/cpuinfo", "model name"), text_of_bytes(memory),
                       value_after("/etc/os-release", "PRETTY_NAME"), kernel.release, file_system_of(directory));
}

}  // namespace

std::string text_of_ns(std::int64_t ns) {
    const auto value = static_cast<double>(ns);
    const auto size = std::abs(value);
    const auto in = [&](double unit, const char* name) {
        const double scaled = value / unit;
        return fmt::format("{:.{}f} {}", scaled, std::abs(scaled) < 9.995 ? 2 : std::abs(scaled) < 99.95 ? 1 : 0, name);
    };
    if (size >= 1e9) return in(1e9, "s");
    if (size >= 1e6) return in(1e6, "ms");
    return in(1e3, "µs");
}

std::string text_of_count(double count) {
    if (count < 10 && count != static_cast<double>(static_cast<std::int64_t>(count)))
        return fmt::format("{:.1f}", count);
    std::string digits = fmt::format("{:.0f}", count);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (digits[0] == '-' ? 1 : 0); at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

std::string text_of_bytes(std::int64_t bytes) {
    const auto value = static_cast<double>(bytes);
    if (bytes >= 1 << 30) return fmt::format("{:.1f} GB", value / (1 << 30));
    if (bytes >= 1 << 20) return fmt::format("{:.1f} MB", value / (1 << 20));
    return fmt::format("{:.0f} KB", value / 1'024);
}

void Report::add(Line line) {
    if (lines_.empty())
        fmt::print("{:<50} {:<56} {:<29} {:<8} {:>7}  {:<15} {}\n", "line", "figure", "budget", "verdict", "CPU µs",
                   "of the limit", "foreign %");
    const std::string cpu = line.cpu_us_per_task < 0 ? "" : fmt::format("{:.1f}", line.cpu_us_per_task);
    fmt::print("{:<50} {:<56} {:<29} {:<8} {:>7}  {:<15} {:.0f}\n", line.what, line.figure, line.budget,
               word(line.verdict), cpu, line.of_limit, line.foreign_percent);
    if (const auto threads = text_of_threads(line.threads); !threads.empty())
        fmt::print("    CPU µs per task by thread: {}\n", threads);
    if (!line.note.empty()) fmt::print("    {}\n", line.note);
    std::fflush(stdout);
    lines_.push_back(std::move(line));
}

std::size_t Report::missed() const {
    return static_cast<std::size_t>(
        std::count_if(lines_.begin(), lines_.end(), [](const Line& line) { return line.verdict == Verdict::missed; }));
}

std::string Report::markdown(const std::string& version, const std::string& directory, const std::string& mode) const {
    std::string out = fmt::format(
        "# Performance\n\n"
        "Written by `./dev bench --markdown docs/reference/performance.md` ({} run), Punkt {}, {:%Y-%m-%d}.\n\n"
        "Machine: {}.\n\n"
        "Load generator, Punkt and target share the machine's cores. CPU is user and system time of the Punkt process, "
        "in microseconds for each task. \"Foreign\" is CPU used by anything else meanwhile, in percent of one core: "
        "above ten, rates and latencies are shaky; CPU per task and ratios hold better. A 2xx always means that the "
        "task is on disk.\n\n"
        "| Line | Figure | Budget | Verdict | CPU µs | Of the limit | Foreign % |\n|---|---|---|---|---|---|---|\n",
        mode, version, fmt::gmtime(std::time(nullptr)), text_of_machine(directory));
    for (const auto& line : lines_)
        out +=
            fmt::format("| {} | {} | {} | {} | {} | {} | {:.0f} |\n", line.what, line.figure, line.budget,
                        word(line.verdict), line.cpu_us_per_task < 0 ? "" : fmt::format("{:.1f}", line.cpu_us_per_task),
                        line.of_limit, line.foreign_percent);
    out += "\n## Where the time goes\n\nCPU µs per task by thread, and remarks.\n\n";
    for (const auto& line : lines_) {
        const auto threads = text_of_threads(line.threads);
        if (threads.empty() && line.note.empty()) continue;
        out += fmt::format("- {}: {}{}{}\n", line.what, threads, threads.empty() || line.note.empty() ? "" : ". ",
                           line.note);
    }
    out += "\n## Missed budgets\n\n";
    for (const auto& line : lines_) {
        if (line.verdict != Verdict::missed) continue;
        out += fmt::format("- {}: {}, budget {}", line.what, line.figure, line.budget);
        if (line.foreign_percent >= shaky_percent)
            out += fmt::format("; others used {:.0f} % of a core meanwhile", line.foreign_percent);
        out += "\n";
    }
    if (missed() == 0) out += "None.\n";
    return out;
}

}  // namespace punkt::load
