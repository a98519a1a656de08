// Reads what oracle.py prints and compares every line with src/core. Exit code 1 and the first differences when
// something differs, or when the input has no end.
//   cron_oracle_compare FILE      `-` reads the standard input
#include <charconv>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "core/cron.h"
#include "core/time_zone.h"

namespace punkt {
namespace {

constexpr int shown_differences_max = 20;

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
    return parts;
}

Timestamp instant(const std::string& seconds) { return Timestamp{std::chrono::seconds{std::stoll(seconds)}}; }

CronOptions options(const std::string& dialect) {
    if (dialect == "classic") return {};
    return {.dialect = CronDialect::and_, .seconds_required = dialect == "tiktak"};
}

std::string text(const std::optional<Timestamp>& at) { return at ? to_text_seconds(*at) : "none"; }

/// Empty when all is well, else what differs.
std::string difference(const std::vector<std::string>& line) {
    if (line.size() < 6) return "a line with too few columns";
    const auto cron = Cron::parse(line[5], options(line[1]));
    if (line[0] == "refused") return cron ? "was accepted" : "";
    if (!cron) return "was refused: " + cron.error().message;
    const auto zone = TimeZone::find(line[2]);
    if (!zone) return zone.error().message;

    const auto until = instant(line[4]);
    auto after = instant(line[3]);
    const auto expected = line.size() > 6 ? split(line[6], ',') : std::vector<std::string>{};
    for (std::size_t i = 0; i <= expected.size(); ++i) {
        auto found = cron->next(after, *zone);
        if (found && *found > until) found.reset();
        const auto wanted = i < expected.size() ? std::optional(instant(expected[i])) : std::nullopt;
        if (found != wanted)
            return "after " + to_text_seconds(after) + ": " + text(found) + ", the oracle says " + text(wanted);
        if (!found) break;
        after = *found;
    }
    return {};
}

int compare(std::istream& in) {
    int lines = 0, differences = 0;
    for (std::string text; std::getline(in, text);) {
        const auto line = split(text, '\t');
        if (line.size() == 2 && line[0] == "end") {
            if (line[1] != std::to_string(lines)) std::cout << "lines are missing\n";
            std::cout << lines << " cases, " << differences << " differences\n";
            return differences == 0 && lines > 0 && line[1] == std::to_string(lines) ? 0 : 1;
        }
        ++lines;
        const auto found = difference(line);
        if (!found.empty() && ++differences <= shown_differences_max) {
            std::cout << "'" << (line.size() > 5 ? line[5] : text) << "' (" << line[1] << ", " << line[2]
                      << "): " << found << "\n";
        }
    }
    std::cout << "the input ended early, after " << lines << " cases\n";
    return 1;
}

}  // namespace
}  // namespace punkt

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: cron_oracle_compare FILE\n";
        return 2;
    }
    if (std::string(arguments[1]) == "-") return punkt::compare(std::cin);
    std::ifstream file(arguments[1]);
    return punkt::compare(file);
}
