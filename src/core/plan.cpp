#include "core/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/time_text.h"

namespace punkt {
namespace {

constexpr std::size_t name_bytes_max = 32;

constexpr std::array fields{
    PlanField{"executions_per_month", &Plan::executions_per_month,
              "Runs that count in a calendar month (UTC): first attempts that ended."},
    PlanField{"min_cron_interval", &Plan::min_cron_interval,
              "Shortest time between two runs of a new or changed schedule; also as a text such as 5m.", "s", 0,
              366 * 86'400},
    PlanField{"retention_days", &Plan::retention_days, "How long history is kept. 0: as retention.days says.", "days",
              0, 36'500},
    PlanField{"endpoints", &Plan::endpoints, "Endpoints for incoming webhooks."},
    PlanField{"monitors", &Plan::monitors, "Monitors."},
    PlanField{"members", &Plan::members, "Members, with open invitations."},
    PlanField{"concurrency", &Plan::concurrency, "Deliveries of the organization that may be under way at once.", "", 0,
              1'000'000},
    PlanField{"weight", &Plan::weight, "Its share when organizations compete: 2 gets twice as much as 1.", "", 1,
              1'000},
    PlanField{"rate_per_minute", &Plan::rate_per_minute,
              "Requests in a minute for each key. 0: as rate_limit.per_minute says.", "", 0, 1'000'000'000},
    PlanField{"rate_per_hour", &Plan::rate_per_hour,
              "Requests in an hour for each key. 0: as rate_limit.per_hour says.", "", 0, 1'000'000'000},
    PlanField{"batch_items", &Plan::batch_items, "Tasks in one batch. 0: as the installation allows.", "", 0, 10'000},
};

Error out_of_range(const PlanField& field) {
    return {ErrorKind::invalid, fmt::format("must be a whole number from {} to {}{}{}", field.min, field.max,
                                            field.unit.empty() ? "" : " ", field.unit)};
}

Result<void> set_number(Plan& plan, const PlanField& field, std::int64_t number) {
    if (number < field.min || number > field.max) return out_of_range(field);
    plan.*field.place = number;
    return {};
}

}  // namespace

std::span<const PlanField> plan_fields() { return fields; }

bool is_plan_name(std::string_view name) {
    return !name.empty() && name.size() <= name_bytes_max && name != "default" &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

Result<void> set_plan_field(Plan& plan, std::string_view name, std::string_view text) {
    if (name == "limit") {
        if (text != "hard" && text != "soft") return Error{ErrorKind::invalid, "must be hard or soft"};
        plan.limit = text == "hard" ? Plan::Limit::hard : Plan::Limit::soft;
        return {};
    }
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& one) { return one.name == name; });
    if (field == fields.end())
        return Error{ErrorKind::not_found, fmt::format("'{}' is no limit of a plan", name.substr(0, 64))};
    if (field->place == &Plan::min_cron_interval)
        if (const auto duration = parse_duration(text))
            return set_number(plan, *field, std::chrono::floor<std::chrono::seconds>(*duration).count());
    std::int64_t number = 0;
    const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || rest != text.data() + text.size()) return out_of_range(*field);
    return set_number(plan, *field, number);
}

Result<Plan> with_overrides(Plan plan, json::Value overrides) {
    std::vector<FieldError> wrong;
    for (const auto& [name, value] : overrides.members()) {
        const auto text = value.string();
        auto set = set_plan_field(plan, name, text ? std::string(*text) : value.text());
        if (!set) wrong.push_back({std::string(name.substr(0, 64)), set.error().message});
    }
    if (wrong.empty()) return plan;
    std::string all;
    for (const auto& [field, message] : wrong) all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", field, message);
    return Error{.kind = ErrorKind::invalid, .message = std::move(all), .fields = std::move(wrong)};
}

void write_plan_fields(json::Writer& writer, const Plan& plan) {
    writer.key("limit").string(word(plan.limit));
    for (const PlanField& field : fields) writer.key(field.name).integer(plan.*field.place);
}

const char* word(Plan::Limit limit) { return limit == Plan::Limit::hard ? "hard" : "soft"; }

}  // namespace punkt
