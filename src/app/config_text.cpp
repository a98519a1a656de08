// How settings are shown: on the terminal, as JSON, and as the reference page.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

#include "app/config_keys.h"
#include "app/config_plans.h"
#include "app/text_table.h"
#include "base/json.h"

namespace punkt::app {

std::string shown(const Key& key, const std::string& value) {
    if (!key.secret || value.empty()) return value;
    return "****";
}

std::string settings_table(const Config& config) {
    TextTable table({"NAME", "VALUE", "UNIT", "ORIGIN"});
    for (std::size_t i = 0; i < config.settings.size(); ++i) {
        const Key& key = config_table()[i];
        const Setting& setting = config.settings[i];
        table.add({std::string(key.name), shown(key, setting.value), std::string(key.unit), setting.origin});
    }
    for (const Setting& setting : config.plans.settings) table.add({setting.name, setting.value, "", setting.origin});
    return table.text();
}

std::string settings_json(const Config& config) {
    json::Writer writer;
    writer.begin_array();
    for (std::size_t i = 0; i < config.settings.size(); ++i) {
        const Key& key = config_table()[i];
        writer.begin_object().key("name").string(key.name);
        writer.key("value").string(shown(key, config.settings[i].value));
        writer.key("unit").string(key.unit);
        writer.key("origin").string(config.settings[i].origin).end_object();
    }
    for (const Setting& setting : config.plans.settings) {
        writer.begin_object().key("name").string(setting.name).key("value").string(setting.value);
        writer.key("unit").string("").key("origin").string(setting.origin).end_object();
    }
    writer.end_array();
    return writer.take() + "\n";
}

std::string settings_reference() {
    std::string out = R"(# Settings

Written by `punkt config --markdown`; a test compares. A value comes from its default, then the file, then the
environment, then a flag; the later one wins. Every source is checked in full before anything starts: an unknown name
or a value outside its range ends Punkt with exit code 78 and one line for each mistake.

- **File**: TOML. `--config FILE`, else `PUNKT_CONFIG`, else `./punkt.toml` if it is there. `server.port` is `port` in the table `[server]`.
- **Environment**: the names below. With `_FILE` at its end a variable names a file that holds the value. An empty variable counts as not set.
- **Flags**: of `punkt serve`, `punkt dev`, `punkt config` and `punkt doctor`. Secrets have none, because command lines are visible to every user of a machine.

`punkt config` prints each setting with its value, unit and origin. `DATABASE_URL`, `REDIS_HOST`, `REDIS_PORT` and
`TIKTAK_REPO_*` are accepted and ignored with a notice in the log.

)";
    for (const auto& key : config_table()) {
        std::vector<std::string> variables = {fmt::format("`{}`", key.environment_name())};
        for (const auto& name : key.other_names) variables.push_back(fmt::format("`{}`", name));
        const std::string value = key.default_text();
        fmt::format_to(std::back_inserter(out), "## `{}`\n\n{}\n\n| | |\n|---|---|\n", key.name, key.help);
        fmt::format_to(std::back_inserter(out), "| Value | {}{}{} |\n", key.type_text(),
                       key.unit.empty() ? "" : ", in ", key.unit);
        fmt::format_to(std::back_inserter(out), "| Default | {} |\n", value.empty() ? "empty" : "`" + value + "`");
        fmt::format_to(std::back_inserter(out), "| Environment | {} |\n", fmt::join(variables, ", "));
        std::string flags = key.secret ? "none, it is a secret" : "`" + key.flag_name() + "`";
        if (!key.short_flag.empty()) flags += fmt::format(", `{}`", key.short_flag);
        fmt::format_to(std::back_inserter(out), "| Flag | {} |\n\n", flags);
    }
    return out + plans_reference();
}

}  // namespace punkt::app
