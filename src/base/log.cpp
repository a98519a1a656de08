#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <iterator>
#include <memory>

#include "base/json.h"

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

struct Logging {
    Format format = Format::text;
    std::unique_ptr<spdlog::logger> logger;
};

Logging make(Level level, Format format) {
    // Not spdlog's registry and default logger: that one writes to stdout.
    auto logger = std::make_unique<spdlog::logger>("punkt", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    logger->set_pattern(format == Format::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                               : "%Y-%m-%dT%H:%M:%S.%eZ %^%-5l%$ %v",
                        spdlog::pattern_time_type::utc);
    logger->set_level(to_spdlog(level));
    return {.format = format, .logger = std::move(logger)};
}

Logging& logging() {
    static Logging current = make(Level::info, Format::text);
    return current;
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            out += "\\n";
        else if (byte < 0x20 || byte == 0x7F)
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
        else
            out += c;
    }
}

}  // namespace

void configure(Level level, Format format) { logging() = make(level, format); }

bool enabled(Level level) { return logging().logger->should_log(to_spdlog(level)); }

std::string line(Format format, std::string_view message, Fields fields) {
    std::string out;
    if (format == Format::json) {
        out = "\"message\":" + json::quoted(message);
        for (const auto& [key, value] : fields) out += "," + json::quoted(key) + ":" + json::quoted(value);
        return out;
    }
    append_escaped(out, message);
    for (const auto& [key, value] : fields) {
        const bool needs_quotes = value.empty() || value.find_first_of(" \"=") != std::string_view::npos;
        fmt::format_to(std::back_inserter(out), " {}=", key);
        append_escaped(out, needs_quotes ? json::quoted(value) : std::string(value));
    }
    return out;
}

void write(Level level, std::string_view message, Fields fields) {
    auto& [format, logger] = logging();
    if (logger->should_log(to_spdlog(level))) logger->log(to_spdlog(level), "{}", line(format, message, fields));
}

void write(Level level, std::string_view message) { write(level, message, {}); }

}  // namespace punkt::log
