// A disk that fails: preloaded into a Punkt, lets the FAIL_SYNC_AT-th fdatasync or fsync of the process fail with
// EIO, and all that follow. Only for tests/kill/failing_disk.py.
#include <dlfcn.h>
#include <cerrno>
#include <cstdlib>

#include <atomic>

namespace {

using Sync = int (*)(int);
std::atomic<long> calls{0};

long failing_call() {
    static const long number = [] {
        const char* text = std::getenv("FAIL_SYNC_AT");
        return text == nullptr ? 0L : std::atol(text);
    }();
    return number;
}

int sync_or_fail(const char* name, int file) {
    const auto real = reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name));
    if (failing_call() > 0 && ++calls >= failing_call()) {
        errno = EIO;
        return -1;
    }
    return real(file);
}

}  // namespace

extern "C" int fdatasync(int file) { return sync_or_fail("fdatasync", file); }
extern "C" int fsync(int file) { return sync_or_fail("fsync", file); }
