// What a node does now and then, beside its work: sweeping, counting, keeping.
#include "app/node_options.h"
#include "app/node_parts.h"
#include "base/log.h"
#include "rooms/accounts/account_store.h"
#include "store/audit.h"
#include "store/intake.h"
#include "store/name_index.h"
#include "store/sweep.h"

namespace punkt::app {
namespace {

constexpr Milliseconds bulk_look_every{500};
constexpr int rows_per_sweep = 500;
constexpr Milliseconds sweep_every{60'000};
constexpr Milliseconds gather_names_every{10'000};

}  // namespace

Result<void> Node::Impl::add_chores() {
    chores.add({.name = "last use of keys", .every = std::chrono::minutes(1), .work = [this] {
                    accounts->write_uses(false);
                    return false;
                }});
    const auto add_sweep = [this](const char* name, Milliseconds every, store::Sweep::Step step) {
        const auto sweep = std::make_shared<store::Sweep>(*writer, name, rows_per_sweep, std::move(step));
        chores.add({.name = name, .every = every, .work = [this, sweep] { return sweep->run(clock.now()); }});
    };
    add_sweep("answers of idempotency keys", sweep_every, api::Idempotency::forget_expired);
    add_sweep("keys of dedupe, debounce and throttle", sweep_every, store::forget_once_keys);
    // They are few: one statement finds all that are over.
    add_sweep("previous webhook secrets", sweep_every, [](db::Connection& connection, Timestamp now, int) {
        auto forgotten = store::forget_previous_secrets(connection, now);
        return forgotten ? Result<std::int64_t>(0) : forgotten;
    });
    const auto names = std::make_shared<store::NameGatherer>();
    add_sweep("names of tasks", gather_names_every,
              [names](db::Connection& connection, Timestamp now, int rows) -> Result<std::int64_t> {
                  auto more = names->step(connection, now);
                  if (!more) return more.error();
                  return *more ? rows : 0;
              });
    const std::chrono::hours keep = std::chrono::days{config.retention.audit_days};
    add_sweep("audit entries", sweep_every, [keep](db::Connection& connection, Timestamp now, int rows) {
        return store::forget_audit(connection, now - keep, rows);
    });
    chores.add({.name = "heartbeat", .every = std::chrono::seconds(1), .work = [this] { return events->beat(); }});
    chores.add({.name = "events", .every = std::chrono::minutes(1), .work = [this] { return events->keep(); }});
    auto counting = folder->reading();
    if (!counting) return counting.error();
    quota_reader = std::make_unique<db::Connection>(std::move(*counting));
    plan_notices = std::make_unique<plans::Notices>(
        *quotas, *writer, *ids, [this](Id organization) { return notices.of(organization).urls(); });
    chores.add({.name = "quotas", .every = std::chrono::seconds(5), .work = [this] {
                    if (auto done = quotas->recount_where_due(*quota_reader); !done)
                        log::warn("what waits cannot be counted: {}", done.error().message);
                    plan_notices->step(clock.now());
                    return false;
                }});
    auto reading = folder->reading();
    if (!reading) return reading.error();
    retention =
        std::make_unique<store::Retention>(*writer, std::move(*reading), clock, retention_options(config, *quotas));
    auto bulk_reading = folder->reading();
    if (!bulk_reading) return bulk_reading.error();
    bulk_runner = std::make_unique<tasks::BulkRunner>(*task_services, std::move(*bulk_reading), clock);
    auto expiry_reading = folder->reading();
    if (!expiry_reading) return expiry_reading.error();
    expiry_watch = std::make_unique<tasks::ExpiryWatch>(*writer, std::move(*expiry_reading), *inbox, clock);
    chores.add(
        {.name = "expired runs", .every = tasks::ExpiryWatch::every, .work = [this] { return expiry_watch->step(); }});
    bulk_chores.add({.name = "bulk jobs", .every = bulk_look_every, .work = [this] { return bulk_runner->step(); }});
    chores.add({.name = "retention", .every = std::chrono::minutes(1), .work = [this] { return retention->step(); }});
    return {};
}

}  // namespace punkt::app
