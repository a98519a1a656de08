#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace punkt::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

bool as_json = false;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out;
}

}  // namespace

void configure(Level level, Format format) {
    as_json = format == Format::json;
    auto logger = spdlog::stderr_color_mt("punkt");
    logger->set_pattern(as_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%v"})"
                                : "%Y-%m-%dT%H:%M:%S.%eZ %^%-5l%$ %v",
                        spdlog::pattern_time_type::utc);
    logger->set_level(to_spdlog(level));
    spdlog::set_default_logger(std::move(logger));
}

bool enabled(Level level) { return spdlog::should_log(to_spdlog(level)); }

void write(Level level, std::string_view message) {
    if (as_json)
        spdlog::log(to_spdlog(level), "{}", escaped(message));
    else
        spdlog::log(to_spdlog(level), "{}", message);
}

}  // namespace punkt::log
