// Gives the engine its thread: ticks when something arrives or comes due.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.h"

namespace punkt::engine {

class Engine;

/// Threads: start, drain and stop from one; wake() from any.
class Runner {
  public:
    explicit Runner(Engine& engine) : engine_(engine) {}
    ~Runner();

    void start();
    /// Starts nothing new and waits until what is out is answered and recorded, at most `grace`. True when it is.
    bool drain(Milliseconds grace);
    /// Ends the thread after one more tick, which records what was answered last.
    void stop();
    void wake();

  private:
    void run();

    Engine& engine_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool draining_ = false;
    bool stopping_ = false;
    bool drained_ = false;
    std::thread thread_;
};

}  // namespace punkt::engine
