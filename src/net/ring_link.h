// Lists that own nothing and allocate nothing: members carry their links, and leave in constant time.
#pragma once

#include <utility>

#include "base/function.h"

namespace punkt::net {

/// A place in a doubly linked ring. One that is nobody's member is the head of a list. Threads: one.
struct RingLink {
    RingLink() = default;
    RingLink(const RingLink&) = delete;
    RingLink& operator=(const RingLink&) = delete;

    bool alone() const { return after == this; }
    void leave() {
        before->after = after;
        after->before = before;
        before = after = this;
    }
    /// Appends to the list when `other` is its head.
    void insert_before(RingLink& other) {
        after = &other;
        before = other.before;
        before->after = this;
        other.before = this;
    }

    RingLink* before = this;
    RingLink* after = this;
};

/// A place in a line for a T: with a RingLink as the line's head. Leaves the line when it is answered or destroyed.
template <class T>
struct Place : RingLink {
    ~Place() { leave(); }
    void answer(T value) {
        leave();
        auto taken = std::move(done);
        taken(std::move(value));
    }
    /// Whoever gave up gets nothing. No effect on a place that is in no line.
    void give_up() {
        if (!alone()) answer(T{});
    }
    UniqueFunction<void(T)> done;
};

}  // namespace punkt::net
