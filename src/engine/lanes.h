// What is due and waits to start. One question: which run may start next? Organizations take turns; within one, runs go
// by priority with ageing, then due time, then id; a lane lets so many through at once.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/execution.h"
#include "engine/ports.h"

namespace punkt::engine {

/// Threads: the engine's.
class Lanes {
  public:
    explicit Lanes(const Directory& directory) : directory_(directory) {}

    /// A run that is due.
    void add(const Timer& timer);
    /// A serial lane belongs to this run until it is over: it waits for its retry, or a crash interrupted it.
    void block(const Timer& run);
    /// The next run that may start, taken out and counted against its lane until finished(). Nothing when none may.
    std::optional<Timer> next();
    /// The attempt is over and recorded. `retry_follows`: a serial lane stays with this run.
    void finished(const Timer& timer, bool retry_follows);
    /// The run does not start (cancelled, moved, task gone): gives its place back. Only for what next() handed out.
    void dropped(const Timer& timer) { finished(timer, false); }
    /// A run that may have blocked its lane is gone.
    void unblock(const Timer& run);
    /// The directory answers something else for `lane` now, or for all when it is 0.
    void settings_changed(Lane lane);
    bool can_hand_out() const { return !turns_.empty() || !changed_.empty(); }
    std::size_t waiting() const { return waiting_; }

  private:
    // Ageing by one level per minute waited makes the order of two runs independent of the moment it is asked for:
    // priority minutes are simply added to the due time (tiktak.md §6).
    struct Later {
        static std::int64_t rank(const Timer& timer) { return to_ms(timer.due) + timer.priority * 60'000LL; }
        bool operator()(const Timer& a, const Timer& b) const {
            const auto rank_a = rank(a);
            const auto rank_b = rank(b);
            return rank_a != rank_b ? rank_a > rank_b : a.id > b.id;
        }
    };
    using Waiting = std::priority_queue<Timer, std::vector<Timer>, Later>;

    struct LaneState {
        Id organization = 0;
        int concurrency = 1;
        int out = 0;  // handed to the organization's ready heap or started
        Waiting waiting;
        // Serial lanes: the runs (their first ids) to which the lane belongs until they are over. Mostly one; several
        // when a waiting retry was moved here.
        std::set<Id> holders = {};
        Waiting due_holders = {};  // their retries that are due while the lane is busy
    };
    struct Organization {
        Waiting ready;
        bool has_turn = false;
    };

    LaneState& lane(const Timer& timer);
    void settle();
    void let_through(LaneState& state);
    void hand_out(LaneState& state, const Timer& timer);
    void make_ready(const Timer& timer);
    void forget_if_idle(Lane lane);

    const Directory& directory_;
    std::unordered_map<Lane, LaneState> lanes_;
    std::unordered_map<Id, Organization> organizations_;
    std::deque<Id> turns_;       // organizations with something ready
    std::vector<Lane> changed_;  // something came or went; who is next is decided once all that is due is here
    std::size_t waiting_ = 0;
};

}  // namespace punkt::engine
