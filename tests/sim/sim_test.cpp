// That the simulation is the same for the same seed, and that its checkers object when a promise is broken: each test
// plants a bug in the store and expects the checker whose promise it breaks.
#include <gtest/gtest.h>

#include <set>

#include "base/check.h"
#include "base/log.h"
#include "sim/world.h"

namespace punkt::sim {
namespace {

using Transitions = std::vector<store::Transition>;

// A store that refuses is what this is about; its warnings would hide everything else.
const bool is_quiet = [] {
    log::configure(log::Level::error, log::Format::text);
    return true;
}();

Verdict run(std::uint64_t seed, FaultLevel faults = FaultLevel::all, World::MakeStore make_store = {}) {
    return World({.seed = seed, .days = 0.1, .faults = faults}, std::move(make_store)).run();
}

/// The first checker that objects to a store with a bug.
template <class Store>
std::string objector(FaultLevel faults = FaultLevel::some) {
    const auto make = [](SimStore::Around around) { return std::make_unique<Store>(std::move(around)); };
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Verdict verdict = run(seed, faults, make);
        if (!verdict.good) return verdict.violation.substr(0, verdict.violation.find(':'));
    }
    return "nobody";
}

TEST(Simulation, two_runs_of_a_seed_are_the_same) {
    std::uint64_t lines = 0;
    std::set<std::uint64_t> digests;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const Verdict one = run(seed);
        const Verdict two = run(seed);
        EXPECT_TRUE(one.good) << one.violation;
        EXPECT_EQ(one.digest, two.digest);
        EXPECT_EQ(one.lines, two.lines);
        lines += one.lines;
        digests.insert(one.digest);
    }
    EXPECT_GT(lines, 1'000u);
    EXPECT_EQ(digests.size(), 10u);
}

TEST(Simulation, crashes_with_faults_only) {
    std::int64_t crashes = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        EXPECT_EQ(run(seed, FaultLevel::none).crashes, 0);
        crashes += run(seed, FaultLevel::all).crashes;
    }
    EXPECT_GT(crashes, 10);
}

// ---- bugs in what is written ---------------------------------------------------------------------------------------

/// Changes the database after every 50th commit, behind everybody's back.
class Meddler : public SimStore {
  public:
    using SimStore::SimStore;

  protected:
    virtual const char* sql() const = 0;

  private:
    void after_commit() override {
        if (++commits_ % 50 != 0) return;
        const auto done = around().disk.connection().execute(sql());
        check(done.has_value(), done ? "" : done.error().message);
    }
    int commits_ = 0;
};

TEST(Checkers, object_to_a_store_that_loses_runs) {
    struct Loses final : Meddler {
        using Meddler::Meddler;
        const char* sql() const override { return "DELETE FROM timer WHERE kind = 0"; }
    };
    const std::string who = objector<Loses>();
    EXPECT_TRUE(who == "nothing lost" || who == "withdrawn") << who;
}

TEST(Checkers, object_to_a_store_that_loses_beats) {
    struct Loses final : Meddler {
        using Meddler::Meddler;
        const char* sql() const override { return "DELETE FROM timer WHERE kind = 1"; }
    };
    EXPECT_EQ(objector<Loses>(), "nothing lost");
}

/// Changes what the engine records.
class Forger : public SimStore {
  public:
    using SimStore::SimStore;
    void record(std::uint64_t batch, Transitions transitions) final {
        for (auto& transition : transitions) forge(transition);
        SimStore::record(batch, std::move(transitions));
    }

  protected:
    virtual void forge(store::Transition& transition) = 0;
};

TEST(Checkers, object_to_a_store_that_loses_retries) {
    struct Loses final : Forger {
        using Forger::Forger;
        void forge(store::Transition& transition) override {
            if (transition.record) transition.arm.clear();
        }
    };
    const std::string who = objector<Loses>();
    EXPECT_TRUE(who == "nothing lost" || who == "withdrawn") << who;
}

TEST(Checkers, object_to_a_store_that_arms_again_what_is_over) {
    struct Repeats final : Forger {
        using Forger::Forger;
        void forge(store::Transition& transition) override {
            if (transition.record && transition.arm.empty()) transition.arm.push_back(transition.timer);
        }
    };
    const std::string who = objector<Repeats>();
    EXPECT_TRUE(who == "duplicates" || who == "ends once" || who == "serial order") << who;
}

TEST(Checkers, object_to_a_store_that_moves_instants) {
    struct Moves final : Forger {
        using Forger::Forger;
        void forge(store::Transition& transition) override {
            for (Execution& missed : transition.missed) missed.scheduled_for += Milliseconds{1};
        }
    };
    EXPECT_EQ(objector<Moves>(), "instants");
}

TEST(Checkers, object_to_a_store_that_stretches_retries) {
    struct Stretches final : Forger {
        using Forger::Forger;
        void forge(store::Transition& transition) override {
            if (!transition.record || transition.arm.empty()) return;
            transition.arm[0].due += std::chrono::hours{3};
            *transition.record->next_at += std::chrono::hours{3};
        }
    };
    EXPECT_EQ(objector<Stretches>(), "policy obeyed");
}

// ---- bugs in what the engine is told -------------------------------------------------------------------------------

