#include "rooms/queues/queue_definitions.h"

#include <fmt/format.h>

#include "api/audit.h"
#include "api/rate_field.h"
#include "base/utf8.h"
#include "core/limits.h"
#include "rooms/queues/queue_json.h"
#include "rooms/queues/settings_write.h"

namespace punkt::queues {
namespace {

using api::DefinitionChange;

/// What a file says about a queue.
std::string declared_text(const QueueSettings& settings) {
    json::Writer writer;
    writer.begin_object().key("concurrency").integer(settings.concurrency);
    api::write_rate(writer.key("rate"), settings.rate);
    writer.key("priority").integer(settings.priority).key("on_failure").string(word(settings.on_failure)).end_object();
    return writer.take();
}

/// `settings` with what a file can say from `declared`, and its own state.
QueueSettings merged(QueueSettings settings, const QueueSettings& declared) {
    settings.concurrency = declared.concurrency;
    settings.rate = declared.rate;
    settings.priority = declared.priority;
    settings.on_failure = declared.on_failure;
    return settings;
}

class Planning {
  public:
    Planning(const store::QueueBook& book, Id organization) : book_(book), organization_(organization) {}

    void declare(std::size_t index, json::Value item);
    void remove_others();

    std::vector<DefinitionChange> changes;
    std::vector<api::DefinitionRefusal> refused;
    std::vector<QueueSettings> wanted;  // of what changes

  private:
    void change(const QueueSettings& to, bool is_removed);

    const store::QueueBook& book_;
    const Id organization_;
    std::unordered_set<std::string> names_;
};

void Planning::change(const QueueSettings& to, bool is_removed) {
    using Action = DefinitionChange::Action;
    const QueueSettings unset{.organization = organization_, .name = to.name};
    const auto stored = book_.find(organization_, to.name);
    const std::string before = declared_text(stored.value_or(unset)), after = declared_text(to);
    const bool was_unset = before == declared_text(unset);
    Action action = was_unset ? Action::create : Action::update;
    if (is_removed) action = Action::remove;
    if (before == after) action = Action::unchanged;
    changes.push_back({.action = action, .name = to.name, .fields = api::changed_fields(before, after)});
    if (before != after) wanted.push_back(to);
}

void Planning::declare(std::size_t index, json::Value item) {
    if (item.type() != json::Type::object) {
        refused.push_back({index, "", "is invalid (not an object)"});
        return;
    }
    api::FieldReader fields(item);
    std::unordered_set<std::string> asked;
    fields.note_asked(asked);
    QueueSettings settings{.organization = organization_, .name = fields.string("name").value_or("")};
    if (settings.name.empty() || characters(settings.name) > limits::queue_bytes)
        fields.wrong("name", fmt::format("must have 1 to {} characters", limits::queue_bytes));
    else if (!names_.insert(settings.name).second)
        fields.wrong("name", "is declared twice");
    read_change(fields)(settings);
    for (const char* state : {"paused", "draining"})
        if (!fields.raw(state).is_nothing())
            fields.wrong(state, "is a state, no definition; use pause, drain and resume of the queue");
    std::string wrong = api::wrong_fields(item, fields, asked, "a queue");
    if (wrong.empty()) return change(settings, false);
    refused.push_back({index, settings.name, std::move(wrong)});
}

void Planning::remove_others() {
    for (const QueueSettings& settings : book_.of(organization_)) {
        if (names_.contains(settings.name)) continue;
        const QueueSettings unset{.organization = organization_, .name = settings.name};
        if (declared_text(settings) != declared_text(unset)) change(unset, true);
    }
}

}  // namespace

void QueueDefinitions::write(json::Writer& writer, Id organization) const {
    const QueueSettings unset;
    writer.begin_array();
    for (const QueueSettings& settings : book_.of(organization)) {
        if (declared_text(settings) == declared_text(unset)) continue;
        writer.begin_object().key("name").string(settings.name);
        if (settings.concurrency != unset.concurrency) writer.key("concurrency").integer(settings.concurrency);
        if (settings.rate) api::write_rate(writer.key("rate"), settings.rate);
        if (settings.priority != unset.priority) writer.key("priority").integer(settings.priority);
        if (settings.on_failure != unset.on_failure) writer.key("on_failure").string(word(settings.on_failure));
        writer.end_object();
    }
    writer.end_array();
}

api::DefinitionPlan QueueDefinitions::plan(const api::Context& context, json::Value declared, bool prune) const {
    Planning planning(book_, context.caller.organization);
    std::size_t index = 0;
    for (const json::Value item : declared.elements()) planning.declare(index++, item);
    if (prune) planning.remove_others();
    return {.changes = std::move(planning.changes),
            .refused = std::move(planning.refused),
            .writes = [&book = book_, &engine = engine_, &context, wanted = std::move(planning.wanted)] {
                std::vector<std::unique_ptr<store::Write>> writes;
                for (const QueueSettings& to : wanted)
                    writes.push_back(
                        settings_write(book, engine,
                                       {.organization = to.organization,
                                        .name = to.name,
                                        .now = context.now,
                                        .change = [to](QueueSettings& settings) { settings = merged(settings, to); },
                                        .entry = api::audit_entry(context, "updated", "queue", to.name)},
                                       std::make_shared<QueueSettings>(), [](const Result<void>&) {}));
                return writes;
            }};
}

}  // namespace punkt::queues
