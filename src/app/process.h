// The process around a server: signals that stop it, and its limits.
#pragma once

#include <cstdint>
#include <string>

namespace punkt::app {

/// SIGINT, SIGTERM and SIGHUP become something to wait for. Make it before any other thread, so that none is hit.
class StopSignals {
  public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    /// Blocks until one comes; answers its name. From then on SIGINT and SIGTERM end the process at once (128 +
    /// number).
    std::string wait();
};

/// As many open files as the system lets this process have. Answers how many that are.
std::uint64_t raise_open_file_limit();

}  // namespace punkt::app
