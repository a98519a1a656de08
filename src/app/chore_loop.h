// Periodic duties, on one thread: each does one bounded unit of work and says whether more waits.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace punkt::app {

struct Chore {
    std::string name;
    Milliseconds every{60'000};
    /// One unit; true: more waits, and it is called again soon. Must not wait long.
    std::function<bool()> work;
};

/// Threads: add() before start(). The tests call run_due() by hand.
class ChoreLoop {
  public:
    explicit ChoreLoop(const Clock& clock) : clock_(clock) {}
    ~ChoreLoop() { stop(); }

    /// Due for the first time one period after now.
    void add(Chore chore);
    void start();
    /// Returns when the unit that is being worked on is done.
    void stop();

    /// Does one unit of each chore that is due; answers when the next one is (steady time).
    Microseconds run_due();

  private:
    struct Planned {
        Chore chore;
        Microseconds due{};
    };
    void run();

    const Clock& clock_;
    std::vector<Planned> chores_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace punkt::app
