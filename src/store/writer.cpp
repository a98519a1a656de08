#include "store/writer.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/check.h"
#include "base/log.h"
#include "base/thread_name.h"
#include "store/quotas.h"
#include "store/reserve.h"

namespace punkt::store {
namespace {

constexpr double page_bytes = 4096 + 24;  // with its header in the log

const Error stopped{.kind = ErrorKind::unavailable, .message = "Punkt is stopping"};
const Error too_slow{.kind = ErrorKind::unavailable,
                     .message = "the disk is too slow for what is asked; try again later"};
const Error disk_full{.kind = ErrorKind::full, .message = "the disk is full; nothing was written"};

struct Queued {
    std::unique_ptr<Write> write;
    Microseconds since{};
    Id organization = 0;    // whose plan
    std::int64_t runs = 0;  // was asked for that many
    std::optional<Result<void>> result = std::nullopt;
};

using Batch = std::vector<Queued>;

enum class Manner { trusting, careful };

/// Why a transaction did not come about.
struct Setback {
    Error error;
    bool hot_write_failed = false;  // of its own; the others deserve another try
};

/// The batch, or what of it has no result yet, in one transaction.
std::optional<Setback> write_together(db::Connection& connection, Batch& batch, Manner manner, Journal* journal) {
    if (auto begun = connection.begin(); !begun) return Setback{begun.error()};
    if (journal != nullptr && !journal->begin()) journal = nullptr;
    std::vector<std::pair<std::size_t, Error>> failed;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (batch[i].result) continue;
        Write& write = *batch[i].write;
        const bool trust = manner == Manner::trusting && write.is_hot();
        Result<void> applied =
            trust ? write.apply(connection) : connection.savepoint([&] { return write.apply(connection); });
        if (applied) {
            if (journal != nullptr) write.tell(*journal);
            continue;
        }
        const Error& error = applied.error();
        if (db::is_fatal(error) || error.kind == ErrorKind::full || !connection.in_transaction()) return Setback{error};
        if (trust) return Setback{error, true};
        failed.emplace_back(i, error);
    }
    if (journal != nullptr)
        if (auto written = journal->write(connection); !written) return Setback{written.error()};
    if (auto committed = connection.commit(); !committed) return Setback{committed.error()};
    for (auto& [i, error] : failed) batch[i].result = std::move(error);
    for (Queued& queued : batch)
        if (!queued.result) queued.result = Result<void>();
    return std::nullopt;
}

void answer_rest(Batch& batch, const Error& error) {
    for (Queued& queued : batch)
        if (!queued.result) queued.result = error;
}

}  // namespace

WriterMetrics::WriterMetrics(Metrics& metrics)
    : commits(metrics.counter("punkt_store_commits_total", "Transactions of the writer")),
      rows(metrics.counter("punkt_store_writes_total", "Writes that were committed")),
      refused(metrics.counter("punkt_store_refused_total", "Writes refused: long queue or full disk")),
      commit_s(metrics.histogram("punkt_store_commit_seconds", "From begin to the end of the fsync",
                                 {0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1, 2, 5})),
      batch_rows(metrics.histogram("punkt_store_batch_rows", "Rows in a transaction", Metrics::doubling_buckets(4096))),
      log_bytes(metrics.gauge("punkt_store_wal_bytes", "Length of the write-ahead log")) {}

struct Writer::Impl {
    Impl(db::Connection writing, const Clock& time, WriterMetrics& counts, Options given)
        : connection(std::move(writing)),
          clock(time),
          metrics(counts),
          options(std::move(given)),
          reserve(options.reserve_path, options.reserve_bytes) {}

    void run();
    bool is_overloaded(Microseconds now) const;
    Batch take();
    void write(Batch& batch);
    std::optional<Setback> transact(Batch& batch, Manner manner);
    void on_setback(Batch& batch, const Setback& setback);
    void on_full_disk(Batch& batch);
    void look_for_space();
    void answer(Batch& batch);
    void finish(Queued& queued, const Result<void>& result);
    void begin_log_anew();
    void die(const Error& error);
    Error death();

