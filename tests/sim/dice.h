// Choices made by the seed.
#pragma once

#include <cmath>
#include <initializer_list>

#include "base/clock.h"
#include "base/random.h"

namespace punkt::sim {

class Dice {
  public:
    explicit Dice(Random& random) : random_(random) {}

    bool chance(double probability) { return random_.unit() < probability; }
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most - least + 1)));
    }
    /// Small ones are as likely as large ones: each order of magnitude has its share. least > 0.
    Microseconds spread(Microseconds least, Microseconds most) {
        const double low = std::log(static_cast<double>(least.count()));
        const double high = std::log(static_cast<double>(most.count()));
        return Microseconds{static_cast<std::int64_t>(std::exp(low + (high - low) * random_.unit()))};
    }
    template <class T>
    T pick(std::initializer_list<T> choices) {
        return *(choices.begin() + random_.below(choices.size()));
    }
    template <class Container>
    const auto& one_of(const Container& container) {
        return container[random_.below(container.size())];
    }
    Random& random() { return random_; }

  private:
    Random& random_;
};

}  // namespace punkt::sim
