#include "rooms/queues/queues_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>

#include <unordered_set>

#include "api/audit.h"
#include "api/rate_field.h"
#include "api/reply.h"
#include "base/utf8.h"
#include "core/limits.h"
#include "rooms/queues/queue_json.h"
#include "rooms/queues/settings_write.h"
#include "store/queue_depth.h"
#include "store/queue_settings.h"

namespace punkt::queues {
namespace {

constexpr int names_max = 10'000;

QueueSettings settings_of(const Services& services, Id organization, const std::string& name) {
    return services.book.find(organization, name).value_or(QueueSettings{.organization = organization, .name = name});
}

Async<std::vector<std::vector<Id>>> running_in_lanes(const Services& services, std::vector<Lane> lanes) {
    using Runs = std::vector<std::vector<Id>>;
    co_return co_await wait_for<Runs>([&services, lanes = std::move(lanes)](UniqueFunction<void(Runs)> done) mutable {
        services.engine.ask(engine::LanesQuestion{.lanes = std::move(lanes), .done = std::move(done)});
    });
}

/// What one queue's page needs, read in one go.
struct Found {
    bool has_tasks = false;
    store::Depths depths = {};
};

Async<net::HttpReply> get(const Services& services, api::Context& context) {
    const auto name = queue_name(context);
    if (!name) co_return api::problem(name.error());
    const Id organization = context.caller.organization;
    const std::vector<Id> running = co_await running_in(services, lane_of(organization, *name));
    const auto found = co_await services.readers.read<Found>(
        [name = *name, query = store::DepthQuery{.organization = organization,
                                                 .running = {running.begin(), running.end()},
                                                 .now = context.now}](db::Connection& connection) -> Result<Found> {
            auto tasks =
                store::tasks_of_queue(connection, query.organization, name, 0, std::numeric_limits<Id>::max(), 1);
            if (!tasks) return tasks.error();
            auto depths = store::count_queue(connection, query, name);
            if (!depths) return depths.error();
            return Found{!tasks->empty(), std::move(*depths)};
        });
    if (!found) co_return api::problem(found.error());
    const auto settings = services.book.find(organization, *name);
    if (!settings && !found->has_tasks) co_return api::problem(api::not_found());
    QueueState state{.settings = settings_of(services, organization, *name),
                     .depth_is_exact = found->depths.is_exact,
                     .running = running.size()};
    const auto depth = found->depths.lanes.find(lane_of(organization, *name));
    if (depth != found->depths.lanes.end()) state.depth = depth->second;
    co_return api::data(200, [&](json::Writer& writer) { write_queue(writer, state, services.public_ids); });
}

/// The names of the list: of queues with live tasks, and with `all` also those that only have settings.
Async<Result<std::vector<std::string>>> list_names(const Services& services, Id organization, bool all) {
    auto names = co_await services.readers.read<std::vector<std::string>>([organization](db::Connection& connection) {
        return store::queue_names(connection, organization, "", names_max);
    });
    if (!names || !all) co_return names;
    for (const QueueSettings& settings : services.book.of(organization)) names->push_back(settings.name);
    std::sort(names->begin(), names->end());
    names->erase(std::unique(names->begin(), names->end()), names->end());
    co_return names;
}

Async<net::HttpReply> list(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    const bool all = fields.boolean("all").value_or(false);
    if (!fields.is_clean()) co_return api::problem(fields.error());
    const Id organization = context.caller.organization;
    const auto names = co_await list_names(services, organization, all);
    if (!names) co_return api::problem(names.error());
    std::vector<Lane> lanes;
    for (const std::string& name : *names) lanes.push_back(lane_of(organization, name));
    const auto running = co_await running_in_lanes(services, lanes);
    store::DepthQuery query{.organization = organization, .now = context.now};
    for (const auto& runs : running) query.running.insert(runs.begin(), runs.end());
    const auto depths = co_await services.readers.read<store::Depths>(
        [query](db::Connection& connection) { return store::count_lanes(connection, query); });
    if (!depths) co_return api::problem(depths.error());
    co_return api::data(200, [&](json::Writer& writer) {
        writer.begin_array();
        for (std::size_t i = 0; i < names->size(); ++i) {
            QueueState state{.settings = settings_of(services, organization, (*names)[i]),
                             .depth_is_exact = depths->is_exact,
                             .running = running[i].size()};
            if (const auto depth = depths->lanes.find(lanes[i]); depth != depths->lanes.end())
                state.depth = depth->second;
            write_queue(writer, state, services.public_ids);
        }
        writer.end_array();
    });
}

/// Stores what `change` makes of the queue's settings; when this answers, whoever asks sees them.
Async<Result<QueueSettings>> change_settings(const Services& services, const api::Context& context, std::string name,
                                             std::string_view action, std::function<void(QueueSettings&)> change) {
    const auto changed = std::make_shared<QueueSettings>();
    AuditEntry entry = api::audit_entry(context, action, "queue", name);
    const auto committed = co_await wait_for<Result<void>>([&](store::Done done) {
        services.writer.submit(settings_write(
            services.book, services.engine,
            {context.caller.organization, std::move(name), context.now, std::move(change), std::move(entry)}, changed,
            std::move(done)));
    });
    if (!committed) co_return committed.error();
    co_return *changed;
}

Async<net::HttpReply> put(const Services& services, api::Context& context) {
    const auto name = queue_name(context);
    if (!name) co_return api::problem(name.error());
    api::FieldReader fields = context.fields("queue");
    auto change = read_change(fields);
    if (!fields.is_clean()) co_return api::problem(fields.error());
    const auto changed = co_await change_settings(services, context, *name, "updated", std::move(change));
    if (!changed) co_return api::problem(changed.error());
    co_return co_await get(services, context);
}

/// Answers of pause and resume.
net::HttpReply state_reply(const QueueSettings& settings, std::string_view what) {
    return api::data(
        200,
        [&](json::Writer& writer) {
            writer.begin_object();
            write_state(writer, settings);
            writer.end_object();
        },
        fmt::format("Queue \"{}\" {}", settings.name, what));
}

Async<net::HttpReply> pause(const Services& services, api::Context& context) {
    const auto name = queue_name(context);
    if (!name) co_return api::problem(name.error());
    const auto changed = co_await change_settings(services, context, *name, "paused",
                                                  [](QueueSettings& settings) { settings.is_paused = true; });
    co_return changed ? state_reply(*changed, "paused") : api::problem(changed.error());
}

Async<net::HttpReply> resume(const Services& services, api::Context& context) {
    const auto name = queue_name(context);
    if (!name) co_return api::problem(name.error());
    const auto open = [](QueueSettings& settings) { settings.is_paused = settings.is_draining = false; };
    // Without settings it is as open as it can be.
    if (!services.book.find(context.caller.organization, *name)) co_return state_reply({.name = *name}, "resumed");
    const auto changed = co_await change_settings(services, context, *name, "resumed", open);
    co_return changed ? state_reply(*changed, "resumed") : api::problem(changed.error());
}

Async<net::HttpReply> drain(const Services& services, api::Context& context) {
    const auto name = queue_name(context);
    if (!name) co_return api::problem(name.error());
    const Id organization = context.caller.organization;
    const auto changed = co_await change_settings(services, context, *name, "drained", [](QueueSettings& settings) {
        settings.is_draining = true;
        settings.is_paused = false;
    });
    if (!changed) co_return api::problem(changed.error());
    const auto depths = co_await services.readers.read<store::Depths>(
        [name = *name, query = store::DepthQuery{.organization = organization, .now = context.now}](
            db::Connection& connection) { return store::count_queue(connection, query, name); });
    if (!depths) co_return api::problem(depths.error());
    const auto depth = depths->lanes.find(lane_of(organization, *name));
    const std::int64_t left = depth == depths->lanes.end() ? 0 : depth->second.total();
    co_return api::data(
        200,
        [&](json::Writer& writer) {
            writer.begin_object();
            write_state(writer, *changed);
            writer.key("left").integer(left);
            writer.key("counted").string(depths->is_exact ? "exactly" : "at_least").end_object();
        },
        fmt::format("Queue \"{}\" drains: {}{} left", *name, depths->is_exact ? "" : "at least ", left));
}

}  // namespace

Result<std::string> queue_name(const api::Context& context) {
    const std::string& name = context.path_value("name");
    if (name.empty() || characters(name) > limits::queue_bytes)
        return Error{ErrorKind::invalid, fmt::format("a queue's name has 1 to {} characters", limits::queue_bytes),
                     "invalid_params"};
    return name;
}

Async<std::vector<Id>> running_in(const Services& services, Lane lane) {
    auto running = co_await running_in_lanes(services, {lane});
    co_return std::move(running.front());
}

void add_routes(api::Router& router, const Services& services) {
    const auto add = api::adding_to(router, services);
    add("GET", "/api/v1/queues", list);
    add("GET", "/api/v1/queues/:name", get);
    add("PUT", "/api/v1/queues/:name", put);
    add("PATCH", "/api/v1/queues/:name", put);
    add("POST", "/api/v1/queues/:name/pause", pause);
    add("POST", "/api/v1/queues/:name/resume", resume);
    add("POST", "/api/v1/queues/:name/drain", drain);
    add_bulk_routes(router, services);
}

}  // namespace punkt::queues
