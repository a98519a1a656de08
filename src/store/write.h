// One thing to be written: a task, a batch of outcomes, an edit. Handed to the Writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/function.h"
#include "base/result.h"
#include "db/connection.h"
#include "store/demand.h"
#include "store/engine_store.h"
#include "store/journal.h"

namespace punkt::store {

/// Receives the result of a write, exactly once. Threads: the writer's, or the caller's when it was refused at once.
using Done = UniqueFunction<void(Result<void>)>;

/// Tells the engine what a commit did, in the order in which it was written. Armed timers are gathered, but never past
/// a change that may take them away.
class Announcements {
  public:
    explicit Announcements(StoreEvents& events) : events_(events) {}
    ~Announcements() { tell_armed(); }
    Announcements(const Announcements&) = delete;
    Announcements& operator=(const Announcements&) = delete;

    /// A new timer.
    void armed(const Timer& timer, TaskPtr task = nullptr) { armed_.push_back({timer, std::move(task)}); }
    void recorded(std::uint64_t batch, std::vector<std::size_t> stale) { events_.recorded(batch, std::move(stale)); }
    /// See StoreEvents::task_changed. A moved timer stands in both lists: `gone` as it was, `now` as it is.
    void changed(Id task, std::vector<Timer> gone, std::vector<Armed> now) {
        tell_armed();
        events_.task_changed(task, std::move(gone), std::move(now));
    }

  private:
    void tell_armed() {
        if (!armed_.empty()) events_.armed(std::exchange(armed_, {}));
    }
    StoreEvents& events_;
    std::vector<Armed> armed_;
};

class Write {
  public:
    virtual ~Write() = default;

    /// Writes, inside a transaction that is shared with others. May be called again when that had to be rolled back:
    /// what it remembers from the first call must be forgotten. Its own error undoes only this write.
    /// Threads: the writer's.
    virtual Result<void> apply(db::Connection& connection) = 0;
    /// Tells what apply() just did, as events. Called only while somebody listens, in the transaction.
    virtual void tell(Journal&) const {}
    /// After the commit, in the order of the writes; before finished() of any of them.
    virtual void announce(Announcements&) {}
    /// Called exactly once: ok means that it is on the disk.
    virtual void finished(const Result<void>& result) = 0;

    /// What it needs of its organization's plan; asked before it is queued, on the caller's thread. Runs count that are
    /// due before `month_end`. An empty demand is always met.
    virtual Demand demand(Timestamp /*month_end*/) const { return {}; }
    /// Runs of its demand that it did not need after all. Asked after the commit, before finished().
    virtual std::int64_t unused_runs() const { return 0; }

    /// Hot writes almost never fail on their own and go without a savepoint; if one does, the batch is done again with
    /// savepoints.
    virtual bool is_hot() const { return false; }
    /// Rows it writes, roughly: bounds a transaction.
    virtual std::size_t rows() const { return 1; }
    /// False for what makes room or must be kept: it is still accepted while the disk is full and while the queue is
    /// long.
    virtual bool may_be_refused() const { return true; }
};

/// A write with something added to it. What is not overridden is the wrapped one's.
class WrappedWrite : public Write {
  public:
    explicit WrappedWrite(std::unique_ptr<Write> wrapped) : wrapped_(std::move(wrapped)) {}
    Result<void> apply(db::Connection& connection) override { return wrapped_->apply(connection); }
    void tell(Journal& journal) const override { wrapped_->tell(journal); }
    void announce(Announcements& announcements) override { wrapped_->announce(announcements); }
    void finished(const Result<void>& result) override { wrapped_->finished(result); }
    Demand demand(Timestamp month_end) const override { return wrapped_->demand(month_end); }
    std::int64_t unused_runs() const override { return wrapped_->unused_runs(); }
    bool is_hot() const override { return wrapped_->is_hot(); }
    std::size_t rows() const override { return wrapped_->rows(); }
    bool may_be_refused() const override { return wrapped_->may_be_refused(); }

  private:
    std::unique_ptr<Write> wrapped_;
};

/// A write from a function: what rooms use for their own tables. Cold: its error undoes only itself.
template <class Apply>
std::unique_ptr<Write> make_write(Apply apply, Done done) {
    struct FunctionWrite final : Write {
        FunctionWrite(Apply function, Done finished_function)
            : apply_function(std::move(function)), done(std::move(finished_function)) {}
        Result<void> apply(db::Connection& connection) override { return apply_function(connection); }
        void finished(const Result<void>& result) override { done(result); }
        Apply apply_function;
        Done done;
    };
    return std::make_unique<FunctionWrite>(std::move(apply), std::move(done));
}

}  // namespace punkt::store
