// The heart: decides what starts when, and what an answer means. A plain object with one verb, tick(); it owns no
// thread, no socket and no clock, so the simulation runs it unchanged. runner.h gives it a thread.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/id.h"
#include "base/metrics.h"
#include "engine/beats.h"
#include "engine/inbox.h"
#include "engine/lanes.h"
#include "engine/near_future.h"
#include "engine/ports.h"
#include "engine/task_cache.h"

namespace punkt::engine {

struct Options {
    int in_flight_max = 10'000;       // calls out at once
    int starts_per_tick_max = 1'000;  // bounded work
    int recordings_out_max = 20'000;  // transitions the store has not confirmed; beyond it nothing new starts
    std::size_t cache_bytes_max = 32 * 1024 * 1024;
    Milliseconds retry_base{5'000};   // PUNKT_RETRY_BASE_MS
    Milliseconds store_retry{1'000};  // after the store refused a batch
};

/// Read by /metrics from other threads.
struct EngineMetrics {
    explicit EngineMetrics(Metrics& metrics);
    Counter& started;
    Counter& succeeded;
    Counter& failed;
    Counter& timed_out;
    Counter& retried;
    Counter& missed;
    Gauge& waiting;  // due, not started
    Gauge& near;     // in memory, not due
    Gauge& in_flight;
    Histogram& lateness_s;
    Histogram& delivery_s;
};

/// Threads: one calls tick(), idle_for() and the control verbs; the inbox takes from any.
class Engine {
  public:
    Engine(Ports ports, Inbox& inbox, IdMaker& ids, const PublicIds& public_ids, EngineMetrics& metrics,
           Options options);

    /// One pass: takes what arrived, judges answers, starts what is due. Bounded work, never waits.
    void tick();
    /// How long there is nothing to do unless something arrives; at most a second.
    Milliseconds idle_for() const;
    /// From now on nothing is started; answers are still judged and recorded.
    void stop_starting() { starting_ = false; }
    /// Nothing is out and every outcome is on disk.
    bool is_drained() const { return running_.empty() && batches_.empty(); }
    std::size_t in_flight() const { return running_.size(); }

  private:
    struct Running {
        Timer timer;
        TaskPtr task;
        Timestamp started_at;
        int deliveries = 1;
    };

    void take_arrivals();
    void start_due();

    void take_changed(Inbox::TaskChanged changed);
    void take_holds(Inbox::Arrivals& arrivals);
    void take_recorded(const Inbox::Recorded& recorded);
    void take_loaded(Inbox::Loaded loaded);
    void accept(const Timer& timer, TaskPtr task);
    void confirm(const store::Transition& transition);

    void judge_answer(Answer answer, std::vector<store::Transition>& outcomes);
    store::Transition outcome_of(const Running& run, Answer answer);
    void record(std::vector<store::Transition> transitions);

    void sort_due(Timestamp now, std::vector<store::Transition>& beats);
    void start(const Timer& timer, TaskPtr task, Timestamp now, std::vector<Request>& requests,
               std::vector<store::Transition>& dropped);
    bool has_room() const;
    bool is_withdrawn(const Timer& timer);
    void fetch(Id task);
    void send_fetches();

    Ports ports_;
    Inbox& inbox_;
    IdMaker& ids_;
    const PublicIds& public_ids_;
    EngineMetrics& metrics_;
    Options options_;
    bool starting_ = true;

    NearFuture near_;
    Lanes lanes_;
    Beats beats_;
    TaskCache tasks_;
    std::unordered_map<Id, Running> running_;  // by execution
    std::unordered_map<Id, std::vector<Timer>> waiting_for_task_;
    std::vector<std::pair<Timer, TaskPtr>> resumed_;  // their task has come; they start first
    std::vector<Id> to_fetch_;

    // Executions and tasks that the API is about to change, and timers that are gone but still lie in a queue.
    std::unordered_set<Id> held_executions_;
    std::unordered_set<Id> held_tasks_;
    std::vector<Timer> kept_back_;  // came up while held
    struct Gone {
        Id id;
        Timestamp due;
        bool operator==(const Gone&) const = default;
    };
    struct GoneHash {
        std::size_t operator()(const Gone& gone) const { return std::hash<Id>{}(gone.id ^ (to_ms(gone.due) << 21)); }
    };
    std::unordered_set<Gone, GoneHash> gone_;

    struct Batch {
        std::vector<store::Transition> transitions;
        std::optional<Microseconds> again_at;  // refused by the store: when it is offered again
    };
    std::unordered_map<std::uint64_t, Batch> batches_;
    std::uint64_t last_batch_ = 0;
    std::size_t recordings_out_ = 0;
};

}  // namespace punkt::engine
