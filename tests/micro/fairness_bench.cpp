// How long a million due tasks of one organization keep another's task from its start. The engine alone, on one core:
// its clock goes as fast as its ticks take, calls are out for 50 ms, and reading a task from the disk takes 5 µs, one
// after the other.
//   bench_fairness [tasks]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>

#include "engine/engine.h"

namespace {

using namespace punkt;
using namespace std::chrono_literals;

constexpr Id crowd = 1;
constexpr Id other = 2;
constexpr Microseconds call_time = 50ms;
constexpr Microseconds read_time = 5us;

class VirtualClock final : public Clock {
  public:
    Timestamp now() const override { return start + std::chrono::floor<Milliseconds>(elapsed_); }
    Microseconds elapsed() const override { return elapsed_; }
    void advance(Microseconds by) { elapsed_ += by; }
    static constexpr Timestamp start = from_ms(1'800'000'000'000);

  private:
    Microseconds elapsed_{0};
};

class Directory final : public engine::Directory {
  public:
    WebhookSecrets webhook_secrets(Id, Timestamp) const override { return {}; }
    engine::LaneSettings lane(Id, Lane) const override { return {}; }
    engine::OrganizationSettings organization(Id) const override { return {}; }
};

Timer a_run(Id id, Id organization, Timestamp due) {
    return {.id = id, .task = id, .organization = organization, .first = id, .due = due, .scheduled_for = due};
}

/// Confirms at once, and reads at the speed of a disk.
class Disk final : public store::EngineStore {
  public:
    Disk(const VirtualClock& clock, engine::Inbox& inbox) : clock_(clock), inbox_(inbox) {}

    void record(std::uint64_t batch, std::vector<store::Transition>) override {
        inbox_.recorded(batch, std::vector<std::size_t>{});
    }
    void load_tasks(std::vector<Id> tasks) override {
        busy_until_ = std::max(busy_until_, clock_.elapsed()) + read_time * static_cast<int>(tasks.size());
        reads_.emplace_back(busy_until_, std::move(tasks));
    }
    void load_timers(store::Hour from, store::Hour until) override {
        std::vector<Timer> found;
        for (const Timer& timer : timers)
            if (store::hour_of(timer.due) >= from && store::hour_of(timer.due) < until) found.push_back(timer);
        inbox_.timers_loaded(from, until, std::move(found));
    }
    int started(Id) override { return 1; }
    void ended(Id) override {}
    bool was_started(Id) const override { return false; }

    void answer() {
        for (; !reads_.empty() && reads_.front().first <= clock_.elapsed(); reads_.pop_front()) {
            std::vector<TaskPtr> tasks;
            for (const Id id : reads_.front().second)
                tasks.push_back(
                    std::make_shared<const Task>(Task{.id = id, .organization = crowd, .url = "http://t/"}));
            inbox_.loaded(std::move(reads_.front().second), std::move(tasks));
        }
    }

    std::vector<Timer> timers;

  private:
    const VirtualClock& clock_;
    engine::Inbox& inbox_;
    Microseconds busy_until_{0};
    std::deque<std::pair<Microseconds, std::vector<Id>>> reads_;
};

class Network final : public net::Transport {
  public:
    Network(const VirtualClock& clock, engine::Inbox& inbox) : clock_(clock), inbox_(inbox) {}
    void send(std::vector<Request> requests) override {
        for (const Request& request : requests) {
            sent.emplace(static_cast<Id>(request.ticket), clock_.elapsed());
            open_.emplace_back(clock_.elapsed() + call_time, request.ticket);
        }
    }
    void answer() {
        std::vector<Answer> answers;
        for (; !open_.empty() && open_.front().first <= clock_.elapsed(); open_.pop_front())
            answers.push_back({.ticket = open_.front().second, .status = 200});
        if (!answers.empty()) inbox_.answered(std::move(answers));
    }
    std::map<Id, Microseconds> sent;

