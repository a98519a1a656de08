// Punkt under test: the real binary on a free port of 127.0.0.1, with a data directory that is removed afterwards.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "process.h"
#include "sockets.h"

namespace punkt::load {

/// A directory that is removed with everything in it.
class ScratchDirectory {
  public:
    static Result<std::unique_ptr<ScratchDirectory>> create(const std::string& parent);
    ~ScratchDirectory();
    const std::string& path() const { return path_; }

  private:
    explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

struct ServerOptions {
    std::string program = {};
    std::string directory = {};                 // holds data/ and punkt.log
    std::vector<std::string> environment = {};  // on top of what the bench needs: "PUNKT_CLIENT_THREADS=2"
    int ready_within_ms = 60'000;
};

class PunktServer {
  public:
    /// Starts `punkt serve`, waits for /readyz. Errors: what the log says at its end.
    static Result<std::unique_ptr<PunktServer>> start(const ServerOptions& options);

    std::uint16_t port() const { return port_; }
    /// A key of a new organization, made with the master key.
    Result<std::string> make_key(const std::string& client);
    /// Gives the key's organization these numbers of a plan, a JSON object.
    Result<void> limit_plan(const std::string& overrides);
    const std::string& token() const { return token_; }
    /// A key that was made before the last restart.
    void use_key(std::string token) { token_ = std::move(token); }

    Result<Answer> get(const std::string& path) const;
    /// A counter or gauge of /metrics, summed over its labels; −1 if there is none of that name.
    double metric(const std::string& name) const;
    Usage usage() const { return process_->usage(); }
    /// Bytes of all files of the data directory whose name ends so.
    std::int64_t bytes_of_files(const std::string& ending) const;

    /// Time from fork until /readyz answered 200.
    double seconds_to_ready() const { return seconds_to_ready_; }
    bool is_running() { return process_->is_running(); }
    int stop() { return process_->stop(20'000); }
    void kill() { process_->kill(); }
    std::string log_tail() const;

  private:
    PunktServer(ServerOptions options, std::uint16_t port, std::unique_ptr<Process> process)
        : options_(std::move(options)), port_(port), process_(std::move(process)) {}
    Result<void> wait_until_ready(std::int64_t since_ns);

    ServerOptions options_;
    std::uint16_t port_;
    std::unique_ptr<Process> process_;
    std::string token_;
    double seconds_to_ready_ = 0;
};

}  // namespace punkt::load
