// GET /api/v1/cron/preview?expr=&tz=&n=: the next runs of an expression, and what it says in words.

#include <fmt/format.h>

#include <algorithm>

#include "api/reply.h"
#include "base/time_text.h"
#include "core/cron_preview.h"
#include "rooms/tasks/handlers.h"

namespace punkt::tasks {
namespace {

constexpr int preview_runs_default = 5;

net::HttpReply preview(const api::Context& context) {
    api::FieldReader fields = context.fields();
    const auto text = fields.string("expr");
    if (!text) fields.wrong("expr", "can't be blank");
    CronOptions options;
    if (const auto word_given = fields.string("dialect")) {
        if (const auto dialect = cron_dialect_from(*word_given))
            options.dialect = *dialect;
        else
            fields.wrong("dialect", "is invalid (classic and and are known)");
    }
    const auto count = fields.integer("n", 1, cron_preview_runs_max);
    const auto zone = TimeZone::find(fields.string("tz").value_or("UTC"));
    if (!zone) fields.wrong("tz", zone.error().message);
    std::optional<Cron> cron;
    if (text) {
        auto parsed = Cron::parse(*text, options);
        if (parsed)
            cron = std::move(*parsed);
        else
            fields.wrong("expr", parsed.error().message);
    }
    if (!fields.is_clean()) return api::problem(fields.error());
    return api::data(200, [&](json::Writer& writer) {
        writer.begin_object().key("expression").string(*text).key("timezone").string(zone->name());
        writer.key("dialect").string(word(options.dialect)).key("words").string(cron->words());
        writer.key("dialects_differ").boolean(dialects_differ(*text, *zone, context.now));
        writer.key("runs").begin_array();
        const int runs = static_cast<int>(count.value_or(preview_runs_default));
        for (const CronRun& run : next_runs(*cron, *zone, context.now, runs)) {
            writer.begin_object().key("at").string(to_text_seconds(run.at)).key("local").string(run.local);
            writer.key("note");
            run.note.empty() ? writer.null() : writer.string(run.note);
            writer.end_object();
        }
        writer.end_array().end_object();
    });
}

}  // namespace

void add_cron_routes(api::Router& router) {
    router.add({.method = "GET",
                .pattern = "/api/v1/cron/preview",
                .handler = [](api::Context& context) -> Async<net::HttpReply> { co_return preview(context); }});
}

}  // namespace punkt::tasks
