// What the store costs per task: CPU of the writing thread for inserts, for insert + finish in shared transactions, and
// for copying the log. Budget: 14 µs CPU for insert + finish at batches of 100, flat from 10 k to 1 M pending.
// Then the real writer with its checkpointer under constant load: how long the log gets, how long commits take.
//   bench_store [folder] [rounds] [seconds]
#include <fmt/format.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/check.h"
#include "store/data_folder.h"
#include "store/execution_store.h"
#include "store/record_write.h"
#include "store/task_store.h"
#include "store/task_writes.h"
#include "store/writer.h"

namespace {

using namespace punkt;

constexpr int batch = 100;
constexpr std::int64_t log_pages_max = 16 * 1024;

double thread_cpu_us() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double wall_us() {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Cost {
    double cpu = 0;
    double wall = 0;
    template <class F>
    void add(F&& work) {
        const double cpu_before = thread_cpu_us();
        const double wall_before = wall_us();
        work();
        cpu += thread_cpu_us() - cpu_before;
        wall += wall_us() - wall_before;
    }
};

class Bench {
  public:
    explicit Bench(const std::string& path) : folder_(open(path)), connection_(folder_.take_writing()) {}

    /// Tasks that stay pending, due within `spread_ms`.
    void preload(std::int64_t count, std::int64_t spread_ms) {
        for (std::int64_t done = 0; done < count; done += 5000) {
            must(connection_.begin());
            for (int i = 0; i < 5000; ++i) {
                const Timestamp due = now_ + Milliseconds{3'600'000 + static_cast<std::int64_t>(random_() % spread_ms)};
                must(insert(due).apply(connection_));
            }
            must(connection_.commit());
            copy_log(unmeasured_);
        }
    }

    void run(const char* what, int rounds, bool finish, std::int64_t spread_ms) {
        Cost writing;
        Cost copying;
        std::deque<Timer> waiting;
        for (int round = 0; round < rounds + 2; ++round) {
            now_ += Milliseconds{5};
            std::vector<store::InsertTasks> inserts;
            std::vector<store::Transition> outcomes;
            for (int i = 0; i < batch; ++i)
                inserts.push_back(insert(now_ + Milliseconds{static_cast<std::int64_t>(random_() % spread_ms)}));
            for (int i = 0; finish && i < batch && !waiting.empty(); ++i) {
                outcomes.push_back({.timer = waiting.front(), .record = outcome(waiting.front())});
                waiting.pop_front();
            }
            for (const Timer& timer : last_timers_) waiting.push_back(timer);
            last_timers_.clear();
            store::RecordWrite record(1, std::move(outcomes), {});
            Cost warming;
            Cost& cost = round < 2 ? warming : writing;
            cost.add([&] {
                must(connection_.begin());
                for (auto& write : inserts) must(write.apply(connection_));
                must(record.apply(connection_));
                must(connection_.commit());
            });
            copy_log(copying);
        }
        const double tasks = static_cast<double>(rounds) * batch;
        if (finish) {
            auto executions = db::query_number(connection_, "SELECT count(*) FROM execution");
            check(executions && *executions == (rounds + 1) * batch, "every outcome was written");
        }
        fmt::print("{:34} writer cpu {:5.1f} µs  wall {:5.1f} µs   log copying cpu {:4.1f} µs per task\n", what,
                   writing.cpu / tasks, writing.wall / tasks, copying.cpu / tasks);
    }

    /// What a page of the API costs, and the worst a filter can ask for.
    void read() {
        auto reader = folder_.reading();
        check(reader.has_value(), "a reader opens");
        const auto time = [&](const char* what, auto&& work) {
            const double before = wall_us();
            check(work().has_value(), "it can be read");
            fmt::print("  {:44} {:8.0f} µs\n", what, wall_us() - before);
        };
        using Order = store::TaskQuery::Order;
        for (const char* run : {"cold", "warm"}) {
            time(fmt::format("list of tasks, latest run first, {}", run).c_str(),
                 [&] { return store::list_tasks(*reader, 1, {}); });
            time(fmt::format("list of tasks, newest first, {}", run).c_str(),
                 [&] { return store::list_tasks(*reader, 1, {.order = Order::newest}); });
        }
        time("list of tasks, a name that nobody has",
             [&] { return store::list_tasks(*reader, 1, {.name_part = "no"}); });
        time("list of tasks, failed ones, newest first", [&] {
            return store::list_tasks(*reader, 1, {.state = store::TaskState::failed, .order = Order::newest});
        });
        time("executions of the organization", [&] { return store::list_finished(*reader, 1, {}, 50); });
        time("failures of the organization", [&] { return store::list_finished(*reader, 1, {Status::failed}, 50); });
        time("pending runs of the organization", [&] { return store::list_pending(*reader, 1, 50); });
        time("greatest id, as at a start", [&] { return store::greatest_id(*reader); });
    }

  private:
    static void must(const Result<void>& result) { check(result.has_value(), result ? "" : result.error().message); }
    static store::DataFolder open(const std::string& path) {
        auto folder = store::DataFolder::open(path, from_ms(1'800'000'000'000));
        check(folder.has_value(), folder ? "" : folder.error().message);
        return std::move(*folder);
    }

    store::InsertTasks insert(Timestamp due) {
        Task task;
        task.id = ids_.next(now_);
        task.organization = 1;
        task.name = "http://127.0.0.1:8080/hook · 01 Mar, 09:00";
        task.url = "http://127.0.0.1:8080/hook/orders/created";
        task.headers = {{"content-type", "application/json"}};
        task.body = body_;
        task.created_at = task.updated_at = now_;
        task.scheduled_at = due;
        const Timer timer{
            .id = task.id, .task = task.id, .organization = 1, .first = task.id, .due = due, .scheduled_for = due};
        last_timers_.push_back(timer);
        return {store::NewTask{std::make_shared<const Task>(std::move(task)), timer}, {}};
    }
    Execution outcome(const Timer& timer) {
        return {.id = timer.id,
                .task = timer.task,
                .organization = 1,
                .first = timer.first,
                .scheduled_for = timer.scheduled_for,
                .started_at = now_,
                .finished_at = now_,
                .status_code = 200,
                .address = "127.0.0.1:8080",
                .timings = {.first_byte_us = 400, .total_us = 500},
                .request_head = request_,
                .response_head = response_,
                .response_body = "ok"};
    }
    void copy_log(Cost& cost) {
        if (connection_.log_pages() < log_pages_max) return;
        cost.add(
            [&] { check(connection_.checkpoint(db::CheckpointMode::restart).has_value(), "the log can be copied"); });
    }

    store::DataFolder folder_;
    db::Connection connection_;
    IdMaker ids_;
    Timestamp now_ = from_ms(1'800'000'000'000);
    std::mt19937_64 random_{7};
    std::vector<Timer> last_timers_;
    Cost unmeasured_;
    std::string body_ = std::string(200, 'x');
    std::string request_ = std::string(420, 'r');
    std::string response_ = std::string(120, 's');
};

/// Inserts and finishes tasks through the writer, always `window` of them under way.
class Load final : public store::StoreEvents {
  public:
    Load(const std::string& path, int window) : folder_(open(path)), window_(window) {}

    void run(int seconds) {
        auto checkpoints = folder_.checkpointing();
        check(checkpoints.has_value(), "a second connection opens");
        store::Writer writer(folder_.take_writing(), std::move(*checkpoints), clock_, counts_, {});
        writer_ = &writer;
        writer.start(*this);
        const double cpu_before = process_cpu_us();
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{seconds};
        std::uintmax_t longest = 0;
        while (std::chrono::steady_clock::now() < end) {
            while (under_way_ < window_) submit();
            std::error_code none;
            longest = std::max(longest, std::filesystem::file_size(folder_.database().path + "-wal", none));
            std::this_thread::sleep_for(std::chrono::microseconds{200});
        }
        writer.stop();
        const double tasks = static_cast<double>(finished_);
        fmt::print(
            "constant load, {} under way: {:.0f} tasks/s, {:.1f} µs CPU per task (all threads), {:.0f} rows a commit\n",
            window_, tasks / seconds, (process_cpu_us() - cpu_before) / tasks,
            static_cast<double>(counts_.rows.value()) / static_cast<double>(counts_.commits.value()));
        fmt::print("  longest log {:.0f} MB; commits longer than:", static_cast<double>(longest) / 1e6);
        std::uint64_t above = counts_.commits.value();
        for (std::size_t i = 0; i < counts_.commit_s.bounds().size(); ++i) {
            above -= counts_.commit_s.in_bucket(i);
            fmt::print(" {:g} ms {:.1f} %", counts_.commit_s.bounds()[i] * 1e3,
                       100.0 * static_cast<double>(above) / static_cast<double>(counts_.commits.value()));
            if (above == 0) break;
        }
        fmt::print("\n");
    }

    void armed(std::vector<store::Armed> timers) override {
        std::vector<store::Transition> outcomes;
        for (const auto& [timer, task] : timers)
            outcomes.push_back({.timer = timer,
                                .record = Execution{.id = timer.id,
                                                    .task = timer.task,
                                                    .organization = 1,
                                                    .first = timer.first,
                                                    .scheduled_for = timer.due,
                                                    .started_at = timer.due,
                                                    .finished_at = clock_.now(),
                                                    .status_code = 200,
                                                    .request_head = std::string(420, 'r'),
                                                    .response_head = std::string(120, 's')}});
        const auto count = static_cast<int>(outcomes.size());
        writer_->submit(std::make_unique<store::RecordWrite>(++batch_, std::move(outcomes), store::Done([](auto) {})));
        sizes_[batch_] = count;
    }
    void recorded(std::uint64_t number, Result<std::vector<std::size_t>>) override {
        const int count = sizes_.extract(number).mapped();
        finished_ += count;
        under_way_ -= count;
    }
    void loaded(std::vector<Id>, Result<std::vector<TaskPtr>>) override {}
    void timers_loaded(store::Hour, store::Hour, Result<std::vector<Timer>>) override {}
    void task_changed(Id, std::vector<Timer>, std::vector<store::Armed>) override {}

  private:
    static store::DataFolder open(const std::string& path) {
        auto folder = store::DataFolder::open(path, from_ms(1'800'000'000'000));
        check(folder.has_value(), folder ? "" : folder.error().message);
        return std::move(*folder);
    }
    static double process_cpu_us() {
        timespec now{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
    }
    void submit() {
        const Timestamp now = clock_.now();
        auto task = std::make_shared<Task>();
        task->id = ids_.next(now);
        task->organization = 1;
        task->name = task->url = "http://127.0.0.1:8080/hook/orders/created";
        task->body = std::string(200, 'x');
        task->created_at = task->updated_at = now;
        task->scheduled_at = now;
        const Timer timer{
            .id = task->id, .task = task->id, .organization = 1, .first = task->id, .due = now, .scheduled_for = now};
        ++under_way_;
        writer_->submit(
            std::make_unique<store::InsertTasks>(store::NewTask{std::move(task), timer}, store::Done([](auto) {})));
    }

    store::DataFolder folder_;
    int window_;
    SystemClock clock_;
    Metrics metrics_;
    store::WriterMetrics counts_{metrics_};
    IdMaker ids_;
    store::Writer* writer_ = nullptr;
    std::atomic<int> under_way_{0};
    std::int64_t finished_ = 0;  // the writer's thread
    std::uint64_t batch_ = 0;
    std::unordered_map<std::uint64_t, int> sizes_;
};

}  // namespace

int main(int count, char** arguments) {
    const std::string folder = count > 1 ? arguments[1] : "/tmp/punkt_bench_store";
    const int rounds = count > 2 ? std::stoi(arguments[2]) : 1000;
    for (const std::int64_t backlog : {10'000, 1'000'000}) {
        std::filesystem::remove_all(folder);
        fmt::print("{} pending, batches of {}\n", backlog, batch);
        Bench bench(folder);
        bench.preload(backlog, 24 * 3'600'000);
        bench.run("  insert, due now", rounds, false, 1);
        bench.run("  insert, due within 24 h", rounds, false, 24 * 3'600'000);
        bench.run("  insert + finish", rounds, true, 1);
        bench.read();
        std::filesystem::remove_all(folder);
    }
    Load(folder, 2'000).run(count > 3 ? std::stoi(arguments[3]) : 10);
    std::filesystem::remove_all(folder);
}
