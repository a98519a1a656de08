#include "api/field_reader.h"

#include <fmt/format.h>

#include <charconv>

namespace punkt::api {
namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::string> FieldReader::string(std::string_view name) {
    const json::Value value = raw(name);
    if (value.is_nothing()) return std::nullopt;
    const auto text = value.string();
    if (!text) {
        wrong(name, "is invalid");
        return std::nullopt;
    }
    if (is_blank(*text)) return std::nullopt;
    return std::string(*text);
}

std::optional<std::int64_t> FieldReader::integer(std::string_view name) {
    const json::Value value = raw(name);
    if (value.is_nothing()) return std::nullopt;
    if (const auto whole = value.integer()) return whole;
    if (const auto text = value.string()) {
        if (is_blank(*text)) return std::nullopt;
        if (const auto whole = parse_number<std::int64_t>(*text)) return whole;
    }
    wrong(name, "is invalid");
    return std::nullopt;
}

std::optional<std::int64_t> FieldReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
    const auto value = integer(name);
    if (!value || (*value >= min && *value <= max)) return value;
    wrong(name, *value < min ? fmt::format("must be greater than or equal to {}", min)
                             : fmt::format("must be less than or equal to {}", max));
    return std::nullopt;
}

std::optional<double> FieldReader::number(std::string_view name, double min, double max) {
    const json::Value value = raw(name);
    if (value.is_nothing()) return std::nullopt;
    auto found = value.number();
    if (const auto text = value.string(); text && !is_blank(*text)) found = parse_number<double>(*text);
    if (!found) {
        wrong(name, "is invalid");
    } else if (!(*found >= min && *found <= max)) {
        wrong(name, *found < min ? fmt::format("must be greater than or equal to {}", min)
                                 : fmt::format("must be less than or equal to {}", max));
        return std::nullopt;
    }
    return found;
}

std::optional<bool> FieldReader::boolean(std::string_view name) {
    const json::Value value = raw(name);
    if (value.is_nothing()) return std::nullopt;
    if (const auto flag = value.boolean()) return flag;
    const auto text = value.string().value_or("");
    if (text == "true" || text == "1" || value.integer() == 1) return true;
    if (text == "false" || text == "0" || value.integer() == 0) return false;
    if (!value.string() || !is_blank(text)) wrong(name, "is invalid");
    return std::nullopt;
}

Error FieldReader::error() const {
    Error error{ErrorKind::invalid, "", "validation_error", errors_};
    for (const auto& [field, message] : errors_) {
        if (!error.message.empty()) error.message += "; ";
        error.message += fmt::format("{} {}", field, message);
    }
    return error;
}

}  // namespace punkt::api
