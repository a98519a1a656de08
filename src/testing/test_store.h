// A store on a temporary directory, with its writer and reading thread running, and what it told the engine.
#pragma once

#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "store/data_folder.h"
#include "store/sql_engine_store.h"
#include "store/write.h"
#include "store/writer.h"
#include "testing/scratch_folder.h"

namespace punkt::testing {

/// Remembers what the store says. Threads: any.
class EventLog final : public store::StoreEvents {
  public:
    struct Change {
        Id task = 0;
        std::vector<Timer> gone;
        std::vector<store::Armed> now;
    };
    using Recorded = Result<std::vector<std::size_t>>;
    using Timers = Result<std::vector<Timer>>;

    void armed(std::vector<store::Armed> timers) override;
    void recorded(std::uint64_t batch, Recorded stale) override;
    void loaded(std::vector<Id> asked, Result<std::vector<TaskPtr>> tasks) override;
    void timers_loaded(store::Hour from, store::Hour until, Timers timers) override;
    void task_changed(Id task, std::vector<Timer> gone, std::vector<store::Armed> now) override;

    // What came since the last call.
    std::vector<store::Armed> take_armed();
    std::vector<Change> take_changes();
    std::vector<Timers> take_timers();
    // Each waits for the answer, at most ten seconds.
    Recorded wait_for_recorded(std::uint64_t batch);
    std::vector<TaskPtr> wait_for_loaded();
    Timers wait_for_timers();

  private:
    template <class Ready>
    void wait(std::unique_lock<std::mutex>& lock, Ready ready);

    std::mutex mutex_;
    std::condition_variable came_;
    std::vector<store::Armed> armed_;
    std::vector<Change> changes_;
    std::map<std::uint64_t, Recorded> recorded_;
    std::vector<std::vector<TaskPtr>> loaded_;
    std::vector<Timers> timers_;
};

/// What the store can lie on. The contract tests run on each.
enum class StoreBackend { sqlite };

class TestStore {
  public:
    explicit TestStore(StoreBackend backend = StoreBackend::sqlite, store::Writer::Options options = {});
    ~TestStore();

    /// Submits `make(done)` and waits for the result.
    template <class Make>
    Result<void> write(Make make) {
        std::promise<Result<void>> promise;
        writer().submit(make(store::Done([&promise](Result<void> result) { promise.set_value(std::move(result)); })));
        return promise.get_future().get();
    }
    /// Records one transition and waits.
    EventLog::Recorded record(store::Transition transition);

    store::Writer& writer() { return *writer_; }
    store::SqlEngineStore& engine_store() { return *engine_store_; }
    db::Connection& reader() { return *reader_; }
    store::DataFolder& folder() { return *folder_; }
    EventLog& events() { return events_; }
    const std::string& path() const { return directory_.path(); }

    /// Everything is closed and opened again.
    void restart();
    /// The same, with a journal, which outlives this object.
    void restart_with(store::Journal& journal);
    void stop();
    void start();

  private:
    StoreBackend backend_;
    ScratchFolder directory_;
    store::Writer::Options options_;
    SystemClock clock_;
    Metrics metrics_;
    store::WriterMetrics writer_metrics_{metrics_};
    EventLog events_;
    std::optional<store::DataFolder> folder_;
    std::unique_ptr<store::Writer> writer_;
    std::unique_ptr<store::SqlEngineStore> engine_store_;
    std::optional<db::Connection> reader_;
    store::Journal* journal_ = nullptr;
    std::uint64_t last_batch_ = 0;
};

}  // namespace punkt::testing
