// Ids. Inside, a growing 63-bit number: rows are written where their neighbours were just written. Outside, a UUIDv7
// that is computed from it and back, so no index is needed; a keyed tag makes it impossible to guess.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace punkt {

/// unix milliseconds << 20 | counter. Good until the year 2248. 0 means "none".
using Id = std::int64_t;

/// The time in an id, exact to the millisecond (later than the clock only if it had stepped back).
constexpr Timestamp time_of(Id id) { return from_ms(id >> 20); }

/// Hands out growing ids, about a million per millisecond. Threads: any.
class IdMaker {
  public:
    /// Nothing at or below `floor` is handed out: the greatest id that the store holds.
    explicit IdMaker(Id floor = 0) : last_(floor) {}
    Id next(Timestamp now);

  private:
    std::atomic<Id> last_;
};

/// Keeps a task's UUID from being accepted as an execution's.
enum class IdKind : std::uint8_t { task = 1, execution = 2, organization = 3, api_key = 4, event = 10, subscription = 11 };

/// Threads: any.
class PublicIds {
  public:
    using Key = std::array<std::uint8_t, 16>;
    explicit PublicIds(const Key& key) : key_(key) {}

    /// The UUIDv7 of `id`: its 48-bit time, 20 bits of counter, 54 bits of SipHash tag. Lower case, hyphenated.
    std::string uuid(IdKind kind, Id id) const;
    /// The id, or nothing when it is no UUID of ours of that kind. Upper case is accepted.
    std::optional<Id> parse(IdKind kind, std::string_view text) const;

    /// What a public badge is addressed by: "bt_" and 24 hexadecimal digits, always the same ones for the same thing.
    /// `thing` names it within the installation: "task:<id>", "queue:<organization>:<name>".
    std::string badge_token(std::string_view thing) const;

  private:
    std::uint64_t tag(IdKind kind, Id id) const;
    Key key_;
};

/// True for anything of the form 8-4-4-4-12 hexadecimal digits.
bool looks_like_uuid(std::string_view text);

}  // namespace punkt
