// Threads with names: `top -H`, perf and the load bench tell Punkt's threads apart.
#pragma once

namespace punkt {

/// Names the calling thread: what it does, at most 15 characters.
void name_this_thread(const char* name);

}  // namespace punkt
