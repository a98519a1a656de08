// The one table that describes every setting: `punkt config`, the reference page, flags, environment names, ranges and
// error texts all come from it.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config.h"

namespace punkt::app {

using TextTarget = std::string& (*)(Config&);
using NumberTarget = std::int64_t& (*)(Config&);
using FlagTarget = bool& (*)(Config&);

struct Key {
    std::string_view name;
    std::variant<TextTarget, NumberTarget, FlagTarget> target;  // decides the type
    std::string_view help;
    std::string_view unit = {};
    std::int64_t min = 0;  // numbers only
    std::int64_t max = 0;
    std::vector<std::string_view> choices = {};      // text only; empty: any
    std::vector<std::string_view> other_names = {};  // further environment names
    std::string_view short_flag = {};
    bool secret = false;  // masked, and no flag: command lines are visible to every user
    Result<void> (*examine)(const std::string&) = nullptr;  // text only: a rule beyond `choices`

    /// "PUNKT_SERVER_PORT"
    std::string environment_name() const;
    /// "--server-port"; empty for a secret
    std::string flag_name() const;
    /// "whole number from 0 to 65535", "text", "one of text, json", "true or false"
    std::string type_text() const;
    std::string default_text() const;
};

/// Every setting, in the order in which it is shown. Defined in config_table.cpp.
const std::vector<Key>& config_table();
/// Nothing when there is no such key.
const Key* find_key(std::string_view name);

/// Puts `value` in its place. Errors: `invalid`, a sentence part that follows the name: "must be …".
Result<void> assign(const Key& key, const std::string& value, Config& config);

/// "****" for a secret that is set, else the value.
std::string shown(const Key& key, const std::string& value);

/// `punkt config`: name, value, unit and origin in columns.
std::string settings_table(const Config& config);
/// The same as a JSON array.
std::string settings_json(const Config& config);
/// docs/reference/config.md
std::string settings_reference();

}  // namespace punkt::app
