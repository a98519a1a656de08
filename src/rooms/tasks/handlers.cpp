#include "rooms/tasks/handlers.h"

#include <algorithm>
#include <charconv>

namespace punkt::tasks {
namespace {

/// The integer that `text` begins with; nothing when it begins with none.
std::optional<std::int64_t> leading_integer(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), value);
    return problem == std::errc{} ? std::optional(value) : std::nullopt;
}

}  // namespace

Result<Id> id_from_path(const PublicIds& ids, IdKind kind, std::string_view text) {
    if (!looks_like_uuid(text)) return Error{ErrorKind::invalid, "the id in the path is no UUID", "malformed"};
    if (const auto id = ids.parse(kind, text)) return *id;
    return api::not_found();
}

Async<engine::Held> hold(engine::Inbox& engine, Id execution, Id task) {
    co_return co_await wait_for<engine::Held>([&engine, execution, task](UniqueFunction<void(engine::Held)> done) {
        engine.hold({.execution = execution, .task = task, .done = std::move(done)});
    });
}

Async<std::vector<Id>> running_of(engine::Inbox& engine, Id task) {
    co_return co_await wait_for<std::vector<Id>>([&engine, task](UniqueFunction<void(std::vector<Id>)> done) {
        engine.ask({.task = task, .done = std::move(done)});
    });
}

Page page_of(const api::Context& context) {
    Page page;
    if (const auto limit = leading_integer(context.query_value("limit")); limit && *limit > 0)
        page.limit = static_cast<int>(std::min<std::int64_t>(*limit, limits::page_max));
    if (const auto offset = leading_integer(context.query_value("offset")); offset && *offset > 0)
        page.offset = static_cast<int>(std::min<std::int64_t>(*offset, 1'000'000'000));
    return page;
}

void add_routes(api::Router& router, const Services& services) {
    add_create_routes(router, services);
    add_batch_routes(router, services);
    add_read_routes(router, services);
    add_explain_routes(router, services);
    add_edit_routes(router, services);
    add_cron_routes(router);
    add_dead_letter_routes(router, services);
    add_sync_routes(router, services);
    add_import_routes(router, services);
    add_bulk_routes(router, services);
}

}  // namespace punkt::tasks
