#include "rooms/tasks/follow_ups.h"

#include "base/time_text.h"
#include "engine/follow_up_task.h"

namespace punkt::tasks {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds callback_timeout = 10s;

RetryPolicy callback_retries() { return {.strategy = RetryPolicy::Strategy::ladder, .ladder = {5s, 20s}, .jitter = 0}; }

std::string payload(const engine::Finished& finished, const PublicIds& ids) {
    const Execution& execution = finished.execution;
    json::Writer writer;
    writer.begin_object().key("event").string("execution.completed");
    writer.key("task_id").string(ids.uuid(IdKind::task, execution.task));
    writer.key("execution_id").string(ids.uuid(IdKind::execution, execution.id));
    writer.key("status").string(word(execution.status));
    engine::write_status_code(writer, execution);
    writer.key("duration_ms");
    execution.started_at ? writer.integer(execution.timings.total_us / 1000) : writer.null();
    writer.key("response_body");
    execution.response_head.empty() ? writer.null() : writer.string(execution.response_body);
    engine::write_error_message(writer, execution);
    writer.key("attempt").integer(execution.attempt).key("final").boolean(finished.is_final);
    writer.key("scheduled_for").string(to_text_seconds(execution.scheduled_for)).key("started_at");
    execution.started_at ? writer.string(to_text_seconds(*execution.started_at)) : writer.null();
    writer.key("finished_at").string(to_text_seconds(execution.finished_at.value_or(finished.now)));
    writer.end_object();
    return writer.take();
}

}  // namespace

void add_callback(const engine::Finished& finished, const PublicIds& ids, std::vector<Task>& tasks) {
    if (finished.task.callback_url.empty()) return;
    Task task =
        engine::posted_json(finished, ids, Purpose::callback, finished.task.callback_url, payload(finished, ids));
    task.timeout = callback_timeout;
    task.retry = callback_retries();
    task.retry_attempts = static_cast<int>(task.retry->ladder.size());
    tasks.push_back(std::move(task));
}

}  // namespace punkt::tasks
