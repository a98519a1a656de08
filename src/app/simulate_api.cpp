#include "app/simulate_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "api/problem.h"
#include "api/reply.h"
#include "app/simulation/declared_queues.h"
#include "app/simulation/declared_tasks.h"
#include "app/simulation/report_json.h"
#include "base/time_text.h"
#include "rooms/tasks/definitions/document.h"
#include "store/execution_store.h"
#include "store/task_keys.h"

namespace punkt::app {
namespace {

// What one request may cost. `punkt simulate` does more, on the machine of whoever asks.
constexpr int definitions_max = 10'000;
constexpr std::int64_t runs_max = 200'000;          // of each of the two simulations
constexpr std::int64_t limit_minutes_max = 20'000;  // kept of all limits together, of each
constexpr Microseconds time_max{10'000'000};        // of both together
constexpr std::size_t simulations_max = 4;          // under way or waiting, one for each organization
constexpr std::size_t histories_max = 500;
constexpr int history_runs = 20;
constexpr int days_default = 7;
constexpr int concurrency_max = 1'000'000;

struct Wish {
    Id organization = 0;
    SimulationInput input;  // without tasks
    std::string apply;      // a document as JSON; empty: only what is
    bool prune = false;
};

std::optional<Timestamp> read_instant(api::FieldReader& fields, const char* name) {
    const auto text = fields.string(name);
    if (!text) return std::nullopt;
    const auto at = parse_rfc3339(*text);
    if (!at) fields.wrong(name, fmt::format("is invalid ('{}' is no time such as 2026-03-28T00:00:00Z)", *text));
    return at ? std::optional(*at) : std::nullopt;
}

void read_range(api::FieldReader& fields, Timestamp now, SimulationInput& input) {
    const auto from = read_instant(fields, "from"), to = read_instant(fields, "to");
    const auto most = simulated_time_max / std::chrono::hours{24};
    const auto days = fields.integer("days", 1, most);
    if (fields.has("days") && fields.has("to")) fields.wrong("days", "is either given or to is");
    input.from = from.value_or(now);
    input.until = to.value_or(input.from + std::chrono::hours{24 * days.value_or(days_default)});
    if (!fields.is_clean()) return;
    if (!parse_rfc3339(to_text_seconds(input.until))) fields.wrong("days", "must end before the year 10000");
    if (input.until <= input.from) fields.wrong("to", "must be after from");
    if (input.until - input.from > simulated_time_max)
        fields.wrong("to", fmt::format("must be at most {} days after from", most));
}

Result<Wish> read_wish(const api::Context& context, const store::Quotas& quotas) {
    api::FieldReader fields = context.fields();
    Wish wish{.organization = context.caller.organization};
    read_range(fields, context.now, wish.input);
    const int own_cap = static_cast<int>(quotas.plan(wish.organization).concurrency);
    wish.input.concurrency = static_cast<int>(fields.integer("concurrency", 1, concurrency_max).value_or(own_cap));
    wish.input.failure_rate = fields.number("failure_rate", 0, 1).value_or(0);
    wish.input.seed =
        static_cast<std::uint64_t>(fields.integer("seed", 0, std::numeric_limits<std::int64_t>::max()).value_or(1));
    wish.input.runs_max = runs_max;
    wish.input.minutes_max = limit_minutes_max;
    const json::Value apply = fields.raw("apply");
    if (!apply.is_nothing() && apply["version"].integer() != tasks::document_version)
        fields.wrong("apply", "is invalid (not a document of definitions, as export answers it)");
    if (!apply.is_nothing()) wish.apply = apply.text();
    wish.prune = fields.boolean("prune").value_or(false);
    if (wish.prune && wish.apply.empty()) fields.wrong("prune", "is only for a simulation with apply");
    if (!fields.is_clean()) return fields.error();
    return wish;
}

SimulatedQueues queues_of(const store::QueueBook& book, Id organization) {
    SimulatedQueues queues;
    for (const QueueSettings& settings : book.of(organization))
        queues[settings.name] = {.is_paused = settings.is_paused,
                                 .concurrency = settings.concurrency,
                                 .rate = settings.rate,
                                 .on_failure = settings.on_failure};
    return queues;
}

/// How long runs of the recurring tasks took on average, by the name that a simulation knows them by.
Result<void> read_durations(db::Connection& connection, const std::vector<Task>& tasks, SimulationInput& input) {
    std::size_t asked = 0;
    for (const Task& task : tasks) {
        if (task.kind != TaskKind::cron) continue;
        if (++asked > histories_max) break;
        auto page = store::list_executions(connection, task.organization, task.id,
                                           {.status = Status::success, .limit = history_runs});
        if (!page) return page.error();
        std::int64_t sum = 0;
        for (const Execution& run : page->executions) sum += run.timings.total_us / 1000;
        const auto count = static_cast<std::int64_t>(page->executions.size());
        if (count > 0)
            input.durations[task.key.empty() ? task.name : task.key] =
                std::max(Milliseconds{sum / count}, Milliseconds{1});
    }
    return {};
}

/// What is wrong, under the name of the field that brought it.
Error about(const char* field, const Error& error) {
    return {
        ErrorKind::invalid, fmt::format("{} {}", field, error.message), "validation_error", {{field, error.message}}};
}

/// What is simulated becomes what it would be with the document applied.
Result<void> apply(const Wish& wish, const std::vector<Task>& declared, SimulationInput& input) {
    const auto document = json::Document::parse(wish.apply);
    if (!document) return about("apply", document.error());
    auto tasks = applied_tasks(declared, document->root(), wish.prune, input.from);
    if (!tasks) return about("apply", tasks.error());
    auto queues = applied_queues(std::move(input.queues), document->root(), wish.prune);
    if (!queues) return about("apply", queues.error());
    input.tasks = std::move(*tasks);
    input.queues = std::move(*queues);
    return {};
}

/// The answer's data. On the thread of the simulations.
Result<std::string> simulated(db::Connection& connection, const PublicIds& ids, Wish wish) {
    auto tasks = store::list_definitions(connection, wish.organization, definitions_max + 1);
    if (!tasks) return tasks.error();
    if (tasks->size() > definitions_max)
        return Error{ErrorKind::invalid,
                     fmt::format("there are more than {} definitions; punkt simulate takes more", definitions_max),
                     "limit_exceeded"};
    SimulationInput& input = wish.input;
    if (auto done = read_durations(connection, *tasks, input); !done) return done.error();
    const auto document = json::Document::parse(
        tasks::definitions_document(std::move(*tasks), ids, input.from - Milliseconds{1}, {}, wish.organization));
    if (!document) return document.error();
    auto declared = declared_tasks(document->root(), input.from);
    // What is stored was fine at another time.
    if (!declared) return about("from", declared.error());
    SimulationInput now = input;
    now.tasks = *declared;
    const auto before = simulate(std::move(now));
    if (!before) return before.error();
    std::optional<SimulationReport> after;
    if (!wish.apply.empty()) {
        SimulationInput changed = input;
        if (auto done = apply(wish, *declared, changed); !done) return done.error();
        auto made = simulate(std::move(changed));
        if (!made) return made.error();
        after = std::move(*made);
    }
    json::Writer writer;
    write_reports(writer, *before, after ? &*after : nullptr);
    return writer.take();
}

}  // namespace

Result<std::unique_ptr<SimulateApi>> SimulateApi::create(const db::Location& database, const Services& services) {
    auto readers = api::Readers::create(database, 1);
    if (!readers) return readers.error();
    return std::unique_ptr<SimulateApi>(new SimulateApi(std::move(*readers), services));
}

std::shared_ptr<void> SimulateApi::enter(Id organization) {
    const std::lock_guard lock(mutex_);
    if (busy_.size() >= simulations_max || !busy_.insert(organization).second) return nullptr;
    return {this, [organization](SimulateApi* api) {
                const std::lock_guard leaving(api->mutex_);
                api->busy_.erase(organization);
            }};
}

Async<net::HttpReply> SimulateApi::simulate_for(api::Context& context) {
    auto wish = read_wish(context, services_.quotas);
    if (!wish) co_return api::problem(wish.error());
    wish->input.queues = queues_of(services_.queues, wish->organization);
    auto place = enter(wish->organization);
    if (!place)
        co_return api::problem(Error{ErrorKind::unavailable, "another simulation is under way; try again", "busy"});
    auto data = co_await readers_->read<std::string>([this, wish = std::move(*wish), place = std::move(place)](
                                                         db::Connection& connection) mutable -> Result<std::string> {
        // From here on: what waited for others has its whole time.
        wish.input.is_out_of_time = [this, until = services_.clock.elapsed() + time_max] {
            return is_stopping_ || services_.clock.elapsed() > until;
        };
        auto made = simulated(connection, services_.public_ids, std::move(wish));
        place.reset();  // before the answer, so that the next request finds it free
        return made;
    });
    if (!data) co_return api::problem(data.error());
    co_return api::data(200, [&](json::Writer& writer) { writer.raw(*data); });
}

void SimulateApi::add_routes(api::Router& router) {
    router.add({.method = "POST", .pattern = "/api/v1/simulate", .handler = [this](api::Context& context) {
                    return simulate_for(context);
                }});
}

void SimulateApi::stop() {
    is_stopping_ = true;
    readers_->stop();
}

}  // namespace punkt::app
