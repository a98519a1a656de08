#include "rooms/events/subscription.h"

#include <fmt/format.h>

#include "base/time_text.h"
#include "core/arming.h"

namespace punkt::events {
namespace {

// Over 2 hours and a half with the standard delays: long enough for a deployment that goes wrong.
constexpr int delivery_retries = 10;

}  // namespace

bool is_sent_to(const Subscription& subscription, EventTypes types, const Event& event) {
    return subscription.enabled && !event.is_system && types.test(static_cast<std::size_t>(event.type));
}

std::optional<Subscription> after_delivery(const Subscription& subscription, Delivery delivery, Timestamp now) {
    // What was queued before it was disabled says nothing new.
    if (!subscription.enabled) return std::nullopt;
    Subscription changed = subscription;
    if (delivery == Delivery::arrived) {
        if (!subscription.failing_since) return std::nullopt;
        changed.failing_since.reset();
        changed.lost = 0;
        return changed;
    }
    if (!changed.failing_since) changed.failing_since = now;
    ++changed.lost;
    if (delivery == Delivery::gone)
        changed.disabled_reason = "the target answered 410 Gone";
    else if (changed.lost >= lost_min && now - *changed.failing_since >= failing_max)
        changed.disabled_reason =
            fmt::format("all {} deliveries since {} were lost", changed.lost, to_text_seconds(*changed.failing_since));
    changed.enabled = changed.disabled_reason.empty();
    return changed;
}

void set_enabled(Subscription& subscription, bool enabled) {
    if (enabled && !subscription.enabled) {
        subscription.failing_since.reset();
        subscription.lost = 0;
    }
    if (enabled) subscription.disabled_reason.clear();
    subscription.enabled = enabled;
}

store::NewTask delivery_of(const Subscription& subscription, std::string_view what, std::string body, Id id, Id parent,
                           Timestamp now) {
    auto task = std::make_shared<Task>();
    task->id = id;
    task->organization = subscription.organization;
    task->surface = Surface::system;
    task->purpose = Purpose::event;
    task->parent = parent;
    task->name = fmt::format("Event {}", what);
    task->url = subscription.url;
    task->headers = {{"content-type", "application/cloudevents+json; charset=utf-8"}};
    task->body = std::move(body);
    task->retry_attempts = delivery_retries;
    task->scheduled_at = task->created_at = task->updated_at = now;
    const auto timer = first_timer(*task);
    return {.task = std::move(task), .timer = timer};
}

}  // namespace punkt::events
