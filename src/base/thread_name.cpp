#include "base/thread_name.h"

#include <pthread.h>

namespace punkt {

// The only error is a name that is too long; then the thread keeps its parent's.
void name_this_thread(const char* name) { ::pthread_setname_np(::pthread_self(), name); }

}  // namespace punkt
