// Tasks and timers for tests, from the few things a test cares about.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/arming.h"
#include "core/schedule.h"
#include "core/task.h"

namespace punkt::testing {

struct TaskOptions {
    Id id = 0;
    Id organization = 1;
    std::string url = "http://target.test/hook";
    Method method = Method::post;
    std::optional<std::string> body = std::nullopt;
    int retries = 0;
    std::optional<RetryPolicy> retry = std::nullopt;
    Timestamp due{};
    std::string queue = {};
    int priority = 5;
    std::vector<KeyLimit> key_limits = {};
    std::string cron = {};  // not empty: a cron task, whose first instant comes after `due`
    CatchUp catch_up = CatchUp::run_latest;
    Overlap overlap = Overlap::allow;
    std::optional<Timestamp> expires_at = std::nullopt;
};

inline Task a_task(TaskOptions options) {
    Task task;
    task.id = options.id;
    task.organization = options.organization;
    task.name = "a task";
    task.url = std::move(options.url);
    task.method = options.method;
    task.body = std::move(options.body);
    task.retry_attempts = options.retries;
    task.retry = std::move(options.retry);
    task.queue = std::move(options.queue);
    task.priority = options.priority;
    task.key_limits = std::move(options.key_limits);
    task.created_at = task.updated_at = options.due;
    task.catch_up = options.catch_up;
    task.overlap = options.overlap;
    task.expires_at = options.expires_at;
    if (options.cron.empty()) {
        task.scheduled_at = options.due;
    } else {
        task.kind = TaskKind::cron;
        task.cron = std::move(options.cron);
        task.next_run_at = Schedule::create(task).value().next(options.due);
    }
    return task;
}

struct TimerOptions {
    Id id = 1;
    Id task = 0;  // 0: the same number
    Id organization = 1;
    int attempt = 1;
    Id first = 0;  // 0: the same number as `id`
    Timestamp due{};
    Lane lane = 0;
    int priority = 5;
    Timer::Kind kind = Timer::Kind::run;
};

inline Timer a_timer(TimerOptions options) {
    return {.id = options.id,
            .task = options.task == 0 ? options.id : options.task,
            .organization = options.organization,
            .kind = options.kind,
            .attempt = options.attempt,
            .first = options.first == 0 ? options.id : options.first,
            .due = options.due,
            .scheduled_for = options.due,
            .lane = options.lane,
            .priority = options.priority};
}

}  // namespace punkt::testing
