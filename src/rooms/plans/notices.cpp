#include "rooms/plans/notices.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/json.h"
#include "base/log.h"
#include "base/time_text.h"
#include "core/arming.h"
#include "core/mail.h"
#include "store/task_writes.h"

namespace punkt::plans {
namespace {

std::string sentence(const store::Quotas::Passed& passed) {
    const auto& [plan, overrides, used, open, month, resets_at] = passed.state;
    const bool is_hard = plan.limit == Plan::Limit::hard;
    const char* consequence = used < plan.executions_per_month ? ""
                              : is_hard                        ? " New work is refused until the month ends."
                                                               : " Nothing is refused.";
    return fmt::format("{} of the {} executions that the plan \"{}\" allows in {} are used ({} %).{}", used,
                       plan.executions_per_month, plan.name, to_text_seconds(month).substr(0, 7),
                       used * 100 / plan.executions_per_month, consequence);
}

/// The note that the notice was sent, and the notices themselves if it was not there.
class NoticeWrite final : public store::Write {
  public:
    NoticeWrite(store::Quotas::Passed passed, std::vector<store::NewTask> tasks, Timestamp now)
        : passed_(std::move(passed)), tasks_(std::move(tasks)), now_(now) {}

    Result<void> apply(db::Connection& connection) override {
        notice_.reset();
        auto noted = connection.execute(
            "INSERT INTO quota_notice (organization, month, percent, sent_at) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (organization, month, percent) DO NOTHING",
            {passed_.organization, store::day_of(passed_.state.month), passed_.percent, now_});
        if (!noted) return noted.error();
        is_new_ = *noted > 0;
        if (!is_new_ || tasks_.empty()) return {};
        notice_.emplace(tasks_, [](Result<void>) {});
        return notice_->apply(connection);
    }
    void announce(store::Announcements& announcements) override {
        if (notice_) notice_->announce(announcements);
    }
    void finished(const Result<void>& result) override {
        if (!result)
            log::warn("a notice about usage was not written: {}", result.error().message);
        else if (is_new_)
            log::info("organization {}: {}", passed_.organization, sentence(passed_));
    }
    bool may_be_refused() const override { return false; }

  private:
    store::Quotas::Passed passed_;
    std::vector<store::NewTask> tasks_;  // one for each place
    Timestamp now_;
    std::optional<store::InsertTasks> notice_;
    bool is_new_ = false;
};

}  // namespace

Task notice_task(const store::Quotas::Passed& passed, std::string url, Timestamp now) {
    const store::QuotaState& state = passed.state;
    const std::string text = sentence(passed);
    json::Writer body;
    body.begin_object().key("event").string(passed.percent >= 100 ? "limit_reached" : "limit_warning");
    body.key("text").string(text).key("content").string(text).key("data").begin_object();
    body.key("plan").string(state.plan.name).key("limit").string(word(state.plan.limit));
    body.key("month").string(to_text_seconds(state.month).substr(0, 7)).key("percent").integer(passed.percent);
    body.key("used").integer(state.used).key("allowed").integer(state.plan.executions_per_month);
    body.key("resets_at").string(to_text_seconds(state.resets_at)).end_object().end_object();
    Task task;
    task.organization = passed.organization;
    task.surface = Surface::system;
    task.purpose = Purpose::notice;
    task.name = fmt::format("Notice: {} % of the month's executions", passed.percent);
    if (url.starts_with(mail_scheme)) {
        make_mail(task, url.substr(mail_scheme.size()), "[Punkt] " + task.name, text + "\n");
    } else {
        task.url = std::move(url);
        task.headers = {{"content-type", "application/json"}};
        task.body = body.take();
    }
    task.created_at = task.updated_at = now;
    task.scheduled_at = now;
    return task;
}

void Notices::step(Timestamp now) {
    for (auto& passed : quotas_.take_passed()) {
        std::vector<store::NewTask> tasks;
        for (std::string& url : urls_of_(passed.organization)) {
            Task notice = notice_task(passed, std::move(url), now);
            notice.id = ids_.next(now);
            const Timer timer = *first_timer(notice);
            tasks.push_back({std::make_shared<const Task>(std::move(notice)), timer});
        }
        writer_.submit(std::make_unique<NoticeWrite>(std::move(passed), std::move(tasks), now));
    }
}

}  // namespace punkt::plans
