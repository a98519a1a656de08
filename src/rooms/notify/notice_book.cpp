#include "rooms/notify/notice_book.h"

#include <mutex>

namespace punkt::notify {

Result<void> NoticeBook::load(db::Connection& connection) {
    return connection.query(
        "SELECT organization, webhook_url, on_failure, on_recovery FROM notification", {}, [this](const db::Row& row) {
            put(row.integer(0), {.webhook_url = row.string(1), .on_failure = row.flag(2), .on_recovery = row.flag(3)});
        });
}

NoticeSettings NoticeBook::of(Id organization) const {
    const std::shared_lock lock(mutex_);
    const auto found = settings_.find(organization);
    return found == settings_.end() ? NoticeSettings{} : found->second;
}

void NoticeBook::put(Id organization, NoticeSettings settings) {
    const std::lock_guard lock(mutex_);
    settings_.insert_or_assign(organization, std::move(settings));
}

Result<void> store_settings(db::Connection& connection, Id organization, const NoticeSettings& settings,
                            Timestamp now) {
    auto done = connection.execute(
        "INSERT INTO notification (organization, webhook_url, on_failure, on_recovery, updated_at) VALUES ($1, $2, $3, "
        "$4, $5) ON CONFLICT (organization) DO UPDATE SET webhook_url = excluded.webhook_url, on_failure = "
        "excluded.on_failure, on_recovery = excluded.on_recovery, updated_at = excluded.updated_at",
        {organization, settings.webhook_url, settings.on_failure, settings.on_recovery, now});
    return done ? Result<void>() : Result<void>(done.error());
}

}  // namespace punkt::notify