/// Passes on what the store says.
class Courier : public store::StoreEvents {
  public:
    explicit Courier(store::StoreEvents& engine) : engine_(engine) {}
    void armed(std::vector<store::Armed> timers) override {
        for (auto& one : timers) change(one.timer);
        engine_.armed(std::move(timers));
    }
    void recorded(std::uint64_t batch, Result<std::vector<std::size_t>> stale) override {
        engine_.recorded(batch, std::move(stale));
    }
    void loaded(std::vector<Id> asked, Result<std::vector<TaskPtr>> tasks) override {
        engine_.loaded(std::move(asked), std::move(tasks));
    }
    void timers_loaded(store::Hour from, store::Hour until, Result<std::vector<Timer>> timers) override {
        if (timers)
            for (Timer& timer : *timers) change(timer);
        engine_.timers_loaded(from, until, std::move(timers));
    }
    void task_changed(Id task, std::vector<Timer> gone, std::vector<store::Armed> now) override {
        for (auto& one : now) change(one.timer);
        engine_.task_changed(task, std::move(gone), std::move(now));
    }

  protected:
    virtual void change(Timer&) {}
    store::StoreEvents& engine() { return engine_; }

  private:
    store::StoreEvents& engine_;
};

template <class BadCourier>
struct HasCourier {
    explicit HasCourier(store::StoreEvents& engine) : courier(engine) {}
    BadCourier courier;
};

/// A store whose events take the way of a bad courier.
template <class BadCourier>
class Through final : HasCourier<BadCourier>, public SimStore {
  public:
    explicit Through(Around around) : HasCourier<BadCourier>(around.events), SimStore(with_courier(around)) {}

  private:
    Around with_courier(const Around& around) {
        return {around.disk, this->courier, around.agenda,  around.clock,
                around.dice, around.faults, around.journal, around.committed};
    }
};

TEST(Checkers, object_to_due_times_that_come_too_early) {
    struct Hurries final : Courier {
        using Courier::Courier;
        void change(Timer& timer) override {
            if (timer.kind == Timer::Kind::run) timer.due -= std::chrono::seconds{2};
        }
    };
    EXPECT_EQ(objector<Through<Hurries>>(), "never early");
}

TEST(Checkers, object_to_due_times_that_come_too_late) {
    struct Dawdles final : Courier {
        using Courier::Courier;
        void change(Timer& timer) override {
            if (timer.kind == Timer::Kind::run) timer.due += std::chrono::seconds{2};
        }
    };
    // One that is due again when its hour is read is sent by both times.
    const std::string who = objector<Through<Dawdles>>(FaultLevel::none);
    EXPECT_TRUE(who == "punctual" || who == "duplicates") << who;
}

TEST(Checkers, object_to_lanes_that_are_forgotten) {
    struct Forgets final : Courier {
        using Courier::Courier;
        void change(Timer& timer) override { timer.lane = 0; }
    };
    const std::string who = objector<Through<Forgets>>(FaultLevel::none);
    EXPECT_TRUE(who == "serial order" || who == "limits kept") << who;
}

TEST(Checkers, object_to_changes_that_are_not_told) {
    struct Conceals final : Courier {
        using Courier::Courier;
        void task_changed(Id, std::vector<Timer>, std::vector<store::Armed>) override {}
    };
    const std::string who = objector<Through<Conceals>>();
    EXPECT_TRUE(who == "withdrawn" || who == "never early") << who;
}

TEST(Checkers, object_to_active_runs_that_are_forgotten_over_a_crash) {
    struct Forgets final : Courier {
        using Courier::Courier;
        void change(Timer& timer) override {
            if (timer.kind == Timer::Kind::run) timer.cause = Cause::create;
        }
    };
    const auto make = [](SimStore::Around around) { return std::make_unique<Through<Forgets>>(std::move(around)); };
    bool somebody_did = false;
    for (std::uint64_t seed = 1; seed <= 200 && !somebody_did; ++seed)
        somebody_did = run(seed, FaultLevel::all, make).violation.starts_with("overlap");
    EXPECT_TRUE(somebody_did);
}

TEST(Checkers, object_to_expired_runs_that_nobody_notices) {
    struct Forgets final : Meddler {
        using Meddler::Meddler;
        const char* sql() const override { return "DELETE FROM expiry"; }
    };
    EXPECT_EQ(objector<Forgets>(), "expired in time");
}

TEST(Checkers, object_to_blocked_hosts_that_are_forgotten_over_a_crash) {
    struct Forgets final : SimStore {
        using SimStore::SimStore;
        void after_commit() override { around().disk.blocks().clear(); }
    };
    EXPECT_EQ(objector<Forgets>(FaultLevel::all), "hosts spared");
}

// ---- bugs in what is read and noted --------------------------------------------------------------------------------

TEST(Checkers, object_to_a_flight_recorder_that_forgets) {
    struct Forgets final : SimStore {
        using SimStore::SimStore;
        int started(Id) override { return 1; }
    };
    EXPECT_EQ(objector<Forgets>(FaultLevel::all), "duplicates");
}

TEST(Checkers, object_to_reads_that_are_never_answered) {
    struct Sleeps final : SimStore {
        using SimStore::SimStore;
        void load_tasks(std::vector<Id> tasks) override {
            if (++reads_ % 5 != 0) SimStore::load_tasks(std::move(tasks));
        }
        int reads_ = 0;
    };
    const std::string who = objector<Sleeps>();
    EXPECT_TRUE(who == "drains" || who == "expired in time") << who;
}

}  // namespace
}  // namespace punkt::sim
