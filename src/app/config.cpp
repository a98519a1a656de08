#include "app/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "app/config_file.h"
#include "app/config_keys.h"
#include "app/config_plans.h"
#include "base/text.h"

extern char** environ;

namespace punkt::app {
namespace {

constexpr std::size_t config_file_bytes_max = 1024 * 1024;
constexpr std::size_t secret_file_bytes_max = 64 * 1024;
constexpr std::size_t master_key_bytes_wise = 16;

/// Names that begin with PUNKT_ and are no setting of the server.
constexpr std::string_view other_punkt_names[] = {"PUNKT_CONFIG", "PUNKT_URL", "PUNKT_API_KEY"};

/// What other systems read and Punkt has no use for: contract qron.md §9, tiktak.md §7.
constexpr std::string_view ignored_names[] = {"DATABASE_URL",         "REDIS_HOST",           "REDIS_PORT",
                                              "TIKTAK_REPO_DATABASE", "TIKTAK_REPO_USERNAME", "TIKTAK_REPO_PASSWORD",
                                              "TIKTAK_REPO_HOSTNAME"};

bool begins_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
    const auto meant = nearest(name, known);
    return meant ? fmt::format(", did you mean {}?", *meant) : "; `punkt config` lists all";
}

class Loader {
  public:
    explicit Loader(const ConfigSources& sources) : sources_(sources) {
        for (const auto& [name, value] : sources.environment) environment_.emplace(name, value);
    }

    Result<Config> load() {
        for (const auto& key : config_table())
            config_.settings.push_back(
                {.name = std::string(key.name), .value = key.default_text(), .origin = "default"});
        for (const auto& [name, value] : sources_.defaults) set(name, value, "default of this command");
        read_file();
        read_environment();
        read_flags();
        if (auto fine = check_plans(config_); !fine) problems_.push_back(fine.error().message);
        if (!config_.mail.server.empty() && config_.mail.from.empty())
            problems_.emplace_back("mail.from must be set with mail.server: the address that e-mails come from");
        add_notices();
        if (problems_.empty()) return std::move(config_);
        return Error{ErrorKind::invalid, fmt::format("{}", fmt::join(problems_, "\n"))};
    }

  private:
    void set(std::string_view name, const std::string& value, const std::string& origin) {
        const Key* key = find_key(name);
        if (key == nullptr && is_plan_setting(name)) {
            if (auto fine = assign_plan(name, value, config_); !fine)
                problems_.push_back(
                    fmt::format("{} {}; {} says \"{}\"", name, fine.error().message, origin, value.substr(0, 200)));
            else
                config_.plans.settings.push_back({.name = std::string(name), .value = value, .origin = origin});
            return;
        }
        if (key == nullptr) {
            std::vector<std::string> known;
            for (const auto& one : config_table()) known.emplace_back(one.name);
            problems_.push_back(
                fmt::format("{} ({}) is not a known setting{}", name, origin, did_you_mean(std::string(name), known)));
            return;
        }
        if (auto fine = assign(*key, value, config_); !fine) {
            problems_.push_back(
                fmt::format("{} {}; {} says \"{}\"", name, fine.error().message, origin, shown(*key, value)));
            return;
        }
        auto& setting = config_.settings[static_cast<std::size_t>(key - config_table().data())];
        setting.value = value;
        setting.origin = origin;
    }

    std::optional<std::string> file_name() const {
        if (sources_.file) return sources_.file;
        const auto named = environment_.find("PUNKT_CONFIG");
        if (named != environment_.end() && !named->second.empty()) return named->second;
        std::error_code unused;
        if (std::filesystem::exists("punkt.toml", unused)) return "punkt.toml";
        return std::nullopt;
    }

