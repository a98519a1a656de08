// IANA time zones, read from the system's compiled database (package tzdata). Why not with a library:
// docs/decisions/0003-time-zones.md.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace punkt {

struct Zone;  // core/zone_database.h

/// A zone; points into a table that lives as long as the process, so a newer tzdata counts from the next start on.
/// Cheap to copy. Clock changes are known up to the year 2200. Threads: any.
class TimeZone {
  public:
    /// No clock differs from UTC by more; files that say otherwise are refused.
    static constexpr Milliseconds offset_max = std::chrono::hours{26};

    static TimeZone utc();
    /// Errors: `invalid`, "'Europe/Olso' is not a known time zone, did you mean 'Europe/Oslo'?"; `unavailable` when the
    /// machine has no time zone database ("UTC" is known without).
    static Result<TimeZone> find(std::string_view name);
    explicit TimeZone(const Zone* zone) : zone_(zone) {}
    /// As it was asked for: links keep their own name.
    std::string_view name() const;

    using Local = std::chrono::local_time<Milliseconds>;
    struct Instants {
        enum class Kind { unique, gap, fold } kind = Kind::unique;
        Timestamp first;   // unique: the instant; gap: the first instant after it; fold: the earlier one
        Timestamp second;  // fold: the later one; else equal to first
    };
    Local to_local(Timestamp at) const;
    Instants to_instants(Local local) const;

    /// A time in which the clock does not jump.
    struct Span {
        Timestamp begin;              // Timestamp::min(): always
        Timestamp end;                // the jump that ends it; Timestamp::max(): none is known
        std::chrono::seconds offset;  // east of UTC

        Local to_local(Timestamp at) const { return Local{at.time_since_epoch() + offset}; }
        Timestamp to_instant(Local local) const { return Timestamp{local.time_since_epoch() - offset}; }
    };
    Span span_at(Timestamp at) const;
    /// The latest reading the clock has shown up to `at`: to_local(at), or more after the clock was set back.
    Local furthest_local(Timestamp at) const;

  private:
    Span span(std::size_t index) const;
    std::size_t index_at(Timestamp at) const;
    const Zone* zone_ = nullptr;  // nothing: UTC
};

}  // namespace punkt
