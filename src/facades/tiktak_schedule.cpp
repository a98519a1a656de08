#include "facades/tiktak_schedule.h"

#include <algorithm>
#include <array>

#include "api/field_reader.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "core/schedule.h"

namespace punkt::tiktak {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t id_characters_max = 255;
constexpr std::int64_t delay_seconds_max = limits::delay_max / 1s;

void read_cron(api::FieldReader& fields, Task& task, Timestamp now) {
    task.kind = TaskKind::cron;
    task.dialect = CronDialect::and_;
    const auto schedule = Schedule::create(task);
    if (!schedule)
        fields.wrong("cron", schedule.error().fields.empty() ? schedule.error().message
                                                             : schedule.error().fields.front().message);
    else if (task.next_run_at = schedule->next(now); !task.next_run_at)
        fields.wrong("cron", "has no run in the future");
}

/// Date and time, with or without an offset; without one it is UTC.
void read_date(api::FieldReader& fields, const std::string& text, Task& task, Timestamp now) {
    auto at = parse_rfc3339(text);
    if (!at) at = parse_rfc3339(text + "Z");
    if (!at) return fields.wrong("date", "Date must be in ISO 8601 format");
    task.scheduled_at = std::max(*at, now);
}

void read_delay(api::FieldReader& fields, std::int64_t seconds, Task& task, Timestamp now) {
    if (seconds <= 0) return fields.wrong("delay", "must be greater than 0");
    if (seconds > delay_seconds_max) return fields.wrong("delay", "must be at most 100 years");
    task.scheduled_at = now + std::chrono::seconds{seconds};
}

/// The order in which the contract lists fields (tiktak.md §3).
Error in_contract_order(Error error) {
    constexpr std::array<std::string_view, 6> order{"id", "callback_url", "cron", "date", "delay", "priority"};
    std::stable_sort(error.fields.begin(), error.fields.end(), [&](const FieldError& a, const FieldError& b) {
        return std::find(order.begin(), order.end(), a.field) < std::find(order.begin(), order.end(), b.field);
    });
    return error;
}

/// Three attempts at 5 s and 30 s for transport errors and 5xx (tiktak.md §6).
RetryPolicy retry_policy() {
    return {.strategy = RetryPolicy::Strategy::ladder,
            .ladder = {5s, 30s},
            .jitter = 0,
            .on = {.transport = true, .timeout = true, .statuses = {{500, 599}}, .assertion = false}};
}

}  // namespace

Result<Task> task_from(std::string_view id, json::Value body, const tasks::Rules& rules, int retries, Timestamp now) {
    api::FieldReader fields(body);
    Task task;
    task.surface = Surface::tiktak;
    task.foreign_id = id;
    task.name = "tiktak: " + std::string(id);
    task.created_at = task.updated_at = now;
    task.retry_attempts = retries;
    task.retry = retry_policy();

    if (id.empty() || !is_utf8(id) || characters(id) > id_characters_max)
        fields.wrong("id", "must be 1 to 255 characters");
    const auto url = fields.string("callback_url");
    if (!url) {
        if (fields.raw("callback_url").is_nothing() || fields.raw("callback_url").string())
            fields.wrong("callback_url", "can't be blank");
    } else if (const auto wrong = tasks::wrong_with_url(*url, rules)) {
        fields.wrong("callback_url", *wrong);
    } else {
        task.url = *url;
    }
    const auto cron = fields.string("cron");
    const auto date = fields.string("date");
    const auto delay = fields.integer("delay");
    const int given =
        static_cast<int>(cron.has_value()) + static_cast<int>(date.has_value()) + static_cast<int>(delay.has_value());
    const auto is_wrong = [&fields](std::string_view name) {
        return std::any_of(fields.errors().begin(), fields.errors().end(),
                           [&](const FieldError& error) { return error.field == name; });
    };
    // A field of the wrong type has been named already.
    if (given != 1 && !is_wrong("cron") && !is_wrong("date") && !is_wrong("delay"))
        fields.wrong("cron", "Exactly one of [cron, date, delay] is required");
    if (given == 1 && cron) {
        task.cron = *cron;
        read_cron(fields, task, now);
    }
    if (given == 1 && date) read_date(fields, *date, task, now);
    if (given == 1 && delay) read_delay(fields, *delay, task, now);
    const auto priority = fields.integer("priority");
    if (priority && (*priority < 1 || *priority > 10))
        fields.wrong("priority", "must be between 1 and 10");
    else if (priority)
        task.priority = static_cast<int>(*priority);
    if (!fields.is_clean()) return in_contract_order(fields.error());
    return task;
}

bool is_same_cron(const Task& stored, const Task& asked) {
    return stored.kind == TaskKind::cron && asked.kind == TaskKind::cron && stored.enabled &&
           stored.next_run_at.has_value() && stored.cron == asked.cron && stored.url == asked.url &&
           stored.priority == asked.priority && stored.retry_attempts == asked.retry_attempts;
}

}  // namespace punkt::tiktak
