#include "rooms/events/subscription.h"

#include <fmt/format.h>

#include "core/arming.h"

namespace punkt::events {
namespace {

// Over 2 hours and a half with the standard delays: long enough for a deployment that goes wrong.
constexpr int delivery_retries = 10;

}  // namespace

bool is_sent_to(const Subscription& subscription, EventTypes types, const Event& event) {
    return subscription.enabled && !event.is_system && types.test(static_cast<std::size_t>(event.type));
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
