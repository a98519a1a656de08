// What a write asks of its organization's plan.
#pragma once

#include <cstdint>
#include <vector>

#include "base/id.h"

namespace punkt {
struct Task;
}

namespace punkt::store {

struct Demand {
    Id organization = 0;
    std::int64_t runs = 0;                    // due before the end of the month, that will count
    std::vector<const Task*> schedules = {};  // new cron tasks
    bool is_empty() const { return runs == 0 && schedules.empty(); }
};

}  // namespace punkt::store
