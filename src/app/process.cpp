#include "app/process.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>

namespace punkt::app {
namespace {

constexpr int stopping_signals[] = {SIGINT, SIGTERM, SIGHUP};

sigset_t stopping_set() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : stopping_signals) sigaddset(&set, signal);
    return set;
}

[[noreturn]] void end_at_once(int signal) { ::_exit(128 + signal); }

}  // namespace

StopSignals::StopSignals() {
    const sigset_t set = stopping_set();
    // A shell without job control starts what it puts into the background with SIGINT ignored, and an ignored signal
    // cannot be waited for. SIGHUP stays as it is: nohup ignores it on purpose.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a closed connection is an error code where it is written to
}

StopSignals::~StopSignals() {
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
    const sigset_t set = stopping_set();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

std::string StopSignals::wait() {
    const sigset_t set = stopping_set();
    int came = 0;
    while (::sigwait(&set, &came) != 0) {
    }
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, end_at_once);
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    return came == SIGINT ? "SIGINT" : came == SIGTERM ? "SIGTERM" : "SIGHUP";
}

std::uint64_t raise_open_file_limit() {
    rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

}  // namespace punkt::app
