#include "rooms/events/hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace punkt::events {

// ---- listener --------------------------------------------------------------------------------------------------

Listener::~Listener() {
    const std::lock_guard lock(hub_.mutex_);
    const auto group = hub_.groups_.find(organization_);
    std::erase(group->second.listeners, this);
    if (group->second.listeners.empty()) hub_.groups_.erase(group);
    --hub_.listeners_;
}

bool Listener::attach(std::optional<Id> after) {
    const std::lock_guard lock(hub_.mutex_);
    const Id newest = hub_.groups_.at(organization_).last_kept;
    if (after && newest > *after) return false;
    is_attached_ = true;
    after_ = after.value_or(newest);
    return true;
}

void Listener::wait(UniqueFunction<void(News)> done) {
    const std::lock_guard lock(hub_.mutex_);
    waiting_ = std::move(done);
    heard_at_ = hub_.clock_.elapsed();
    tell_if_waiting();
}

void Listener::close() {
    const std::lock_guard lock(hub_.mutex_);
    is_closed_ = true;
    tell_if_waiting();
}

bool Listener::is_closed() const {
    const std::lock_guard lock(hub_.mutex_);
    return is_closed_;
}

void Listener::tell_if_waiting() {
    if (!waiting_) return;
    News news;
    if (is_closed_) {
        news.sign = News::Sign::closing;
    } else if (!queued_.empty()) {
        news.frames = std::exchange(queued_, {});
        queued_bytes_ = 0;
    } else if (is_lagging_) {
        news.sign = News::Sign::lagging;
    } else {
        return;
    }
    std::exchange(waiting_, {})(std::move(news));
}

// ---- hub ---------------------------------------------------------------------------------------------------------

Result<std::shared_ptr<Listener>> Hub::listen(Id organization, Filter filter) {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return Error{ErrorKind::unavailable, "Punkt is stopping"};
    Group& group = groups_[organization];
    if (group.listeners.size() >= options_.listeners_max)
        return Error{ErrorKind::limited,
                     fmt::format("{} listeners are connected already, which is the limit", group.listeners.size())};
    std::shared_ptr<Listener> listener(new Listener(*this, organization, std::move(filter)));
    group.listeners.push_back(listener.get());
    ++listeners_;
    return listener;
}

bool Hub::is_listened(Id organization) const {
    if (listeners_ == 0) return false;
    const std::lock_guard lock(mutex_);
    return groups_.contains(organization);
}

void Hub::publish(const std::vector<Event>& events) {
    if (listeners_ == 0) return;
    const std::lock_guard lock(mutex_);
    std::vector<Listener*> heard;
    for (const Event& event : events) {
        const auto found = groups_.find(event.organization);
        if (found == groups_.end()) continue;
        if (event.is_kept) found->second.last_kept = event.id;
        std::shared_ptr<const std::string> frame;
        for (Listener* listener : found->second.listeners) {
            if (!listener->is_attached_ || event.id <= listener->after_ || !listener->filter_.matches(event)) continue;
            if (frame == nullptr) frame = std::make_shared<const std::string>(stream_frame(event, ids_));
            if (listener->queued_.empty()) heard.push_back(listener);
            queue(*listener, frame);
        }
    }
    // Once all is queued: one wake-up for a listener, not one for each event.
    for (Listener* listener : heard) listener->tell_if_waiting();
}

void Hub::queue(Listener& listener, const std::shared_ptr<const std::string>& frame) {
    if (listener.is_lagging_) return;
    listener.is_lagging_ = listener.queued_.size() >= options_.queued_events_max ||
                           listener.queued_bytes_ + frame->size() > options_.queued_bytes_max;
    if (listener.is_lagging_) return;
    listener.queued_.push_back(frame);
    listener.queued_bytes_ += frame->size();
}

void Hub::beat() {
    const std::lock_guard lock(mutex_);
    const Microseconds now = clock_.elapsed();
    for (auto& [organization, group] : groups_)
        for (Listener* listener : group.listeners)
            if (listener->waiting_ && now - listener->heard_at_ >= options_.heartbeat)
                std::exchange(listener->waiting_, {})({.sign = News::Sign::heartbeat});
}

void Hub::stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    for (auto& [organization, group] : groups_) {
        for (Listener* listener : group.listeners) {
            listener->is_closed_ = true;
            listener->tell_if_waiting();
        }
    }
}

}  // namespace punkt::events
