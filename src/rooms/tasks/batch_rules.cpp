#include "rooms/tasks/batch_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "rooms/tasks/once_rules.h"
#include "rooms/tasks/timing_rules.h"

namespace punkt::tasks {
namespace {

using api::FieldReader;

Error wrong_parameter(std::string message) { return {ErrorKind::invalid, std::move(message), "invalid_params"}; }

/// The list, checked as the contract does: a list, not empty, not too long.
Result<std::vector<json::Value>> read_list(FieldReader& fields, std::string_view name, const Rules& rules) {
    const json::Value list = fields.raw(name);
    if (list.type() != json::Type::array) return wrong_parameter(fmt::format("{} must be a list", name));
    auto elements = list.elements();
    if (elements.empty()) return wrong_parameter(fmt::format("{} must not be empty", name));
    if (static_cast<int>(elements.size()) > rules.batch_items_max)
        return wrong_parameter(
            fmt::format("{} has {} elements, at most {} are allowed", name, elements.size(), rules.batch_items_max));
    return elements;
}

/// `run_at` wins over `delay`, and may lie in the past (runlater-api.md §3).
Result<Timestamp> read_due(FieldReader& fields, Timestamp now) {
    if (const json::Value run_at = either(fields, "run_at", "scheduled_at"); decides(run_at))
        return read_instant(run_at);
    const json::Value delay = fields.raw("delay");
    if (!decides(delay)) return now;
    const auto wait = read_delay(delay);
    if (!wait) return wait.error();
    return now + *wait;
}

std::optional<Error> missing_in(FieldReader& fields, const Rules& rules) {
    const auto text = [&](std::string_view name) { return fields.raw(name).string().value_or(""); };
    const auto is_blank = [](std::string_view value) {
        return value.find_first_not_of(" \t\r\n") == std::string_view::npos;
    };
    if (is_blank(text("url"))) return wrong_parameter("url can't be blank");
    const bool is_unordered = fields.boolean("unordered").value_or(false);
    if (is_blank(text("queue")) && !is_unordered)
        return wrong_parameter(
            "queue can't be blank: name the queue in which the items run one after the other, or say "
            "\"unordered\": true");
    if (const auto wrong = wrong_with_url(text("url"), rules)) return wrong_parameter("url " + *wrong);
    return std::nullopt;
}

bool has_content_type(const Task& task) {
    return std::any_of(task.headers.begin(), task.headers.end(), [](const auto& header) {
        constexpr std::string_view wanted = "content-type";
        return std::equal(header.first.begin(), header.first.end(), wanted.begin(), wanted.end(),
                          [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    });
}

/// Many bodies for one target. What the items share is read and checked once.
Result<std::vector<BatchItem>> read_items(FieldReader& fields, const Rules& rules, Timestamp now) {
    const auto elements = read_list(fields, "items", rules);
    if (!elements) return elements.error();
    if (const auto missing = missing_in(fields, rules)) return *missing;
    const auto due = read_due(fields, now);
    if (!due) return due.error();
    const auto once = read_once(fields);
    const auto of_text = one_time_task(fields, rules, now, *due);
    if (!of_text) return of_text.error();
    Task of_json = *of_text;
    if (!has_content_type(of_json)) of_json.headers.emplace_back("content-type", "application/json");
    std::vector<BatchItem> items(elements->size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        const json::Value element = (*elements)[i];
        const auto text = element.string();
        Task& task = items[i].task.emplace(text ? *of_text : of_json);
        task.body = text ? std::string(*text) : element.text();
        items[i].once = once;
        if (task.body->size() <= rules.body_bytes_max) continue;
        FieldReader item{json::Value()};
        item.wrong("body", fmt::format("must be less than {}KB", rules.body_bytes_max / 1024));
        items[i] = {.wrong = item.error()};
    }
    return items;
}

Result<std::vector<BatchItem>> read_tasks(FieldReader& fields, json::Value shared, const Rules& rules, Timestamp now) {
    const auto elements = read_list(fields, "tasks", rules);
    if (!elements) return elements.error();
    // Beside a task's own time it would be unclear which of them holds.
    for (const char* time : {"cron", "cron_expression", "delay", "run_at", "scheduled_at"})
        if (!shared[time].is_nothing()) fields.wrong(time, "belongs into each task");
    std::vector<BatchItem> items(elements->size());
    std::set<std::string> keys;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const json::Value element = (*elements)[i];
        if (element.type() != json::Type::object) {
            items[i].wrong = Error{ErrorKind::invalid, "the task is no JSON object", "validation_error"};
            continue;
        }
        FieldReader item(element, shared);
        items[i].once = read_once(item);
        auto task = new_task(item, rules, now);
        if (task && !task->key.empty() && !keys.insert(task->key).second) {
            item.wrong("key", "is given to another task of this batch");
            task = item.error();
        }
        if (task)
            items[i].task = std::move(*task);
        else
            items[i].wrong = task.error();
    }
    return items;
}

/// All that is wrong with the items of a batch that is created whole or not at all.
std::optional<Error> wrong_with_items(const std::vector<BatchItem>& items, std::string_view list) {
    FieldReader all{json::Value()};
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!items[i].wrong) continue;
        const std::string place = fmt::format("{}[{}]", list, i);
        for (const auto& [field, message] : items[i].wrong->fields) all.wrong(place + "." + field, message);
        if (items[i].wrong->fields.empty()) all.wrong(place, items[i].wrong->message);
    }
    return all.is_clean() ? std::nullopt : std::optional(all.error());
}

}  // namespace

Result<Batch> read_batch(api::FieldReader& fields, json::Value shared, const Rules& rules, Timestamp now) {
    const bool has_tasks = !fields.raw("tasks").is_nothing();
    if (has_tasks && !fields.raw("items").is_nothing())
        return wrong_parameter("items and tasks cannot be given together");
    Batch batch{.has_one_target = !has_tasks};
    const auto mode = fields.string("mode").value_or("atomic");
    if (mode != "atomic" && mode != "partial")
        return wrong_parameter(fmt::format("mode must be atomic or partial, not {}", json::quoted(mode)));
    batch.is_partial = mode == "partial";
    batch.wants_ids = fields.boolean("ids").value_or(false);
    auto items = has_tasks ? read_tasks(fields, shared, rules, now) : read_items(fields, rules, now);
    if (!items) return items.error();
    if (!fields.is_clean()) return fields.error();
    batch.items = std::move(*items);
    if (!batch.is_partial)
        if (const auto wrong = wrong_with_items(batch.items, has_tasks ? "tasks" : "items")) return *wrong;
    return batch;
}

}  // namespace punkt::tasks
