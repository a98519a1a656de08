#include "rooms/queues/queue_json.h"

#include <fmt/format.h>

#include <optional>

#include "api/rate_field.h"
#include "base/time_text.h"

namespace punkt::queues {
namespace {

void write_depth(json::Writer& writer, const QueueState& state) {
    const store::Depth& depth = state.depth;
    writer.begin_object();
    writer.key("waiting").integer(depth.total()).key("due").integer(depth.due);
    writer.key("delayed").integer(depth.delayed).key("retrying").integer(depth.retrying);
    writer.key("running").integer(static_cast<std::int64_t>(state.running));
    // "at_least": there is so much that the rest, due later than what was counted, was not looked at.
    writer.key("counted").string(state.depth_is_exact ? "exactly" : "at_least").end_object();
}

void write_oldest(json::Writer& writer, const std::optional<Timer>& oldest, const PublicIds& ids) {
    if (!oldest) {
        writer.null();
        return;
    }
    writer.begin_object().key("execution_id").string(ids.uuid(IdKind::execution, oldest->id));
    writer.key("task_id").string(ids.uuid(IdKind::task, oldest->task));
    writer.key("attempt").integer(oldest->attempt);
    writer.key("due_at").string(to_text_ms(oldest->due)).end_object();
}

}  // namespace

std::function<void(QueueSettings&)> read_change(api::FieldReader& fields) {
    const auto concurrency = fields.integer("concurrency", 1, concurrency_max);
    const auto priority = fields.integer("priority", 1, 10);
    const json::Value rate_value = fields.raw("rate");
    const bool removes_rate = rate_value.type() == json::Type::null;
    std::optional<Rate> rate;
    if (!rate_value.is_nothing()) rate = api::read_rate(fields, "rate", rate_value);
    std::optional<OnFailure> on_failure;
    if (const auto text = fields.string("on_failure")) {
        on_failure = on_failure_from(*text);
        if (!on_failure)
            fields.wrong("on_failure", fmt::format("is invalid ('{}' is not one of block, park, skip)", *text));
    }
    return [=](QueueSettings& settings) {
        if (concurrency) settings.concurrency = static_cast<int>(*concurrency);
        if (priority) settings.priority = static_cast<int>(*priority);
        if (rate || removes_rate) settings.rate = rate;
        if (on_failure) settings.on_failure = *on_failure;
    };
}

void write_state(json::Writer& writer, const QueueSettings& settings) {
    writer.key("name").string(settings.name).key("paused").boolean(settings.is_paused);
    writer.key("draining").boolean(settings.is_draining);
}

void write_queue(json::Writer& writer, const QueueState& state, const PublicIds& ids) {
    const QueueSettings& settings = state.settings;
    writer.begin_object();
    write_state(writer, settings);
    writer.key("concurrency").integer(settings.concurrency);
    api::write_rate(writer.key("rate"), settings.rate);
    writer.key("priority").integer(settings.priority).key("on_failure").string(word(settings.on_failure));
    writer.key("in_flight").integer(static_cast<std::int64_t>(state.running));
    write_depth(writer.key("depth"), state);
    write_oldest(writer.key("oldest"), state.depth.oldest, ids);
    writer.key("badge_token").string(ids.badge_token(fmt::format("queue:{}:{}", settings.organization, settings.name)));
    writer.end_object();
}

}  // namespace punkt::queues
