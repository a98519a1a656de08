#include "app/config_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace punkt::app {
namespace {

Result<void> assign_text(const Key& key, std::string& place, const std::string& value) {
    if (value.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos)
        return Error{ErrorKind::invalid, "must be one line"};
    if (!key.choices.empty() && std::find(key.choices.begin(), key.choices.end(), value) == key.choices.end())
        return Error{ErrorKind::invalid, fmt::format("must be {}", key.type_text())};
    if (key.examine != nullptr)
        if (auto fine = key.examine(value); !fine) return fine;
    place = value;
    return {};
}

Result<void> assign_number(const Key& key, std::int64_t& place, const std::string& value) {
    std::int64_t number = 0;
    const char* end = value.data() + value.size();
    const auto [rest, problem] = std::from_chars(value.data(), end, number);
    const bool is_number = problem == std::errc{} && rest == end;
    if (!is_number || number < key.min || number > key.max)
        return Error{ErrorKind::invalid,
                     fmt::format("must be a {}{}{}", key.type_text(), key.unit.empty() ? "" : " ", key.unit)};
    place = number;
    return {};
}

Result<void> assign_flag(bool& place, const std::string& value) {
    const std::string word = lower_case(value);
    if (word == "true" || word == "1" || word == "yes" || word == "on")
        place = true;
    else if (word == "false" || word == "0" || word == "no" || word == "off")
        place = false;
    else
        return Error{ErrorKind::invalid, "must be true or false (1 or 0, yes or no, on or off)"};
    return {};
}

}  // namespace

const Key* find_key(std::string_view name) {
    for (const auto& key : config_table())
        if (key.name == name) return &key;
    return nullptr;
}

std::string Key::environment_name() const {
    std::string out = "PUNKT_" + upper_case(name);
    std::replace(out.begin(), out.end(), '.', '_');
    return out;
}

std::string Key::flag_name() const {
    if (secret) return {};
    std::string out = "--" + std::string(name);
    std::replace(out.begin(), out.end(), '.', '-');
    std::replace(out.begin(), out.end(), '_', '-');
    return out;
}

std::string Key::type_text() const {
    if (std::holds_alternative<NumberTarget>(target)) return fmt::format("whole number from {} to {}", min, max);
    if (std::holds_alternative<FlagTarget>(target)) return "true or false";
    if (!choices.empty()) return fmt::format("one of {}", fmt::join(choices, ", "));
    return "text";
}

std::string Key::default_text() const {
    Config defaults;
    if (const auto* number = std::get_if<NumberTarget>(&target)) return fmt::to_string((*number)(defaults));
    if (const auto* flag = std::get_if<FlagTarget>(&target)) return (*flag)(defaults) ? "true" : "false";
    return std::get<TextTarget>(target)(defaults);
}

Result<void> assign(const Key& key, const std::string& value, Config& config) {
    if (const auto* number = std::get_if<NumberTarget>(&key.target))
        return assign_number(key, (*number)(config), value);
    if (const auto* flag = std::get_if<FlagTarget>(&key.target)) return assign_flag((*flag)(config), value);
    return assign_text(key, std::get<TextTarget>(key.target)(config), value);
}

}  // namespace punkt::app
