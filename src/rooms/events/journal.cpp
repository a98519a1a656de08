#include "rooms/events/journal.h"

#include <algorithm>

#include "base/log.h"
#include "core/audit.h"
#include "store/audit.h"
#include "store/rows.h"
#include "store/task_store.h"
#include "store/write.h"

namespace punkt::events {
namespace {

/// What was stored was checked before; a type that a later version removes matches nothing.
EventTypes types_of(const Subscription& subscription) {
    const auto types = event_types_from(subscription.types);
    return types ? *types : EventTypes();
}

}  // namespace

EventMetrics::EventMetrics(Metrics& metrics)
    : kept(metrics.counter("punkt_events_kept_total", "Events that were kept for listeners")),
      sent(metrics.counter("punkt_event_webhooks_total", "Event webhooks that were queued")) {}

Result<void> EventJournal::load(db::Connection& connection) {
    auto watches = list_watches(connection);
    if (!watches) return watches.error();
    for (const Watch& watch : *watches) watched(watch);
    auto subscriptions = list_subscriptions(connection);
    if (!subscriptions) return subscriptions.error();
    for (const Subscription& subscription : *subscriptions) subscribed(subscription);
    return {};
}

template <class Change>
void EventJournal::change(Id organization, Change change) {
    const std::lock_guard lock(mutex_);
    auto changed = std::make_shared<Interests>(*current_);
    Interest& interest = (*changed)[organization];
    change(interest);
    if (!interest.watch && interest.subscriptions.empty()) changed->erase(organization);
    current_ = std::move(changed);
}

void EventJournal::watched(const Watch& watch) {
    change(watch.organization, [&](Interest& interest) { interest.watch = watch; });
}

void EventJournal::watch_ended(Id organization) {
    change(organization, [](Interest& interest) { interest.watch.reset(); });
}

void EventJournal::subscribed(const Subscription& subscription) {
    change(subscription.organization, [&](Interest& interest) {
        const auto known = std::find_if(interest.subscriptions.begin(), interest.subscriptions.end(),
                                        [&](const auto& one) { return one.first.id == subscription.id; });
        if (known == interest.subscriptions.end())
            interest.subscriptions.emplace_back(subscription, types_of(subscription));
        else
            *known = {subscription, types_of(subscription)};
    });
}

void EventJournal::unsubscribed(Id organization, Id subscription) {
    change(organization, [&](Interest& interest) {
        std::erase_if(interest.subscriptions, [&](const auto& one) { return one.first.id == subscription; });
    });
}

std::optional<Watch> EventJournal::watch_of(Id organization) const {
    const std::lock_guard lock(mutex_);
    const auto found = current_->find(organization);
    return found == current_->end() ? std::nullopt : found->second.watch;
}

std::vector<Watch> EventJournal::watches() const {
    const std::lock_guard lock(mutex_);
    std::vector<Watch> found;
    for (const auto& [organization, interest] : *current_)
        if (interest.watch) found.push_back(*interest.watch);
    return found;
}

std::vector<Subscription> EventJournal::subscriptions_of(Id organization) const {
    const std::lock_guard lock(mutex_);
    std::vector<Subscription> found;
    if (const auto known = current_->find(organization); known != current_->end())
        for (const auto& [subscription, types] : known->second.subscriptions) found.push_back(subscription);
    return found;
}

bool EventJournal::begin() {
    {
        const std::lock_guard lock(mutex_);
        interests_ = current_;
    }
    events_.clear();
    deliveries_.clear();
    ended_.clear();
    changed_.clear();
    return !interests_->empty();
}

/// Whether it was an event webhook is looked up later, and only if it matters: what arrives matters while something is
/// failing.
void EventJournal::note_end(const Happening& happening, const Interest& interest) {
    const Execution& record = *happening.record;
    if (record.next != 0 || happening.type == EventType::execution_retry_scheduled ||
        record.status == Status::cancelled)
        return;
    const bool arrived = record.status == Status::success;
    const bool matters =
        std::any_of(interest.subscriptions.begin(), interest.subscriptions.end(),
                    [&](const auto& one) { return one.first.enabled && (!arrived || one.first.failing_since); });
    if (!matters) return;
    ended_.push_back({happening.organization, happening.task,
                      arrived                     ? Delivery::arrived
                      : record.status_code == 410 ? Delivery::gone
                                                  : Delivery::lost});
}

/// A delivery belongs to the subscriptions of its URL.
Result<void> EventJournal::judge_subscriptions(db::Connection& connection) {
    const Timestamp now = clock_.now();
    for (const Ended& ended : ended_) {
        auto task = store::find_task(connection, ended.organization, ended.task);
        if (!task) return task.error();
        if (!*task || (*task)->purpose != Purpose::event) continue;
        for (const auto& [subscription, types] : interests_->at(ended.organization).subscriptions) {
            if (subscription.url != (*task)->url) continue;
            const auto known = std::find_if(changed_.begin(), changed_.end(),
                                            [&, id = subscription.id](const auto& one) { return one.id == id; });
            auto after = after_delivery(known == changed_.end() ? subscription : *known, ended.delivery, now);
            if (!after) continue;
            if (known == changed_.end())
                changed_.push_back(std::move(*after));
            else
                *known = std::move(*after);
        }
    }
    for (const Subscription& subscription : changed_) {
        if (auto done = store_health(connection, subscription); !done) return done;
        if (subscription.enabled) continue;
        AuditEntry entry{.at = now,
                         .organization = subscription.organization,
                         .actor_type = ActorType::system,
                         .actor_name = "event webhooks",
                         .action = "disabled",
                         .resource_type = "subscription",
                         .resource_id = public_ids_.uuid(IdKind::subscription, subscription.id),
                         .changes = audit_changes(R"({"enabled":true})", R"({"enabled":false})")};
        entry.metadata.emplace_back("reason", subscription.disabled_reason);
        if (auto done = store::insert_audit(connection, entry); !done) return done;
    }
    return {};
}

void EventJournal::happened(const Happening& happening) {
    const Interest& interest = interests_->at(happening.organization);
    if (happening.is_system && happening.record != nullptr) note_end(happening, interest);
    const Timestamp now = clock_.now();
    const Event event = event_from(happening, ids_.next(now), public_ids_);
    for (const auto& [subscription, types] : interest.subscriptions)
        if (is_sent_to(subscription, types, event))
            deliveries_.push_back(delivery_of(subscription, word(event.type), cloud_event(event, public_ids_),
                                              ids_.next(now), happening.execution, now));
    if (interest.watch) events_.push_back(event);
}

Result<void> EventJournal::write(db::Connection& connection) {
    if (auto done = insert_events(connection, events_); !done) return done;
    for (const auto& [task, timer] : deliveries_) {
        if (auto done = store::insert_task(connection, *task); !done) return done;
        if (auto done = store::insert_timer(connection, *timer); !done) return done;
    }
    changed_.clear();
    return judge_subscriptions(connection);
}

void EventJournal::committed(store::Announcements& announcements) {
    if (!events_.empty()) hub_.publish(events_);
    metrics_.kept.add(events_.size());
    metrics_.sent.add(deliveries_.size());
    for (const auto& [task, timer] : deliveries_) announcements.armed(*timer, task);
    for (const Subscription& subscription : changed_) {
        subscribed(subscription);
        if (!subscription.enabled)
            log::warn("event webhooks to a subscription are off from now on: {}", subscription.disabled_reason);
    }
    events_.clear();
    deliveries_.clear();
    ended_.clear();
    changed_.clear();
}

}  // namespace punkt::events
