// What the handlers of this room share: ids in paths, waiting for a commit, asking the engine.
#pragma once

#include <string_view>
#include <vector>

#include "api/context.h"
#include "rooms/tasks/tasks_api.h"
#include "store/audit.h"
#include "store/write.h"

namespace punkt::tasks {

/// The id in a path. Errors: `invalid` (400) for what is no UUID, `not_found` for a UUID that is none of ours.
Result<Id> id_from_path(const PublicIds& ids, IdKind kind, std::string_view text);

/// Submits `make(done)` and waits until it is on disk or refused.
template <class Make>
Async<Result<void>> commit(store::Writer& writer, Make make) {
    co_return co_await wait_for<Result<void>>(
        [&writer, make = std::move(make)](store::Done done) mutable { writer.submit(make(std::move(done))); });
}

/// The same with what the audit log shall say about it, in one transaction.
template <class Make>
Async<Result<void>> commit(store::Writer& writer, std::vector<AuditEntry> entries, Make make) {
    co_return co_await commit(writer, [entries = std::move(entries), make = std::move(make)](store::Done done) mutable {
        return store::audited(make(std::move(done)), std::move(entries));
    });
}

/// Holds a run or a task in the engine; answers whether it is running (engine::Hold). The commit of the change ends the
/// hold; end_hold follows in any case.
Async<engine::Held> hold(engine::Inbox& engine, Id execution, Id task);

/// The runs of a task that are out now.
Async<std::vector<Id>> running_of(engine::Inbox& engine, Id task);

/// `limit`: its leading integer; more than the maximum becomes the maximum, anything else the default. `offset`:
/// negative or no number becomes 0. Source: runlater-api.md §2.2.
struct Page {
    int limit = limits::page_default;
    int offset = 0;
};
Page page_of(const api::Context& context);

void add_create_routes(api::Router& router, const Services& services);
void add_batch_routes(api::Router& router, const Services& services);
/// The task of `:id`. Errors: those of id_from_path; `not_found` also for a deleted one and another organization's.
Async<Result<Task>> find_task(const Services& services, api::Context& context);

void add_read_routes(api::Router& router, const Services& services);
void add_explain_routes(api::Router& router, const Services& services);
void add_edit_routes(api::Router& router, const Services& services);
void add_cron_routes(api::Router& router);
void add_dead_letter_routes(api::Router& router, const Services& services);
void add_sync_routes(api::Router& router, const Services& services);
void add_import_routes(api::Router& router, const Services& services);
void add_bulk_routes(api::Router& router, const Services& services);

}  // namespace punkt::tasks
