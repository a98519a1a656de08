// What an organization may use: a table of numbers, all of them data (accounts.md §5). 0 means unlimited.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace punkt {

struct Plan {
    std::string name = "unlimited";
    /// What happens over executions_per_month. Hard: new work is refused. Soft: notices, nothing else.
    enum class Limit : std::uint8_t { hard, soft };
    Limit limit = Limit::hard;
    std::int64_t executions_per_month = 0;  // calendar month, UTC
    std::int64_t min_cron_interval = 0;     // seconds between two runs of a schedule
    std::int64_t retention_days = 0;        // 0: that of the installation
    std::int64_t endpoints = 0;
    std::int64_t monitors = 0;
    std::int64_t members = 0;
    std::int64_t concurrency = 0;      // runs that may be out at once
    std::int64_t weight = 1;           // share of what is free when organizations compete
    std::int64_t rate_per_minute = 0;  // API requests of one key; 0: that of the installation
    std::int64_t rate_per_hour = 0;
    std::int64_t batch_items = 0;  // of one POST /tasks/batch; 0: that of the installation
    bool operator==(const Plan&) const = default;
};

/// A number of a plan. The only list of them: configuration, overrides, answers and the reference page follow it.
struct PlanField {
    std::string_view name;
    std::int64_t Plan::*place;
    std::string_view help;
    std::string_view unit = {};
    std::int64_t min = 0;
    std::int64_t max = 1'000'000'000'000;
};
std::span<const PlanField> plan_fields();

/// 1 to 32 of a-z, 0-9, '-' and '_'; "default" is taken by the setting of that name.
bool is_plan_name(std::string_view name);

/// Sets the number, or `limit` to hard or soft, from a text; an interval also as "5m". Errors: `not_found` for a name
/// that is no field; `invalid`, a sentence part that follows the name: "must be …".
Result<void> set_plan_field(Plan& plan, std::string_view name, std::string_view text);

/// `plan` with the members of a JSON object put over it. Errors: `invalid` with a field for each that is wrong.
Result<Plan> with_overrides(Plan plan, json::Value overrides);

/// Every number and `limit` as members of the object that is open; unlimited as 0.
void write_plan_fields(json::Writer& writer, const Plan& plan);

const char* word(Plan::Limit);  // "hard"

}  // namespace punkt
