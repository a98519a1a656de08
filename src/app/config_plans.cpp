#include "app/config_plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/text.h"

namespace punkt::app {
namespace {

constexpr std::string_view prefix = "plans.";

/// "plans.free.monitors" → "free", "monitors"
std::pair<std::string_view, std::string_view> parts_of(std::string_view name) {
    name.remove_prefix(prefix.size());
    const auto dot = name.find('.');
    return {name.substr(0, dot), name.substr(dot + 1)};
}

}  // namespace

bool is_plan_setting(std::string_view name) {
    return name.starts_with(prefix) && name.find('.', prefix.size()) != std::string_view::npos;
}

Result<void> assign_plan(std::string_view name, const std::string& value, Config& config) {
    const auto [plan_name, field] = parts_of(name);
    if (!is_plan_name(plan_name))
        return Error{ErrorKind::invalid, "is not a plan: its name must have 1 to 32 of a-z, 0-9, '-' and '_'"};
    auto& all = config.plans.all;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Plan& plan) { return plan.name == plan_name; });
    Plan plan = found != all.end() ? *found : Plan{.name = std::string(plan_name)};
    auto set = set_plan_field(plan, field, value);
    if (!set && set.error().kind == ErrorKind::not_found) {
        std::vector<std::string> known = {"limit"};
        for (const PlanField& one : plan_fields()) known.emplace_back(one.name);
        const auto meant = nearest(std::string(field), known);
        return Error{ErrorKind::invalid, "is not a known setting" + (meant ? ", did you mean " + *meant + "?" : "")};
    }
    if (!set) return set;
    if (found != all.end())
        *found = plan;
    else
        all.push_back(plan);
    return {};
}

Result<void> check_plans(const Config& config) {
    const auto& name = config.plans.standard;
    const bool is_there = name == "unlimited" || std::any_of(config.plans.all.begin(), config.plans.all.end(),
                                                             [&](const Plan& plan) { return plan.name == name; });
    if (is_there) return {};
    return Error{ErrorKind::invalid,
                 fmt::format("plans.default is \"{}\", and there is no table [plans.{}]", name, name)};
}

std::optional<std::vector<int>> notice_percents(std::string_view text) {
    std::vector<int> percents;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const std::string_view part = trimmed(text.substr(0, comma));
        int percent = 0;
        const auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(), percent);
        if (failed != std::errc{} || end != part.data() + part.size() || percent < 1 || percent > 1000)
            return std::nullopt;
        percents.push_back(percent);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return percents;
}

std::string plans_reference() {
    std::string out = R"(## `[plans.<name>]`

A plan: what an organization may use. In the file only; any number of tables. Every number may be left out, and 0 means
no limit (a weight is at least 1). [docs/guide/plans.md](../guide/plans.md) tells how organizations get one.

| Name | Value | |
|---|---|---|
| `limit` | hard or soft | Over `executions_per_month`: new work is refused, or only notices are sent. |
)";
    for (const PlanField& field : plan_fields())
        fmt::format_to(std::back_inserter(out), "| `{}` | whole number from {} to {}{}{} | {} |\n", field.name,
                       field.min, field.max, field.unit.empty() ? "" : ", in ", field.unit, field.help);
    return out;
}

}  // namespace punkt::app