    void read_file() {
        const auto path = file_name();
        if (!path) return;
        auto text = read_small_file(*path, config_file_bytes_max);
        if (!text) return problems_.push_back(text.error().message);
        auto values = parse_config_file(*text);
        if (!values) return problems_.push_back(fmt::format("{}: {}", *path, values.error().message));
        std::set<std::string> seen;
        for (const auto& value : *values) {
            const std::string origin = fmt::format("{} line {}", *path, value.line);
            if (!seen.insert(value.name).second)
                problems_.push_back(fmt::format("{} is set twice, the second time in {}", value.name, origin));
            set(value.name, value.value, origin);
        }
        config_.file = *path;
    }

    void read_environment() {
        std::set<std::string> known;
        for (const auto& key : config_table()) {
            // The other names first: where both are set, Punkt's own wins.
            for (const auto& name : key.other_names) read_variable(key, std::string(name), known);
            read_variable(key, key.environment_name(), known);
        }
        for (const auto& name : other_punkt_names) known.emplace(name);
        const std::vector<std::string> names(known.begin(), known.end());
        for (const auto& [name, value] : environment_)
            if (begins_with(name, "PUNKT_") && !known.contains(name))
                problems_.push_back(
                    fmt::format("{} in the environment is not a known setting{}", name, did_you_mean(name, names)));
    }

    /// An empty variable counts as not set, as compose files leave them.
    void read_variable(const Key& key, const std::string& name, std::set<std::string>& known) {
        const std::string file_variable = name + "_FILE";
        known.insert(name);
        known.insert(file_variable);
        const std::string value = variable(name);
        const std::string path = variable(file_variable);
        if (!value.empty() && !path.empty()) {
            problems_.push_back(fmt::format("{} and {} are both set; one of them is enough", name, file_variable));
        } else if (!value.empty()) {
            set(key.name, value, "environment " + name);
        } else if (!path.empty()) {
            auto content = read_small_file(path, secret_file_bytes_max);
            if (!content) return problems_.push_back(fmt::format("{}: {}", file_variable, content.error().message));
            set(key.name, std::string(trimmed(*content)), fmt::format("environment {} ({})", file_variable, path));
        }
    }

    std::string variable(const std::string& name) const {
        const auto found = environment_.find(name);
        return found == environment_.end() ? "" : found->second;
    }

    void read_flags() {
        for (const auto& [name, value] : sources_.flags) {
            const Key* key = find_key(name);
            set(name, value, "flag " + (key == nullptr ? name : key->flag_name()));
        }
    }

    void add_notices() {
        for (const auto name : ignored_names)
            if (!variable(std::string(name)).empty())
                config_.notices.push_back(
                    fmt::format("{} is accepted and ignored: Punkt keeps everything in its own database in {}", name,
                                config_.data.directory));
        for (const auto& [name, value] : environment_) {
            const bool is_ours = begins_with(name, "QRON_") || begins_with(name, "TIKTAK_");
            if (is_ours && !is_known_elsewhere(name))
                config_.notices.push_back(fmt::format("{} is not known and ignored", name));
        }
        if (!config_.master_key.empty() && config_.master_key.size() < master_key_bytes_wise)
            config_.notices.push_back(
                fmt::format("the master key has {} characters; {} or more, at random, are hard to guess",
                            config_.master_key.size(), master_key_bytes_wise));
    }

    static bool is_known_elsewhere(const std::string& name) {
        if (std::find(std::begin(ignored_names), std::end(ignored_names), name) != std::end(ignored_names)) return true;
        return std::any_of(config_table().begin(), config_table().end(), [&](const Key& key) {
            return std::any_of(key.other_names.begin(), key.other_names.end(), [&](std::string_view other) {
                return name == other || name == std::string(other) + "_FILE";
            });
        });
    }

    const ConfigSources& sources_;
    std::map<std::string, std::string> environment_;
    Config config_;
    std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> process_environment() {
    std::vector<std::pair<std::string, std::string>> out;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return out;
}

Result<Config> load_config(const ConfigSources& sources) { return Loader(sources).load(); }

}  // namespace punkt::app
