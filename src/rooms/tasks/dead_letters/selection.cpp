#include "rooms/tasks/dead_letters/selection.h"

#include <fmt/format.h>

#include "base/time_text.h"

namespace punkt::tasks {
namespace {

using api::FieldReader;

std::optional<Timestamp> read_time(FieldReader& fields, const char* name) {
    const auto text = fields.string(name);
    if (!text) return std::nullopt;
    const auto at = parse_rfc3339(*text);
    if (!at) fields.wrong(name, "is invalid (an RFC 3339 date-time)");
    return at;
}

std::optional<int> read_code(FieldReader& fields) {
    constexpr const char* name = "status_code";
    const json::Value given = fields.raw(name);
    if (given.string() == "none") return 0;
    const auto code = fields.integer(name, 100, 599);
    return code ? std::optional(static_cast<int>(*code)) : std::nullopt;
}

bool is_empty(const store::DeadLetterFilter& filter) {
    return !filter.host && !filter.error && !filter.status && !filter.status_code && !filter.task && !filter.since &&
           !filter.until;
}

void read_ids(FieldReader& fields, const PublicIds& ids, std::vector<Id>& into) {
    const json::Value given = fields.raw("ids");
    if (given.is_nothing()) return;
    if (given.type() != json::Type::array) return fields.wrong("ids", "must be a list of execution ids");
    for (const json::Value& element : given.elements()) {
        const auto id = ids.parse(IdKind::execution, element.string().value_or(""));
        if (!id) return fields.wrong("ids", fmt::format("{} is no execution id", element.text().substr(0, 64)));
        into.push_back(*id);
    }
    if (into.empty()) fields.wrong("ids", "can't be blank");
    if (into.size() > redrive_max)
        fields.wrong("ids", fmt::format("has {} ids, at most {} are allowed in one call", into.size(), redrive_max));
}

}  // namespace

store::DeadLetterFilter read_dead_letter_filter(FieldReader& fields, const PublicIds& ids) {
    store::DeadLetterFilter filter{.host = fields.string("host"), .error = fields.string("error")};
    filter.status_code = read_code(fields);
    if (const auto word_given = fields.string("status")) {
        filter.status = status_from(*word_given);
        if (filter.status != Status::failed && filter.status != Status::timeout && filter.status != Status::expired)
            fields.wrong("status",
                         fmt::format("is invalid ('{}' is not one of failed, timeout, expired)", *word_given));
    }
    if (const auto task = fields.string("task_id")) {
        filter.task = ids.parse(IdKind::task, *task);
        if (!filter.task) fields.wrong("task_id", "is no task id");
    }
    filter.since = read_time(fields, "since");
    filter.until = read_time(fields, "until");
    filter.system = fields.boolean("system").value_or(false);
    return filter;
}

Result<Selection> read_selection(FieldReader& fields, const PublicIds& ids) {
    Selection selection{.filter = read_dead_letter_filter(fields, ids)};
    read_ids(fields, ids, selection.executions);
    const bool all = fields.boolean("all").value_or(false);
    const bool has_filter = !is_empty(selection.filter);
    const bool has_ids = fields.has("ids");
    if (has_ids && (has_filter || all)) fields.wrong("ids", "cannot be given together with a filter or all");
    if (!has_ids && !has_filter && !all)
        fields.wrong("ids",
                     "can't be blank (or a filter: host, status, status_code, error, task_id, since, until; or "
                     "all: true)");
    if (const auto limit = fields.integer("limit", 1, redrive_max)) selection.limit = static_cast<int>(*limit);
    if (!fields.is_clean()) return fields.error();
    return selection;
}

}  // namespace punkt::tasks
