#include "store/task_options.h"

#include <fmt/format.h>

#include "base/json.h"

namespace punkt::store {
namespace {

using json::Value;
using json::Writer;

/// Begins the object with the first member; a task of defaults never begins one.
class Members {
  public:
    Writer& at(std::string_view name) {
        if (!begun_) writer_.begin_object();
        begun_ = true;
        return writer_.key(name);
    }
    void text(std::string_view name, const std::string& value, std::string_view default_value = {}) {
        if (value != default_value) at(name).string(value);
    }
    void number(std::string_view name, std::int64_t value, std::int64_t default_value) {
        if (value != default_value) at(name).integer(value);
    }
    void flag(std::string_view name, std::optional<bool> value) {
        if (value) at(name).boolean(*value);
    }
    std::string take() { return begun_ ? writer_.end_object().take() : std::string{}; }

  private:
    Writer writer_;
    bool begun_ = false;
};

void write_retry(Writer& out, const RetryPolicy& policy) {
    out.begin_object();
    out.key("strategy").string(word(policy.strategy));
    out.key("initial_ms").integer(policy.initial.count());
    out.key("factor").number(policy.factor);
    out.key("max_ms").integer(policy.max.count());
    out.key("jitter").number(policy.jitter);
    out.key("ladder_ms").begin_array();
    for (const auto step : policy.ladder) out.integer(step.count());
    out.end_array();
    out.key("transport").boolean(policy.on.transport);
    out.key("timeout").boolean(policy.on.timeout);
    out.key("assertion").boolean(policy.on.assertion);
    out.key("statuses").begin_array();
    for (const auto& [from, to] : policy.on.statuses) out.begin_array().integer(from).integer(to).end_array();
    out.end_array().end_object();
}

void write_limits(Writer& out, const std::vector<KeyLimit>& key_limits) {
    out.begin_array();
    for (const KeyLimit& limit : key_limits) {
        out.begin_object().key("key").string(limit.key).key("concurrency").integer(limit.concurrency);
        if (limit.rate) {
            out.key("count").integer(limit.rate->count);
            out.key("period_ms").integer(limit.rate->period.count());
            out.key("burst").integer(limit.rate->burst);
        }
        out.end_object();
    }
    out.end_array();
}

void write_expected_json(Writer& out, const std::vector<JsonExpectation>& expectations) {
    out.begin_array();
    for (const auto& [path, equals] : expectations) out.begin_array().string(path).string(equals).end_array();
    out.end_array();
}

void write_texts(Writer& out, const std::vector<std::string>& texts) {
    out.begin_array();
    for (const auto& text : texts) out.string(text);
    out.end_array();
}

void read(const Value& value, std::string& into) {
    if (const auto text = value.string()) into = *text;
}
void read(const Value& value, bool& into) {
    if (const auto flag = value.boolean()) into = *flag;
}
void read(const Value& value, std::optional<bool>& into) {
    if (const auto flag = value.boolean()) into = *flag;
}
void read(const Value& value, double& into) {
    if (const auto number = value.number()) into = *number;
}
void read(const Value& value, int& into) {
    if (const auto number = value.integer()) into = static_cast<int>(*number);
}
void read(const Value& value, std::optional<Timestamp>& into) {
    if (const auto ms = value.integer()) into = from_ms(*ms);
}
void read(const Value& value, std::vector<std::string>& into) {
    for (const Value& element : value.elements()) into.emplace_back(element.string().value_or(""));
}
void read(const Value& value, Milliseconds& into) {
    if (const auto number = value.integer()) into = Milliseconds{*number};
}
template <class Enum, class FromWord>
void read(const Value& value, Enum& into, FromWord from_word) {
    if (const auto text = value.string())
        if (const auto known = from_word(*text)) into = *known;
}

RetryPolicy read_retry(const Value& value) {
    RetryPolicy policy;
    read(value["strategy"], policy.strategy, retry_strategy_from);
    read(value["initial_ms"], policy.initial);
    read(value["factor"], policy.factor);
    read(value["max_ms"], policy.max);
    read(value["jitter"], policy.jitter);
    for (const Value& step : value["ladder_ms"].elements()) policy.ladder.emplace_back(step.integer().value_or(0));
    read(value["transport"], policy.on.transport);
    read(value["timeout"], policy.on.timeout);
    read(value["assertion"], policy.on.assertion);
    policy.on.statuses.clear();
    for (const Value& range : value["statuses"].elements()) {
        const auto ends = range.elements();
        if (ends.size() != 2) continue;
        policy.on.statuses.emplace_back(static_cast<int>(ends[0].integer().value_or(0)),
                                        static_cast<int>(ends[1].integer().value_or(0)));
    }
    return policy;
}

std::vector<KeyLimit> read_limits(const Value& value) {
    std::vector<KeyLimit> limits;
    for (const Value& element : value.elements()) {
        KeyLimit& limit = limits.emplace_back();
        read(element["key"], limit.key);
        read(element["concurrency"], limit.concurrency);
        if (!element["count"].exists()) continue;
        Rate& rate = limit.rate.emplace();
        read(element["count"], rate.count);
        read(element["period_ms"], rate.period);
        read(element["burst"], rate.burst);
    }
    return limits;
}

std::vector<JsonExpectation> read_expected_json(const Value& value) {
    std::vector<JsonExpectation> expectations;
    for (const Value& element : value.elements()) {
        const auto pair = element.elements();
        if (pair.size() == 2)
            expectations.push_back(
                {std::string(pair[0].string().value_or("")), std::string(pair[1].string().value_or(""))});
    }
    return expectations;
}

}  // namespace

std::string options_text(const Task& task) {
    static const Task defaults;
    Members out;
    if (!task.headers.empty()) {
        // Pairs, not an object: order and repetition are the caller's.
        Writer& list = out.at("headers").begin_array();
        for (const auto& [name, value] : task.headers) list.begin_array().string(name).string(value).end_array();
        list.end_array();
    }
    out.text("cron", task.cron);
    out.text("timezone", task.timezone, defaults.timezone);
    if (task.dialect != defaults.dialect) out.at("dialect").string(word(task.dialect));
    if (task.catch_up != defaults.catch_up) out.at("catch_up").string(word(task.catch_up));
    if (task.overlap != defaults.overlap) out.at("overlap").string(word(task.overlap));
    out.number("timeout_ms", task.timeout.count(), defaults.timeout.count());
    out.number("retry_attempts", task.retry_attempts, defaults.retry_attempts);
    if (task.retry) write_retry(out.at("retry"), *task.retry);
    if (task.follow_redirects) out.at("follow_redirects").boolean(true);
    out.number("priority", task.priority, defaults.priority);
    out.text("callback_url", task.callback_url);
    out.text("expected_status_codes", task.expected_status_codes);
    out.text("expected_body_pattern", task.expected_body_pattern);
    out.flag("notify_on_failure", task.notify_on_failure);
    out.flag("notify_on_recovery", task.notify_on_recovery);
    out.text("on_failure_url", task.on_failure_url);
    out.text("on_recovery_url", task.on_recovery_url);
    out.text("foreign_id", task.foreign_id);
    out.text("expected_body_regex", task.expected_body_regex);
    if (!task.expected_json.empty()) write_expected_json(out.at("expected_json"), task.expected_json);
    if (task.expected_latency_max) out.at("expected_latency_max_ms").integer(task.expected_latency_max->count());
    if (!task.key_limits.empty()) write_limits(out.at("limits"), task.key_limits);
    if (task.expires_at) out.at("expires_at").integer(to_ms(*task.expires_at));
    out.text("key", task.key);
    if (!task.tags.empty()) write_texts(out.at("tags"), task.tags);
    out.text("metadata", task.metadata);
    out.text("traceparent", task.traceparent);
    out.text("tracestate", task.tracestate);
    if (task.purpose != defaults.purpose) out.at("purpose").string(word(task.purpose));
    out.number("parent", task.parent, 0);
    return out.take();
}

Result<void> read_options(std::string_view text, Task& task) {
    if (text.empty()) return {};
    auto document = json::Document::parse(text);
    if (!document || document->root().type() != json::Type::object)
        return Error{.message = fmt::format("the options of task {} are damaged", task.id)};
    const Value options = document->root();
    for (const Value& header : options["headers"].elements()) {
        const auto pair = header.elements();
        if (pair.size() == 2) task.headers.emplace_back(pair[0].string().value_or(""), pair[1].string().value_or(""));
    }
    read(options["cron"], task.cron);
    read(options["timezone"], task.timezone);
    read(options["dialect"], task.dialect, cron_dialect_from);
    read(options["catch_up"], task.catch_up, catch_up_from);
    read(options["overlap"], task.overlap, overlap_from);
    read(options["timeout_ms"], task.timeout);
    read(options["retry_attempts"], task.retry_attempts);
    if (options["retry"].exists()) task.retry = read_retry(options["retry"]);
    read(options["follow_redirects"], task.follow_redirects);
    read(options["priority"], task.priority);
    read(options["callback_url"], task.callback_url);
    read(options["expected_status_codes"], task.expected_status_codes);
    read(options["expected_body_pattern"], task.expected_body_pattern);
    read(options["notify_on_failure"], task.notify_on_failure);
    read(options["notify_on_recovery"], task.notify_on_recovery);
    read(options["on_failure_url"], task.on_failure_url);
    read(options["on_recovery_url"], task.on_recovery_url);
    read(options["foreign_id"], task.foreign_id);
    read(options["expected_body_regex"], task.expected_body_regex);
    task.expected_json = read_expected_json(options["expected_json"]);
    if (const auto ms = options["expected_latency_max_ms"].integer()) task.expected_latency_max = Milliseconds{*ms};
    task.key_limits = read_limits(options["limits"]);
    read(options["expires_at"], task.expires_at);
    read(options["key"], task.key);
    read(options["tags"], task.tags);
    read(options["metadata"], task.metadata);
    read(options["traceparent"], task.traceparent);
    read(options["tracestate"], task.tracestate);
    read(options["purpose"], task.purpose, purpose_from);
    task.parent = options["parent"].integer().value_or(0);
    return {};
}

}  // namespace punkt::store
