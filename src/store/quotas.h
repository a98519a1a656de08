// What organizations may use and have used, in memory: every source of work asks here before it is accepted.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "core/plan.h"
#include "core/task.h"
#include "db/connection.h"
#include "store/demand.h"
#include "store/usage.h"

namespace punkt::store {

/// Code of the error that refuses work over the monthly limit; its kind is `forbidden`, on the wire it is 402.
constexpr std::string_view code_quota_exceeded = "quota_exceeded";

/// Where an organization stands in this month.
struct QuotaState {
    Plan plan;
    std::string overrides = {};  // JSON object; empty: none
    std::int64_t used = 0;       // counted
    std::int64_t open = 0;       // accepted and not counted yet; known for hard limits only
    Timestamp month{};           // its beginning
    Timestamp resets_at{};
    std::int64_t remaining() const;  // of executions_per_month; without one 0
};

/// The plan that is stored for an organization.
struct PlanChoice {
    std::string plan = {};       // empty: the installation's default
    std::string overrides = {};  // JSON object; empty: none
};

/// Under a hard limit what is accepted and waits for this month counts as well, so that the limit holds exactly however
/// many ask at once. What was accepted runs, whatever the limit becomes. What disappears without running (cancelled,
/// deleted) is given back by the next recount. Threads: any.
class Quotas {
  public:
    struct Options {
        std::vector<Plan> plans = {};        // besides the built-in "unlimited"
        std::string standard = "unlimited";  // of organizations without a choice of their own
        std::vector<int> notice_percents = {80, 100};
    };
    Quotas(const Clock& clock, Options options);

    /// Reads choices, this month's counts and what waits. At start.
    Result<void> load(db::Connection& connection);

    /// Errors: `invalid` for an overridden schedule interval (field cron_expression), `forbidden` with
    /// code_quota_exceeded. On success the runs are reserved: committed(), release() or the engine's outcome follows.
    Result<void> admit(const Demand& demand);
    /// The same for one run of a schedule that is due: false, and nothing is reserved.
    bool admit_run(Id organization);
    void committed(Id organization, std::int64_t runs);
    void release(Id organization, std::int64_t runs);
    /// Committed outcomes.
    void counted(const std::vector<UsageCount>& counts);

    /// Why a schedule is too narrow for the organization's plan, as an error on cron_expression.
    Result<void> check_schedule(Id organization, const Task& task) const;

    Plan plan(Id organization) const;
    QuotaState state(Id organization);
    /// The same as it will be once `choice` is chosen.
    QuotaState state_with(Id organization, const PlanChoice& choice);
    const std::vector<Plan>& plans() const { return options_.plans; }
    const Plan* find_plan(std::string_view name) const;
    /// The shortest time that any organization's plan keeps its history; 0: none names one.
    std::int64_t least_retention_days() const;
    /// False while no organization can have a limit of runs or schedules: nothing is asked then.
    bool is_limited() const { return is_limited_.load(std::memory_order_relaxed); }
    /// False while no plan names a rate of requests.
    bool has_rates() const { return has_rates_.load(std::memory_order_relaxed); }
    Timestamp month_end() const { return next_month_start(clock_.now()); }

    /// A choice that is on disk. Follow it with recount(). An unknown plan counts as the default.
    void choose(Id organization, const PlanChoice& choice);
    /// Counts again what waits for one organization, or for all that a refusal or a new month asks for.
    Result<void> recount(db::Connection& connection, Id organization);
    Result<void> recount_where_due(db::Connection& connection);

    /// Organizations whose count has passed a percentage of their limit since the last call, the greatest of those.
    struct Passed {
        Id organization = 0;
        int percent = 0;
        QuotaState state;
    };
    std::vector<Passed> take_passed();

  private:
    struct Account {
        PlanChoice choice;
        Plan plan;
        Timestamp month{};
        std::int64_t used = 0;
        // Reserved: base + admitted - settled. `base` comes from a recount, the others only grow.
        std::int64_t base = 0, admitted = 0, committed = 0, settled = 0;
        bool wants_recount = false;
        int told_percent = 0;  // the greatest that take_passed() has named in this month
        bool is_hard() const { return plan.executions_per_month > 0 && plan.limit == Plan::Limit::hard; }
        std::int64_t open() const { return std::max<std::int64_t>(0, base + admitted - settled); }
    };
    Account& account(Id organization, Timestamp now);
    Plan plan_of(const PlanChoice& choice) const;
    QuotaState state_of(const Account& account) const;
    void look_for_limits();

    const Clock& clock_;
    Options options_;
    mutable std::mutex mutex_;
    std::unordered_map<Id, Account> accounts_;
    std::atomic<bool> is_limited_ = false;
    std::atomic<bool> has_rates_ = false;
};

Result<void> store_plan_choice(db::Connection& connection, Id organization, const PlanChoice& choice, Timestamp now);

}  // namespace punkt::store
