#include "engine/holds.h"

#include <utility>

namespace punkt::engine {

void Holds::drop(Counts& counts, Id id) {
    const auto found = counts.find(id);
    if (found != counts.end() && --found->second == 0) counts.erase(found);
}

std::vector<Timer> Holds::take_free() {
    std::vector<Timer> free;
    for (const Timer& timer : std::exchange(kept_, {})) (is_held(timer) ? kept_ : free).push_back(timer);
    return free;
}

}  // namespace punkt::engine
