#include "rooms/tasks/key_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/utf8.h"
#include "store/task_keys.h"

namespace punkt::tasks {

void read_key(api::FieldReader& fields, Task& task) {
    if (!fields.has("key")) return;
    task.key = fields.string("key").value_or("");
    if (characters(task.key) > key_characters_max)
        fields.wrong("key", fmt::format("should be at most {} character(s)", key_characters_max));
    if (std::any_of(task.key.begin(), task.key.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        fields.wrong("key", "is invalid (it has control characters)");
}

Error with_public_winner(Error error, const PublicIds& ids) {
    if (error.code != store::code_key_taken) return error;
    for (FieldError& field : error.fields) {
        Id task = 0;
        const auto& text = field.message;
        if (field.field == "task_id" && std::from_chars(text.data(), text.data() + text.size(), task).ec == std::errc())
            field.message = ids.uuid(IdKind::task, task);
    }
    return error;
}

}  // namespace punkt::tasks
