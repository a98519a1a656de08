// Where an organization wants to be told, in memory: asked at each final outcome.
#pragma once

#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "db/connection.h"
#include "store/write.h"

namespace punkt::notify {

/// `on_failure` and `on_recovery` hold for tasks that do not say (notify_on_failure, notify_on_recovery).
struct NoticeSettings {
    std::string webhook_url = {};  // empty: nobody is told
    bool on_failure = true;
    bool on_recovery = true;
};

/// Threads: any.
class NoticeBook {
  public:
    /// At start, before anybody asks.
    Result<void> load(db::Connection& connection);
    NoticeSettings of(Id organization) const;
    /// After the commit.
    void put(Id organization, NoticeSettings settings);

  private:
    mutable std::shared_mutex mutex_;
    std::unordered_map<Id, NoticeSettings> settings_;
};

Result<void> store_settings(db::Connection& connection, Id organization, const NoticeSettings& settings, Timestamp now);

}  // namespace punkt::notify
