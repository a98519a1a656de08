// What reaches the engine from other threads. Everything only appends here; the next tick takes it all, in the order in
// which it came: what one commit armed, a later one may have taken away.
#pragma once

#include <functional>
#include <mutex>
#include <variant>
#include <vector>

#include "base/function.h"
#include "engine/hosts.h"
#include "engine/why.h"
#include "net/transport.h"
#include "store/engine_store.h"

namespace punkt::engine {

/// What the engine answers to a hold.
struct Held {
    /// It is out already, or its outcome is not on disk yet. Then nothing is held of one run, while of a task what is
    /// not out is held nevertheless.
    bool running = false;
    /// The moment from which on it is held.
    Timestamp now{};
    /// Of a cron task: every instant until `now` is dealt with and on disk, none after it, so that an edited schedule
    /// goes on from there. False: its beat is still at work, and what an edit replaces may be lost.
    bool is_settled = true;
};

/// Before pending runs are cancelled, moved or deleted, the API asks the engine to keep its hands off them: what is
/// answered "held" is not started until end_hold, which follows when the change is committed, and also when it failed.
/// The answer for a cron task whose beat is at work waits until that is on disk, two seconds at most.
struct Hold {
    Id execution = 0;  // one run; or
    Id task = 0;       // everything of a task; or
    Lane lane = 0;     // of a lane
    UniqueFunction<void(Held)> done = {};
};

/// The end of a hold, with the same ids.
struct EndHold {
    Id execution = 0;
    Id task = 0;
    Lane lane = 0;
};

/// Asks which runs of a task are out now, or have no outcome on disk yet.
struct RunningQuestion {
    Id task = 0;
    UniqueFunction<void(std::vector<Id> executions)> done = {};
};

/// Asks the same about lanes; the answer has one list for each, in the same order.
struct LanesQuestion {
    std::vector<Lane> lanes = {};
    UniqueFunction<void(std::vector<std::vector<Id>> executions)> done = {};
};

/// Asks what is known of an organization's target hosts, or of one of them.
struct HostsQuestion {
    Id organization = 0;
    std::string host = {};  // empty: all
    UniqueFunction<void(std::vector<HostState>)> done = {};
};

/// Forgets what is known against a host; answers whether anything was.
struct HostReset {
    Id organization = 0;
    std::string host = {};
    UniqueFunction<void(bool)> done = {};
};

/// What Directory answers is another now: of one lane, of one organization itself, or of all when both are 0. Send it
/// when the change is committed and the directory knows it.
struct SettingsChanged {
    Id organization = 0;
    Lane lane = 0;
};

/// Runs that, as far as the store knows, did not start before their task expired. Told again as long as that is so.
struct Expired {
    std::vector<Timer> runs;
};

/// Threads: any.
class Inbox final : public store::StoreEvents, public net::AnswerSink {
  public:
    struct Recorded {
        std::uint64_t batch = 0;
        Result<std::vector<std::size_t>> stale;
    };
    struct Loaded {
        std::vector<Id> asked;
        Result<std::vector<TaskPtr>> tasks;
    };
    struct TimersLoaded {
        store::Hour from = 0;
        store::Hour until = 0;
        Result<std::vector<Timer>> timers;
    };
    struct TaskChanged {
        Id task = 0;
        std::vector<Timer> gone;
        std::vector<store::Armed> now;
    };
    using Event =
        std::variant<std::vector<store::Armed>, Recorded, Loaded, TimersLoaded, TaskChanged, Hold, EndHold,
                     RunningQuestion, LanesQuestion, HostsQuestion, HostReset, SettingsChanged, WhyQuestion, Expired>;
    struct Arrivals {
        std::vector<Event> events;  // oldest first
        std::vector<Answer> answers;
    };

    /// `wake` is called when the inbox stops being empty; it must not block.
    explicit Inbox(std::function<void()> wake = [] {}) : wake_(std::move(wake)) {}

    void armed(std::vector<store::Armed> timers) override;
    void recorded(std::uint64_t batch, Result<std::vector<std::size_t>> stale) override;
    void loaded(std::vector<Id> asked, Result<std::vector<TaskPtr>> tasks) override;
    void timers_loaded(store::Hour from, store::Hour until, Result<std::vector<Timer>> timers) override;
    void task_changed(Id task, std::vector<Timer> gone, std::vector<store::Armed> now) override;
    void answered(std::vector<Answer> answers) override;

    void hold(Hold hold);
    void end_hold(EndHold end);

    void ask(RunningQuestion question);
    void ask(LanesQuestion question);
    void ask(HostsQuestion question);
    void reset_host(HostReset reset);

    void settings_changed(SettingsChanged changed);
    void expired(Expired expired);
    void ask(WhyQuestion question);

    Arrivals take();

  private:
    template <class Append>
    void append(Append append_to);

    std::function<void()> wake_;
    std::mutex mutex_;
    Arrivals arrivals_;
    bool woken_ = false;
};

}  // namespace punkt::engine
