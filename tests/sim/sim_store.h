// The engine's store on a real database, without threads: the agenda says when a batch is committed, when that is told,
// when a read looks and when its answer arrives. Writes are the ones that production submits.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "sim/agenda.h"
#include "sim/dice.h"
#include "sim/disk.h"
#include "sim/faults.h"
#include "sim/journal.h"
#include "store/write.h"

namespace punkt::sim {

/// One life of it; a crash is its end.
class SimStore : public store::EngineStore {
  public:
    struct Around {
        Disk& disk;
        store::StoreEvents& events;
        Agenda& agenda;
        const Clock& clock;
        Dice& dice;
        const Faults& faults;
        Journal& journal;
        /// A committed outcome, told before the engine hears of it.
        std::function<void(const store::Transition&, bool stale)> committed;
    };
    explicit SimStore(Around around) : around_(std::move(around)) {}

    void submit(std::unique_ptr<store::Write> write);

    void record(std::uint64_t batch, std::vector<store::Transition> transitions) override;
    void load_tasks(std::vector<Id> tasks) override;
    void load_timers(store::Hour from, store::Hour until) override;
    int started(Id execution) override { return ++around_.disk.flights()[execution]; }
    void ended(Id execution) override { around_.disk.flights().erase(execution); }
    bool was_started(Id execution) const override { return around_.disk.flights().contains(execution); }

  protected:
    /// After a commit; the planted bugs of sim_test begin here.
    virtual void after_commit() {}
    Around& around() { return around_; }

  private:
    struct Queued {
        std::unique_ptr<store::Write> write;
        std::vector<store::Transition> transitions = {};  // of a record
        std::optional<Result<void>> result = std::nullopt;
    };
    using Batch = std::vector<Queued>;

    void later(Microseconds delay, UniqueFunction<void()> what);
    Microseconds latency();
    void begin_batch();
    void commit(Batch batch);
    void apply(Batch& batch);
    void observe(const Queued& queued);
    void tell(Batch batch);
    bool read_fails();

    Around around_;
    std::deque<Queued> queue_;
    bool writing_ = false;
    // Entries of the agenda outlive a crash; they find out here.
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace punkt::sim
