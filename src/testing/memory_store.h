// The engine's store in memory, with the semantics of store/engine_store.h and nothing happening by itself: the test
// says when writes are committed or refused, when that is told, when a read looks and when its answer arrives.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/function.h"
#include "store/engine_store.h"

namespace punkt::testing {

/// What outlives a crash.
struct MemoryDisk {
    std::map<Id, Task> tasks = {};
    std::map<Id, Timer> timers = {};
    std::map<Id, Execution> executions = {};
    std::set<Id> dead_letters = {};
    std::map<Id, int> flights = {};  // the flight recorder

    Id greatest_id() const;
};

class MemoryStore final : public store::EngineStore {
  public:
    using Done = UniqueFunction<void(Result<void>)>;
    /// What a write tells the engine.
    struct Told {
        std::vector<store::Armed> armed = {};
        struct Change {
            Id task = 0;
            std::vector<Timer> gone = {};
            std::vector<store::Armed> now = {};
        };
        std::optional<Change> change = std::nullopt;
    };
    /// An error changes nothing.
    using Apply = std::function<Result<Told>(MemoryDisk&)>;

    /// Both outlive it. A crash is its end: what was not committed is lost, what was not told never arrives.
    MemoryStore(MemoryDisk& disk, store::StoreEvents& events) : disk_(disk), events_(events) {}

    // What the API writes; queued like everything else. `done` comes after the engine was told.
    void write(Apply apply, Done done = {});
    void insert(Task task, Done done = {});
    void arm(Timer run, Done done = {});
    /// The new version of a task; what was pending of it is replaced by `now`.
    void update(Task task, std::optional<Timer> now, Done done = {});
    void remove(Id task, Timestamp now, Done done = {});
    /// Errors: `not_found` when the run is not pending.
    void cancel(Id execution, Timestamp now, Done done = {});
    void promote(Id execution, Timestamp now, Done done = {});

    void record(std::uint64_t batch, std::vector<store::Transition> transitions) override;
    void load_tasks(std::vector<Id> tasks) override;
    void load_timers(store::Hour from, store::Hour until) override;
    int started(Id execution) override { return ++disk_.flights[execution]; }
    void ended(Id execution) override { disk_.flights.erase(execution); }
    bool was_started(Id execution) const override { return disk_.flights.contains(execution); }

    std::size_t unwritten() const { return writes_.size(); }
    /// The oldest writes, at most so many, become durable together.
    void commit(std::size_t most);
    /// The oldest writes, at most so many, are refused.
    void refuse(std::size_t most, const Error& error);
    std::size_t untold() const { return untold_.size(); }
    /// The oldest commit or refusal is told to the engine and the callers.
    void tell();

    std::size_t unread() const { return reads_.size(); }
    /// Read number `place` looks at the disk now, or fails.
    void read(std::size_t place, std::optional<Error> error = std::nullopt);
    std::size_t unanswered() const { return answers_.size(); }
    void answer(std::size_t place);

    /// Everything at once, until nothing is left to do. False when nothing was.
    bool settle();

  private:
    using Tell = UniqueFunction<void()>;
    struct Write {
        UniqueFunction<Tell(MemoryDisk&)> apply;
        UniqueFunction<void(const Error&)> refused;
    };
    Result<std::vector<std::size_t>> apply(const std::vector<store::Transition>& transitions, MemoryDisk& disk);
    std::vector<Timer> near(store::Hour from, store::Hour until) const;

    MemoryDisk& disk_;
    store::StoreEvents& events_;
    std::deque<Write> writes_;
    std::deque<std::vector<Tell>> untold_;
    std::deque<UniqueFunction<Tell(const std::optional<Error>&)>> reads_;
    std::deque<Tell> answers_;
};

}  // namespace punkt::testing
