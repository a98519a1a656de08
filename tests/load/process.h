// A child process: started, measured through /proc, ended by its pid. It dies with the bench, however the bench ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace punkt::load {

struct Usage {
    std::int64_t cpu_ns = 0;                           // user + system, of the threads that are alive
    std::map<std::string, std::int64_t> threads = {};  // the same by thread name
    std::int64_t rss_bytes = 0;
    std::int64_t pss_bytes = 0;
    std::int64_t written_bytes = 0;  // sent towards the disk
};

class Process {
  public:
    /// Starts `command` with exactly this environment; stdout and stderr are appended to `log`.
    static Result<std::unique_ptr<Process>> start(const std::vector<std::string>& command,
                                                  const std::vector<std::string>& environment, const std::string& log);
    /// Kills it if it still runs.
    ~Process();

    pid_t pid() const { return pid_; }
    bool is_running();
    /// The exit code, or 128 + signal, once it has ended.
    std::optional<int> exit_code() const { return exit_code_; }
    /// SIGTERM, then SIGKILL after `within_ms`. Answers the exit code.
    int stop(int within_ms);
    void kill();
    Usage usage() const;

  private:
    explicit Process(pid_t pid) : pid_(pid) {}
    void reap(int options);

    pid_t pid_;
    std::optional<int> exit_code_;
};

}  // namespace punkt::load
