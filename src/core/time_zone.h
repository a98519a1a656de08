// IANA time zones from the system's database (Howard Hinnant's date library, which libstdc++ 12 lacks).
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace punkt {

/// A zone; points into a table that lives as long as the process. Cheap to copy. Threads: any.
class TimeZone {
  public:
    static TimeZone utc();
    /// Errors: `invalid`, "'Europe/Olso' is not a known time zone, did you mean 'Europe/Oslo'?"
    static Result<TimeZone> find(std::string_view name);
    std::string_view name() const;

    using Local = std::chrono::local_time<Milliseconds>;
    struct Instants {
        enum class Kind { unique, gap, fold } kind = Kind::unique;
        Timestamp first;   // unique: the instant; gap: the first instant after it; fold: the earlier one
        Timestamp second;  // fold: the later one; else equal to first
    };
    Local to_local(Timestamp at) const;
    Instants to_instants(Local local) const;

  private:
    explicit TimeZone(const void* zone) : zone_(zone) {}
    const void* zone_ = nullptr;  // date::time_zone; nothing: UTC
};

}  // namespace punkt
