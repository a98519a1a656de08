// A file of equal slots, mapped into memory: what is stored in it survives kill -9, not a power cut. Grows, never
// shrinks.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace punkt::store {

/// Threads: one at a time.
class SlotFile {
  public:
    struct Form {
        std::uint64_t magic;  // begins the file, in a first slot of its own; another one: the file is begun anew
        std::size_t slot_bytes;
        std::size_t slots_first;  // how many a new file has, the first included
        std::size_t slots_max;
    };
    /// Opens or creates it. Without room on the disk it is there and has no slots.
    /// Errors: `internal` when the file cannot be made.
    static Result<SlotFile> open(const std::string& path, Form form);

    /// With the first one; 0: there is no room.
    std::size_t count() const { return count_; }
    /// May move the slots. False, and nothing changes, when there is no room or `count` is beyond the form's.
    bool grow(std::size_t count);
    template <class Slot>
    Slot* slots() const {
        return static_cast<Slot*>(slots_);
    }

    SlotFile(SlotFile&& other) noexcept;
    SlotFile& operator=(SlotFile&&) = delete;
    ~SlotFile();

  private:
    SlotFile(int file, Form form) : file_(file), form_(form) {}

    int file_;
    Form form_;
    void* slots_ = nullptr;
    std::size_t count_ = 0;
};

/// Release: a process that is killed between two stores leaves the earlier one.
inline void store_in_slot(std::int64_t& place, std::int64_t value) {
    std::atomic_ref(place).store(value, std::memory_order_release);
}

}  // namespace punkt::store
