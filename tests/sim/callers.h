// The people who use the API: they create, edit, trigger, cancel, promote and delete, in the order of the real handlers
// (rooms/tasks): hold in the engine, commit, end the hold.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "engine/inbox.h"
#include "sim/agenda.h"
#include "sim/checker.h"
#include "sim/dice.h"
#include "sim/disk.h"
#include "sim/sim_store.h"

namespace punkt::sim {

class Callers {
  public:
    /// The process as they reach it; nothing while it is down.
    struct Server {
        engine::Inbox& inbox;
        SimStore& store;
        IdMaker& ids;
        std::weak_ptr<int> alive;
    };
    struct Around {
        Disk& disk;
        Agenda& agenda;
        const Clock& clock;
        Dice& dice;
        Journal& journal;
        std::vector<std::unique_ptr<Checker>>& checkers;
        std::function<std::optional<Server>()> server;
        bool rare_crons = false;  // the clock jumps by years
    };
    explicit Callers(Around around);

    void begin();
    /// No more calls. What is under way goes on.
    void stop() { stopped_ = true; }
    /// Every schedule is switched off, so that the run can come to an end.
    void switch_schedules_off();

  private:
    using Then = UniqueFunction<void(Server)>;

    void act();
    void burst();
    void create(std::string queue, Microseconds delay);
    void create_cron();
    void submit_new(Task task);
    void trigger();
    using Change = std::function<void(Task&, Timestamp now)>;
    void update();
    void update(const Task& chosen, Change make_change);
    void commit_update(Server server, TaskPtr task, std::optional<Timer> timer);
    void change(Task& task, Timestamp now);
    void remove();
    void cancel();
    void promote();

    /// Goes on a little later, in the same life of the process; else never.
    void soon(std::weak_ptr<int> alive, UniqueFunction<void()> what);
    void hold(Server server, Id execution, Id task, UniqueFunction<void(engine::Held)> then);
    std::optional<Task> some_task();
    std::optional<Timer> some_run();
    std::string some_cron();
    Task some_new_task(const char* name);

    Around around_;
    bool stopped_ = false;
    std::map<Id, Id> tasks_;  // accepted and not known to be deleted; to their organization
    std::vector<double> weights_;
    Microseconds pause_max_{};
};

}  // namespace punkt::sim
