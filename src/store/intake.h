// New tasks of which not each becomes one: dedupe, debounce, throttle, and batches that take what they can. What counts
// is decided inside the writer's transaction, so it is exact however many ask at once, and it is on disk with the task.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/execution.h"
#include "core/once.h"
#include "store/task_writes.h"

namespace punkt::store {

struct Wish {
    NewTask task;  // with its id; of a debounced one the timer is due after its `span`
    std::optional<OnceRule> once = std::nullopt;
};

/// What became of a wish.
struct Taken {
    TakenAs as = TakenAs::created;
    Id task = 0;                                            // the one that stands for it; 0: it was refused
    std::optional<Timestamp> scheduled_for = std::nullopt;  // of a one-time task
    Status status = Status::pending;                        // of the task's last run; pending while one waits
    std::optional<Error> refusal = std::nullopt;            // as refused
    TaskPtr before = nullptr;                               // as replaced: what was there
};

/// Tasks that wait and that the engine was asked to hold: whether they are out nevertheless (engine::Held::running).
using HeldTasks = std::unordered_map<Id, bool>;

/// Error code (`conflict`): the task that a debounced one would replace is not among those that are held. Look it up
/// and hold it, then try again.
constexpr std::string_view code_winner_changed = "winner_changed";

/// The tasks that `rules` of kind debounce would replace now: what must be held.
Result<std::vector<Id>> find_debounced(db::Connection& connection, Id organization, const std::vector<OnceRule>& rules);

class TakeIn final : public Write {
  public:
    struct Options {
        HeldTasks held = {};
        bool is_partial = false;  // what cannot be is refused beside what can; otherwise all or nothing
        Timestamp now{};
    };
    /// `taken` receives what became of each wish, in order; it must live until `done` is called. All wishes are of one
    /// organization.
    TakeIn(std::vector<Wish> wishes, Options options, std::vector<Taken>& taken, Done done)
        : wishes_(std::move(wishes)), options_(std::move(options)), taken_(taken), done_(std::move(done)) {}

    Result<void> apply(db::Connection& connection) override;
    void tell(Journal& journal) const override;
    void announce(Announcements& announcements) override;
    void finished(const Result<void>& result) override { done_(result); }
    Demand demand(Timestamp month_end) const override;
    std::int64_t unused_runs() const override;
    std::size_t rows() const override { return 3 * wishes_.size(); }

  private:
    /// What the engine is told: a new timer, or one in the place of another.
    struct Change {
        TaskPtr task;
        std::optional<Timer> before;
        std::optional<Timer> after;
    };
    Result<Taken> take(db::Connection& connection, const Wish& wish);
    Result<Taken> create(db::Connection& connection, const Wish& wish);
    Result<Taken> dedupe(db::Connection& connection, const Wish& wish);
    Result<Taken> debounce(db::Connection& connection, const Wish& wish);
    Result<Taken> throttle(db::Connection& connection, const Wish& wish);
    Result<Taken> replace(db::Connection& connection, const Wish& wish, const Timer& waiting, Timestamp due);

    std::vector<Wish> wishes_;
    Options options_;
    std::vector<Taken>& taken_;
    Done done_;
    std::vector<Change> changes_;
    std::unordered_set<Id> created_;  // by this write: nobody else knows them yet
};

/// Forgets up to `rows` keys whose time is over, and answers how many it looked at. A debounce whose task still waits
/// (its queue is paused) is kept. A step of store/sweep.h.
Result<std::int64_t> forget_once_keys(db::Connection& connection, Timestamp now, int rows);

}  // namespace punkt::store
