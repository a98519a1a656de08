// Between the writer and those who want to know: keeps the events of watched organizations and queues event webhooks in
// the very commit that caused them, then publishes.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/metrics.h"
#include "engine/ports.h"
#include "rooms/events/event_store.h"
#include "rooms/events/hub.h"
#include "rooms/events/subscription.h"
#include "store/journal.h"
#include "store/task_writes.h"

namespace punkt::events {

struct EventMetrics {
    explicit EventMetrics(Metrics& metrics);
    Counter& kept;
    Counter& sent;
};

/// Threads: as store::Journal the writer's; the rest any.
class EventJournal final : public store::Journal {
  public:
    EventJournal(IdMaker& ids, const PublicIds& public_ids, const Clock& clock, Hub& hub, Metrics& metrics)
        : ids_(ids), public_ids_(public_ids), clock_(clock), hub_(hub), metrics_(metrics) {}

    /// Watches and subscriptions as they are stored. Before the writer starts.
    Result<void> load(db::Connection& connection);

    // To be called on the writer's thread when it is on disk, so that the next commit is told in full.
    void watched(const Watch& watch);
    void watch_ended(Id organization);
    void subscribed(const Subscription& subscription);
    void unsubscribed(Id organization, Id subscription);

    std::optional<Watch> watch_of(Id organization) const;
    std::vector<Watch> watches() const;
    /// By id.
    std::vector<Subscription> subscriptions_of(Id organization) const;

    bool begin() override;
    bool wants(Id organization) const override { return interests_->contains(organization); }
    void happened(const Happening& happening) override;
    Result<void> write(db::Connection& connection) override;
    void committed(store::Announcements& announcements) override;

  private:
    struct Interest {
        std::optional<Watch> watch;
        std::vector<std::pair<Subscription, EventTypes>> subscriptions;
    };
    using Interests = std::unordered_map<Id, Interest>;
    /// Changes a copy, so that a commit under way sees one state throughout.
    template <class Change>
    void change(Id organization, Change change);
    void note_end(const Happening& happening, const Interest& interest);
    Result<void> judge_subscriptions(db::Connection& connection);

    IdMaker& ids_;
    const PublicIds& public_ids_;
    const Clock& clock_;
    Hub& hub_;
    EventMetrics metrics_;

    mutable std::mutex mutex_;
    std::shared_ptr<const Interests> current_ = std::make_shared<const Interests>();

    // Of the transaction at hand.
    std::shared_ptr<const Interests> interests_ = current_;
    std::vector<Event> events_;
    std::vector<store::NewTask> deliveries_;
    struct Ended {
        Id organization = 0;
        Id task = 0;
        Delivery delivery = Delivery::arrived;
    };
    std::vector<Ended> ended_;           // what may have been an event webhook
    std::vector<Subscription> changed_;  // because of these
};

}  // namespace punkt::events
