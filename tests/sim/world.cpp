#include "sim/world.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/check.h"
#include "base/time_text.h"
#include "rooms/tasks/expiry_watch.h"
#include "sim/lanes.h"
#include "sim/sim_follow_ups.h"

namespace punkt::sim {
namespace {

using namespace std::chrono_literals;

// Between them lie all the ways in which zones changed their clocks lately.
constexpr Timestamp first_start = from_ms(1'704'067'200'000);  // 2024-01-01
constexpr Timestamp last_start = from_ms(1'798'761'600'000);   // 2027-01-01
constexpr auto settle_max = std::chrono::hours{24 * 2};
// A serial queue may need longer than that, but between two of its calls lies one wait of a policy at most.
constexpr auto stuck_after = std::chrono::hours{12};
constexpr auto retry_wait_max = std::chrono::hours{24};  // no policy of the simulation waits that long
constexpr auto settle_step = std::chrono::minutes{5};

int number_in(const Request& request, std::string_view header) {
    for (const auto& [name, value] : request.headers) {
        if (name != header) continue;
        int number = 0;
        std::from_chars(value.data(), value.data() + value.size(), number);
        return number;
    }
    return 0;
}

}  // namespace

struct World::Life {
    Life(World& world, std::function<void()> wake)
        : inbox(std::move(wake)),
          store(world.make_store_({.disk = world.disk_,
                                   .events = inbox,
                                   .agenda = world.agenda_,
                                   .clock = world.clock_,
                                   .dice = world.dice_,
                                   .faults = world.faults_,
                                   .journal = world.journal_,
                                   .committed =
                                       [&world](const store::Transition& transition, bool stale) {
                                           for (auto& one : world.checkers_) one->committed(transition, stale);
                                       }})),
          transport({.sink = inbox,
                     .agenda = world.agenda_,
                     .clock = world.clock_,
                     .dice = world.dice_,
                     .faults = world.faults_,
                     .sent = [&world](const Request& request) { world.note_sent(request); },
                     .answered =
                         [&world](const Answer& answer) {
                             world.journal_.note("answer {} {}", answer.ticket, answer.status.value_or(0));
                             for (auto& one : world.checkers_) one->answered(static_cast<Id>(answer.ticket), answer);
                         }}),
          directory(world.paused_),
          ids(world.disk_.greatest_id()),
          engine({.clock = world.clock_,
                  .random = world.random_,
                  .store = *store,
                  .transport = transport,
                  .directory = directory,
                  .follow_ups = &follow_ups,
                  .host_log = &world.disk_.host_log(),
                  .starts = &world.disk_.starts()},
                 inbox, ids, public_ids, counts, {.hosts = {.has_breaker = world.has_breaker_}}) {
        engine.restore_hosts(world.disk_.blocks());
    }

