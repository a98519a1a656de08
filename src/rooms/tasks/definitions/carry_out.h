// From a plan to the disk: hold what changes in the engine, plan again from what is there then, one commit.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "rooms/tasks/definitions/plan.h"
#include "rooms/tasks/handlers.h"

namespace punkt::tasks {

struct Declaration {
    Id organization = 0;
    std::vector<json::Value> tasks = {};  // views into the request
    Reading reading = Reading::partial;
    bool delete_removed = false;
    bool is_dry_run = false;
    AuditEntry by = {};  // for the audit log (api::audit_entry); without an organization nothing is audited
    /// What else belongs into the same commit. Called for each try; refers to the request.
    std::function<std::vector<std::unique_ptr<store::Write>>()> also = {};
};

/// What a plan is answered with. Asked as api::commit says, when new tasks have their ids.
using PlanAnswer = std::function<net::HttpReply(const Plan&)>;

/// The plan, which is on disk unless it is a dry run or refuses items. The tasks that it makes keep the trace of the
/// request. Planned anew, at most five times, when somebody changes one of its tasks meanwhile. Errors: `invalid` (422)
/// for more than declared_tasks_max items, `unavailable` when a schedule is at work for too long, and those of the
/// disk.
Async<Result<Plan>> carry_out(const Services& services, api::Context& context, Declaration declaration,
                              PlanAnswer answer);

/// What a new version of a task waits for, where that differs from the old one (store::TaskUpdate).
std::optional<Timer> changed_timer(const Task& before, const Task& after, IdMaker& ids, Timestamp now);

}  // namespace punkt::tasks
