// Posts tasks that are due at once and waits until every outcome is recorded; the heart of several scenarios.
#pragma once

#include "bench.h"

namespace punkt::load {

struct EndToEnd {
    LoadResult posts;
    Delivered delivered;
    Spent spent;               // from the first post until the last outcome
    double per_second = 0;     // tasks / (first post → last outcome)
    bool is_recorded = false;  // all outcomes, within the time
};

/// `posts` as posting() makes them. Tasks are numbered from 0.
EndToEnd run_end_to_end(const Stage& stage, LoadOptions posts, std::chrono::milliseconds duration);

/// "20,123/s, p99 of the POST 12 ms" and, when something is wrong, what.
void describe(Line& line, const EndToEnd& run);
/// Everything posted was accepted, called once and recorded.
bool is_whole(const EndToEnd& run);

}  // namespace punkt::load