    std::shared_ptr<int> alive = std::make_shared<int>(0);
    engine::Inbox inbox;
    std::unique_ptr<SimStore> store;
    SimTransport transport;
    SimDirectory directory;
    SimFollowUps follow_ups;
    IdMaker ids;
    PublicIds public_ids{PublicIds::Key{}};
    Metrics metrics;
    engine::EngineMetrics counts{metrics};
    engine::Engine engine;
    store::ExpiredTasks expired;
};

World::World(const Settings& settings, MakeStore make_store)
    : settings_(settings),
      make_store_(std::move(make_store)),
      random_(settings.seed),
      clock_(first_start + Milliseconds{dice_.between(0, (last_start - first_start).count())}),
      faults_(Faults::chosen(settings.faults, dice_)),
      has_breaker_(dice_.chance(0.5)),
      checkers_(all_checkers({disk_, journal_, clock_, settings.faults == FaultLevel::none, has_breaker_})),
      latest_(clock_.now()) {
    if (!make_store_)
        make_store_ = [](SimStore::Around around) { return std::make_unique<SimStore>(std::move(around)); };
    if (settings.print_all) journal_.print_all();
    callers_ = std::make_unique<Callers>(
        Callers::Around{.disk = disk_,
                        .agenda = agenda_,
                        .clock = clock_,
                        .dice = dice_,
                        .journal = journal_,
                        .checkers = checkers_,
                        .server = [this]() -> std::optional<Callers::Server> {
                            if (!life_) return std::nullopt;
                            return Callers::Server{life_->inbox, *life_->store, life_->ids, life_->alive};
                        },
                        .rare_crons = faults_.far_jumps && faults_.jumps_per_day > 0});
}

World::~World() = default;

Verdict World::run() {
    begin_life();
    callers_->begin();
    plan_crash();
    plan_drain();
    plan_pause();
    plan_jump();
    plan_watch();
    run_until(std::chrono::duration_cast<Microseconds>(settings_.days * 24h));
    settle();
    if (!journal_.is_violated())
        for (auto& checker : checkers_) checker->at_end();
    const auto& last = journal_.last();
    return {.good = !journal_.is_violated(),
            .violation = journal_.violation(),
            .last_lines = {last.begin(), last.end()},
            .digest = journal_.digest(),
            .lines = journal_.lines(),
            .sent = sent_,
            .crashes = crashes_};
}

void World::run_until(Microseconds end) {
    while (!journal_.is_violated() && std::min(agenda_.empty() ? end : agenda_.next(), next_tick_) < end) {
        if (agenda_.empty() || next_tick_ < agenda_.next()) {
            clock_.advance_to(next_tick_);
            tick();
        } else {
            clock_.advance_to(agenda_.next());
            agenda_.take()();
        }
    }
    clock_.advance_to(end);
}

// ---- the end
// ---------------------------------------------------------------------------------------------------------

/// Faults and callers stop; what is due has to end.
void World::settle() {
    if (journal_.is_violated()) return;
    journal_.note("faults and callers stop");
    settling_ = true;
    faults_ = Faults::none();
    faults_.targets_do_well = has_breaker_;  // one call in five minutes would not come to an end
    callers_->stop();
    if (!life_) begin_life();
    for (const Lane lane : std::set<Lane>(paused_)) pause(lane, false);
    const Microseconds start = clock_.elapsed();
    run_until(start + 1min);
    if (!journal_.is_violated())
        for (auto& checker : checkers_) checker->before_end();
    callers_->switch_schedules_off();
    do {
        run_until(clock_.elapsed() + settle_step);
    } while (!journal_.is_violated() && something_due() && clock_.elapsed() - start < settle_max);
    const auto stuck = something_due();
    if (stuck && (stuck->lane == 0 || clock_.elapsed() - last_sent_[stuck->lane] > stuck_after))
        journal_.violated("drains",
                          fmt::format("run {} of task {}, lane {}, due {}, is stuck two days after the last fault",
                                      stuck->id, stuck->task, stuck->lane, to_text_ms(stuck->due)));
}

/// What waits behind a retry is not due: after the clock went back by years, such a retry may be years away.
std::optional<Timer> World::something_due() {
    const std::vector<Timer> timers = disk_.timers();
    std::set<Lane> held;
    for (const Timer& timer : timers)
        if (timer.attempt > 1 && timer.due > clock_.now() + retry_wait_max) held.insert(timer.lane);
    for (const Timer& timer : timers)
        if (timer.due <= clock_.now() - 10s && (timer.lane == 0 || !held.contains(timer.lane))) return timer;
    return std::nullopt;
}

// ---- lives
// -----------------------------------------------------------------------------------------------------------

void World::begin_life() {
    journal_.note("start");
    latest_ = clock_.now();
    life_ = std::make_unique<Life>(*this, [this] { tick_in(Microseconds{dice_.between(0, 300)}); });
    tick_in(0us);
}

void World::crash() {
    if (!life_) return;
    journal_.note("kill -9");
    ++crashes_;
    life_.reset();
    draining_ = false;
    next_tick_ = Microseconds::max();
    for (auto& checker : checkers_) checker->crashed();
    const auto downtime = dice_.chance(0.7) ? dice_.spread(1ms, 10s) : dice_.spread(10s, 5h);
    agenda_.at(clock_.elapsed() + downtime, [this] {
        if (!life_) begin_life();
    });
}

void World::plan_crash() {
    if (faults_.crashes_per_hour <= 0) return;
    const auto mean = std::chrono::duration<double, std::ratio<3600>>(2 / faults_.crashes_per_hour);
    const auto most = std::chrono::duration_cast<Microseconds>(mean);
    agenda_.at(clock_.elapsed() + dice_.spread(1ms, std::max<Microseconds>(most, 1s)), [this] {
        if (settling_) return;
        crash();
        plan_crash();
    });
}

/// SIGTERM: nothing starts any more, what is out may end; then the process goes, and comes again.
void World::plan_drain() {
    if (faults_.crashes_per_hour <= 0) return;
    agenda_.at(clock_.elapsed() + dice_.spread(1min, 6h), [this] {
        if (settling_) return;
        if (life_ && !draining_) {
            journal_.note("drain");
            draining_ = true;
            life_->engine.stop_starting();
            agenda_.at(clock_.elapsed() + dice_.spread(1ms, 30s), [this] {
                if (draining_) crash();
            });
        }
        plan_drain();
    });
}

void World::plan_pause() {
    agenda_.at(clock_.elapsed() + dice_.spread(1min, 2h), [this] {
        if (settling_) return;
        const Lane lane = lane_of(dice_.between(1, 3), dice_.pick<const char*>({"mail", "wide", "rated"}));
        pause(lane, true);
        agenda_.at(clock_.elapsed() + dice_.spread(1ms, 20min), [this, lane] { pause(lane, false); });
        plan_pause();
    });
}

void World::pause(Lane lane, bool is_paused) {
    if (paused_.contains(lane) == is_paused) return;
    journal_.note("queue {} is {}", lane, is_paused ? "paused" : "resumed");
    if (is_paused)
        paused_.insert(lane);
    else
        paused_.erase(lane);
    for (auto& checker : checkers_) checker->paused(lane, is_paused);
    if (life_) life_->inbox.settings_changed({.lane = lane});
}

void World::plan_jump() {
    if (faults_.jumps_per_day <= 0) return;
    const auto mean = std::chrono::duration<double, std::ratio<86400>>(1 / faults_.jumps_per_day);
    agenda_.at(clock_.elapsed() + dice_.spread(1s, std::chrono::duration_cast<Microseconds>(mean) + 2s), [this] {
        if (settling_) return;
        jump();
        plan_jump();
    });
}

void World::jump() {
    constexpr auto years = std::chrono::hours{24 * 365 * 10};
    auto by = std::chrono::ceil<Milliseconds>(dice_.spread(1ms, 1h));
    if (faults_.far_jumps) by = years;
    if (dice_.chance(0.5)) by = -by;
    if (faults_.far_jumps && (clock_.now() + by < from_ms(0) || clock_.now() + by > last_start + 2 * years)) by = -by;
    clock_.jump(by);
    journal_.note("the clock jumps by {} ms", by.count());
    for (auto& checker : checkers_) checker->jumped(by);
    // Nobody is told; the engine looks once a second.
}

/// Like rooms/tasks/expiry_watch.
void World::plan_watch() {
    agenda_.at(clock_.elapsed() + tasks::ExpiryWatch::every, [this] {
        if (life_) watch();
        plan_watch();
    });
}

void World::watch() {
    constexpr int tasks_max = 20;
    auto found = life_->expired.look(disk_.connection(), clock_.now(), tasks_max);
    check(found.has_value(), "expired tasks can be read");
    if (!found->pending.empty()) life_->inbox.expired({std::move(found->pending)});
    if (found->over.empty()) return;
    life_->store->submit(store::make_write(
        [over = std::move(found->over), now = clock_.now()](db::Connection& connection) {
            return store::forget_expiries(connection, over, now);
        },
        [](const Result<void>&) {}));
}

// ---- ticks
// -----------------------------------------------------------------------------------------------------------

void World::tick_in(Microseconds delay) { next_tick_ = std::min(next_tick_, clock_.elapsed() + delay); }

void World::tick() {
    next_tick_ = Microseconds::max();
    latest_ = std::max(latest_, clock_.now());
    life_->engine.tick();
    // A thread wakes up a little late.
    tick_in(life_->engine.idle_for() + Microseconds{dice_.between(1, 200)});
}

void World::note_sent(const Request& request) {
    ++sent_;
    const auto id = static_cast<Id>(request.ticket);
    Sent sent{.attempt = number_in(request, "punkt-attempt"),
              .delivery = number_in(request, "punkt-delivery"),
              .latest = latest_,
              .url = request.url};
    sent.timer.id = id;
    for (Id organization = 1; organization <= 3 && !sent.stored; ++organization) {
        if (const auto timer = disk_.timer(organization, id)) {
            sent.timer = *timer;
            sent.stored = true;
        }
    }
    last_sent_[sent.timer.lane] = clock_.elapsed();
    if (draining_) journal_.violated("drain", fmt::format("run {} was sent while the engine drains", id));
    journal_.note("send {} attempt {} delivery {} {}", id, sent.attempt, sent.delivery, request.url);
    for (auto& checker : checkers_) checker->sent(sent);
}

}  // namespace punkt::sim
