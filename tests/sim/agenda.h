// What will happen: the simulation's only loop. Time passes only from one entry to the next.
#pragma once

#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/function.h"
#include "base/random.h"

namespace punkt::sim {

/// Entries of the same moment run in an order that the seed chooses.
class Agenda {
  public:
    explicit Agenda(Random& random) : random_(random) {}

    void at(Microseconds when, UniqueFunction<void()> what) {
        heap_.push_back({when, random_.next(), std::move(what)});
        std::push_heap(heap_.begin(), heap_.end(), Later{});
    }
    bool empty() const { return heap_.empty(); }
    Microseconds next() const { return heap_.front().when; }
    UniqueFunction<void()> take() {
        std::pop_heap(heap_.begin(), heap_.end(), Later{});
        UniqueFunction<void()> what = std::move(heap_.back().what);
        heap_.pop_back();
        return what;
    }

  private:
    struct Entry {
        Microseconds when;
        std::uint64_t tie;
        UniqueFunction<void()> what;
    };
    struct Later {
        bool operator()(const Entry& a, const Entry& b) const {
            return a.when != b.when ? a.when > b.when : a.tie > b.tie;
        }
    };
    Random& random_;
    std::vector<Entry> heap_;
};

}  // namespace punkt::sim
