// punkt simulate: what the schedules of a running Punkt will do, and what a file would change about it. Read through
// the API, simulated here.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_api.h"
#include "app/cli_context.h"
#include "app/cli_definitions.h"
#include "app/simulation/declared_queues.h"
#include "app/simulation/declared_tasks.h"
#include "app/simulation/report_json.h"
#include "app/simulation/report_text.h"
#include "app/simulation/simulation.h"
#include "base/time_text.h"

namespace punkt::app {
namespace {

/// Recurring tasks whose history is asked for, one request each; the others take the default duration.
constexpr std::size_t histories_max = 500;
constexpr int history_runs = 20;

struct SimulateArguments {
    std::string from, to, file;
    int days = 7;
    int concurrency = 0;
    bool prune = false;
    double failure_rate = 0;
    std::uint64_t seed = 1;
};

/// One GET; what came stays readable as long as the document lives.
class Asking {
  public:
    static Result<Asking> create(const CliContext& context) {
        auto config = context.configuration();
        if (!config) return config.error();
        auto client =
            ApiClient::create(server_url(context, *config), client_key(context, *config), config->client.ca_file);
        if (!client) return client.error();
        return Asking(std::move(*client));
    }
    Result<json::Document> get(const std::string& path) {
        auto answer = client_.call(Method::get, path);
        if (!answer) return answer.error();
        if (answer->status >= 300) return error_from(*answer);
        return json::Document::parse(answer->body);
    }

