#include "rooms/queues/settings_write.h"

#include "api/rate_field.h"
#include "base/json.h"
#include "store/audit.h"
#include "store/queue_settings.h"

namespace punkt::queues {
namespace {

/// For the audit log, as the API shows it.
std::string settings_text(const QueueSettings& settings) {
    json::Writer writer;
    writer.begin_object().key("paused").boolean(settings.is_paused).key("draining").boolean(settings.is_draining);
    writer.key("concurrency").integer(settings.concurrency).key("priority").integer(settings.priority);
    writer.key("on_failure").string(word(settings.on_failure));
    api::write_rate(writer.key("rate"), settings.rate);
    writer.end_object();
    return writer.take();
}

/// New settings of a queue, and the event when they pause or resume it.
class ChangeSettings final : public store::Write {
  public:
    ChangeSettings(SettingsWish wish, std::shared_ptr<QueueSettings> changed, store::Done done)
        : wish_(std::move(wish)), changed_(std::move(changed)), done_(std::move(done)) {}

    Result<void> apply(db::Connection& connection) override {
        QueueSettings before;
        auto stored = store::change_queue_settings(connection, wish_.organization, wish_.name, wish_.now,
                                                   [&](QueueSettings& settings) {
                                                       before = settings;
                                                       wish_.change(settings);
                                                   });
        if (!stored) return stored.error();
        was_paused_ = before.is_paused;
        *changed_ = std::move(*stored);
        AuditEntry entry = wish_.entry;
        entry.changes = audit_changes(settings_text(before), settings_text(*changed_));
        return entry.changes.empty() ? Result<void>() : store::insert_audit(connection, entry);
    }
    void tell(store::Journal& journal) const override {
        if (changed_->is_paused == was_paused_ || !journal.wants(wish_.organization)) return;
        journal.happened({.type = changed_->is_paused ? EventType::queue_paused : EventType::queue_resumed,
                          .organization = wish_.organization,
                          .queue = changed_->name});
    }
    void finished(const Result<void>& result) override { done_(result); }

  private:
    SettingsWish wish_;
    std::shared_ptr<QueueSettings> changed_;
    bool was_paused_ = false;
    store::Done done_;
};

}  // namespace

std::unique_ptr<store::Write> settings_write(store::QueueBook& book, engine::Inbox& engine, SettingsWish wish,
                                             std::shared_ptr<QueueSettings> changed, store::Done done) {
    // On the writer's thread, in the order of the commits.
    auto tell = [changed, &book, &engine, done = std::move(done)](const Result<void>& result) mutable {
        if (result) {
            book.put(*changed);
            engine.settings_changed(
                {.organization = changed->organization, .lane = lane_of(changed->organization, changed->name)});
        }
        done(result);
    };
    return std::make_unique<ChangeSettings>(std::move(wish), std::move(changed), std::move(tell));
}

}  // namespace punkt::queues
