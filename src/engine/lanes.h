// What is due and waits to start. One question: which run may start next? A run stands in one place at a time: in its
// lane, at the key that keeps it, or, when nothing but its organization's turn does, in turns.h. Where something gets
// free, only those who stand there are looked at.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/inbox.h"
#include "engine/keys.h"
#include "engine/turns.h"
#include "engine/why.h"

namespace punkt::engine {

/// Threads: the engine's.
class Lanes {
  public:
    explicit Lanes(const Directory& directory, store::StartNotes* notes = nullptr)
        : directory_(directory), notes_(notes), turns_(directory) {}

    /// What started under a rate before a crash counts on.
    void remember_starts(Timestamp now, Microseconds elapsed);

    /// Of this tick; `room`: so many may be handed out at most.
    void begin(Timestamp now, Microseconds elapsed, int room);
    /// A run that is due.
    void add(const Timer& timer);
    /// A serial lane belongs to this run until it is over: a crash interrupted it.
    void block(const Timer& run);
    /// A retry that waits for its time. Unless its lane parks what failed, a serial lane belongs to it too.
    void retry_waits(const Timer& run);
    /// The next run that may start, taken out. Its place in its lane is taken until finished(). Nothing when none may.
    std::optional<Timer> next();
    /// The last question, when its task is known: it starts now, and is counted wherever it counts. False: it waits
    /// here again. Only for what next() handed out.
    bool admit(const Timer& timer, const Task& task);
    /// It waits elsewhere, for its target host: only a serial lane stays with it. Only for what next() handed out and
    /// admit() was not asked for.
    void set_aside(const Timer& timer);
    /// What was set aside may go on when its turn comes.
    void rejoin(const Timer& timer);
    /// The attempt is over and recorded. `retry_follows`: a serial lane may stay with this run.
    void finished(const Timer& timer, bool retry_follows);
    /// The run does not start (cancelled, moved, task gone): gives its place back. Only for what next() handed out.
    void dropped(const Timer& timer);
    /// A run that may have blocked its lane is gone.
    void unblock(const Timer& run);
    /// A run has another time now, in the same lane.
    void moved(const Timer& run) { unpark_from_lane(run); }
    void settings_changed(const SettingsChanged& changed);
    OnFailure on_failure(const Timer& timer);
    /// So long an attempt took; forecasts rest on it.
    void took(const Timer& timer, Microseconds time);
    /// What a run that waits, here or for its time, meets at its gates; `host`: at that of its target.
    Why why(const Timer& run, const Task& task, const Turnstile& host, Timestamp now, Microseconds elapsed);

    bool can_hand_out() const { return turns_.can_hand_out() || !changed_.empty() || !opened_.empty(); }
    /// When something opens by itself: steady time.
    std::optional<Microseconds> next_wake() const;
    std::size_t waiting() const { return waiting_; }

  private:
    struct Class;
    struct Place {
        // By the rank of their first run; the number tells copies of one run apart.
        std::map<std::pair<Rank, std::uint64_t>, Class*> classes = {};
        Microseconds wake_at{0};  // it opens by itself then; asked for
    };
    /// Runs that meet the same gates: one lane, the same keys with the same numbers. Only the first is looked at.
    struct Class {
        std::string name;  // in classes_
        std::uint64_t number = 0;
        Lane lane = 0;
        bool has_lane = false;  // serial lane: they have its slot already and wait for nothing but their keys
        DemandsPtr demands;
        Waiting runs = {};
        Place* at = nullptr;
        Rank placed = {};
    };
    struct Holder {
        Id execution = 0;  // the attempt that is out or comes next
        Timestamp due{};
    };
    struct Copies {
        int reserved = 0;
        int started = 0;
    };
    struct LaneState {
        Id organization = 0;
        LaneSettings settings = {};
        // Who has its slots. An edit can leave two copies of a run here until the old one is dropped.
        std::unordered_map<Id, Copies> out = {};
        int used = 0;      // slots
        int reserved = 0;  // of them: not started
        Waiting waiting = {};
        Place keyed = {};  // classes that nothing but the lane keeps
        // Serial lanes: the runs (by their first ids) to which the lane belongs until they are over. Mostly one;
        // several when a waiting retry was moved here.
        std::map<Id, Holder> holders = {};
        Waiting due_holders = {};  // those of them that are due while the lane is busy
        Microseconds took{0};      // what an attempt took lately, smoothed
        bool is_serial() const { return settings.concurrency <= 1; }
    };
    struct Wake {
        Microseconds at;
        Scope scope;
        bool operator<(const Wake& other) const { return at > other.at; }
    };

    static constexpr std::size_t held_by_max = 20;
    Milliseconds usual() const { return std::chrono::ceil<Milliseconds>(took_); }
    std::vector<Timer> before(const LaneState& state, const Timer& run) const;

    LaneState& lane(const Timer& timer);
    LaneState* find_lane(Lane id);
    Situation at_lane(const LaneState& state, Lane id, const Timer& run) const;
    void settle();
    void let_through(LaneState& state, Lane id);
    void let_through_key(Scope scope);
    void hand_out(LaneState& state, const Timer& timer);
    void hand_out(Class& one);
    void over(const Timer& timer, bool started, bool retry_follows);
    void reserve(LaneState& state, Id run);
    void give_place_back(LaneState& state, const Timer& timer, bool started);
    void put_back(const Timer& timer, const Holding& held, const DemandsPtr& demands);
    void park(const Timer& timer, const DemandsPtr& demands, bool has_lane, Scope at);
    void stand(Class& one, Place* at);
    void forget_if_empty(Class& one);
    void unpark_from_lane(const Timer& run);
    void back_to_lane(LaneState& state, Lane id);
    void wake(Place& place, Scope scope, const Holding& held);
    void opened(const DemandsPtr& demands);
    void note_start(Scope scope, const Rate& rate);
    void forget_if_idle(Lane lane);

    const Directory& directory_;
    store::StartNotes* notes_;
    Turns turns_;
    Rates rates_;
    Keys keys_{rates_};
    std::unordered_map<Lane, LaneState> lanes_;
    std::unordered_map<std::string, std::unique_ptr<Class>> classes_;
    std::unordered_map<Scope, Place> places_;   // who waits for a key
    std::unordered_map<Id, Class*> with_lane_;  // runs that have their serial lane and wait for a key
    std::vector<Lane> changed_;  // something came or went; who is next is decided once all that is due is here
    std::vector<Scope> opened_;  // keys with room again
    std::priority_queue<Wake> wakes_;
    std::uint64_t last_class_ = 0;
    std::size_t waiting_ = 0;
    Timestamp now_{};
    Microseconds elapsed_{0};
    Microseconds took_{0};  // of all lanes
};

}  // namespace punkt::engine
