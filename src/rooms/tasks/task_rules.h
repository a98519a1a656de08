// From a request to a Task: every rule about a task's fields is checked here, for create and for update.
// Source: runlater-api.md §2.3–2.5, contract/README.md "Create fields", "Body", "Retries", "Limits of size".
#pragma once

#include "api/field_reader.h"
#include "base/result.h"
#include "core/task.h"
#include "net/address_guard.h"
#include "store/queue_book.h"

namespace punkt::tasks {

struct Rules {
    std::size_t body_bytes_max = limits::body_bytes_default;
    int batch_items_max = limits::batch_items_default;
    net::AddressGuard guard = {};  // literal private addresses are refused at create when it does not allow them
    /// What queues say about tasks that enter them; nothing: nothing.
    const store::QueueBook* queues = nullptr;
    Id organization = 0;  // whose queues

    Rules of(Id caller) const {
        Rules own = *this;
        own.organization = caller;
        return own;
    }
};

/// A task from the fields of a create request: cron, delay, run_at or immediate, in this order of precedence. Without
/// ids; `created_at` is `now`; a one-time task has `scheduled_at`, a cron task `next_run_at`. Errors: `invalid` with
/// fields (422), or with code invalid_delay / invalid_run_at (400).
Result<Task> new_task(api::FieldReader& fields, const Rules& rules, Timestamp now);

/// A one-time task due at `due`, whatever the fields say about its time. Errors: `invalid` with fields.
Result<Task> one_time_task(api::FieldReader& fields, const Rules& rules, Timestamp now, Timestamp due);

/// `current` with the fields of a partial update. A one-time task is due again only when its time was changed to the
/// future; `next_run_at` of a cron task is computed anew.
/// Errors: `invalid` with fields.
Result<Task> updated_task(const Task& current, api::FieldReader& fields, const Rules& rules, Timestamp now);

/// Checks a URL that Punkt will call: syntax, length, and literal private addresses. Answers the message, or nothing.
std::optional<std::string> wrong_with_url(std::string_view url, const Rules& rules);
/// Checks a header for what would break the wire. Answers the message, or nothing.
std::optional<std::string> wrong_with_header(std::string_view name, std::string_view value);

}  // namespace punkt::tasks
