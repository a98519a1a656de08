// Event webhooks: where an organization wants its events sent, and the task that sends one. Pure.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
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
    std::optional<Timestamp> failing_since =
        std::nullopt;                  // all that ended since was lost; nothing: the latest arrived
    int lost = 0;                      // so many
    std::string disabled_reason = {};  // why Punkt disabled it; empty: it did not
};

/// A subscription whose deliveries were all lost for so long, and so many, is disabled: each had its retries.
constexpr std::chrono::hours failing_max{5 * 24};
constexpr int lost_min = 10;

/// What finally became of a delivery. Gone: the target answered 410, nobody will ever take one.
enum class Delivery : std::uint8_t { arrived, lost, gone };

/// The subscription after one of its deliveries ended; nothing when that changes nothing. Source: standard-webhooks.md
/// §1 "410 disable the endpoint".
std::optional<Subscription> after_delivery(const Subscription& subscription, Delivery delivery, Timestamp now);
/// As somebody wants it: who enables it again forgets what was lost.
void set_enabled(Subscription& subscription, bool enabled);

/// Whether this event is to be sent there. Punkt's own tasks cause none: a delivery would cause the next one. What is
/// not kept (execution.started) is not sent either.
bool is_sent_to(const Subscription& subscription, EventTypes types, const Event& event);

/// The task that posts `body`, a CloudEvent, to the subscription, due at `now`. `parent`: the execution that it tells
/// of; 0: none.
store::NewTask delivery_of(const Subscription& subscription, std::string_view what, std::string body, Id id, Id parent,
                           Timestamp now);

}  // namespace punkt::events
