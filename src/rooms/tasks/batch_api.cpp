// POST /api/v1/tasks/batch: many tasks, one commit. Source: runlater-api.md §3.

#include <fmt/format.h>

#include <algorithm>

#include "api/audit.h"
#include "api/commit.h"
#include "api/reply.h"
#include "base/time_text.h"
#include "core/arming.h"
#include "rooms/tasks/batch_rules.h"
#include "rooms/tasks/handlers.h"
#include "rooms/tasks/key_rules.h"
#include "rooms/tasks/take_in.h"
#include "rooms/tasks/trace_rules.h"
#include "store/quotas.h"
#include "store/task_writes.h"

namespace punkt::tasks {
namespace {

/// What became of each item, in order.
struct Outcome {
    std::vector<store::Taken> placed;
    std::vector<store::Wish> wishes;  // those that are not refused yet
    std::vector<std::size_t> places;  // of the wishes among the items
};

Outcome outcome_of(const Services& services, Id organization, Batch&& batch, Timestamp now) {
    Outcome outcome;
    outcome.placed.resize(batch.items.size());
    outcome.wishes.reserve(batch.items.size());
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
        auto& [task, once, wrong] = batch.items[i];
        if (!task) {
            outcome.placed[i] = {.as = TakenAs::refused, .refusal = std::move(wrong)};
            continue;
        }
        task->id = services.ids.next(now);  // growing: the order of the items is the order of the queue
        task->organization = organization;
        if (once && once->kind == OnceKind::debounce) task->scheduled_at = now + once->span;
        outcome.placed[i] = {.task = task->id, .scheduled_for = task->scheduled_at};
        auto shared = std::make_shared<const Task>(std::move(*task));
        auto timer = first_timer(*shared);
        outcome.wishes.push_back({.task = {std::move(shared), timer}, .once = std::move(once)});
        outcome.places.push_back(i);
    }
    return outcome;
}

void write_ids(json::Writer& writer, const store::Taken& taken, const PublicIds& ids) {
    writer.key("task_id").string(ids.uuid(IdKind::task, taken.task)).key("execution_id");
    taken.scheduled_for ? writer.string(ids.uuid(IdKind::execution, taken.task)) : writer.null();
}

void write_wrong(json::Writer& writer, const Error& error) {
    writer.key("error").begin_object();
    writer.key("code").string(error.code.empty() ? "bad_request" : error.code).key("message").string(error.message);
    writer.key("details").begin_object();
    for (const auto& [field, message] : error.fields) writer.key(field).begin_array().string(message).end_array();
    writer.end_object().end_object();
}

void write_results(json::Writer& writer, const std::vector<store::Taken>& placed, const PublicIds& ids) {
    writer.begin_array();
    for (std::size_t i = 0; i < placed.size(); ++i) {
        writer.begin_object().key("index").integer(static_cast<std::int64_t>(i));
        writer.key("result").string(word(placed[i].as));
        placed[i].as == TakenAs::refused ? write_wrong(writer, with_public_winner(*placed[i].refusal, ids))
                                         : write_ids(writer, placed[i], ids);
        writer.end_object();
    }
    writer.end_array();
}

/// What all items have in common, for the answer.
struct Shared {
    std::string queue = {};
    std::optional<Timestamp> scheduled_for = std::nullopt;
    bool is_partial = false;
    bool wants_ids = false;
    bool has_once = false;
};

net::HttpReply batch_reply(const Shared& shared, const std::vector<store::Taken>& placed, const PublicIds& ids) {
    const auto count = [&](TakenAs as) {
        return std::count_if(placed.begin(), placed.end(), [as](const store::Taken& each) { return each.as == as; });
    };
    const auto created = count(TakenAs::created);
    const auto replaced = count(TakenAs::replaced);
    return api::data(
        created + replaced > 0 ? 201 : 200,
        [&](json::Writer& writer) {
            writer.begin_object().key("queue");
            shared.queue.empty() ? writer.null() : writer.string(shared.queue);
            writer.key("created").integer(created).key("scheduled_for");
            shared.scheduled_for ? writer.string(to_text_seconds(*shared.scheduled_for)) : writer.null();
            if (shared.has_once)
                writer.key("replaced").integer(replaced).key("ignored").integer(count(TakenAs::ignored));
            if (shared.is_partial) writer.key("refused").integer(count(TakenAs::refused));
            if (shared.is_partial || shared.has_once) {
                write_results(writer.key("results"), placed, ids);
            } else if (shared.wants_ids) {
                writer.key("ids").begin_array();
                for (const auto& each : placed) {
                    write_ids(writer.begin_object(), each, ids);
                    writer.end_object();
                }
                writer.end_array();
            }
            writer.end_object();
        },
        fmt::format("{} tasks created", created));
}

Shared shared_of(const Batch& batch) {
    Shared shared{.is_partial = batch.is_partial, .wants_ids = batch.wants_ids};
    for (const BatchItem& item : batch.items) {
        shared.has_once = shared.has_once || item.once;
        if (!batch.has_one_target || !item.task || shared.scheduled_for) continue;
        shared.queue = item.task->queue;
        shared.scheduled_for = item.task->scheduled_at;
    }
    return shared;
}

/// One for the batch, and those that its tasks would have if they were made one by one.
std::vector<AuditEntry> batch_entries(const Services& services, const api::Context& context,
                                      const std::vector<store::Wish>& wishes) {
    std::vector<AuditEntry> entries{api::audit_entry(context, "created", "batch", "")};
    entries.front().metadata.emplace_back("tasks", fmt::format("{}", wishes.size()));
    for (const store::Wish& wish : wishes)
        for (auto& entry : created_entries(context, *wish.task.task, services.public_ids, services.audit))
            entries.push_back(std::move(entry));
    return entries;
}

/// The usual case: every item becomes a task.
Async<Result<void>> insert_all(const Services& services, api::Context& context, std::vector<store::Wish> wishes,
                               std::function<net::HttpReply()> answer) {
    auto entries = batch_entries(services, context, wishes);
    std::vector<store::NewTask> tasks;
    tasks.reserve(wishes.size());
    for (store::Wish& wish : wishes) tasks.push_back(std::move(wish.task));
    co_return co_await api::commit(
        services.writer, context,
        [&](store::Done done) {
            return store::audited(std::make_unique<store::InsertTasks>(std::move(tasks), std::move(done)),
                                  std::move(entries));
        },
        std::move(answer));
}

/// Over the month's limit a batch is answered as the reference answers it (runlater-api.md §3), everything else with
/// 402.
Error as_batch_error(Error error) {
    if (error.code != store::code_quota_exceeded) return error;
    return {ErrorKind::invalid, std::move(error.message), "limit_exceeded"};
}

Async<net::HttpReply> create_batch(const Services& services, api::Context& context) {
    api::FieldReader fields = context.fields();
    Rules rules = services.rules.of(context.caller.organization);
    if (services.quotas != nullptr)
        if (const auto most = services.quotas->plan(context.caller.organization).batch_items; most > 0)
            rules.batch_items_max = static_cast<int>(std::min<std::int64_t>(most, rules.batch_items_max));
    auto batch = read_batch(fields, context.body ? context.body->root() : json::Value(), rules, context.now);
    if (!batch) co_return api::problem(batch.error());
    for (BatchItem& item : batch->items)
        if (item.task) keep_trace(context.request, *item.task);
    const Shared shared = shared_of(*batch);
    Outcome outcome = outcome_of(services, context.caller.organization, std::move(*batch), context.now);
    Intake intake{.wishes = std::move(outcome.wishes), .is_partial = shared.is_partial, .is_batch = true};
    const auto answer = [&] {
        auto placed = outcome.placed;
        for (std::size_t i = 0; i < intake.taken.size(); ++i) placed[outcome.places[i]] = intake.taken[i];
        return batch_reply(shared, placed, services.public_ids);
    };
    if (intake.wishes.empty()) co_return answer();
    const auto committed = shared.has_once || shared.is_partial
                               ? co_await take_in(services, context, intake, answer)
                               : co_await insert_all(services, context, std::move(intake.wishes), answer);
    if (committed) co_return answer();
    co_return api::problem(as_batch_error(with_public_winner(committed.error(), services.public_ids)));
}

}  // namespace

void add_batch_routes(api::Router& router, const Services& services) {
    router.add({.method = "POST", .pattern = "/api/v1/tasks/batch", .handler = [services](api::Context& context) {
                    return create_batch(services, context);
                }});
}

}  // namespace punkt::tasks
