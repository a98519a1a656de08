#include "rooms/notify/follow_ups.h"

#include <fmt/format.h>

#include "base/time_text.h"
#include "core/mail.h"
#include "engine/follow_up_task.h"

namespace punkt::notify {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds notice_timeout = 15s;

std::string payload(const engine::Finished& finished, bool is_failure, const PublicIds& ids) {
    const Task& task = finished.task;
    const Execution& execution = finished.execution;
    json::Writer writer;
    writer.begin_object().key("event").string(is_failure ? "task.failed" : "task.recovered");
    writer.key("task").begin_object().key("id").string(ids.uuid(IdKind::task, task.id));
    writer.key("name").string(task.name).key("url").string(task.url).key("method").string(word(task.method));
    writer.end_object().key("execution").begin_object();
    writer.key("id").string(ids.uuid(IdKind::execution, execution.id)).key("status").string(word(execution.status));
    engine::write_status_code(writer, execution);
    if (is_failure) engine::write_error_message(writer, execution);
    writer.key("scheduled_for").string(to_text_seconds(execution.scheduled_for));
    writer.key("finished_at").string(to_text_seconds(execution.finished_at.value_or(finished.now)));
    writer.key("duration_ms");
    execution.started_at ? writer.integer(execution.timings.total_us / 1000) : writer.null();
    writer.key("attempt").integer(execution.attempt).end_object().end_object();
    return writer.take();
}

std::string sentence(const engine::Finished& finished, bool is_failure) {
    if (!is_failure) return fmt::format("Task recovered: {}", finished.task.name);
    return fmt::format("Task failed: {} ({})", finished.task.name, finished.execution.error_message);
}

/// What the receiver behind `url` understands.
std::string webhook_body(std::string_view url, const engine::Finished& finished, bool is_failure,
                         const PublicIds& ids) {
    const char* member = nullptr;
    if (url.find("hooks.slack.com") != std::string_view::npos) member = "text";
    if (url.find("discord.com/api/webhooks") != std::string_view::npos) member = "content";
    if (member == nullptr) return payload(finished, is_failure, ids);
    json::Writer writer;
    writer.begin_object().key(member).string(sentence(finished, is_failure)).end_object();
    return writer.take();
}

Task mail(const engine::Finished& finished, bool is_failure, const PublicIds& ids, const std::string& address) {
    const Task& task = finished.task;
    const Execution& execution = finished.execution;
    Task notice = engine::follow_up(finished, Purpose::notice);
    std::string text = fmt::format(
        "Task:       {}\nCalls:      {} {}\nTask id:    {}\nExecution:  {}, attempt {}\nDue:        {}\n"
        "Finished:   {}\nStatus:     {}\n",
        task.name, word(task.method), task.url, ids.uuid(IdKind::task, task.id),
        ids.uuid(IdKind::execution, execution.id), execution.attempt, to_text_seconds(execution.scheduled_for),
        to_text_seconds(execution.finished_at.value_or(finished.now)), word(execution.status));
    if (is_failure) text += fmt::format("Error:      {}\n", execution.error_message);
    make_mail(notice, address, fmt::format("[Punkt] Task {}: {}", is_failure ? "failed" : "recovered", task.name),
              std::move(text));
    return notice;
}

Task last_mail(const engine::Finished& finished, bool is_failure, const std::string& address) {
    const char* what = is_failure ? "failed" : "recovered";
    Task notice = engine::follow_up(finished, Purpose::notice);
    make_mail(notice, address, fmt::format("[Punkt] More tasks {}", what),
              fmt::format("{} e-mails about tasks that {} were sent within the hour. One more {} now, \"{}\"; about "
                          "further ones no e-mail comes before the hour is over. GET /api/v1/dead-letters and "
                          "`punkt dead-letter list` show all that is lost.\n",
                          mails_in_turn, what, what, finished.task.name));
    return notice;
}

}  // namespace

void add_notices(const engine::Finished& finished, const PublicIds& ids, NoticeBook& book, std::vector<Task>& tasks) {
    if (!finished.is_final) return;
    const bool is_failure = finished.is_lost();
    const bool was_lost = finished.previous_lost.value_or(false);
    if (is_failure == was_lost) return;  // nothing new
    const Task& task = finished.task;
    const auto post = [&](Purpose purpose, const std::string& url, std::string json) {
        Task notice = engine::posted_json(finished, ids, purpose, url, std::move(json));
        notice.timeout = notice_timeout;
        tasks.push_back(std::move(notice));
    };
    const std::string& action_url = is_failure ? task.on_failure_url : task.on_recovery_url;
    if (!action_url.empty())
        post(is_failure ? Purpose::on_failure : Purpose::on_recovery, action_url, payload(finished, is_failure, ids));
    const NoticeSettings settings = book.of(task.organization);
    const bool is_wanted = is_failure ? task.notify_on_failure.value_or(settings.on_failure)
                                      : task.notify_on_recovery.value_or(settings.on_recovery);
    if (!is_wanted) return;
    if (!settings.webhook_url.empty())
        post(Purpose::notice, settings.webhook_url, webhook_body(settings.webhook_url, finished, is_failure, ids));
    if (settings.email.empty()) return;
    const MailTurn turn = book.take_mail_turn(task.organization, is_failure, finished.now);
    if (turn == MailTurn::none) return;
    tasks.push_back(turn == MailTurn::send ? mail(finished, is_failure, ids, settings.email)
                                           : last_mail(finished, is_failure, settings.email));
}

}  // namespace punkt::notify
