#include "rooms/events/journal.h"

#include <algorithm>

#include "store/rows.h"
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
    return !interests_->empty();
}

void EventJournal::happened(const Happening& happening) {
    const Interest& interest = interests_->at(happening.organization);
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
    return {};
}

void EventJournal::committed(store::Announcements& announcements) {
    if (!events_.empty()) hub_.publish(events_);
    metrics_.kept.add(events_.size());
    metrics_.sent.add(deliveries_.size());
    for (const auto& [task, timer] : deliveries_) announcements.armed(*timer, task);
    events_.clear();
    deliveries_.clear();
}

}  // namespace punkt::events
