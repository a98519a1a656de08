#include "testing/test_store.h"

#include "base/check.h"

namespace punkt::testing {
namespace {

template <class T>
T must(Result<T> result) {
    check(result.has_value(), result ? "" : result.error().message);
    return std::move(*result);
}

}  // namespace

void EventLog::armed(std::vector<store::Armed> timers) {
    const std::lock_guard lock(mutex_);
    armed_.insert(armed_.end(), timers.begin(), timers.end());
    came_.notify_all();
}

void EventLog::recorded(std::uint64_t batch, Recorded stale) {
    const std::lock_guard lock(mutex_);
    recorded_.emplace(batch, std::move(stale));
    came_.notify_all();
}

void EventLog::loaded(std::vector<Id>, Result<std::vector<TaskPtr>> tasks) {
    const std::lock_guard lock(mutex_);
    loaded_.push_back(std::move(*tasks));
    came_.notify_all();
}

void EventLog::timers_loaded(store::Hour, store::Hour, Timers timers) {
    const std::lock_guard lock(mutex_);
    timers_.push_back(std::move(timers));
    came_.notify_all();
}

void EventLog::task_changed(Id task, std::vector<Timer> gone, std::vector<store::Armed> now) {
    const std::lock_guard lock(mutex_);
    changes_.push_back({task, std::move(gone), std::move(now)});
    came_.notify_all();
}

std::vector<store::Armed> EventLog::take_armed() {
    const std::lock_guard lock(mutex_);
    return std::exchange(armed_, {});
}

std::vector<EventLog::Change> EventLog::take_changes() {
    const std::lock_guard lock(mutex_);
    return std::exchange(changes_, {});
}

std::vector<EventLog::Timers> EventLog::take_timers() {
    const std::lock_guard lock(mutex_);
    return std::exchange(timers_, {});
}

template <class Ready>
void EventLog::wait(std::unique_lock<std::mutex>& lock, Ready ready) {
    check(came_.wait_for(lock, std::chrono::seconds{10}, ready), "the store answers");
}

EventLog::Recorded EventLog::wait_for_recorded(std::uint64_t batch) {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return recorded_.contains(batch); });
    return std::move(recorded_.extract(batch).mapped());
}

std::vector<TaskPtr> EventLog::wait_for_loaded() {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return !loaded_.empty(); });
    auto tasks = std::move(loaded_.front());
    loaded_.erase(loaded_.begin());
    return tasks;
}

EventLog::Timers EventLog::wait_for_timers() {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return !timers_.empty(); });
    auto timers = std::move(timers_.front());
    timers_.erase(timers_.begin());
    return timers;
}

TestStore::TestStore(StoreBackend backend, store::Writer::Options options)
    : backend_(backend), options_(std::move(options)) {
    start();
}

TestStore::~TestStore() { stop(); }

void TestStore::start() {
    check(backend_ == StoreBackend::sqlite, "the one there is");
    folder_ = must(store::DataFolder::open(directory_.path(), clock_.now()));
    writer_ = std::make_unique<store::Writer>(folder_->take_writing(), must(folder_->checkpointing()), clock_,
                                              writer_metrics_, options_);
    engine_store_ = std::make_unique<store::SqlEngineStore>(
        *writer_, must(folder_->reading()), must(store::FlightRecorder::open(folder_->flight_recorder_path())),
        options_.fatal);
    if (journal_ != nullptr) writer_->tell(*journal_);
    engine_store_->start(events_);
    reader_ = must(folder_->reading());
}

void TestStore::stop() {
    if (writer_) writer_->stop();
    reader_.reset();
    engine_store_.reset();
    writer_.reset();
    folder_.reset();
}

void TestStore::restart() {
    stop();
    start();
}

void TestStore::restart_with(store::Journal& journal) {
    journal_ = &journal;
    restart();
}

EventLog::Recorded TestStore::record(store::Transition transition) {
    const std::uint64_t batch = ++last_batch_;
    engine_store_->record(batch, {std::move(transition)});
    return events_.wait_for_recorded(batch);
}

}  // namespace punkt::testing
