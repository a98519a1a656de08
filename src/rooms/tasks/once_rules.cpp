#include "rooms/tasks/once_rules.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "base/utf8.h"
#include "core/limits.h"
#include "rooms/tasks/timing_rules.h"

namespace punkt::tasks {
namespace {

using api::FieldReader;

struct Known {
    OnceKind kind;
    const char* name;
    const char* span;  // its duration
};
constexpr std::array known = {Known{OnceKind::dedupe, "dedupe", "window"},
                              Known{OnceKind::debounce, "debounce", "wait"},
                              Known{OnceKind::throttle, "throttle", "period"}};

/// All of `names` exclude each other: said under each of them.
void refuse_together(FieldReader& fields, const std::vector<std::string_view>& names) {
    for (const auto name : names) {
        std::string others;
        for (const auto other : names)
            if (other != name) others += (others.empty() ? "" : " and ") + std::string(other);
        fields.wrong(name, "cannot be given together with " + others);
    }
}

void read_throttle_count(FieldReader& fields, json::Value object, OnceRule& rule) {
    // "limit" is what others call it.
    const json::Value count = object["count"].is_nothing() ? object["limit"] : object["count"];
    if (count.is_nothing()) return fields.wrong("throttle.count", "can't be blank");
    const auto number = count.integer();
    if (!number || *number < 1 || *number > limits::throttle_count_max)
        return fields.wrong("throttle.count", fmt::format("must be a number from 1 to {}", limits::throttle_count_max));
    rule.count = static_cast<int>(*number);
}

OnceRule read_rule(FieldReader& fields, const Known& is, json::Value object) {
    OnceRule rule{.kind = is.kind};
    const auto at = [&](std::string_view member) { return fmt::format("{}.{}", is.name, member); };
    const auto key = object["key"].string().value_or("");
    if (key.find_first_not_of(" \t\r\n") == std::string_view::npos)
        fields.wrong(at("key"), object["key"].is_nothing() || object["key"].string() ? "can't be blank" : "is invalid");
    else if (characters(key) > limits::key_characters)
        fields.wrong(at("key"), fmt::format("should be at most {} character(s)", limits::key_characters));
    rule.key = key;
    if (object[is.span].is_nothing()) fields.wrong(at(is.span), "can't be blank");
    rule.span = read_duration(fields, object, is.span, at(is.span), limits::once_window_max).value_or(Milliseconds{0});
    if (is.kind == OnceKind::throttle) read_throttle_count(fields, object, rule);
    if (is.kind != OnceKind::debounce) return rule;
    rule.max_wait = read_duration(fields, object, "max_wait", at("max_wait"), limits::once_window_max);
    if (rule.max_wait && *rule.max_wait < rule.span)
        fields.wrong(at("max_wait"), "must not be shorter than debounce.wait");
    return rule;
}

}  // namespace

std::optional<OnceRule> read_once(FieldReader& fields) {
    std::vector<std::string_view> given;
    std::optional<OnceRule> rule;
    for (const Known& is : known) {
        const json::Value value = fields.raw(is.name);
        if (value.is_nothing()) continue;
        given.emplace_back(is.name);
        if (value.type() == json::Type::object)
            rule = read_rule(fields, is, value);
        else
            fields.wrong(is.name, fmt::format("is invalid (it must be an object with key and {})", is.span));
    }
    if (given.empty()) return std::nullopt;
    for (const char* time : {"cron", "cron_expression"})
        if (decides(fields.raw(time))) given.emplace_back(time);
    if (rule && rule->kind == OnceKind::debounce)
        for (const char* time : {"delay", "run_at", "scheduled_at"})
            if (decides(fields.raw(time))) given.emplace_back(time);
    if (given.size() > 1) refuse_together(fields, given);
    return rule;
}

}  // namespace punkt::tasks
