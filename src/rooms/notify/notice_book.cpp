#include "rooms/notify/notice_book.h"

#include <mutex>

#include "core/mail.h"

namespace punkt::notify {

Result<void> NoticeBook::load(db::Connection& connection) {
    return connection.query("SELECT organization, webhook_url, email, on_failure, on_recovery FROM notification", {},
                            [this](const db::Row& row) {
                                put(row.integer(0), {.webhook_url = row.string(1),
                                                     .email = row.string(2),
                                                     .on_failure = row.flag(3),
                                                     .on_recovery = row.flag(4)});
                            });
}

std::vector<std::string> NoticeSettings::urls() const {
    std::vector<std::string> all;
    if (!webhook_url.empty()) all.push_back(webhook_url);
    if (!email.empty()) all.push_back(std::string(mail_scheme) + email);
    return all;
}

MailTurn NoticeBook::take_mail_turn(Id organization, bool is_failure, Timestamp now) {
    const std::lock_guard lock(mutex_);
    Turn& turn = turns_[{organization, is_failure}];
    if (now - turn.began >= mail_turn) turn = {.began = now};
    ++turn.mails;
    return turn.mails <= mails_in_turn       ? MailTurn::send
           : turn.mails == mails_in_turn + 1 ? MailTurn::last
                                             : MailTurn::none;
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
        "INSERT INTO notification (organization, webhook_url, email, on_failure, on_recovery, updated_at) VALUES ($1, "
        "$2, $3, $4, $5, $6) ON CONFLICT (organization) DO UPDATE SET webhook_url = excluded.webhook_url, email = "
        "excluded.email, on_failure = excluded.on_failure, on_recovery = excluded.on_recovery, updated_at = "
        "excluded.updated_at",
        {organization, settings.webhook_url, settings.email, settings.on_failure, settings.on_recovery, now});
    return done ? Result<void>() : Result<void>(done.error());
}

}  // namespace punkt::notify
