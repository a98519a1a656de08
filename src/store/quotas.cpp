#include "store/quotas.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/time_text.h"
#include "core/schedule.h"

namespace punkt::store {
namespace {

Error over_limit(const Plan& plan, std::int64_t used, std::int64_t open, std::int64_t asked, Timestamp resets_at) {
    return {.kind = ErrorKind::forbidden,
            .message = fmt::format("The plan \"{}\" allows {} executions a month: {} have run, {} are waiting, {} more "
                                   "do not fit. The month ends at {}",
                                   plan.name, plan.executions_per_month, used, open, asked, to_text_seconds(resets_at)),
            .code = std::string(code_quota_exceeded)};
}

std::string interval_text(std::int64_t seconds) {
    return seconds % 60 == 0 ? fmt::format("{} min", seconds / 60) : fmt::format("{} s", seconds);
}

}  // namespace

std::int64_t QuotaState::remaining() const {
    return std::max<std::int64_t>(0, plan.executions_per_month - used - open);
}

Quotas::Quotas(const Clock& clock, Options options) : clock_(clock), options_(std::move(options)) {
    if (find_plan("unlimited") == nullptr) options_.plans.insert(options_.plans.begin(), Plan{});
    std::sort(options_.notice_percents.begin(), options_.notice_percents.end());
    look_for_limits();
}

const Plan* Quotas::find_plan(std::string_view name) const {
    for (const Plan& plan : options_.plans)
        if (plan.name == name) return &plan;
    return nullptr;
}

std::int64_t Quotas::least_retention_days() const {
    std::int64_t least = 0;
    const auto look = [&](const Plan& plan) {
        if (plan.retention_days > 0) least = least == 0 ? plan.retention_days : std::min(least, plan.retention_days);
    };
    const std::lock_guard lock(mutex_);
    for (const Plan& plan : options_.plans) look(plan);
    for (const auto& [id, one] : accounts_) look(one.plan);
    return least;
}

Plan Quotas::plan_of(const PlanChoice& choice) const {
    const Plan* found = choice.plan.empty() ? nullptr : find_plan(choice.plan);
    if (found == nullptr) found = find_plan(options_.standard);
    Plan plan = found != nullptr ? *found : Plan{};
    if (choice.overrides.empty()) return plan;
    const auto document = json::Document::parse(choice.overrides);
    auto overridden = document ? with_overrides(plan, document->root()) : Result<Plan>(document.error());
    if (overridden) return *overridden;
    log::warn("the overrides of an organization's plan are ignored: {}", overridden.error().message);
    return plan;
}

void Quotas::look_for_limits() {
    bool is_limited = false, has_rates = false;
    const auto look = [&](const Plan& plan) {
        is_limited = is_limited || plan.executions_per_month > 0 || plan.min_cron_interval > 0;
        has_rates = has_rates || plan.rate_per_minute > 0 || plan.rate_per_hour > 0;
    };
    for (const Plan& plan : options_.plans) look(plan);
    for (const auto& [id, one] : accounts_) look(one.plan);
    is_limited_ = is_limited;
    has_rates_ = has_rates;
}

/// A new month begins the moment somebody looks.
Quotas::Account& Quotas::account(Id organization, Timestamp now) {
    auto [found, is_new] = accounts_.try_emplace(organization);
    Account& account = found->second;
    if (is_new) account.plan = plan_of(account.choice);
    const Timestamp month = month_start(now);
    if (account.month < month) {
        account.wants_recount = !is_new && account.is_hard();
        account.month = month;
        account.used = 0;
        account.told_percent = 0;
    }
    return account;
}

QuotaState Quotas::state_of(const Account& account) const {
    return {.plan = account.plan,
            .overrides = account.choice.overrides,
            .used = account.used,
            .open = account.is_hard() ? account.open() : 0,
            .month = account.month,
            .resets_at = next_month_start(account.month)};
}

Result<void> Quotas::load(db::Connection& connection) {
    const Timestamp now = clock_.now();
    std::vector<Id> hard;
    {
        const std::lock_guard lock(mutex_);
        auto read = connection.query("SELECT id, plan, plan_overrides FROM organization", {}, [&](const db::Row& row) {
            Account& one = account(row.integer(0), now);
            one.choice = {.plan = row.string(1), .overrides = row.string(2)};
            one.plan = plan_of(one.choice);
            if (!one.choice.plan.empty() && find_plan(one.choice.plan) == nullptr)
                log::warn("an organization's plan \"{}\" is not configured; it has \"{}\"", one.choice.plan,
                          one.plan.name);
            if (one.is_hard()) hard.push_back(row.integer(0));
        });
        if (!read) return read;
        auto counts = list_usage(connection, 0, day_of(month_start(now)), day_of(next_month_start(now)));
        if (!counts) return counts.error();
        for (const UsageCount& count : *counts) account(count.organization, now).used += count.executions;
        look_for_limits();
    }
    for (const Id organization : hard)
        if (auto done = recount(connection, organization); !done) return done;
    return {};
}

Result<void> Quotas::check_schedule(Id organization, const Task& task) const {
    const std::int64_t wanted = plan(organization).min_cron_interval;
    if (wanted == 0 || task.kind != TaskKind::cron) return {};
    const auto schedule = Schedule::create(task);
    if (!schedule) return {};  // refused elsewhere
    if (schedule->interval(clock_.now()) >= std::chrono::seconds{wanted}) return {};
    const std::string message = fmt::format("runs more often than the plan allows (every {})", interval_text(wanted));
    return Error{
        .kind = ErrorKind::invalid, .message = "cron_expression: " + message, .fields = {{"cron_expression", message}}};
}

Result<void> Quotas::admit(const Demand& demand) {
    if (!is_limited()) return {};
    for (const Task* task : demand.schedules)
        if (auto fits = check_schedule(demand.organization, *task); !fits) return fits;
    if (demand.runs == 0) return {};
    const std::lock_guard lock(mutex_);
    Account& one = account(demand.organization, clock_.now());
    if (one.is_hard() && one.used + one.open() + demand.runs > one.plan.executions_per_month) {
        one.wants_recount = true;
        return over_limit(one.plan, one.used, one.open(), demand.runs, next_month_start(one.month));
    }
    one.admitted += demand.runs;
    return {};
}

bool Quotas::admit_run(Id organization) { return admit({.organization = organization, .runs = 1}).has_value(); }

void Quotas::committed(Id organization, std::int64_t runs) {
    const std::lock_guard lock(mutex_);
    account(organization, clock_.now()).committed += runs;
}

void Quotas::release(Id organization, std::int64_t runs) {
    const std::lock_guard lock(mutex_);
    account(organization, clock_.now()).admitted -= runs;
}

void Quotas::counted(const std::vector<UsageCount>& counts) {
    const std::lock_guard lock(mutex_);
    const Timestamp now = clock_.now();
    for (const UsageCount& count : counts) {
        Account& one = account(count.organization, now);
        one.settled += count.executions;
        // What ended in the last second of the old month is the old month's.
        if (count.day >= day_of(one.month)) one.used += count.executions;
    }
}

Plan Quotas::plan(Id organization) const {
    const std::lock_guard lock(mutex_);
    const auto found = accounts_.find(organization);
    return found != accounts_.end() ? found->second.plan : plan_of({});
}

QuotaState Quotas::state(Id organization) {
    const std::lock_guard lock(mutex_);
    return state_of(account(organization, clock_.now()));
}

QuotaState Quotas::state_with(Id organization, const PlanChoice& choice) {
    QuotaState state = this->state(organization);
    state.plan = plan_of(choice);
    state.overrides = choice.overrides;
    return state;
}

void Quotas::choose(Id organization, const PlanChoice& choice) {
    const std::lock_guard lock(mutex_);
    Account& one = account(organization, clock_.now());
    one.choice = choice;
    one.plan = plan_of(choice);
    one.told_percent = 0;
    look_for_limits();
}

// What is committed while the table is read may or may not be in the count: it is counted twice rather than not at all,
// until the next time.
Result<void> Quotas::recount(db::Connection& connection, Id organization) {
    Timestamp until;
    std::int64_t committed_before = 0;
    {
        const std::lock_guard lock(mutex_);
        Account& one = account(organization, clock_.now());
        one.wants_recount = false;
        if (!one.is_hard()) return {};
        committed_before = one.committed;
        until = next_month_start(one.month);
    }
    auto waiting = count_open_runs(connection, organization, until);
    if (!waiting) return waiting.error();
    const std::lock_guard lock(mutex_);
    Account& one = accounts_[organization];
    one.base = *waiting - committed_before + one.settled;
    return {};
}

Result<void> Quotas::recount_where_due(db::Connection& connection) {
    std::vector<Id> due;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [id, unused] : accounts_)
            if (account(id, clock_.now()).wants_recount) due.push_back(id);
    }
    for (const Id organization : due)
        if (auto done = recount(connection, organization); !done) return done;
    return {};
}

std::vector<Quotas::Passed> Quotas::take_passed() {
    std::vector<Passed> passed;
    if (!is_limited()) return passed;
    const std::lock_guard lock(mutex_);
    for (auto& [id, unused] : accounts_) {
        Account& one = account(id, clock_.now());
        if (one.plan.executions_per_month == 0) continue;
        int greatest = one.told_percent;
        for (const int percent : options_.notice_percents)
            if (one.used * 100 >= one.plan.executions_per_month * percent) greatest = std::max(greatest, percent);
        if (greatest == one.told_percent) continue;
        one.told_percent = greatest;
        passed.push_back({.organization = id, .percent = greatest, .state = state_of(one)});
    }
    return passed;
}

Result<void> store_plan_choice(db::Connection& connection, Id organization, const PlanChoice& choice, Timestamp now) {
    auto done =
        connection.execute("UPDATE organization SET plan = $2, plan_overrides = $3, updated_at = $4 WHERE id = $1",
                           {organization, db::text_or_null(choice.plan), db::text_or_null(choice.overrides), now});
    if (!done) return done.error();
    if (*done == 0) return Error{.kind = ErrorKind::not_found, .message = "there is no such organization"};
    return {};
}

}  // namespace punkt::store
