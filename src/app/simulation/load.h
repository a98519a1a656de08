// What a simulation counts minute by minute: of everything together, and of each limit that runs share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/queue.h"

namespace punkt::app {

struct SimulatedMinute {
    Timestamp at{};
    std::int64_t starts = 0;     // retries included
    std::int64_t retries = 0;    // of the starts
    std::int64_t failures = 0;   // attempts that ended badly
    std::int64_t in_flight = 0;  // at most
    std::int64_t waiting = 0;    // at most: due, and not out
};

/// A limit, and the load on it. `waiting_minutes` are those in which it did not suffice: runs of it were due and not
/// out.
struct SimulatedLoad {
    enum class Type : std::uint8_t { organization, queue, key };
    Type type = Type::organization;
    std::string name = {};  // of the queue or key
    int concurrency = 0;    // 0: no limit
    std::optional<Rate> rate = std::nullopt;
    std::int64_t starts = 0;
    std::int64_t in_flight_max = 0;
    std::int64_t waiting_max = 0;
    std::int64_t waiting_minutes = 0;
    SimulatedMinute busiest = {};               // by its starts
    std::vector<SimulatedMinute> minutes = {};  // those with any load, in order
    bool has_all_minutes = true;                // false: there were more than may be kept
};

const char* word(SimulatedLoad::Type);

/// Gathers a SimulatedLoad; time only goes forward.
class LoadMeter {
  public:
    /// `points`: how many minutes may still be kept, shared by many meters; outlives this.
    LoadMeter(SimulatedLoad limit, std::int64_t& points) : load_(std::move(limit)), points_(points) {}

    void came_due() { ++waiting_; }
    void left() { --waiting_; }  // started, or will never
    void started(Timestamp now, bool is_retry);
    void ended(Timestamp now, bool is_failure);
    /// At this instant nothing more happens.
    void settled(Timestamp now);
    SimulatedLoad finish(Timestamp until);

  private:
    SimulatedMinute& minute(Timestamp now);
    void close(const SimulatedMinute& minute);

    SimulatedLoad load_;
    std::int64_t& points_;
    std::optional<SimulatedMinute> current_;
    std::int64_t out_ = 0;
    std::int64_t waiting_ = 0;
    std::int64_t settled_waiting_ = 0;
};

}  // namespace punkt::app
