// The one global: structured lines on stderr (logs never go to stdout, which is for data).
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace punkt::log {

enum class Level { debug, info, warn, error };
enum class Format { text, json };

/// Call before other threads log. Until then: info, as text.
void configure(Level level, Format format);
bool enabled(Level level);
void write(Level level, std::string_view message);

/// What belongs to a line and is looked for: {{"request_id", id}, {"status", "500"}}. As text `key=value` behind the
/// message, as JSON members of their own. No secrets.
using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;
void write(Level level, std::string_view message, Fields fields);

/// One line without its end, as `write` prints it after time and level. Bytes that would break a line or that a
/// terminal would obey are escaped; JSON is always valid UTF-8.
std::string line(Format format, std::string_view message, Fields fields = {});

template <class... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::debug)) write(Level::debug, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::info)) write(Level::info, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::warn)) write(Level::warn, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> text, Args&&... args) {
    if (enabled(Level::error)) write(Level::error, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace punkt::log
