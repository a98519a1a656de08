#include "rooms/plans/plans_api.h"

#include <fmt/format.h>

#include "api/audit.h"
#include "api/commit.h"
#include "api/problem.h"
#include "api/reply.h"
#include "base/time_text.h"
#include "store/audit.h"

namespace punkt::plans {
namespace {

constexpr std::int64_t days_max = 366;
constexpr int shares_max = 100;

void write_organization(json::Writer& writer, const store::Organization& organization, const store::QuotaState& state,
                        const PublicIds& ids) {
    writer.begin_object().key("id").string(ids.uuid(IdKind::organization, organization.id));
    writer.key("name").string(organization.name);
    writer.key("plan").begin_object().key("name").string(state.plan.name);
    write_plan_fields(writer, state.plan);
    writer.end_object();
    writer.key("overrides").raw(state.overrides.empty() ? "{}" : state.overrides);
    writer.key("usage")
        .begin_object()
        .key("executions")
        .integer(state.used)
        .key("resets_at")
        .string(to_text_seconds(state.resets_at));
    writer.end_object();
    writer.key("inserted_at").string(to_text_seconds(organization.created_at)).end_object();
}

/// What of the month is used; without a limit `limit`, `remaining` and `percent` are null.
void write_month(json::Writer& writer, const store::QuotaState& state, std::int64_t used) {
    const std::int64_t limit = state.plan.executions_per_month;
    const auto or_null = [&](const char* name, std::int64_t value) {
        writer.key(name);
        limit > 0 ? writer.integer(value) : writer.null();
    };
    writer.key("executions").begin_object().key("used").integer(used).key("waiting").integer(state.open);
    or_null("limit", limit);
    or_null("remaining", std::max<std::int64_t>(0, limit - used - state.open));
    or_null("percent", limit > 0 ? used * 100 / limit : 0);
    writer.end_object();
}

std::string day_text(store::Day day) { return to_text_seconds(Timestamp{std::chrono::days{day}}).substr(0, 10); }

void write_days(json::Writer& writer, const std::vector<store::UsageCount>& days) {
    writer.key("days").begin_array();
    for (const auto& count : days) {
        writer.begin_object().key("day").string(day_text(count.day)).key("executions").integer(count.executions);
        writer.key("failed").integer(count.failed).key("attempts").integer(count.attempts).end_object();
    }
    writer.end_array();
}

void write_shares(json::Writer& writer, const store::UsageShares& shares, store::ShareOf by, const PublicIds& ids) {
    writer.key("breakdown").begin_array();
    for (const auto& share : shares.shares) {
        writer.begin_object();
        if (by == store::ShareOf::task) {
            writer.key("task_id").string(ids.uuid(IdKind::task, share.task)).key("name").string(share.name);
        }
        writer.key("queue");
        share.queue.empty() ? writer.null() : writer.string(share.queue);
        writer.key("executions").integer(share.executions).key("failed").integer(share.failed).end_object();
    }
    writer.end_array().key("breakdown_complete").boolean(shares.is_complete);
}

struct Usage {
    std::vector<store::UsageCount> days;
    std::int64_t used = 0;  // in this month
    std::optional<store::UsageShares> shares = std::nullopt;
};

Result<Usage> read_usage(db::Connection& connection, Id organization, Timestamp now, std::int64_t days,
                         std::optional<store::ShareOf> by) {
    Usage usage;
    const store::Day tomorrow = store::day_of(now) + 1, month = store::day_of(store::month_start(now));
    auto counts = store::list_usage(connection, organization, std::min(month, tomorrow - days), tomorrow);
    if (!counts) return counts.error();
    for (const auto& count : *counts) {
        if (count.day >= month) usage.used += count.executions;
        if (count.day >= tomorrow - days) usage.days.push_back(count);
    }
    if (!by) return usage;
    auto shares = store::list_usage_shares(connection, organization, store::month_start(now), *by, shares_max);
    if (!shares) return shares.error();
    usage.shares = std::move(*shares);
    return usage;
}

Async<net::HttpReply> show_usage(const Services& services, api::Context& context) {
    auto fields = context.fields();
    const auto days = fields.integer("days", 1, days_max).value_or(31);
    const auto word = fields.string("by");
    std::optional<store::ShareOf> by;
    if (word == "task") by = store::ShareOf::task;
    if (word == "queue") by = store::ShareOf::queue;
    if (word && !by) fields.wrong("by", "is invalid (it is one of task, queue)");
    if (!fields.is_clean()) co_return api::problem(fields.error());
    const auto usage = co_await services.readers.read<Usage>(
        [organization = context.caller.organization, now = context.now, days, by](db::Connection& connection) {
            return read_usage(connection, organization, now, days, by);
        });
    if (!usage) co_return api::problem(usage.error());
    const store::QuotaState state = services.quotas.state(context.caller.organization);
    co_return api::data(200, [&](json::Writer& writer) {
        writer.begin_object().key("plan").string(state.plan.name).key("limit").string(punkt::word(state.plan.limit));
        writer.key("month").string(to_text_seconds(state.month).substr(0, 7));
        writer.key("resets_at").string(to_text_seconds(state.resets_at));
        write_month(writer, state, usage->used);
        write_days(writer, usage->days);
        if (usage->shares) write_shares(writer, *usage->shares, *by, services.public_ids);
        writer.end_object();
    });
}

using Found = std::optional<store::Organization>;

Async<Result<store::Organization>> find(const Services& services, Id id) {
    auto found = co_await services.readers.read<Found>(
        [id](db::Connection& connection) { return store::find_organization(connection, id); });
    if (!found) co_return found.error();
    if (!*found) co_return api::not_found();
    co_return std::move(**found);
}

net::HttpReply organization_reply(const Services& services, const store::Organization& organization,
                                  const store::QuotaState& state) {
    return api::data(
        200, [&](json::Writer& writer) { write_organization(writer, organization, state, services.public_ids); });
}

Async<net::HttpReply> show_own(const Services& services, api::Context& context) {
    const auto organization = co_await find(services, context.caller.organization);
    if (!organization) co_return api::problem(organization.error());
    co_return organization_reply(services, *organization, services.quotas.state(organization->id));
}

Async<net::HttpReply> list(const Services& services, api::Context&) {
    auto all = co_await services.readers.read<std::vector<store::Organization>>(
        [](db::Connection& connection) { return store::list_organizations(connection); });
    if (!all) co_return api::problem(all.error());
    co_return api::data(200, [&](json::Writer& writer) {
        writer.begin_array();
        for (const auto& one : *all)
            write_organization(writer, one, services.quotas.state(one.id), services.public_ids);
        writer.end_array();
    });
}

/// The members that `overrides` names, as numbers, in the order of every plan.
std::string normalized(const Plan& plan, json::Value overrides) {
    json::Writer writer;
    writer.begin_object();
    if (overrides["limit"].exists()) writer.key("limit").string(punkt::word(plan.limit));
    for (const PlanField& field : plan_fields())
        if (overrides[field.name].exists()) writer.key(field.name).integer(plan.*field.place);
    return writer.end_object().take();
}

/// The choice of the request: `plan` null or absent is the default, `overrides` absent is none.
Result<store::PlanChoice> read_choice(api::FieldReader& fields, const store::Quotas& quotas) {
    store::PlanChoice choice{.plan = fields.string("plan").value_or("")};
    if (!choice.plan.empty() && quotas.find_plan(choice.plan) == nullptr)
        fields.wrong("plan", fmt::format("is invalid (there is no plan '{}')", choice.plan.substr(0, 64)));
    const json::Value overrides = fields.raw("overrides");
    if (overrides.type() == json::Type::object) {
        const auto plan = with_overrides({}, overrides);
        if (!plan)
            for (const auto& [field, message] : plan.error().fields) fields.wrong("overrides." + field, message);
        if (plan && !overrides.members().empty()) choice.overrides = normalized(*plan, overrides);
    } else if (!overrides.is_nothing()) {
        fields.wrong("overrides", "is invalid");
    }
    if (!fields.is_clean()) return fields.error();
    return choice;
}

std::string choice_text(const store::QuotaState& state) {
    json::Writer writer;
    writer.begin_object().key("plan").string(state.plan.name);
    writer.key("overrides").raw(state.overrides.empty() ? "{}" : state.overrides).end_object();
    return writer.take();
}

/// In the log of the organization whose plan it is, not of the caller's.
std::vector<AuditEntry> choice_entries(const Services& services, const api::Context& context, Id organization,
                                       const store::QuotaState& chosen) {
    AuditEntry entry = api::audit_entry(context, "plan_changed", "organization",
                                        services.public_ids.uuid(IdKind::organization, organization));
    entry.organization = organization;
    entry.changes = audit_changes(choice_text(services.quotas.state(organization)), choice_text(chosen));
    return entry.changes.empty() ? std::vector<AuditEntry>{} : std::vector{std::move(entry)};
}

/// What is chosen counts from the commit on.
Async<net::HttpReply> choose_for(const Services& services, api::Context& context,
                                 const store::Organization& organization, const store::PlanChoice& choice) {
    const Id id = organization.id;
    const store::QuotaState chosen = services.quotas.state_with(id, choice);
    const auto stored = co_await api::commit(
        services.writer, context,
        [&](store::Done done) {
            auto write = store::make_write(
                [id, choice, now = context.now](db::Connection& connection) {
                    return store::store_plan_choice(connection, id, choice, now);
                },
                std::move(done));
            return store::audited(std::move(write), choice_entries(services, context, id, chosen));
        },
        [&] { return organization_reply(services, organization, chosen); });
    if (!stored) co_return api::problem(stored.error());
    services.quotas.choose(id, choice);
    services.engine.settings_changed({.organization = id});
    const auto counted = co_await services.readers.read<bool>(
        [&quotas = services.quotas, id](db::Connection& connection) -> Result<bool> {
            auto done = quotas.recount(connection, id);
            return done ? Result<bool>(true) : Result<bool>(done.error());
        });
    if (!counted) co_return api::problem(counted.error());
    co_return organization_reply(services, organization, services.quotas.state(id));
}

Async<net::HttpReply> choose(const Services& services, api::Context& context) {
    const std::string& text = context.path_value("id");
    if (!looks_like_uuid(text))
        co_return api::problem({ErrorKind::invalid, "the id in the path is no UUID", std::string(api::code_malformed)});
    const auto id = services.public_ids.parse(IdKind::organization, text);
    const auto organization = co_await find(services, id.value_or(0));
    if (!organization) co_return api::problem(organization.error());
    auto fields = context.fields();
    const auto choice = read_choice(fields, services.quotas);
    if (!choice) co_return api::problem(choice.error());
    co_return co_await choose_for(services, context, *organization, *choice);
}

}  // namespace

void add_routes(api::Router& router, const Services& services) {
    const auto add = [&](const char* method, const char* pattern, api::Access access, auto handler) {
        router.add({.method = method,
                    .pattern = pattern,
                    .access = access,
                    .handler = [services, handler](api::Context& context) { return handler(services, context); }});
    };
    add("GET", "/api/v1/usage", api::Access::key, show_usage);
    add("GET", "/api/v1/organization", api::Access::key, show_own);
    add("GET", "/api/v1/organizations", api::Access::master, list);
    add("PUT", "/api/v1/organizations/:id/plan", api::Access::master, choose);
}

}  // namespace punkt::plans
