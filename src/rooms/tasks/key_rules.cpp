#include "rooms/tasks/key_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"

namespace punkt::tasks {

void read_key(api::FieldReader& fields, Task& task) {
    if (!fields.has("key")) return;
    task.key = fields.string("key").value_or("");
    if (characters(task.key) > key_characters_max)
        fields.wrong("key", fmt::format("should be at most {} character(s)", key_characters_max));
    if (std::any_of(task.key.begin(), task.key.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        fields.wrong("key", "is invalid (it has control characters)");
}

}  // namespace punkt::tasks
