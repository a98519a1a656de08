// The engine's ports for a simulation: a clock that is set, a store that is a map, targets that answer after a while.
// Everything happens at once and only targets fail, when they are told to: what is asked is what the schedules do.
#pragma once

#include <functional>
#include <queue>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/arming.h"
#include "engine/inbox.h"
#include "engine/ports.h"

namespace punkt::app {

class VirtualClock final : public Clock {
  public:
    explicit VirtualClock(Timestamp start) : now_(start) {}
    Timestamp now() const override { return now_; }
    Microseconds elapsed() const override { return elapsed_; }
    void advance(Milliseconds by) {
        now_ += by;
        elapsed_ += by;
    }

  private:
    Timestamp now_;
    Microseconds elapsed_{0};
};

/// Writes and reads are done when they are asked for; their answers lie in the inbox until the next tick.
class VirtualStore final : public store::EngineStore {
  public:
    VirtualStore(const Clock& clock, engine::Inbox& inbox) : clock_(clock), inbox_(inbox) {}

    /// With what it waits for. Has its id.
    void add(Task task);
    /// Called for each run that the engine decided not to start.
    std::function<void(const Execution&)> missed = [](const Execution&) {};
    /// Called for each attempt that is over; `is_last`: no other one follows.
    std::function<void(const Execution&, bool is_last)> over = [](const Execution&, bool) {};
    /// Called for each timer whose time has come, and when it is no longer among those.
    std::function<void(const Timer&)> came_due = [](const Timer&) {};
    std::function<void(const Timer&)> gone = [](const Timer&) {};

    void record(std::uint64_t batch, std::vector<store::Transition> transitions) override;
    void load_tasks(std::vector<Id> tasks) override;
    void load_timers(store::Hour from, store::Hour until) override;
    int started(Id) override { return 1; }
    void ended(Id) override {}
    bool was_started(Id) const override { return false; }

    /// What was asked since the last call, so that another tick is due.
    bool take_activity() { return std::exchange(was_asked_, false); }
    const Timer* find(Id timer) const;
    /// The earliest timer after now.
    std::optional<Timestamp> next_due() const;
    /// Timers that are due, those that are out included.
    std::size_t due() const { return due_.size(); }
    /// Call when time has passed.
    void time_passed();

  private:
    void put(const Timer& timer);
    void now_due(const Timer& timer);
    void take(const Timer& timer);

    const Clock& clock_;
    engine::Inbox& inbox_;
    std::unordered_map<Id, TaskPtr> tasks_;
    std::unordered_map<Id, Timer> timers_;
    std::set<std::pair<Timestamp, Id>> later_;
    std::set<Id> due_;
    bool was_asked_ = false;
};

/// Answers each request when its time is over.
class VirtualTargets final : public net::Transport {
  public:
    /// How long an attempt takes, and what is answered then.
    struct Fate {
        Milliseconds takes{};
        int status = 200;
    };
    using Started = std::function<Fate(Id execution)>;
    using Ended = std::function<void(Id execution, int status)>;
    /// `started` says what becomes of an attempt.
    VirtualTargets(const Clock& clock, engine::Inbox& inbox, Started started, Ended ended)
        : clock_(clock), inbox_(inbox), started_(std::move(started)), ended_(std::move(ended)) {}

    void send(std::vector<net::Request> requests) override;
    /// Answers what is due; false when nothing was.
    bool deliver();
    std::optional<Milliseconds> next_answer_in() const;
    std::size_t open() const { return open_.size(); }

  private:
    struct Open {
        Microseconds due;
        Microseconds took;
        Id execution;
        int status;
        bool operator>(const Open& other) const { return due > other.due; }
    };
    const Clock& clock_;
    engine::Inbox& inbox_;
    Started started_;
    Ended ended_;
    std::priority_queue<Open, std::vector<Open>, std::greater<>> open_;
};

/// Queues with their settings; an organization with a cap.
class VirtualDirectory final : public engine::Directory {
  public:
    WebhookSecrets webhook_secrets(Id, Timestamp) const override { return {}; }
    engine::LaneSettings lane(Id, Lane lane) const override {
        const auto found = lanes.find(lane);
        return found == lanes.end() ? engine::LaneSettings{} : found->second;
    }
    engine::OrganizationSettings organization(Id) const override { return {.concurrency = concurrency}; }

    std::unordered_map<Lane, engine::LaneSettings> lanes = {};
    int concurrency = 0;  // 0: no limit
};

}  // namespace punkt::app
