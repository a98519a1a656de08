// Where an organization wants to be told, in memory: asked at each final outcome.
#pragma once

#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "db/connection.h"
#include "store/write.h"

namespace punkt::notify {

/// `on_failure` and `on_recovery` hold for tasks that do not say (notify_on_failure, notify_on_recovery).
struct NoticeSettings {
    std::string webhook_url = {};  // empty: none
    std::string email = {};        // empty: none
    bool on_failure = true;
    bool on_recovery = true;

    /// Where to: the webhook, and the address as a mailto: URL.
    std::vector<std::string> urls() const;
};

/// An e-mail that is due now. A host that is down shall not fill a mailbox (execution.md §8.3).
enum class MailTurn { send, last, none };
constexpr int mails_in_turn = 3;                           // then one that says that no more come, within
constexpr Milliseconds mail_turn = std::chrono::hours{1};  // from the first one on

/// Threads: any.
class NoticeBook {
  public:
    /// At start, before anybody asks.
    Result<void> load(db::Connection& connection);
    NoticeSettings of(Id organization) const;
    /// After the commit.
    void put(Id organization, NoticeSettings settings);
    /// Counts an e-mail about failures, or about recoveries, of the organization. Begins anew with a restart.
    MailTurn take_mail_turn(Id organization, bool is_failure, Timestamp now);

  private:
    mutable std::shared_mutex mutex_;
    std::unordered_map<Id, NoticeSettings> settings_;
    struct Turn {
        Timestamp began{};
        int mails = 0;
    };
    std::map<std::pair<Id, bool>, Turn> turns_;  // by organization, and whether it is about failures
};

Result<void> store_settings(db::Connection& connection, Id organization, const NoticeSettings& settings, Timestamp now);

}  // namespace punkt::notify
