// A checker is told what happens and objects when a promise is broken. One promise each, in checkers/.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "core/execution.h"
#include "core/http.h"
#include "core/task.h"
#include "sim/disk.h"
#include "sim/journal.h"
#include "store/engine_store.h"

namespace punkt::sim {

/// What left the engine.
struct Sent {
    Timer timer;          // as it is stored now
    bool stored = false;  // false: `timer` holds nothing but the id
    int attempt = 0;      // as the header says
    int delivery = 0;     // as the header says
    Timestamp latest;     // the latest wall time that the engine saw in this life
    std::string url = {};
};

class Checker {
  public:
    struct World {
        Disk& disk;
        Journal& journal;
        const Clock& clock;
        bool calm = false;  // no faults in this run
        bool has_breaker = false;
    };
    Checker(World world, std::string name) : world_(world), name_(std::move(name)) {}
    virtual ~Checker() = default;

    // Promises that were given: the caller has its answer.
    virtual void accepted(const Task&) {}
    virtual void armed(const Timer&) {}
    virtual void deleted(Id /*task*/) {}
    virtual void cancelled(Id /*execution*/) {}

    // What is asked for and may happen or not, if there is a crash before the answer.
    virtual void will_create(const Task&) {}
    virtual void will_arm(const Timer&) {}
    virtual void will_update(const Task&) {}
    virtual void will_delete(Id /*task*/) {}
    virtual void will_cancel(Id /*execution*/) {}
    virtual void will_promote(Id /*execution*/) {}

    virtual void paused(Lane, bool /*is_paused*/) {}
    virtual void sent(const Sent&) {}
    virtual void answered(Id /*execution*/, const Answer&) {}
    /// The store has committed an outcome. `stale`: without consequences.
    virtual void committed(const store::Transition&, bool /*stale*/) {}
    virtual void crashed() {}
    virtual void jumped(Milliseconds) {}
    /// Faults and callers have stopped; schedules still run.
    virtual void before_end() {}
    /// Everything had time to end.
    virtual void at_end() {}

  protected:
    template <class... Args>
    void violated(fmt::format_string<Args...> text, Args&&... args) {
        world_.journal.violated(name_, fmt::format(text, std::forward<Args>(args)...));
    }
    Disk& disk() { return world_.disk; }
    Timestamp now() const { return world_.clock.now(); }
    Microseconds elapsed() const { return world_.clock.elapsed(); }
    bool is_calm() const { return world_.calm; }
    bool has_breaker() const { return world_.has_breaker; }

  private:
    World world_;
    std::string name_;
};

/// All of them.
std::vector<std::unique_ptr<Checker>> all_checkers(Checker::World world);

}  // namespace punkt::sim
