// Event webhooks: where an organization wants its events sent, and the task that sends one. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rooms/events/event.h"
#include "store/task_writes.h"

namespace punkt::events {

constexpr std::size_t subscriptions_max = 20;  // of one organization
constexpr std::size_t subscription_types_bytes_max = 1024;

struct Subscription {
    Id id = 0;
    Id organization = 0;
    std::string url;
    std::string types = "*";  // event_types_from()
    bool enabled = true;
    Timestamp created_at{};
    Timestamp updated_at{};
};

/// Whether this event is to be sent there. Punkt's own tasks cause none: a delivery would cause the next one. What is
/// not kept (execution.started) is not sent either.
bool is_sent_to(const Subscription& subscription, EventTypes types, const Event& event);

/// The task that posts `body`, a CloudEvent, to the subscription, due at `now`. `parent`: the execution that it tells
/// of; 0: none.
store::NewTask delivery_of(const Subscription& subscription, std::string_view what, std::string body, Id id, Id parent,
                           Timestamp now);

}  // namespace punkt::events
