// Who listens right now. Events go from the writer's and the engine's thread into bounded queues, one for each
// listener; a listener that does not keep up is told so and ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/function.h"
#include "rooms/events/event.h"

namespace punkt::events {

/// What a listener hears of.
struct News {
    enum class Sign {
        events,     // `frames` holds some
        heartbeat,  // nothing came for a while
        lagging,    // more came than the queue holds; after what was queued before, nothing more comes
        closing,    // the server stops, or close() was called
    };
    Sign sign = Sign::events;
    std::vector<std::shared_ptr<const std::string>> frames = {};  // stream_frame() of each event
};

class Hub;

/// One listener. Leaves the hub when it is destroyed, which must happen before the hub is. Threads: any.
class Listener {
  public:
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// From now on events are queued. With `after` only those behind it; false: newer ones have been published since
    /// this listener came, they are in the table: read on and try again.
    bool attach(std::optional<Id> after = std::nullopt);
    /// `done` is called once, with what is there or when something comes. One wait at a time.
    void wait(UniqueFunction<void(News)> done);
    void close();
    bool is_closed() const;

  private:
    friend class Hub;
    Listener(Hub& hub, Id organization, Filter filter)
        : hub_(hub), organization_(organization), filter_(std::move(filter)) {}
    void tell_if_waiting();

    Hub& hub_;
    const Id organization_;
    const Filter filter_;
    // All below under the hub's lock.
    bool is_attached_ = false;
    bool is_lagging_ = false;
    bool is_closed_ = false;
    Id after_ = 0;
    std::vector<std::shared_ptr<const std::string>> queued_;
    std::size_t queued_bytes_ = 0;
    UniqueFunction<void(News)> waiting_;
    Microseconds heard_at_{};
};

/// Threads: any.
class Hub {
  public:
    struct Options {
        std::size_t listeners_max = 100;  // of one organization
        std::size_t queued_events_max = 1'000;
        std::size_t queued_bytes_max = 1024 * 1024;
        Milliseconds heartbeat{15'000};
    };
    Hub(const PublicIds& ids, const Clock& clock, Options options) : ids_(ids), clock_(clock), options_(options) {}

    /// Hears of nothing before attach(). Errors: `limited` when the organization has too many; `unavailable` when
    /// Punkt is stopping.
    Result<std::shared_ptr<Listener>> listen(Id organization, Filter filter);
    bool is_listened(Id organization) const;
    std::size_t listeners() const { return listeners_; }

    /// In the order of their ids, but for passing ones.
    void publish(const std::vector<Event>& events);
    /// Call it every second or so: who heard nothing for the time of a heartbeat hears that.
    void beat();
    /// Ends all listeners; nobody can listen any more.
    void stop();

  private:
    friend class Listener;
    struct Group {
        std::vector<Listener*> listeners;
        Id last_kept = 0;  // published since the first of them came
    };
    void queue(Listener& listener, const std::shared_ptr<const std::string>& frame);

    const PublicIds& ids_;
    const Clock& clock_;
    const Options options_;
    std::atomic<std::size_t> listeners_ = 0;  // so that nobody waits for the lock while nobody listens
    mutable std::mutex mutex_;
    std::unordered_map<Id, Group> groups_;  // by organization; none is empty
    bool is_stopped_ = false;
};

}  // namespace punkt::events
