// punkt simulate: what the schedules of a running Punkt will do, and what a file would change about it. Read through
// the API, simulated here.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <map>

#include "app/cli_api.h"
#include "app/cli_context.h"
#include "app/cli_definitions.h"
#include "app/simulation/declared_tasks.h"
#include "app/simulation/simulation.h"
#include "app/text_table.h"
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
    const auto queues = asking.get("/api/v1/queues");
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
        input.queues[cell_text(queue["name"])] = settings;
    }
}

Result<Timestamp> read_instant(const std::string& text, const char* flag, Timestamp otherwise) {
    if (text.empty()) return otherwise;
    const auto at = parse_rfc3339(text);
    if (at) return *at;
    return Error{ErrorKind::invalid,
                 fmt::format("{} must be a time such as 2026-03-28T00:00:00Z, not \"{}\"", flag, text)};
}

std::string duration_text(Milliseconds time) {
    const double seconds = static_cast<double>(time.count()) / 1000;
    if (seconds < 120) return fmt::format("{:.1f} s", seconds);
    return seconds < 7200 ? fmt::format("{:.1f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

std::string report_text(const SimulationReport& report) {
    std::string text =
        fmt::format("{} to {}: {} runs of {} tasks, at most {} out at once\n", to_text_seconds(report.from),
                    to_text_seconds(report.until), report.runs, report.tasks.size(), report.out_at_once);
    if (!report.is_complete) text += fmt::format("ended early: {} runs are the limit\n", simulated_runs_max);
    if (report.runs > 0)
        text +=
            fmt::format("busiest minute: {}, {} starts\n", to_text_seconds(report.busiest.at), report.busiest.starts);
    TextTable tasks({"TASK", "RUNS", "MISSED", "OVERLAPS", "LONGEST WAIT", "DURATION", "FIRST RUN"});
    for (const SimulatedTask& task : report.tasks)
        tasks.add({task.id, fmt::to_string(task.runs), fmt::to_string(task.missed), fmt::to_string(task.overlaps),
                   duration_text(task.longest_wait), duration_text(task.duration),
                   task.first_runs.empty() ? "" : to_text_seconds(task.first_runs.front())});
    text += "\n" + tasks.text();
    if (!report.queues.empty()) {
        TextTable queues({"QUEUE", "RUNS", "AT ONCE", "BUSY", "LONGEST WAIT", "BUSIEST MINUTE"});
        const auto span = std::max<std::int64_t>((report.until - report.from).count(), 1);
        for (const auto& [name, queue] : report.queues)
            queues.add({name, fmt::to_string(queue.runs), fmt::to_string(queue.concurrency),
                        fmt::format("{:.1f} %", 100.0 * static_cast<double>(queue.busy.count()) /
                                                    static_cast<double>(span * queue.concurrency)),
                        duration_text(queue.longest_wait),
                        fmt::format("{} ({})", to_text_seconds(queue.busiest.at), queue.busiest.starts)});
        text += "\n" + queues.text();
    }
    for (const SimulatedTask& task : report.tasks)
        for (const std::string& note : task.notes) text += fmt::format("! {}: {}\n", task.id, note);
    return text;
}

/// What is different: "~ digest: runs 5 → 10, first run … → …".
std::string difference_text(const SimulationReport& before, const SimulationReport& after) {
    std::map<std::string, std::pair<const SimulatedTask*, const SimulatedTask*>> pairs;
    for (const SimulatedTask& task : before.tasks) pairs[task.id].first = &task;
    for (const SimulatedTask& task : after.tasks) pairs[task.id].second = &task;
    std::string text;
    for (const auto& [id, pair] : pairs) {
        const auto& [was, is] = pair;
        if (was == nullptr) text += fmt::format("+ {}: {} runs\n", id, is->runs);
        if (is == nullptr) text += fmt::format("- {}: {} runs\n", id, was->runs);
        if (was == nullptr || is == nullptr) continue;
        std::vector<std::string> changes;
        const auto number = [&changes](const char* what, std::int64_t from, std::int64_t to) {
            if (from != to) changes.push_back(fmt::format("{} {} → {}", what, from, to));
        };
        number("runs", was->runs, is->runs);
        number("missed", was->missed, is->missed);
        number("overlaps", was->overlaps, is->overlaps);
        if (was->longest_wait != is->longest_wait)
            changes.push_back(
                fmt::format("longest wait {} → {}", duration_text(was->longest_wait), duration_text(is->longest_wait)));
        if (was->first_runs != is->first_runs && !was->first_runs.empty() && !is->first_runs.empty())
            changes.push_back(fmt::format("first run {} → {}", to_text_seconds(was->first_runs.front()),
                                          to_text_seconds(is->first_runs.front())));
        if (!changes.empty()) text += fmt::format("~ {}: {}\n", id, fmt::join(changes, ", "));
    }
    text += fmt::format("runs {} → {}, at most {} → {} out at once, busiest minute {} → {} starts\n", before.runs,
                        after.runs, before.out_at_once, after.out_at_once, before.busiest.starts, after.busiest.starts);
    return text;
}

void write_busiest(json::Writer& writer, const BusiestMinute& minute) {
    writer.key("busiest_minute").begin_object().key("at");
    minute.starts > 0 ? writer.string(to_text_seconds(minute.at)) : writer.null();
    writer.key("starts").integer(minute.starts).end_object();
}

void write_report(json::Writer& writer, const SimulationReport& report) {
    writer.begin_object().key("from").string(to_text_seconds(report.from));
    writer.key("until").string(to_text_seconds(report.until)).key("complete").boolean(report.is_complete);
    writer.key("runs").integer(report.runs);
    writer.key("out_at_once").integer(static_cast<std::int64_t>(report.out_at_once));
    write_busiest(writer, report.busiest);
    writer.key("tasks").begin_array();
    for (const SimulatedTask& task : report.tasks) {
        writer.begin_object().key("id").string(task.id).key("name").string(task.name).key("queue");
        task.queue.empty() ? writer.null() : writer.string(task.queue);
        writer.key("duration_ms").integer(task.duration.count()).key("runs").integer(task.runs);
        writer.key("missed").integer(task.missed).key("overlaps").integer(task.overlaps);
        writer.key("longest_wait_ms").integer(task.longest_wait.count()).key("first_runs").begin_array();
        for (const Timestamp at : task.first_runs) writer.string(to_text_seconds(at));
        writer.end_array().key("notes").begin_array();
        for (const std::string& note : task.notes) writer.string(note);
        writer.end_array().end_object();
    }
    writer.end_array().key("queues").begin_array();
    for (const auto& [name, queue] : report.queues) {
        writer.begin_object().key("name").string(name).key("concurrency").integer(queue.concurrency);
        writer.key("runs").integer(queue.runs).key("busy_ms").integer(queue.busy.count());
        writer.key("longest_wait_ms").integer(queue.longest_wait.count());
        write_busiest(writer, queue.busiest);
        writer.end_object();
    }
    writer.end_array().end_object();
}

void print_reports(const CliContext& context, const SimulationReport& before, const SimulationReport* after) {
    if (!context.is_json()) {
        fmt::print(context.terminal.out, "{}", report_text(after != nullptr ? *after : before));
        if (after != nullptr) fmt::print(context.terminal.out, "\nWhat changes:\n{}", difference_text(before, *after));
        return;
    }
    json::Writer writer;
    write_report(writer.begin_object().key("now"), before);
    if (after != nullptr) write_report(writer.key("applied"), *after);
    writer.end_object();
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
    return document;
}

Result<void> run_simulation(const CliContext& context, const SimulateArguments& arguments) {
    SimulationInput input{.concurrency = arguments.concurrency};
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
                     "How many runs of the organization may be out at once; default: no limit.")
        ->check(CLI::Range(1, 1'000'000).description(""))
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
