// One run of the simulation: virtual time, the real engine, a real database, callers, targets, faults, and the checkers
// that watch. One thread; the same seed gives the same run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "sim/callers.h"
#include "sim/sim_clock.h"
#include "sim/sim_store.h"
#include "sim/sim_transport.h"

namespace punkt::sim {

struct Settings {
    std::uint64_t seed = 1;
    double days = 1;
    FaultLevel faults = FaultLevel::some;
    bool print_all = false;
};

struct Verdict {
    bool good = true;
    std::string violation = {};
    std::vector<std::string> last_lines = {};
    std::uint64_t digest = 0;
    std::uint64_t lines = 0;
    std::int64_t sent = 0;
    std::int64_t crashes = 0;
};

class World {
  public:
    using MakeStore = std::function<std::unique_ptr<SimStore>(SimStore::Around)>;
    /// `make_store`: another store than the good one, to see the checkers object.
    explicit World(const Settings& settings, MakeStore make_store = {});
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    Verdict run();

  private:
    struct Life;

    void run_until(Microseconds end);
    void settle();
    std::optional<Timer> something_due();
    void begin_life();
    void crash();
    void plan_crash();
    void plan_drain();
    void plan_pause();
    void pause(Lane lane, bool is_paused);
    void plan_jump();
    void plan_watch();
    void watch();
    void jump();
    void tick_in(Microseconds delay);
    void tick();
    void note_sent(const Request& request);

    Settings settings_;
    MakeStore make_store_;
    SeededRandom random_;
    Dice dice_{random_};
    SimClock clock_;
    Journal journal_{clock_};
    Agenda agenda_{random_};
    Faults faults_;
    bool has_breaker_;
    Disk disk_;
    std::vector<std::unique_ptr<Checker>> checkers_;
    std::unique_ptr<Callers> callers_;
    std::unique_ptr<Life> life_;
    Timestamp latest_;
    Microseconds next_tick_ = Microseconds::max();
    std::uint64_t tick_number_ = 0;
    std::map<Lane, Microseconds> last_sent_;
    std::set<Lane> paused_;
    bool draining_ = false;
    std::int64_t sent_ = 0;
    std::int64_t crashes_ = 0;
    bool settling_ = false;
};

}  // namespace punkt::sim
