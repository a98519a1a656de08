#include "rooms/queues/queues_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>

#include <unordered_set>

#include "api/audit.h"
#include "api/commit.h"
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
    QueueState state = {};
};

Async<Result<Found>> look_at(const Services& services, const api::Context& context, std::string name) {
    const Id organization = context.caller.organization;
    const std::vector<Id> running = co_await running_in(services, lane_of(organization, name));
    auto found = co_await services.readers.read<Found>(
        [name, query = store::DepthQuery{.organization = organization,
                                         .running = {running.begin(), running.end()},
                                         .now = context.now}](db::Connection& connection) -> Result<Found> {
            auto tasks =
                store::tasks_of_queue(connection, query.organization, name, 0, std::numeric_limits<Id>::max(), 1);
            if (!tasks) return tasks.error();
            auto depths = store::count_queue(connection, query, name);
            if (!depths) return depths.error();
            Found found{.has_tasks = !tasks->empty(), .state = {.depth_is_exact = depths->is_exact}};
            const auto depth = depths->lanes.find(lane_of(query.organization, name));
            if (depth != depths->lanes.end()) found.state.depth = depth->second;
            return found;
        });
    if (!found) co_return found;
    found->state.settings = settings_of(services, organization, name);
    found->state.running = running.size();
    co_return found;
}

net::HttpReply shown(const QueueState& state, const PublicIds& ids) {
    return api::data(200, [&](json::Writer& writer) { write_queue(writer, state, ids); });
}

Async<net::HttpReply> get(const Services& services, api::Context& context) {
    const auto name = queue_name(context);
    if (!name) co_return api::problem(name.error());
    const auto found = co_await look_at(services, context, *name);
    if (!found) co_return api::problem(found.error());
    const bool is_known = found->has_tasks || services.book.find(context.caller.organization, *name).has_value();
    co_return is_known ? shown(found->state, services.public_ids) : api::problem(api::not_found());
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

/// What is done to a queue's settings. The answer is made in the transaction, of what is stored then.
struct SettingsChange {
    std::string_view action;  // "paused", for the audit log
    std::function<void(QueueSettings&)> change = {};
    std::function<net::HttpReply(const QueueSettings&)> answer = {};
};

/// When this answers, whoever asks sees the new settings.
Async<net::HttpReply> change_settings(const Services& services, api::Context& context, std::string name,
                                      SettingsChange wanted) {
    const auto changed = std::make_shared<QueueSettings>();
    AuditEntry entry = api::audit_entry(context, wanted.action, "queue", name);
    co_return co_await api::commit_and_answer(
        services.writer, context,
        [&](store::Done done) {
            return settings_write(
                services.book, services.engine,
                {context.caller.organization, std::move(name), context.now, wanted.change, std::move(entry)}, changed,
                std::move(done));
        },
        [&] { return wanted.answer(*changed); });
}

Async<net::HttpReply> put(const Services& services, api::Context& context) {
    const auto name = queue_name(context);
    if (!name) co_return api::problem(name.error());
    api::FieldReader fields = context.fields("queue");
    auto change = read_change(fields);
    if (!fields.is_clean()) co_return api::problem(fields.error());
    const auto found = co_await look_at(services, context, *name);
    if (!found) co_return api::problem(found.error());
    co_return co_await change_settings(
        services, context, *name,
        {.action = "updated", .change = std::move(change), .answer = [&](const QueueSettings& settings) {
             QueueState state = found->state;
             state.settings = settings;
             return shown(state, services.public_ids);
         }});
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
    co_return co_await change_settings(
        services, context, *name,
        {.action = "paused",
         .change = [](QueueSettings& settings) { settings.is_paused = true; },
         .answer = [](const QueueSettings& settings) { return state_reply(settings, "paused"); }});
}

Async<net::HttpReply> resume(const Services& services, api::Context& context) {
    const auto name = queue_name(context);
    if (!name) co_return api::problem(name.error());
    const auto open = [](QueueSettings& settings) { settings.is_paused = settings.is_draining = false; };
    // Without settings it is as open as it can be.
    if (!services.book.find(context.caller.organization, *name)) co_return state_reply({.name = *name}, "resumed");
    co_return co_await change_settings(
        services, context, *name, {.action = "resumed", .change = open, .answer = [](const QueueSettings& settings) {
                                       return state_reply(settings, "resumed");
                                   }});
}

net::HttpReply drain_reply(const QueueSettings& settings, const QueueState& before) {
    const std::int64_t left = before.depth.total();
    return api::data(
        200,
        [&](json::Writer& writer) {
            writer.begin_object();
            write_state(writer, settings);
            writer.key("left").integer(left);
            writer.key("counted").string(before.depth_is_exact ? "exactly" : "at_least").end_object();
        },
        fmt::format("Queue \"{}\" drains: {}{} left", settings.name, before.depth_is_exact ? "" : "at least ", left));
}

Async<net::HttpReply> drain(const Services& services, api::Context& context) {
    const auto name = queue_name(context);
    if (!name) co_return api::problem(name.error());
    const auto found = co_await look_at(services, context, *name);
    if (!found) co_return api::problem(found.error());
    const auto begin = [](QueueSettings& settings) {
        settings.is_draining = true;
        settings.is_paused = false;
    };
    co_return co_await change_settings(
        services, context, *name, {.action = "drained", .change = begin, .answer = [&](const QueueSettings& settings) {
                                       return drain_reply(settings, found->state);
                                   }});
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
