#include "api/rate_field.h"

#include <fmt/format.h>

#include "base/time_text.h"
#include "core/rate_text.h"

namespace punkt::api {
namespace {

/// Nothing when it is wrong.
std::optional<Milliseconds> read_period(json::Value rate) {
    const json::Value period = rate["period"];
    const json::Value ms = rate["period_ms"];
    std::optional<Milliseconds> found;
    if (!period.is_nothing() && !ms.is_nothing()) return std::nullopt;
    if (period.is_nothing() && ms.is_nothing()) found = Milliseconds{1'000};
    if (const auto text = period.string()) found = parse_duration(*text);
    const auto in_range = [](std::int64_t value) { return value > 0 && value <= rate_period_max.count(); };
    if (const auto seconds = period.integer(); seconds && in_range(*seconds)) found = std::chrono::seconds{*seconds};
    if (const auto number = ms.integer(); number && in_range(*number)) found = Milliseconds{*number};
    if (found && (*found < rate_period_min || *found > rate_period_max)) return std::nullopt;
    return found;
}

}  // namespace

std::optional<Rate> read_rate(FieldReader& fields, std::string_view name, json::Value value) {
    const auto wrong = [&](std::string message) {
        fields.wrong(name, std::move(message));
        return std::nullopt;
    };
    if (const auto text = value.string()) {
        const auto rate = parse_rate(*text);
        if (!rate) return wrong(rate.error().message);
        return *rate;
    }
    if (value.type() != json::Type::object)
        return wrong("is invalid (a rate is a text such as 10/s or an object with count, period and burst)");
    const auto count = value["count"].integer();
    if (!count || *count < 1 || *count > rate_count_max)
        return wrong(fmt::format("is invalid (count must be a number from 1 to {})", rate_count_max));
    const auto period = read_period(value);
    if (!period)
        return wrong("is invalid (period must be a duration from 1s to 1d, or period_ms the same in milliseconds)");
    const json::Value burst = value["burst"];
    const auto burst_count = burst.is_nothing() ? std::optional<std::int64_t>(1) : burst.integer();
    if (!burst_count || *burst_count < 1 || *burst_count > *count)
        return wrong("is invalid (burst must be a number from 1 to count)");
    return Rate{.count = static_cast<int>(*count), .period = *period, .burst = static_cast<int>(*burst_count)};
}

void write_rate(json::Writer& writer, const std::optional<Rate>& rate) {
    if (!rate) {
        writer.null();
        return;
    }
    writer.begin_object().key("count").integer(rate->count).key("period_ms").integer(rate->period.count());
    writer.key("burst").integer(rate->burst).end_object();
}

}  // namespace punkt::api
