#include "rooms/tasks/limit_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/rate_field.h"

namespace punkt::tasks {
namespace {

std::optional<KeyLimit> read_limit(api::FieldReader& fields, std::string_view field, json::Value value) {
    if (value.type() != json::Type::object) {
        fields.wrong(field, "must hold objects with key, concurrency and rate");
        return std::nullopt;
    }
    api::FieldReader members(value);
    KeyLimit limit{.key = members.string("key").value_or("")};
    if (limit.key.empty())
        members.wrong("key", "can't be blank");
    else if (limit.key.size() > limit_key_bytes_max)
        members.wrong("key", fmt::format("should be at most {} byte(s)", limit_key_bytes_max));
    else if (std::any_of(limit.key.begin(), limit.key.end(),
                         [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        members.wrong("key", "is invalid (it has control characters)");
    if (const auto count = members.integer("concurrency", 1, limit_concurrency_max))
        limit.concurrency = static_cast<int>(*count);
    if (const json::Value rate = value["rate"]; !rate.is_nothing()) limit.rate = api::read_rate(members, "rate", rate);
    if (members.is_clean() && limit.concurrency == 0 && !limit.rate)
        members.wrong("concurrency", "can't be blank without a rate");
    for (const auto& [member, message] : members.errors()) fields.wrong(fmt::format("{}.{}", field, member), message);
    return members.is_clean() ? std::optional(std::move(limit)) : std::nullopt;
}

}  // namespace

void read_limits(api::FieldReader& fields, Task& task) {
    const bool one = fields.has("limit");
    const bool many = fields.has("limits");
    if (!one && !many) return;
    if (one && many) return fields.wrong("limit", "cannot be given together with limits");
    const std::string_view field = one ? "limit" : "limits";
    const json::Value value = fields.raw(field);
    std::vector<KeyLimit> limits;
    if (value.type() == json::Type::object && one) {
        if (auto limit = read_limit(fields, field, value)) limits.push_back(std::move(*limit));
    } else if (value.type() == json::Type::array) {
        const auto elements = value.elements();
        if (elements.size() > key_limits_max)
            return fields.wrong(field, fmt::format("should have at most {} item(s)", key_limits_max));
        for (const json::Value element : elements) {
            auto limit = read_limit(fields, field, element);
            if (!limit) return;
            if (std::any_of(limits.begin(), limits.end(),
                            [&](const KeyLimit& other) { return other.key == limit->key; }))
                return fields.wrong(field, fmt::format("names the key '{}' twice", limit->key));
            limits.push_back(std::move(*limit));
        }
    } else if (!value.is_nothing()) {
        return fields.wrong(field, "must be an object with key, concurrency and rate, or a list of them");
    }
    task.key_limits = std::move(limits);
}

void write_limits(json::Writer& writer, const std::vector<KeyLimit>& limits) {
    writer.begin_array();
    for (const KeyLimit& limit : limits) {
        writer.begin_object().key("key").string(limit.key).key("concurrency");
        limit.concurrency > 0 ? writer.integer(limit.concurrency) : writer.null();
        api::write_rate(writer.key("rate"), limit.rate);
        writer.end_object();
    }
    writer.end_array();
}

}  // namespace punkt::tasks
