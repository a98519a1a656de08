#include "rooms/tasks/timing_rules.h"

#include <fmt/format.h>

#include "base/time_text.h"
#include "core/limits.h"

namespace punkt::tasks {

using api::FieldReader;

json::Value either(FieldReader& fields, std::string_view name, std::string_view alias) {
    const json::Value first = fields.raw(name);
    const json::Value second = fields.raw(alias);
    if (!first.is_nothing() && !second.is_nothing() && first.text() != second.text()) {
        fields.wrong(name, fmt::format("is given twice with different values (also as {})", alias));
        fields.wrong(alias, fmt::format("is given twice with different values (also as {})", name));
    }
    return first.is_nothing() ? second : first;
}

bool decides(json::Value value) { return !value.is_nothing() && value.boolean() != false; }

Result<Timestamp> read_instant(json::Value value) {
    if (const auto ms = value.integer(); ms && *ms >= 0 && *ms < 253'402'300'800'000) return from_ms(*ms);
    if (const auto text = value.string())
        if (const auto at = parse_rfc3339(*text)) return *at;
    return Error{ErrorKind::invalid,
                 fmt::format("run_at must be an ISO 8601 date-time with offset or Z, or epoch milliseconds (got {})",
                             value.text().substr(0, 64)),
                 "invalid_run_at"};
}

Result<Milliseconds> read_delay(json::Value value) {
    std::optional<Milliseconds> delay;
    if (const auto seconds = value.integer();
        seconds && *seconds > 0 && *seconds <= limits::delay_max / std::chrono::seconds{1})
        delay = std::chrono::seconds{*seconds};
    if (const auto text = value.string()) delay = parse_duration(*text);
    if (delay) return *delay;
    return Error{ErrorKind::invalid,
                 fmt::format("delay must be positive seconds or a text such as 30s, 5m, 2h, 1d (got {})",
                             value.text().substr(0, 64)),
                 "invalid_delay"};
}

std::optional<Milliseconds> read_duration(FieldReader& fields, json::Value object, std::string_view name,
                                          std::string_view shown, Milliseconds max) {
    const json::Value value = object[name];
    if (value.is_nothing()) return std::nullopt;
    const auto duration = read_delay(value);
    if (!duration) {
        fields.wrong(shown, fmt::format("must be positive seconds or a text such as 30s, 5m, 2h, 1d (got {})",
                                        value.text().substr(0, 64)));
        return std::nullopt;
    }
    if (*duration <= max) return *duration;
    fields.wrong(shown, fmt::format("must be at most {} seconds", max / std::chrono::seconds{1}));
    return std::nullopt;
}

}  // namespace punkt::tasks