    db::Connection connection;
    const Clock& clock;
    WriterMetrics& metrics;
    Options options;
    Reserve reserve;
    std::unique_ptr<Checkpointer> checkpointer;
    StoreEvents* events = nullptr;
    Journal* journal = nullptr;
    bool has_committed = false;  // of the batch at hand

    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Queued> queue;
    std::size_t queued_rows = 0;
    bool sleeping = false;
    bool stopping = false;
    std::optional<Error> dead;  // the storage failed
    std::atomic<bool> is_dead = false;

    bool full = false;
    Microseconds looked_for_space{};
    std::thread thread;
};

Writer::Writer(db::Connection connection, std::optional<db::Connection> checkpoints, const Clock& clock,
               WriterMetrics& metrics, Options options)
    : impl_(std::make_unique<Impl>(std::move(connection), clock, metrics, std::move(options))) {
    Impl& impl = *impl_;
    if (!impl.reserve.claim()) impl.full = true;
    if (checkpoints)
        impl.checkpointer = std::make_unique<Checkpointer>(std::move(*checkpoints), impl.options.checkpoints,
                                                           [&impl](const Error& error) { impl.die(error); });
}

Writer::~Writer() { stop(); }

void Writer::tell(Journal& journal) { impl_->journal = &journal; }

void Writer::start(StoreEvents& events) {
    impl_->events = &events;
    impl_->thread = std::thread([this] { impl_->run(); });
}

void Writer::stop() {
    std::deque<Queued> left;
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
        if (!impl_->thread.joinable()) left.swap(impl_->queue);  // never started
        impl_->wake.notify_one();
    }
    if (impl_->thread.joinable()) impl_->thread.join();
    for (Queued& queued : left) impl_->finish(queued, stopped);
    impl_->checkpointer.reset();
}

void Writer::submit(std::unique_ptr<Write> write) {
    Impl& impl = *impl_;
    const Microseconds now = impl.clock.elapsed();
    Queued queued{.write = std::move(write), .since = now};
    if (impl.options.quotas != nullptr && impl.options.quotas->is_limited()) {
        const Demand demand = queued.write->demand(impl.options.quotas->month_end());
        if (!demand.is_empty())
            if (auto admitted = impl.options.quotas->admit(demand); !admitted) return queued.write->finished(admitted);
        queued.organization = demand.organization;
        queued.runs = demand.runs;
    }
    std::optional<Error> refusal;  // then `queued` has not been moved away
    {
        const std::lock_guard lock(impl.mutex);
        if (impl.dead) {
            refusal = *impl.dead;
        } else if (impl.stopping) {
            refusal = stopped;
        } else if (queued.write->may_be_refused() && impl.is_overloaded(now)) {
            refusal = too_slow;
        } else {
            impl.queued_rows += queued.write->rows();
            impl.queue.push_back(std::move(queued));
            if (impl.sleeping) {
                impl.sleeping = false;
                impl.wake.notify_one();
            }
        }
    }
    if (!refusal) return;
    impl.metrics.refused.add();
    impl.finish(queued, *refusal);  // NOLINT(bugprone-use-after-move)
}

void Writer::Impl::finish(Queued& queued, const Result<void>& result) {
    if (queued.runs > 0) {
        const std::int64_t unused = result ? queued.write->unused_runs() : queued.runs;
        options.quotas->release(queued.organization, unused);
        options.quotas->committed(queued.organization, queued.runs - unused);
    }
    queued.write->finished(result);
}

bool Writer::Impl::is_overloaded(Microseconds now) const {
    return queued_rows >= options.queue_rows_max ||
           (!queue.empty() && now - queue.front().since > options.queue_wait_max);
}

/// What is queued, at most a batch; empty when the writer is to end.
Batch Writer::Impl::take() {
    std::unique_lock lock(mutex);
    while (queue.empty() && !stopping) {
        sleeping = true;
        wake.wait(lock, [this] { return !sleeping || stopping; });
    }
    Batch batch;
    std::size_t rows = 0;
    while (!queue.empty() && rows < options.batch_rows_max) {
        rows += queue.front().write->rows();
        batch.push_back(std::move(queue.front()));
        queue.pop_front();
    }
    queued_rows -= rows;
    return batch;
}

void Writer::Impl::run() {
    name_this_thread("writer");
    while (true) {
        Batch batch = take();
        if (batch.empty()) return;
        if (full) look_for_space();
        if (full)
            for (Queued& queued : batch)
                if (queued.write->may_be_refused()) queued.result = disk_full;
        write(batch);
        answer(batch);
        if (checkpointer && checkpointer->committed(connection.log_pages())) begin_log_anew();
    }
}

