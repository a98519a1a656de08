// What a chore does to the database, a bounded step at a time: deletes what is over, gathers what has settled.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "store/writer.h"

namespace punkt::store {

/// Threads: one calls run(). The writer outlives it.
class Sweep {
  public:
    /// `step` looks at no more than `rows` rows inside the writer's transaction and answers at how many.
    using Step = std::function<Result<std::int64_t>(db::Connection&, Timestamp now, int rows)>;

    Sweep(Writer& writer, std::string name, int rows, Step step)
        : writer_(writer), name_(std::move(name)), rows_(rows), step_(std::move(step)) {}

    /// One step, in the background. True: call again soon; false: the last one found the end.
    bool run(Timestamp now) {
        if (*state_ == State::writing) return true;
        if (*state_ == State::over) {
            *state_ = State::idle;
            return false;
        }
        *state_ = State::writing;
        writer_.submit(std::make_unique<Deletion>(*this, now));
        return true;
    }

  private:
    enum class State { idle, writing, over };

    /// Still done when the disk is full: it makes room.
    struct Deletion final : Write {
        Deletion(const Sweep& sweep, Timestamp at)
            : name(sweep.name_), rows_max(sweep.rows_), step(sweep.step_), state(sweep.state_), now(at) {}
        Result<void> apply(db::Connection& connection) override {
            auto looked_at = step(connection, now, rows_max);
            if (!looked_at) return looked_at.error();
            has_more = *looked_at >= rows_max;
            return {};
        }
        void finished(const Result<void>& result) override {
            if (!result) log::warn("the chore \"{}\" did not get on: {}", name, result.error().message);
            *state = result && has_more ? State::idle : State::over;
        }
        std::size_t rows() const override { return static_cast<std::size_t>(rows_max); }
        bool may_be_refused() const override { return false; }
        std::string name;
        int rows_max;
        Step step;
        std::shared_ptr<std::atomic<State>> state;
        Timestamp now;
        bool has_more = false;
    };

    Writer& writer_;
    std::string name_;
    int rows_;
    Step step_;
    // Shared with a write that may outlive this object.
    std::shared_ptr<std::atomic<State>> state_ = std::make_shared<std::atomic<State>>(State::idle);
};

}  // namespace punkt::store
