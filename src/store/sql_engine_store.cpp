#include "store/sql_engine_store.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "base/thread_name.h"
#include "store/engine_reads.h"
#include "store/record_write.h"

namespace punkt::store {

struct SqlEngineStore::Impl final : StoreEvents {
    Impl(Writer& w, db::Connection r, FlightRecorder f, std::function<void(const Error&)> on_fatal, Quotas* q)
        : writer(w), reader(std::move(r)), recorder(std::move(f)), fatal(std::move(on_fatal)), quotas(q) {}

    // From the writer to the engine.
    void armed(std::vector<Armed> timers) override { engine->armed(std::move(timers)); }
    void recorded(std::uint64_t batch, Result<std::vector<std::size_t>> stale) override {
        engine->recorded(batch, std::move(stale));
    }
    void loaded(std::vector<Id> asked, Result<std::vector<TaskPtr>> tasks) override {
        engine->loaded(std::move(asked), std::move(tasks));
    }
    void timers_loaded(Hour from, Hour until, Result<std::vector<Timer>> timers) override {
        engine->timers_loaded(from, until, std::move(timers));
    }
    void task_changed(Id task, std::vector<Timer> gone, std::vector<Armed> now) override {
        const std::lock_guard lock(mutex);
        if (reading) changed.insert(task);
        engine->task_changed(task, std::move(gone), std::move(now));
    }

    void run();
    void answer_tasks(std::vector<Id> asked, std::unique_lock<std::mutex>& lock);
    void forget_recorded_flights();

    struct Hours {
        Hour from;
        Hour until;
    };
    Writer& writer;
    db::Connection reader;
    FlightRecorder recorder;
    std::function<void(const Error&)> fatal;
    Quotas* quotas;
    StoreEvents* engine = nullptr;

    std::mutex mutex;
    std::condition_variable wake;
    std::vector<Id> tasks_asked;
    std::vector<Hours> hours_asked;
    bool reading = false;
    std::unordered_set<Id> changed;  // while reading: what was read of these may be old
    bool stopping = false;
    std::thread thread;
};

void SqlEngineStore::Impl::run() {
    name_this_thread("engine reads");
    std::unique_lock lock(mutex);
    while (true) {
        wake.wait(lock, [this] { return stopping || !tasks_asked.empty() || !hours_asked.empty(); });
        if (stopping) return;
        if (!tasks_asked.empty()) answer_tasks(std::exchange(tasks_asked, {}), lock);
        for (const Hours& hours : std::exchange(hours_asked, {})) {
            lock.unlock();
            auto timers = read_timers(reader, hours.from, hours.until);
            if (!timers && db::is_fatal(timers.error())) fatal(timers.error());
            engine->timers_loaded(hours.from, hours.until, std::move(timers));
            lock.lock();
            if (stopping) return;
        }
    }
}

/// Delivers under the lock: no change of a task can be told to the engine before an older copy of it is.
void SqlEngineStore::Impl::answer_tasks(std::vector<Id> asked, std::unique_lock<std::mutex>& lock) {
    std::sort(asked.begin(), asked.end());  // neighbours lie on one page
    while (!stopping) {
        reading = true;
        changed.clear();
        lock.unlock();
        auto tasks = read_tasks(reader, asked);
        if (!tasks && db::is_fatal(tasks.error())) fatal(tasks.error());
        lock.lock();
        reading = false;
        const bool old = std::any_of(asked.begin(), asked.end(), [&](Id id) { return changed.contains(id); });
        if (tasks && old) continue;
        engine->loaded(std::move(asked), std::move(tasks));
        return;
    }
}

/// A crash between the commit of an outcome and ended() leaves an entry that nobody will ask for.
void SqlEngineStore::Impl::forget_recorded_flights() {
    recorder.keep_only([&](Id execution) {
        auto written = db::query_number(reader, "SELECT count(*) FROM execution WHERE id = $1", {execution});
        return !written || *written == 0;
    });
}

SqlEngineStore::SqlEngineStore(Writer& writer, db::Connection reader, FlightRecorder recorder,
                               std::function<void(const Error&)> fatal, Quotas* quotas)
    : impl_(std::make_unique<Impl>(writer, std::move(reader), std::move(recorder), std::move(fatal), quotas)) {
    impl_->forget_recorded_flights();
}

SqlEngineStore::~SqlEngineStore() { stop(); }

void SqlEngineStore::stop() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->wake.notify_all();
    if (impl_->thread.joinable()) impl_->thread.join();
}

void SqlEngineStore::start(StoreEvents& engine) {
    impl_->engine = &engine;
    impl_->writer.start(*impl_);
    impl_->thread = std::thread([this] { impl_->run(); });
}

void SqlEngineStore::record(std::uint64_t batch, std::vector<Transition> transitions) {
    impl_->writer.submit(std::make_unique<RecordWrite>(
        batch, std::move(transitions),
        [this, batch](Result<void> refused) { impl_->engine->recorded(batch, refused.error()); }, impl_->quotas));
}

void SqlEngineStore::load_tasks(std::vector<Id> tasks) {
    const std::lock_guard lock(impl_->mutex);
    impl_->tasks_asked.insert(impl_->tasks_asked.end(), tasks.begin(), tasks.end());
    impl_->wake.notify_all();
}

void SqlEngineStore::load_timers(Hour from, Hour until) {
    const std::lock_guard lock(impl_->mutex);
    impl_->hours_asked.push_back({from, until});
    impl_->wake.notify_all();
}

int SqlEngineStore::started(Id execution) { return impl_->recorder.started(execution); }
void SqlEngineStore::ended(Id execution) { impl_->recorder.ended(execution); }
bool SqlEngineStore::was_started(Id execution) const { return impl_->recorder.has(execution); }

}  // namespace punkt::store
