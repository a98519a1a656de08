#include "rooms/events/subscription_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "core/url.h"

namespace punkt::events {
namespace {

/// A list of patterns, or one text with commas, as one text.
std::optional<std::string> types_text(api::FieldReader& fields) {
    const json::Value given = fields.raw("types");
    if (given.is_nothing()) return std::nullopt;
    if (given.type() != json::Type::array) return fields.string("types");
    std::string text;
    for (const json::Value element : given.elements()) {
        const auto pattern = element.string();
        if (!pattern) {
            fields.wrong("types", "is invalid");
            return std::nullopt;
        }
        text += (text.empty() ? "" : ",") + std::string(*pattern);
    }
    return text;
}

std::string without_blanks(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
    return text;
}

void read_types(api::FieldReader& fields, Subscription& subscription) {
    const auto text = types_text(fields);
    if (!text) return;
    const auto types = event_types_from(*text);
    const auto started = static_cast<std::size_t>(EventType::execution_started);
    if (text->size() > subscription_types_bytes_max)
        fields.wrong("types", fmt::format("should be at most {} character(s)", subscription_types_bytes_max));
    else if (!types)
        fields.wrong("types", "is invalid (" + types.error().message + ")");
    else if (types->count() == 1 && types->test(started))
        fields.wrong("types", "is invalid (execution.started is only on the stream of events)");
    else
        subscription.types = without_blanks(*text);
}

}  // namespace

Result<void> read_subscription(api::FieldReader& fields, const net::AddressGuard& guard, Subscription& subscription) {
    if (const auto url = fields.string("url")) subscription.url = *url;
    if (subscription.url.empty()) {
        fields.wrong("url", "can't be blank");
    } else if (subscription.url.size() > limits::url_bytes) {
        fields.wrong("url", fmt::format("should be at most {} character(s)", limits::url_bytes));
    } else if (const auto url = parse_url(subscription.url); !url) {
        fields.wrong("url", url.error().message);
    } else if (const auto refused = net::refused_literal(*url, guard)) {
        fields.wrong("url", *refused);
    }
    read_types(fields, subscription);
    if (const auto enabled = fields.boolean("enabled")) set_enabled(subscription, *enabled);
    return fields.is_clean() ? Result<void>() : Result<void>(fields.error());
}

void write_types(json::Writer& writer, const Subscription& subscription) {
    writer.begin_array();
    std::string_view rest = subscription.types;
    while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        writer.string(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    writer.end_array();
}

}  // namespace punkt::events
