#include "app/config_file.h"

#include <fmt/format.h>

#include <toml++/toml.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

namespace punkt::app {
namespace {

/// A scalar as the text that the environment would carry; nothing for everything else.
std::optional<std::string> scalar_text(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return fmt::to_string(number->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    if (const auto* real = node.as_floating_point()) return fmt::to_string(real->get());
    return std::nullopt;
}

std::optional<std::string> list_text(const toml::array& list) {
    std::string out;
    for (const auto& element : list) {
        const auto text = scalar_text(element);
        if (!text) return std::nullopt;
        if (!out.empty()) out += ',';
        out += *text;
    }
    return out;
}

/// Depth is bounded by the parser (256 levels).
Result<void> flatten(const toml::table& table, const std::string& prefix, std::vector<FileValue>& values) {
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        if (const auto* inner = node.as_table()) {
            if (auto fine = flatten(*inner, name + ".", values); !fine) return fine;
            continue;
        }
        const int line = static_cast<int>(node.source().begin.line);
        const auto* list = node.as_array();
        auto value = list != nullptr ? list_text(*list) : scalar_text(node);
        if (!value)
            return Error{ErrorKind::invalid, fmt::format("line {}: {} must be a text, a number, true, false or a list "
                                                         "of these",
                                                         line, name)};
        values.push_back({.name = name, .value = std::move(*value), .line = line});
    }
    return {};
}

}  // namespace

Result<std::vector<FileValue>> parse_config_file(std::string_view text) {
    // Debian builds the library with exceptions; they end here.
    try {
        std::vector<FileValue> values;
        if (auto fine = flatten(toml::parse(text), "", values); !fine) return fine.error();
        return values;
    } catch (const toml::parse_error& error) {
        return Error{ErrorKind::invalid, fmt::format("line {}, column {}: {}", error.source().begin.line,
                                                     error.source().begin.column, error.description())};
    }
}

Result<std::string> read_small_file(const std::string& path, std::size_t bytes_max) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) return Error{ErrorKind::invalid, fmt::format("cannot read {}: {}", path, std::strerror(errno))};
    std::string text(bytes_max + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0)
        return Error{ErrorKind::invalid, fmt::format("cannot read {}: {}", path, std::strerror(errno))};
    if (text.size() > bytes_max)
        return Error{ErrorKind::invalid, fmt::format("{} is larger than {} bytes", path, bytes_max)};
    return text;
}

}  // namespace punkt::app
