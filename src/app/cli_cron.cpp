// punkt cron next|explain: what an expression means, without a server. Contract "Cron from the shell".
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli_context.h"
#include "base/json.h"
#include "base/time_text.h"
#include "core/cron.h"
#include "core/time_zone.h"

namespace punkt::app {
namespace {

constexpr int count_max = 10'000;

struct CronArguments {
    std::string expression;
    std::string zone = "UTC";
    std::string from = {};  // empty: now
    int count = 5;
    std::string dialect = "classic";
};

/// "2026-03-29T03:30:00Z", with milliseconds only where there are any.
std::string instant_text(Timestamp at) { return to_ms(at) % 1000 == 0 ? to_text_seconds(at) : to_text_ms(at); }

Result<std::vector<Timestamp>> next_instants(const CronArguments& arguments) {
    auto cron = Cron::parse(arguments.expression, {.dialect = *cron_dialect_from(arguments.dialect)});
    if (!cron) return cron.error();
    auto zone = TimeZone::find(arguments.zone);
    if (!zone) return zone.error();
    Timestamp at = SystemClock().now();
    if (!arguments.from.empty()) {
        const auto from = parse_rfc3339(arguments.from);
        if (!from)
            return Error{ErrorKind::invalid,
                         fmt::format("--from must be a time such as 2026-03-28T00:00:00Z, not \"{}\"", arguments.from)};
        at = *from;
    }
    std::vector<Timestamp> instants;
    while (static_cast<int>(instants.size()) < arguments.count) {
        const auto next = cron->next(at, *zone);
        if (!next) break;
        instants.push_back(*next);
        at = *next;
    }
    return instants;
}

int print_next(const CliContext& context, const CronArguments& arguments) {
    auto instants = next_instants(arguments);
    if (!instants) return context.fail(instants.error());
    if (!context.is_json()) {
        for (const auto at : *instants) fmt::print(context.terminal.out, "{}\n", instant_text(at));
        return exit_code::ok;
    }
    json::Writer writer;
    writer.begin_array();
    for (const auto at : *instants) writer.string(instant_text(at));
    writer.end_array();
    fmt::print(context.terminal.out, "{}\n", writer.text());
    return exit_code::ok;
}

int explain(const CliContext& context, const CronArguments& arguments) {
    auto cron = Cron::parse(arguments.expression, {.dialect = *cron_dialect_from(arguments.dialect)});
    if (!cron) return context.fail(cron.error());
    if (context.is_json()) {
        json::Writer writer;
        writer.begin_object().key("expression").string(arguments.expression);
        writer.key("words").string(cron->words()).end_object();
        fmt::print(context.terminal.out, "{}\n", writer.text());
    } else {
        fmt::print(context.terminal.out, "{}\n", cron->words());
    }
    return exit_code::ok;
}

void add_expression(CLI::App& command, CronArguments& arguments) {
    command.add_option("expression", arguments.expression, "Cron expression of 5, 6 or 7 fields, in quotes.")
        ->required()
        ->type_name("EXPR");
    command.add_option("--dialect", arguments.dialect, "How the expression is read: day or weekday, day and weekday.")
        ->check(CLI::IsMember({"classic", "and"}).description(""))
        ->type_name("classic|and");
}

}  // namespace

void add_cron_commands(CLI::App& root, CliContext& context) {
    auto* noun = root.add_subcommand("cron", "Try cron expressions.");
    noun->require_subcommand(1)->fallthrough();
    const auto arguments = std::make_shared<CronArguments>();

    auto* next = noun->add_subcommand("next", "Print the next instants, one RFC 3339 time a line.")->fallthrough();
    add_expression(*next, *arguments);
    next->add_option("--tz", arguments->zone, "Time zone of the expression.")->type_name("ZONE");
    next->add_option("--from", arguments->from, "Instants after this time; default: now.")->type_name("TIME");
    next->add_option("--count", arguments->count, "How many.")
        ->check(CLI::Range(1, count_max).description(""))
        ->type_name("N");
    next->callback(
        [&context, arguments] { context.command = [&context, arguments] { return print_next(context, *arguments); }; });

    auto* words = noun->add_subcommand("explain", "Say an expression in words.")->fallthrough();
    add_expression(*words, *arguments);
    words->callback(
        [&context, arguments] { context.command = [&context, arguments] { return explain(context, *arguments); }; });
}

}  // namespace punkt::app
