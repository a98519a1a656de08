// What the history of one outcome may take of the disk, and what of it is too much. Reads only.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/execution.h"
#include "db/connection.h"

namespace punkt::store {

/// The outcomes that have a budget and an age of their own (Retention::Options).
enum class OutcomeClass : std::uint8_t { success, failed, other };

/// Failed: also timeout, missed and expired. Other: cancelled.
OutcomeClass class_of(Status status);

/// Adds up what executions take, by outcome, and then finds the oldest of those that take too much. A row counts with
/// its texts and bodies and a fixed share for the rest (numbers, indexes); a one-time task with its first attempt, with
/// which it came. Bodies are not read for that: their length stands in the row. Threads: one.
class RetentionBudgets {
  public:
    struct Limits {
        std::int64_t success_bytes_max = 0;  // 0: any amount
        std::int64_t failed_bytes_max = 0;
    };
    struct Excess {
        std::vector<Id> executions = {};
        std::vector<Id> tasks = {};  // of these
        bool has_more = false;       // to look at
    };

    explicit RetentionBudgets(Limits limits) : limits_{limits.success_bytes_max, limits.failed_bytes_max, 0} {}
    bool is_off() const { return limits_[0] == 0 && limits_[1] == 0; }

    /// Another round: nothing is added up yet.
    void begin();
    /// Adds the next `rows`. True: there are more, call again; false: all is added up.
    Result<bool> measure(db::Connection& connection, int rows);
    /// Of the next `rows`, the oldest first, those that are too much. They count as gone from now on. What is over its
    /// budget goes down to 95 % of it, so that not every new row begins it again.
    Result<Excess> next_excess(db::Connection& connection, int rows);

  private:
    static constexpr std::size_t class_count = 3;
    template <class Take>
    Result<int> walk(db::Connection& connection, int rows, Take take);
    bool is_too_much(std::size_t outcome) const;

    std::array<std::int64_t, class_count> limits_;
    std::array<std::int64_t, class_count> bytes_{};
    std::array<bool, class_count> is_trimmed_{};  // was over its budget when all was added up
    bool is_measured_ = false;
    Id cursor_ = 0;
};

}  // namespace punkt::store
