#include "core/tzif.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "core/posix_zone_rule.h"

namespace punkt {
namespace {

Error broken(std::string_view what) {
    return Error{.kind = ErrorKind::invalid, .message = fmt::format("not a usable time zone file: {}", what)};
}

/// Big-endian integers from the front. Reading past the end gives 0 and is remembered: ask `ok()` after a block.
class Bytes {
  public:
    explicit Bytes(std::string_view bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    std::string_view rest() const { return rest_; }

    std::string_view take(std::size_t count) {
        if (count > rest_.size()) {
            ok_ = false;
            return {};
        }
        const auto taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

    std::int64_t signed_integer(std::size_t width) {
        std::uint64_t value = 0;
        const auto raw = take(width);
        for (char c : raw) value = value << 8 | static_cast<unsigned char>(c);
        return width == 8 ? static_cast<std::int64_t>(value) : static_cast<std::int32_t>(value);
    }

    std::uint32_t count() { return static_cast<std::uint32_t>(signed_integer(4)); }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

struct Header {
    char version = 0;
    std::uint32_t ut_flags = 0, standard_flags = 0, leaps = 0, times = 0, types = 0, characters = 0;

    std::size_t body_bytes(std::size_t time_width) const {
        return times * time_width + times + types * std::size_t{6} + characters + leaps * (time_width + 4) +
               standard_flags + ut_flags;
    }
};

std::optional<Header> read_header(Bytes& in) {
    if (in.take(4) != "TZif") return std::nullopt;
    Header header;
    const auto version = in.take(1);
    header.version = version.empty() ? '\0' : version.front();
    in.take(15);  // reserved
    header.ut_flags = in.count();
    header.standard_flags = in.count();
    header.leaps = in.count();
    header.times = in.count();
    header.types = in.count();
    header.characters = in.count();
    return in.ok() ? std::optional(header) : std::nullopt;
}

Result<ZoneTable> read_body(Bytes& in, const Header& header, std::size_t time_width) {
    // The counts decide how much is allocated, so they are held against the bytes that are there first.
    if (header.body_bytes(time_width) > in.rest().size()) return broken("it is cut off");
    if (header.types == 0) return broken("it has no local time type");
    if (header.leaps != 0) return broken("it counts leap seconds");

    ZoneTable table;
    std::vector<std::size_t> types;
    for (std::uint32_t i = 0; i < header.times; ++i) table.starts.push_back(in.signed_integer(time_width));
    for (std::uint32_t i = 0; i < header.times; ++i) types.push_back(static_cast<unsigned char>(in.take(1).front()));
    std::vector<std::int32_t> offset_of_type;
    for (std::uint32_t i = 0; i < header.types; ++i) {
        const auto offset = in.signed_integer(4);
        in.take(2);  // whether it is summer time, and where its abbreviation stands
        if (offset < -26 * 3600 || offset > 26 * 3600) return broken("an offset is longer than a day");
        offset_of_type.push_back(static_cast<std::int32_t>(offset));
    }
    in.take(header.characters + header.standard_flags + header.ut_flags);

    const bool in_order =
        std::adjacent_find(table.starts.begin(), table.starts.end(), std::greater_equal<>()) == table.starts.end();
    if (!in_order) return broken("its times are not in order");
    table.offsets.push_back(offset_of_type.front());
    for (std::size_t type : types) {
        if (type >= offset_of_type.size()) return broken("a time has an unknown type");
        table.offsets.push_back(offset_of_type[type]);
    }
    return table;
}

/// UTC seconds
constexpr std::int64_t start_of(int year) {
    return std::chrono::seconds{std::chrono::sys_days{std::chrono::year{year} / 1 / 1}.time_since_epoch()}.count();
}

int year_of(std::int64_t utc_seconds) {
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds{utc_seconds}});
    return static_cast<int>(std::chrono::year_month_day{day}.year());
}

void append_rule(ZoneTable& table, const PosixZoneRule& rule) {
    const std::int64_t last =
        table.starts.empty() ? 0 : std::clamp<std::int64_t>(table.starts.back(), 0, start_of(zone_table_last_year + 1));
    const int first_year = year_of(last);
    for (int year = first_year; year <= zone_table_last_year; ++year) {
        for (const auto& change : rule.changes_in(year)) {
            if (!table.starts.empty() && change.at <= table.starts.back()) {
                // The end of one summer time may be the start of the next (all year round): the later word counts.
                if (change.at == table.starts.back() && change.at > last) table.offsets.back() = change.offset;
                continue;
            }
            table.starts.push_back(change.at);
            table.offsets.push_back(change.offset);
        }
    }
}

/// Drops changes of abbreviation or of the summer-time flag, which move no clock, and what lies too far away for
/// Timestamp arithmetic (some files begin at the Big Bang).
ZoneTable only_jumps(const ZoneTable& table) {
    constexpr auto earliest = start_of(1800), latest = start_of(zone_table_last_year + 1);
    ZoneTable jumps;
    jumps.offsets.push_back(table.offsets.front());
    for (std::size_t i = 0; i < table.starts.size() && table.starts[i] < latest; ++i) {
        const auto offset = table.offsets[i + 1];
        if (table.starts[i] < earliest) {
            jumps.offsets.front() = offset;
        } else if (offset != jumps.offsets.back()) {
            jumps.starts.push_back(table.starts[i]);
            jumps.offsets.push_back(offset);
        }
    }
    return jumps;
}

}  // namespace

Result<ZoneTable> parse_tzif(std::string_view bytes) {
    Bytes in(bytes);
    auto header = read_header(in);
    if (!header) return broken("it does not begin like one");
    std::size_t time_width = 4;
    if (header->version != '\0') {
        // From version 2 on the first block is for old readers; the second says the same with 64-bit times.
        in.take(header->body_bytes(4));
        header = read_header(in);
        if (!header) return broken("its second header is missing");
        time_width = 8;
    }
    auto table = read_body(in, *header, time_width);
    if (!table) return table.error();

    if (time_width == 8) {
        if (in.take(1) != "\n") return broken("its footer is missing");
        const auto end = in.rest().find('\n');
        if (end == std::string_view::npos) return broken("its footer has no end");
        const auto footer = in.rest().substr(0, end);
        if (!footer.empty()) {
            const auto rule = PosixZoneRule::parse(footer);
            if (!rule) return broken(fmt::format("its rule '{}' cannot be read", footer));
            append_rule(*table, *rule);
        }
    }
    return only_jumps(*table);
}

}  // namespace punkt
