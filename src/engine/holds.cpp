#include "engine/holds.h"

#include <utility>

namespace punkt::engine {

std::vector<Timer> Holds::take_free() {
    std::vector<Timer> free;
    for (const Timer& timer : std::exchange(kept_, {})) (is_held(timer) ? kept_ : free).push_back(timer);
    return free;
}

}  // namespace punkt::engine
