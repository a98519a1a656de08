// What the server has received of a connection and not yet understood.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace punkt::net {

constexpr std::size_t input_bytes_idle = 2 * 1024;  // what a connection holds while it waits
constexpr std::size_t input_bytes_max = 64 * 1024;  // for large bodies; a line longer than it is refused before

/// Small while a connection waits, large while a body comes. Threads: one.
class InputBuffer {
  public:
    std::string_view unread() const { return {bytes_.get() + begin_, end_ - begin_}; }
    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    void received(std::size_t count) { end_ += count; }

    /// Room behind what is unread. `wants_more`: a body is coming, fewer and larger reads are better.
    std::span<char> room(bool wants_more) {
        if (begin_ > 0) {
            std::copy(bytes_.get() + begin_, bytes_.get() + end_, bytes_.get());
            end_ -= std::exchange(begin_, 0);
        }
        if (end_ == capacity_ || (wants_more && capacity_ < input_bytes_max)) grow(wants_more);
        return {bytes_.get() + end_, capacity_ - end_};
    }
    void give_back() {
        if (capacity_ <= input_bytes_idle || end_ > 0) return;
        bytes_.reset();
        capacity_ = 0;
    }

  private:
    void grow(bool wants_more) {
        // 64 KB of headers and a byte: the parser refuses a longer line, so doubling ends there.
        const std::size_t larger =
            wants_more ? std::max(input_bytes_max, 2 * end_) : std::max(input_bytes_idle, 2 * capacity_);
        auto bytes = std::make_unique_for_overwrite<char[]>(larger);
        std::copy(bytes_.get(), bytes_.get() + end_, bytes.get());
        bytes_ = std::move(bytes);
        capacity_ = larger;
    }
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace punkt::net