void Writer::Impl::write(Batch& batch) {
    has_committed = false;
    if (auto setback = transact(batch, Manner::trusting)) on_setback(batch, *setback);
}

std::optional<Setback> Writer::Impl::transact(Batch& batch, Manner manner) {
    std::size_t rows = 0;
    bool has_work = false;  // also a write without rows wants its answer
    for (const Queued& queued : batch) {
        if (queued.result) continue;
        rows += queued.write->rows();
        has_work = true;
    }
    if (!has_work) return std::nullopt;
    const Microseconds began = clock.elapsed();
    if (auto setback = write_together(connection, batch, manner, journal)) return setback;
    has_committed = true;
    metrics.commits.add();
    metrics.rows.add(rows);
    metrics.batch_rows.observe(static_cast<double>(rows));
    metrics.commit_s.observe(static_cast<double>((clock.elapsed() - began).count()) / 1e6);
    metrics.log_bytes.set(static_cast<double>(connection.log_pages()) * page_bytes);
    return std::nullopt;
}

void Writer::Impl::on_setback(Batch& batch, const Setback& setback) {
    // Never retried: after a failed fsync the kernel may have dropped the pages and would report success next time.
    if (db::is_fatal(setback.error)) {
        die(setback.error);
        return answer_rest(batch, setback.error);
    }
    if (connection.in_transaction()) {
        if (auto undone = connection.rollback(); !undone) {
            die(undone.error());
            return answer_rest(batch, undone.error());
        }
    }
    if (setback.error.kind == ErrorKind::full) return on_full_disk(batch);
    if (!setback.hot_write_failed) return answer_rest(batch, setback.error);
    if (auto again = transact(batch, Manner::careful)) on_setback(batch, *again);
}

/// Gives the reserve back and writes only what makes room or must be kept. The log is copied and begun anew whenever it
/// cannot grow: then there is room for what follows where it lies, however little the reserve was.
void Writer::Impl::on_full_disk(Batch& batch) {
    if (!full) log::error("the disk is full: new tasks are refused until there is room");
    full = true;
    looked_for_space = clock.elapsed();
    reserve.release();
    for (Queued& queued : batch)
        if (!queued.result && queued.write->may_be_refused()) queued.result = disk_full;
    if (checkpointer) {
        checkpointer->pause();
        begin_log_anew();
    }
    const auto again = transact(batch, Manner::careful);
    if (!again) return;
    again->error.kind == ErrorKind::full ? answer_rest(batch, disk_full) : on_setback(batch, *again);
}

void Writer::Impl::look_for_space() {
    const Microseconds now = clock.elapsed();
    if (now - looked_for_space < options.full_probe) return;
    looked_for_space = now;
    // What lies in the log goes into the database file, where deleted rows have left room.
    if (checkpointer) {
        checkpointer->pause();
        begin_log_anew();
    }
    if (!reserve.claim()) return;
    full = false;
    log::info("the disk has room again");
}

void Writer::Impl::answer(Batch& batch) {
    if (is_dead) {
        // Also what this transaction committed: nothing is acknowledged once the storage has failed.
        for (Queued& queued : batch) finish(queued, death());
        return;
    }
    for (const Queued& queued : batch) check(queued.result.has_value(), "every write of a batch has its result");
    {
        Announcements announcements(*events);
        if (journal != nullptr && has_committed) journal->committed(announcements);
        for (Queued& queued : batch)
            if (*queued.result) queued.write->announce(announcements);
    }
    for (Queued& queued : batch) {
        if (!*queued.result && queued.result->error().kind == ErrorKind::full) metrics.refused.add();
        finish(queued, *queued.result);
    }
}

void Writer::Impl::begin_log_anew() {
    auto done = connection.checkpoint(db::CheckpointMode::restart);
    if (!done && db::is_fatal(done.error())) return die(done.error());
    checkpointer->restarted(done.has_value());
}

void Writer::Impl::die(const Error& error) {
    {
        const std::lock_guard lock(mutex);
        if (dead) return;
        dead = error;
        is_dead = true;
    }
    log::error("{}", error.message);
    if (options.fatal) options.fatal(error);
}

Error Writer::Impl::death() {
    const std::lock_guard lock(mutex);
    return *dead;
}

}  // namespace punkt::store
