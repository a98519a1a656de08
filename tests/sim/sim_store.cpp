#include "sim/sim_store.h"

#include <algorithm>

#include "base/check.h"
#include "store/engine_reads.h"
#include "store/record_write.h"

namespace punkt::sim {
namespace {

const Error refused{.kind = ErrorKind::full, .message = "the simulated disk is full"};
const Error unreadable{.kind = ErrorKind::unavailable, .message = "the simulated disk cannot be read"};

/// Which transitions of a record were stale: it says so only to the engine.
class StaleListener final : public store::StoreEvents {
  public:
    void armed(std::vector<store::Armed>) override {}
    void recorded(std::uint64_t, Result<std::vector<std::size_t>> places) override { stale = *places; }
    void loaded(std::vector<Id>, Result<std::vector<TaskPtr>>) override {}
    void timers_loaded(store::Hour, store::Hour, Result<std::vector<Timer>>) override {}
    void task_changed(Id, std::vector<Timer>, std::vector<store::Armed>) override {}
    std::vector<std::size_t> stale;
};

/// Remembers what it told the listener, so that it can tell the engine too.
class ObservedRecord final : public store::Write {
  public:
    ObservedRecord(std::uint64_t batch, std::vector<store::Transition> transitions, store::Done refusal)
        : batch_(batch), inner_(batch, std::move(transitions), std::move(refusal)) {}
    Result<void> apply(db::Connection& connection) override {
        auto done = inner_.apply(connection);
        if (!done) return done;
        StaleListener listener;
        {
            store::Announcements announcements(listener);
            inner_.announce(announcements);
        }
        stale = std::move(listener.stale);
        return done;
    }
    void announce(store::Announcements& announcements) override { announcements.recorded(batch_, stale); }
    void finished(const Result<void>& result) override { inner_.finished(result); }
    std::vector<std::size_t> stale;

  private:
    std::uint64_t batch_;
    store::RecordWrite inner_;
};

}  // namespace

void SimStore::later(Microseconds delay, UniqueFunction<void()> what) {
    around_.agenda.at(around_.clock.elapsed() + delay,
                      [life = std::weak_ptr<int>(alive_), what = std::move(what)]() mutable {
                          if (life.lock()) what();
                      });
}

Microseconds SimStore::latency() {
    using namespace std::chrono_literals;
    Dice& dice = around_.dice;
    return dice.chance(around_.faults.slow_store) ? dice.spread(10ms, 5s) : dice.spread(50us, 5ms);
}

void SimStore::submit(std::unique_ptr<store::Write> write) {
    queue_.push_back({std::move(write)});
    begin_batch();
}

void SimStore::record(std::uint64_t batch, std::vector<store::Transition> transitions) {
    auto copy = transitions;
    auto write = std::make_unique<ObservedRecord>(batch, std::move(transitions), [this, batch](Result<void> refusal) {
        around_.events.recorded(batch, refusal.error());
    });
    queue_.push_back({std::move(write), std::move(copy)});
    begin_batch();
}

/// Like the writer: everything that queued during the last commit goes into the next one.
void SimStore::begin_batch() {
    if (writing_ || queue_.empty()) return;
    writing_ = true;
    later(latency(), [this] {
        Batch batch;
        const auto most = static_cast<std::size_t>(around_.dice.between(1, 50));
        while (!queue_.empty() && batch.size() < most) {
            batch.push_back(std::move(queue_.front()));
            queue_.pop_front();
        }
        commit(std::move(batch));
    });
}

void SimStore::commit(Batch batch) {
    if (around_.dice.chance(around_.faults.refused_commit)) {
        around_.journal.note("store refuses {} writes", batch.size());
        for (Queued& queued : batch) queued.result = refused;
    } else {
        apply(batch);
    }
    // A crash now loses the answers, not the writes.
    later(latency(), [this, batch = std::move(batch)]() mutable { tell(std::move(batch)); });
}

void SimStore::apply(Batch& batch) {
    db::Connection& connection = around_.disk.connection();
    check(connection.begin().has_value(), "a transaction can begin");
    for (Queued& queued : batch) queued.result = connection.savepoint([&] { return queued.write->apply(connection); });
    const auto committed = connection.commit();
    check(committed.has_value(), committed ? "" : committed.error().message);
    after_commit();
    around_.journal.note("store commits {} writes", batch.size());
    for (const Queued& queued : batch) observe(queued);
}

void SimStore::observe(const Queued& queued) {
    if (queued.transitions.empty() || !*queued.result) return;
    const auto& stale = static_cast<const ObservedRecord&>(*queued.write).stale;
    for (std::size_t i = 0; i < queued.transitions.size(); ++i)
        around_.committed(queued.transitions[i], std::find(stale.begin(), stale.end(), i) != stale.end());
}

void SimStore::tell(Batch batch) {
    {
        store::Announcements announcements(around_.events);
        for (Queued& queued : batch)
            if (*queued.result) queued.write->announce(announcements);
    }
    for (Queued& queued : batch) queued.write->finished(*queued.result);
    writing_ = false;
    begin_batch();
}

bool SimStore::read_fails() {
    if (!around_.dice.chance(around_.faults.failed_read)) return false;
    around_.journal.note("store fails a read");
    return true;
}

void SimStore::load_tasks(std::vector<Id> tasks) {
    later(latency(), [this, tasks = std::move(tasks)]() mutable {
        auto found = read_fails() ? Result<std::vector<TaskPtr>>(unreadable)
                                  : store::read_tasks(around_.disk.connection(), tasks);
        later(latency(), [this, tasks = std::move(tasks), found = std::move(found)]() mutable {
            around_.events.loaded(std::move(tasks), std::move(found));
        });
    });
}

void SimStore::load_timers(store::Hour from, store::Hour until) {
    later(latency(), [this, from, until] {
        auto found = read_fails() ? Result<std::vector<Timer>>(unreadable)
                                  : store::read_timers(around_.disk.connection(), from, until);
        later(latency(), [this, from, until, found = std::move(found)]() mutable {
            around_.events.timers_loaded(from, until, std::move(found));
        });
    });
}

}  // namespace punkt::sim
