#include "rooms/tasks/retry_rules.h"

#include <fmt/format.h>

#include "core/verdict.h"

namespace punkt::tasks {
namespace {

constexpr std::int64_t delay_ms_max = limits::retry_delay_max.count();

void read_ladder(api::FieldReader& retry, api::FieldReader& fields, RetryPolicy& policy) {
    const json::Value ladder = retry.raw("ladder_ms");
    if (ladder.is_nothing()) return;
    const auto steps = ladder.elements();
    // Every policy is shown with its steps, also one that climbs none.
    if (ladder.type() == json::Type::array && steps.empty() && policy.strategy != RetryPolicy::Strategy::ladder) return;
    if (ladder.type() != json::Type::array || steps.empty() || steps.size() > limits::ladder_steps_max)
        return fields.wrong("retry.ladder_ms",
                            fmt::format("must be a list of 1 to {} delays in milliseconds", limits::ladder_steps_max));
    for (const json::Value step : steps) {
        const auto ms = step.integer();
        if (!ms || *ms < 1 || *ms > delay_ms_max)
            return fields.wrong("retry.ladder_ms", fmt::format("must hold whole milliseconds from 1 to {} (got {})",
                                                               delay_ms_max, step.text()));
        policy.ladder.emplace_back(*ms);
    }
}

void read_on(api::FieldReader& retry, api::FieldReader& fields, RetryPolicy& policy) {
    const json::Value on = retry.raw("on");
    if (on.is_nothing()) return;
    if (on.type() != json::Type::array) return fields.wrong("retry.on", "must be a list");
    policy.on = {.transport = false, .timeout = false, .statuses = {}, .assertion = false};
    for (const json::Value cause : on.elements()) {
        const std::string text = cause.integer() ? cause.text() : std::string(cause.string().value_or(""));
        if (text == "transport")
            policy.on.transport = true;
        else if (text == "timeout")
            policy.on.timeout = true;
        else if (text == "assertion")
            policy.on.assertion = true;
        else if (const auto range = status_range(text))
            policy.on.statuses.push_back(*range);
        else
            return fields.wrong("retry.on", fmt::format("'{}' is not transport, timeout, assertion, a status such as "
                                                        "429, a class such as 5xx or a range such as 500-599",
                                                        text.empty() ? cause.text() : text));
    }
}

}  // namespace

void read_retry(api::FieldReader& fields, std::optional<RetryPolicy>& policy) {
    if (!fields.has("retry")) return;
    const json::Value value = fields.raw("retry");
    if (value.is_nothing()) return policy.reset();
    if (value.type() != json::Type::object) return fields.wrong("retry", "must be an object");
    api::FieldReader retry(value);
    RetryPolicy read;
    if (const auto text = retry.string("strategy")) {
        const auto strategy = retry_strategy_from(*text);
        if (strategy && *strategy != RetryPolicy::Strategy::qron)
            read.strategy = *strategy;
        else
            retry.wrong("strategy", "must be one of standard, exponential, linear, fixed, ladder");
    }
    if (const auto ms = retry.integer("initial_ms", 1, delay_ms_max)) read.initial = Milliseconds{*ms};
    if (const auto ms = retry.integer("max_ms", 1, delay_ms_max)) read.max = Milliseconds{*ms};
    if (const auto factor = retry.number("factor", 1.0, 100.0)) read.factor = *factor;
    if (const auto jitter = retry.number("jitter", 0.0, 1.0)) read.jitter = *jitter;
    read_ladder(retry, fields, read);
    if (read.strategy == RetryPolicy::Strategy::ladder && read.ladder.empty() && retry.raw("ladder_ms").is_nothing())
        retry.wrong("ladder_ms", "can't be blank with strategy \"ladder\"");
    read_on(retry, fields, read);
    for (const auto& [field, message] : retry.errors()) fields.wrong("retry." + field, message);
    policy = std::move(read);
}

void write_retry(json::Writer& writer, const std::optional<RetryPolicy>& policy) {
    if (!policy) {
        writer.null();
        return;
    }
    writer.begin_object().key("strategy").string(word(policy->strategy));
    writer.key("initial_ms").integer(policy->initial.count()).key("factor").number(policy->factor);
    writer.key("max_ms").integer(policy->max.count()).key("jitter").number(policy->jitter);
    writer.key("ladder_ms").begin_array();
    for (const Milliseconds step : policy->ladder) writer.integer(step.count());
    writer.end_array().key("on").begin_array();
    if (policy->on.transport) writer.string("transport");
    if (policy->on.timeout) writer.string("timeout");
    if (policy->on.assertion) writer.string("assertion");
    for (const auto& [from, to] : policy->on.statuses)
        writer.string(from == to ? fmt::format("{}", from) : fmt::format("{}-{}", from, to));
    writer.end_array().end_object();
}

}  // namespace punkt::tasks
