#include "base/id.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"

namespace punkt {
namespace {

constexpr std::uint64_t tag_bits = (1ULL << 54) - 1;
constexpr char digits[] = "0123456789abcdef";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_hyphen_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

Id IdMaker::next(Timestamp now) {
    const Id fresh = to_ms(now) << 20;
    Id last = last_.load(std::memory_order_relaxed);
    while (true) {
        const Id id = std::max(fresh, last + 1);
        if (last_.compare_exchange_weak(last, id, std::memory_order_relaxed)) return id;
    }
}

std::uint64_t PublicIds::tag(IdKind kind, Id id) const {
    char bytes[9];
    std::memcpy(bytes, &id, 8);
    bytes[8] = static_cast<char>(kind);
    return siphash(key_, {bytes, sizeof bytes}) & tag_bits;
}

std::string PublicIds::uuid(IdKind kind, Id id) const {
    check(id > 0, "a public id needs an id");
    const auto counter = static_cast<std::uint64_t>(id) & 0xfffff;
    const auto time = static_cast<std::uint64_t>(id) >> 20;
    // time(48) version(4) counter-high(12) | variant(2) counter-low(8) tag(54)
    const std::uint64_t high = time << 16 | 0x7000 | counter >> 8;
    const std::uint64_t low = 0x8000000000000000ULL | (counter & 0xff) << 54 | tag(kind, id);
    std::string text(36, '-');
    std::size_t at = 0;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (is_hyphen_place(at)) ++at;
        const std::uint64_t half = nibble < 16 ? high : low;
        text[at++] = digits[half >> (60 - 4 * (nibble % 16)) & 0xf];
    }
    return text;
}

std::optional<Id> PublicIds::parse(IdKind kind, std::string_view text) const {
    if (!looks_like_uuid(text)) return std::nullopt;
    std::uint64_t half[2] = {0, 0};
    int nibble = 0;
    for (const char c : text) {
        if (c == '-') continue;
        half[nibble / 16] = half[nibble / 16] << 4 | static_cast<std::uint64_t>(hex_value(c));
        ++nibble;
    }
    const std::uint64_t time = half[0] >> 16;
    if ((half[0] & 0xf000) != 0x7000 || half[1] >> 62 != 2 || time >> 43 != 0) return std::nullopt;
    const auto id = static_cast<Id>(time << 20 | (half[0] & 0xfff) << 8 | (half[1] >> 54 & 0xff));
    if (id == 0 || (half[1] & tag_bits) != tag(kind, id)) return std::nullopt;
    return id;
}

std::string PublicIds::badge_token(std::string_view thing) const {
    const auto hash = [&](std::string_view part) {
        return siphash(key_, std::string("badge ").append(part).append(" ").append(thing));
    };
    return fmt::format("bt_{:016x}{:08x}", hash("head"), hash("tail") & 0xffffffff);
}

bool looks_like_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (is_hyphen_place(i) ? text[i] != '-' : hex_value(text[i]) < 0) return false;
    return true;
}

}  // namespace punkt
