// An event as it is kept and sent, and what a listener wants of them. Pure.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "core/event.h"

namespace punkt::events {

struct Event {
    Id id = 0;  // grows with the commits; its time is that of the event
    Id organization = 0;
    EventType type = EventType::task_created;
    Id task = 0;
    bool is_system = false;
    bool is_kept = true;  // false: passing, only for those who listen right now
    std::string queue = {};
    std::string data = {};  // JSON object
};

/// What is known about it, put into words. `is_kept` is left as it is.
Event event_from(const Happening& happening, Id id, const PublicIds& ids);

/// CloudEvents 1.0 in structured mode: the same on the stream and in webhooks.
/// Source: CloudEvents 1.0.2 §3.1, JSON event format §3.
std::string cloud_event(const Event& event, const PublicIds& ids);

/// A frame of server-sent events. A passing one has no `id:` line, so that a client's Last-Event-ID stays at one that
/// can be resumed from. Source: HTML, "Server-sent events".
std::string stream_frame(const Event& event, const PublicIds& ids);
/// A frame that is about the stream itself: "stream.lagging".
std::string control_frame(std::string_view type, std::string_view data);

using EventTypes = std::bitset<64>;

/// Patterns separated by commas: names, "execution.*" and the like, or "*".
/// Errors: `invalid` with a sentence part that names the pattern.
Result<EventTypes> event_types_from(std::string_view patterns);

struct Filter {
    EventTypes types = EventTypes().set();
    std::optional<std::string> queue = std::nullopt;  // empty: what belongs to no queue
    Id task = 0;                                      // 0: any
    bool with_system = false;                         // also what is about Punkt's own tasks

    bool matches(const Event& event) const;
};

}  // namespace punkt::events
