// What the audit log says about tasks and their runs.
#pragma once

#include <vector>

#include "api/context.h"
#include "core/audit.h"
#include "core/task.h"

namespace punkt::tasks {

struct AuditOptions {
    /// Whether making a one-time task is worth an entry. It costs a row for each, on the hottest path.
    bool one_time_creates = false;
    AuditBodies bodies = AuditBodies::text;
};

/// What differs between two versions of a task; either may be missing.
std::string task_changes(const Task* before, const Task* after, const PublicIds& ids, AuditBodies bodies);

/// created, updated, enabled, disabled or deleted, of `before` and `after`; either may be missing. `by` says who and
/// when (api::audit_entry); its action and resource are set here. Nothing when nothing was changed.
std::optional<AuditEntry> task_entry(AuditEntry by, const Task* before, const Task* after, const PublicIds& ids,
                                     AuditBodies bodies);

/// Of a request that makes `task`: empty for a one-time task unless the options want one.
std::vector<AuditEntry> created_entries(const api::Context& context, const Task& task, const PublicIds& ids,
                                        const AuditOptions& options);

}  // namespace punkt::tasks
