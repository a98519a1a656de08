#include "core/trace_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/text.h"

namespace punkt {
namespace {

constexpr std::size_t traceparent_bytes = 55;  // of version 00
constexpr std::size_t tracestate_bytes_max = 512;
constexpr int tracestate_members_max = 32;

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) {
    return is_hex(text) && std::any_of(text.begin(), text.end(), [](char c) { return c != '0'; });
}

std::uint8_t hex_digit(char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

}  // namespace

std::string TraceContext::traceparent() const { return fmt::format("00-{}-{}-{:02x}", trace_id, span_id, flags); }

std::optional<TraceContext> parse_traceparent(std::string_view text) {
    text = trimmed(text);
    if (text.size() < traceparent_bytes) return std::nullopt;
    const std::string_view version = text.substr(0, 2), trace = text.substr(3, 32), span = text.substr(36, 16),
                           flags = text.substr(53, 2);
    const bool has_dashes = text[2] == '-' && text[35] == '-' && text[52] == '-';
    const bool ends_well = text.size() == traceparent_bytes || (version != "00" && text[traceparent_bytes] == '-');
    if (!has_dashes || !ends_well || !is_hex(version) || version == "ff") return std::nullopt;
    if (!is_id(trace) || !is_id(span) || !is_hex(flags)) return std::nullopt;
    const auto bits = static_cast<std::uint8_t>(hex_digit(flags[0]) << 4 | hex_digit(flags[1]));
    // Only the first flag is defined; the others are not passed on in version 00.
    return TraceContext{std::string(trace), std::string(span), static_cast<std::uint8_t>(bits & 1)};
}

std::string clean_tracestate(std::string_view text) {
    std::string list;
    int members = 0;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const std::string_view member = trimmed(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
        if (member.empty()) continue;
        const auto equals = member.find('=');
        const bool is_printable =
            std::all_of(member.begin(), member.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
        if (equals == 0 || equals == std::string_view::npos || !is_printable) return {};
        if (++members > tracestate_members_max) return {};
        list.append(list.empty() ? "" : ",").append(member);
    }
    return list.size() > tracestate_bytes_max ? std::string() : list;
}

std::string delivery_span_id(Id execution, int delivery) {
    constexpr std::array<std::uint8_t, 16> key{0x70, 0x75, 0x6e, 0x6b, 0x74, 0x20, 0x73, 0x70,
                                               0x61, 0x6e, 0x20, 0x69, 0x64, 0x73, 0x20, 0x31};
    const std::uint64_t hash = siphash(key, fmt::format("{}/{}", execution, delivery));
    return fmt::format("{:016x}", hash == 0 ? 1 : hash);  // all zero is no span
}

}  // namespace punkt
