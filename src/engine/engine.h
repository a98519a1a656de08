// The heart: decides what starts when, and what an answer means. A plain object with one verb, tick(); it owns no
// thread, no socket and no clock, so the simulation runs it unchanged. runner.h gives it a thread.
#pragma once

#include <unordered_map>
#include <vector>

#include "base/id.h"
#include "engine/aftermath.h"
#include "engine/beats.h"
#include "engine/engine_metrics.h"
#include "engine/holds.h"
#include "engine/hosts.h"
#include "engine/inbox.h"
#include "engine/lanes.h"
#include "engine/near_future.h"
#include "engine/outbox.h"
#include "engine/outcome.h"
#include "engine/ports.h"
#include "engine/task_cache.h"

namespace punkt::engine {

struct Options {
    int in_flight_max = 10'000;           // calls out at once
    int starts_per_tick_max = 1'000;      // bounded work
    int sorted_in_per_tick_max = 10'000;  // timers that were read ahead
    int recordings_out_max = 20'000;      // transitions the store has not confirmed; beyond it nothing new starts
    std::size_t cache_bytes_max = 32 * 1024 * 1024;
    Milliseconds retry_base{5'000};   // PUNKT_RETRY_BASE_MS
    Milliseconds store_retry{1'000};  // after the store refused a batch
    HostOptions hosts = {};
};

/// Threads: one calls tick(), idle_for() and the control verbs; the inbox takes from any.
class Engine {
  public:
    Engine(Ports ports, Inbox& inbox, IdMaker& ids, const PublicIds& public_ids, EngineMetrics& metrics,
           Options options);

    /// Blocked hosts as they were before a restart; before the first tick.
    void restore_hosts(const std::vector<HostBlock>& blocks) { hosts_.restore(blocks); }
    /// One pass: takes what arrived, judges answers, starts what is due. Bounded work, never waits.
    void tick();
    /// How long there is nothing to do unless something arrives; at most a second.
    Milliseconds idle_for() const;
    /// From now on nothing is started; answers are still judged and recorded.
    void stop_starting() { starting_ = false; }
    /// Nothing is out and every outcome is on disk.
    bool is_drained() const { return running_.empty() && outbox_.empty(); }
    std::size_t in_flight() const { return running_.size(); }

  private:
    void take_arrivals();
    void take(std::vector<store::Armed> armed);
    void take(Inbox::Recorded recorded);
    void take(Inbox::Loaded loaded);
    void take(Inbox::TimersLoaded loaded) {
        near_.loaded(loaded.from, loaded.until, std::move(loaded.timers), ports_.clock.elapsed());
    }
    void take(Inbox::TaskChanged changed);
    void take(Hold hold);
    void take(EndHold end);
    void take(RunningQuestion question);
    void take(WhyQuestion question);
    void take(LanesQuestion question);
    void take(HostsQuestion question) {
        question.done(hosts_.states(question.organization, question.host, ports_.clock.now()));
    }
    void take(HostReset reset) { reset.done(hosts_.reset(reset.organization, reset.host)); }
    void take(Expired expired) {
        // What is not known yet is told again.
        if (near_.knows(ports_.clock.now())) late_.insert(late_.end(), expired.runs.begin(), expired.runs.end());
    }
    void take(SettingsChanged changed) { lanes_.settings_changed(changed); }
    void sort_in_loaded();
    void learn(const Timer& timer);
    void take_in(const Timer& timer);
    void confirm(const store::Transition& transition);
    void forget(Id task);
    std::vector<Id> runs_out(Id task) const;
    void answer_waiting_holds();
    void judge_answers(std::vector<Answer> answers);

    struct Batch {
        std::vector<Request> requests;
        std::vector<store::Transition> transitions;
    };
    void start_due();
    void sort_due(Timestamp now);
    bool has_expired(const Timer& timer, const Task& task, Timestamp now) const;
    struct EndedWaiting;
    void end_confirmed(const EndedWaiting& ended);
    void end_late(Timestamp now, Batch& batch);
    void expire(const Timer& timer, TaskPtr task, Timestamp now, Batch& batch);
    void start(const Timer& timer, Timestamp now, Batch& batch);
    void send(const Timer& run, TaskPtr task, Timestamp now, Batch& batch);
    void give_up(const Timer& timer);
    int room() const;
    bool has_room() const { return room() > 0; }

    Ports ports_;
    Inbox& inbox_;
    IdMaker& ids_;
    const PublicIds& public_ids_;
    EngineMetrics& metrics_;
    Options options_;
    RetryPolicy standard_;
    bool starting_ = true;

    NearFuture near_;
    Lanes lanes_;
    Hosts hosts_;
    Beats beats_;
    Aftermath aftermath_;
    TaskCache tasks_;
    Holds holds_;
    struct WaitingHold {
        Hold hold;
        Microseconds until;
    };
    std::vector<WaitingHold> waiting_holds_;  // of tasks whose beat is at work
    Outbox outbox_;
    std::unordered_map<Id, Running> running_;  // by execution

    // Runs that a lane has handed out, and beats that are due, on their way to their start.
    std::vector<Timer> ready_;
    std::unordered_map<Id, std::vector<Timer>> without_task_;  // by task: until it is read
    std::size_t without_task_count_ = 0;

    // Runs whose task has expired, wherever they wait.
    std::vector<Timer> late_;
    std::unordered_map<Id, std::vector<Timer>> late_without_task_;  // by task: until it is read
    struct EndedWaiting {
        Timer timer;
        bool is_out_of_lane = false;  // it had its turn since
    };
    std::unordered_map<Id, EndedWaiting> ended_waiting_;  // their ends are not confirmed
};

}  // namespace punkt::engine
