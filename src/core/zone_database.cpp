#include "core/zone_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace punkt {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t file_bytes_max = 1024 * 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Segments of letters, digits, '_', '+' and '-', of which the first begins with a capital: keeps paths inside the
/// directory, and out of "posix/" and "right/" (the same zones, with leap seconds) and of files that are no zones.
bool is_zone_name(std::string_view name) {
    if (name.empty() || name.size() > name_bytes_max || name.front() < 'A' || name.front() > 'Z') return false;
    char before = '/';
    for (char c : name) {
        const bool letter = lower(c) >= 'a' && lower(c) <= 'z';
        const bool other = (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
        if (!letter && !(before != '/' && (other || c == '/'))) return false;
        before = c;
    }
    return before != '/';
}

std::string printable(std::string_view name) {
    std::string shown(name.substr(0, name_bytes_max));
    for (char& c : shown) {
        if (c < ' ' || c > '~') c = '?';
    }
    return name.size() > name_bytes_max ? shown + "..." : shown;
}

/// Edits that make one of the other: a letter more, less or different, or two neighbours swapped. Case does not count.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            const bool swapped =
                i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
        }
        std::swap(before_last, last);
        std::swap(last, current);
    }
    return last[b.size()];
}

std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& names) {
    std::optional<std::string> best;
    // Two slips, more in a long name, at most half of a short one.
    std::size_t best_distance = std::max(name.size() / 4, std::min<std::size_t>(2, name.size() / 2)) + 1;
    for (const auto& candidate : names) {
        // "Oslo" means "Europe/Oslo".
        const std::string_view city = std::string_view(candidate).substr(candidate.rfind('/') + 1);
        const auto away = std::min(distance(name, candidate), distance(name, city));
        if (away < best_distance) {
            best = candidate;
            best_distance = away;
        }
    }
    return best;
}

std::filesystem::path system_directory() {
    for (const char* path : {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"}) {
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored)) return path;
    }
    return "/usr/share/zoneinfo";
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed)) return std::nullopt;
    const auto size = std::filesystem::file_size(path, failed);
    if (failed || size > file_bytes_max) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file) return std::nullopt;
    return bytes;
}

}  // namespace

ZoneDatabase& ZoneDatabase::of_system() {
    static ZoneDatabase database(system_directory());
    return database;
}

Result<const Zone*> ZoneDatabase::find(std::string_view name) {
    if (!is_zone_name(name)) return unknown(name);
    std::unique_lock lock(mutex_);
    if (const auto known = zones_.find(name); known != zones_.end()) return known->second.get();

    const auto bytes = read_file(directory_ / name);
    if (!bytes) {
        lock.unlock();
        return unknown(name);
    }
    auto table = parse_tzif(*bytes);
    if (!table) {
        return Error{.kind = ErrorKind::unavailable,
                     .message = fmt::format("time zone '{}': {}", name, table.error().message)};
    }
    auto zone = std::make_unique<const Zone>(Zone{std::string(name), std::move(*table)});
    return zones_.emplace(std::string(name), std::move(zone)).first->second.get();
}

Error ZoneDatabase::unknown(std::string_view name) {
    if (names().empty()) {
        return Error{.kind = ErrorKind::unavailable,
                     .message = fmt::format("no time zone database in {}: install the package tzdata, or use UTC",
                                            directory_.string())};
    }
    const auto suggestion = name.size() <= name_bytes_max ? nearest(name, names()) : std::nullopt;
    return Error{.kind = ErrorKind::invalid,
                 .message = suggestion ? fmt::format("'{}' is not a known time zone, did you mean '{}'?",
                                                     printable(name), *suggestion)
                                       : fmt::format("'{}' is not a known time zone (an IANA name looks like "
                                                     "'Europe/Oslo')",
                                                     printable(name))};
}

const std::vector<std::string>& ZoneDatabase::names() {
    std::call_once(names_listed_, [this] {
        std::error_code failed;
        std::filesystem::recursive_directory_iterator file(directory_, failed), end;
        for (; !failed && file != end; file.increment(failed)) {
            auto name = file->path().lexically_relative(directory_).string();
            std::error_code ignored;
            if (!is_zone_name(name)) {
                file.disable_recursion_pending();
            } else if (file->is_regular_file(ignored)) {
                names_.push_back(std::move(name));
            }
        }
        std::sort(names_.begin(), names_.end());
    });
    return names_;
}

}  // namespace punkt