  private:
    const VirtualClock& clock_;
    engine::Inbox& inbox_;
    std::deque<std::pair<Microseconds, std::uint64_t>> open_;
};

struct World {
    World() {
        engine = std::make_unique<engine::Engine>(
            engine::Ports{
                .clock = clock, .random = random, .store = disk, .transport = network, .directory = directory},
            inbox, ids, public_ids, counts, engine::Options{});
    }
    /// One tick; the clock goes on by what it took.
    void tick() {
        disk.answer();
        network.answer();
        const auto began = std::chrono::steady_clock::now();
        engine->tick();
        const auto took = std::chrono::duration_cast<Microseconds>(std::chrono::steady_clock::now() - began);
        longest = std::max(longest, took);
        clock.advance(std::max({took, std::min<Microseconds>(engine->idle_for(), 1ms), Microseconds{1}}));
    }
    /// From its due time until it was sent.
    Microseconds wait_for(Id run, Microseconds due) {
        while (!network.sent.contains(run)) tick();
        return network.sent.at(run) - due;
    }
    Id arrive(Timestamp due, bool has_task) {
        const Id id = ids.next(clock.now());
        TaskPtr task = std::make_shared<const Task>(Task{.id = id, .organization = other, .url = "http://t/"});
        inbox.armed({{a_run(id, other, due), has_task ? task : nullptr}});
        return id;
    }

    VirtualClock clock;
    SeededRandom random{1};
    Directory directory;
    engine::Inbox inbox;
    Disk disk{clock, inbox};
    Network network{clock, inbox};
    IdMaker ids{0};
    PublicIds public_ids{PublicIds::Key{}};
    Metrics metrics;
    engine::EngineMetrics counts{metrics};
    std::unique_ptr<engine::Engine> engine;
    Microseconds longest{0};
};

double ms(Microseconds time) { return static_cast<double>(time.count()) / 1e3; }

void report(const char* what, Microseconds wait, const World& world) {
    fmt::print("{:<62} {:>9.1f} ms   longest tick {:>7.1f} ms   {} calls\n", what, ms(wait), ms(world.longest),
               world.network.sent.size());
    std::fflush(stdout);
}

void one_instant(int tasks) {
    World world;
    const Timestamp due = VirtualClock::start + 10s;
    for (int i = 0; i < tasks; ++i) world.disk.timers.push_back(a_run(world.ids.next(due), crowd, due));
    const Id last = world.ids.next(due);
    world.disk.timers.push_back(a_run(last, other, due));
    report("due at the same instant, last in order", world.wait_for(last, 10s), world);
}

void after_downtime(int tasks) {
    World world;
    const Timestamp due = VirtualClock::start - 30min;
    for (int i = 0; i < tasks; ++i) world.disk.timers.push_back(a_run(world.ids.next(due), crowd, due));
    const Id old = world.ids.next(due);
    world.disk.timers.push_back(a_run(old, other, due));
    report("due before the start as well, counted from the start", world.wait_for(old, 0us), world);
    world.longest = {};
    report("  then a new one", world.wait_for(world.arrive(world.clock.now(), true), world.clock.elapsed()), world);
    report("  then a triggered one, whose task is read",
           world.wait_for(world.arrive(world.clock.now(), false), world.clock.elapsed()), world);
}

/// The hour that comes is read five minutes before it begins, while others go on.
void next_hour(int tasks) {
    World world;
    const Timestamp due = VirtualClock::start + 1h;
    for (int i = 0; i < tasks; ++i)
        world.disk.timers.push_back(a_run(world.ids.next(due), crowd, due + Milliseconds{i * 3'000LL / tasks}));
    world.tick();
    world.clock.advance(55min - 100ms);
    Microseconds worst{0};
    const auto others_arrive_until = [&](Timestamp end) {
        while (world.clock.now() < end) {
            worst = std::max(worst, world.wait_for(world.arrive(world.clock.now(), true), world.clock.elapsed()));
            world.clock.advance(1ms);
        }
    };
    others_arrive_until(due - 5min + 1s);
    while (world.clock.now() < due - 3s) {
        world.tick();
        world.clock.advance(40ms);
    }
    others_arrive_until(due + 3s);
    report("worst of many while the next hour is read and comes", worst, world);
}

}  // namespace

int main(int argc, char** argv) {
    const int tasks = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
    fmt::print("{} tasks of one organization; another's waits\n", tasks);
    one_instant(tasks);
    after_downtime(tasks);
    next_hour(tasks);
}