  private:
    explicit Asking(ApiClient client) : client_(std::move(client)) {}
    ApiClient client_;
};

Result<void> read_duration(Asking& asking, json::Value task, SimulationInput& input) {
    auto runs = asking.get(
        fmt::format("/api/v1/tasks/{}/executions?status=success&limit={}", cell_text(task["id"]), history_runs));
    if (!runs) return runs.error();
    std::int64_t sum = 0, count = 0;
    for (const json::Value run : runs->root()["data"].elements()) {
        const auto ms = run["duration_ms"].integer();
        if (!ms) continue;
        sum += *ms;
        ++count;
    }
    const std::string id = task["key"].is_nothing() ? cell_text(task["name"]) : cell_text(task["key"]);
    if (count > 0) input.durations[id] = std::max(Milliseconds{sum / count}, Milliseconds{1});
    return {};
}

/// How long runs of the recurring tasks took on average.
Result<void> read_durations(Asking& asking, SimulationInput& input) {
    std::string cursor;
    for (std::size_t asked = 0; asked < histories_max;) {
        auto page =
            asking.get("/api/v1/tasks" +
                       query_text({{"type", "cron"}, {"order", "newest"}, {"limit", "100"}, {"cursor", cursor}}));
        if (!page) return page.error();
        for (const json::Value task : page->root()["data"].elements()) {
            if (++asked > histories_max) break;
            if (auto done = read_duration(asking, task, input); !done) return done;
        }
        cursor = cell_text(page->root()["next_cursor"]);
        if (cursor.empty()) break;
    }
    return {};
}

/// Settings of the queues, as far as the server has any.
void read_queues(Asking& asking, SimulationInput& input) {
    const auto queues = asking.get("/api/v1/queues?all=true");
    if (!queues) return;
    for (const json::Value queue : queues->root()["data"].elements()) {
        engine::LaneSettings settings;
        settings.is_paused = queue["paused"].boolean().value_or(false);
        settings.concurrency = static_cast<int>(queue["concurrency"].integer().value_or(1));
        const json::Value rate = queue["rate"];
        if (const auto count = rate["count"].integer(), period = rate["period_ms"].integer(); count && period)
            settings.rate = Rate{.count = static_cast<int>(*count),
                                 .period = Milliseconds{*period},
                                 .burst = static_cast<int>(rate["burst"].integer().value_or(1))};
        settings.on_failure = on_failure_from(cell_text(queue["on_failure"])).value_or(OnFailure::block);
        input.queues[cell_text(queue["name"])] = settings;
    }
}

/// How many runs the organization's plan lets out at once; 0: no limit.
int plan_concurrency(Asking& asking) {
    const auto answer = asking.get("/api/v1/organization");
    return answer ? static_cast<int>(answer->root()["data"]["plan"]["concurrency"].integer().value_or(0)) : 0;
}

Result<Timestamp> read_instant(const std::string& text, const char* flag, Timestamp otherwise) {
    if (text.empty()) return otherwise;
    const auto at = parse_rfc3339(text);
    if (at) return *at;
    return Error{ErrorKind::invalid,
                 fmt::format("{} must be a time such as 2026-03-28T00:00:00Z, not \"{}\"", flag, text)};
}

void print_reports(const CliContext& context, const SimulationReport& before, const SimulationReport* after) {
    if (!context.is_json()) {
        fmt::print(context.terminal.out, "{}", report_text(after != nullptr ? *after : before));
        if (after != nullptr) fmt::print(context.terminal.out, "\nWhat changes:\n{}", difference_text(before, *after));
        return;
    }
    json::Writer writer;
    write_reports(writer, before, after);
    fmt::print(context.terminal.out, "{}\n", writer.text());
}

/// What the server has: its definitions as JSON, and in `input` how long they take and what limits them.
Result<json::Document> read_server(const CliContext& context, SimulationInput& input) {
    auto asking = Asking::create(context);
    if (!asking) return asking.error();
    auto document = asking->get("/api/v1/export");
    if (!document) return document;
    if (auto done = read_durations(*asking, input); !done) return done.error();
    read_queues(*asking, input);
    if (input.concurrency == 0) input.concurrency = plan_concurrency(*asking);
    return document;
}

Result<void> run_simulation(const CliContext& context, const SimulateArguments& arguments) {
    SimulationInput input{
        .concurrency = arguments.concurrency, .failure_rate = arguments.failure_rate, .seed = arguments.seed};
    auto from = read_instant(arguments.from, "--from", std::chrono::floor<std::chrono::seconds>(SystemClock().now()));
    if (!from) return from.error();
    auto until = read_instant(arguments.to, "--to", *from + std::chrono::hours{24} * arguments.days);
    if (!until) return until.error();
    input.from = *from;
    input.until = *until;
    input.progress = [&context](Timestamp now, std::int64_t runs) {
        fmt::print(context.terminal.err, "simulated until {}: {} runs\n", to_text_seconds(now), runs);
    };
    auto document = read_server(context, input);
    if (!document) return document.error();
    auto tasks = declared_tasks(document->root(), input.from);
    if (!tasks) return tasks.error();
    SimulationInput now = input;
    now.tasks = *tasks;
    auto before = simulate(std::move(now));
    if (!before) return before.error();
    if (arguments.file.empty()) {
        print_reports(context, *before, nullptr);
        return {};
    }
    const auto text = read_definitions(arguments.file);
    if (!text) return text.error();
    const auto file = json::Document::parse(*text);
    if (!file) return file.error();
    auto applied = applied_tasks(*tasks, file->root(), arguments.prune, input.from);
    if (!applied) return applied.error();
    input.tasks = std::move(*applied);
    auto queues = applied_queues(std::move(input.queues), file->root(), arguments.prune);
    if (!queues) return queues.error();
    input.queues = std::move(*queues);
    auto after = simulate(std::move(input));
    if (!after) return after.error();
    print_reports(context, *before, &*after);
    return {};
}

}  // namespace

void add_simulate_command(CLI::App& root, CliContext& context) {
    auto* command = root.add_subcommand("simulate", "Print what the schedules will do, and what a file would change.");
    const auto arguments = std::make_shared<SimulateArguments>();
    command->fallthrough();
    command->add_option("--from", arguments->from, "Where it begins; default: now.")->type_name("TIME");
    auto* to = command->add_option("--to", arguments->to, "Where it ends, at most 31 days later.");
    to->type_name("TIME");
    command->add_option("--days", arguments->days, "How long, instead of --to; default: 7.")
        ->check(CLI::Range(1, 31).description(""))
        ->excludes(to)
        ->type_name("N");
    command->add_option("--apply", arguments->file, "With this file applied; - for stdin.")->type_name("FILE");
    command->add_flag("--prune", arguments->prune, "And without what the file does not have.");
    command
        ->add_option("--concurrency", arguments->concurrency,
                     "How many runs of the organization may be out at once; default: what its plan allows.")
        ->check(CLI::Range(1, 1'000'000).description(""))
        ->type_name("N");
    command->add_option("--failure-rate", arguments->failure_rate, "The part of the attempts that fail; default: 0.")
        ->check(CLI::Range(0.0, 1.0).description(""))
        ->type_name("0..1");
    command->add_option("--seed", arguments->seed, "Which attempts fail: the same seed, the same ones; default: 1.")
        ->type_name("N");
    add_server_flags(*command, context);
    command->callback([&context, arguments] {
        context.command = [&context, arguments] {
            const auto done = run_simulation(context, *arguments);
            if (done) return exit_code::ok;
            return context.fail(
                done.error(), done.error().kind == ErrorKind::unavailable ? exit_code::unreachable : exit_code::failed);
        };
    });
}

}  // namespace punkt::app
