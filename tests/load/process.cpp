#include "process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sockets.h"
#include "ticks.h"

namespace punkt::load {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

std::string first_line(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

/// The value behind "name:" in a /proc file, times `unit`; 0 if it is not there.
std::int64_t field(const std::string& file, std::string_view name, std::int64_t unit) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.compare(0, name.size(), name) != 0 || line[name.size()] != ':') continue;
        return std::strtoll(line.c_str() + name.size() + 1, nullptr, 10) * unit;
    }
    return 0;
}

}  // namespace

Result<std::unique_ptr<Process>> Process::start(const std::vector<std::string>& command,
                                                const std::vector<std::string>& environment, const std::string& log) {
    const auto arguments = pointers(command);
    const auto variables = pointers(environment);
    const Fd output(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!output) return system_error("cannot write " + log);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return system_error("cannot start " + command.front());
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(127);
        ::dup2(output.get(), STDOUT_FILENO);
        ::dup2(output.get(), STDERR_FILENO);
        ::execve(arguments[0], arguments.data(), variables.data());
        ::_exit(127);
    }
    return std::unique_ptr<Process>(new Process(pid));
}

Process::~Process() { kill(); }

void Process::reap(int options) {
    if (exit_code_) return;
    int status = 0;
    if (::waitpid(pid_, &status, options) != pid_) return;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool Process::is_running() {
    reap(WNOHANG);
    return !exit_code_;
}

void Process::kill() {
    if (!is_running()) return;
    ::kill(pid_, SIGKILL);
    reap(0);
}

int Process::stop(int within_ms) {
    if (is_running()) ::kill(pid_, SIGTERM);
    const auto until = steady_ns() + within_ms * ns_per_ms;
    while (is_running() && steady_ns() < until) ::usleep(5'000);
    kill();
    return exit_code_.value_or(-1);
}

Usage Process::usage() const {
    Usage out;
    const std::string root = fmt::format("/proc/{}", pid_);
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(root + "/task", gone)) {
        const std::string times = first_line(entry.path() / "schedstat");
        const auto ns = static_cast<std::int64_t>(std::strtoll(times.c_str(), nullptr, 10));
        out.cpu_ns += ns;
        out.threads[first_line(entry.path() / "comm")] += ns;
    }
    out.rss_bytes = field(root + "/status", "VmRSS", 1'024);
    out.pss_bytes = field(root + "/smaps_rollup", "Pss", 1'024);
    out.written_bytes = field(root + "/io", "write_bytes", 1);
    return out;
}

}  // namespace punkt::load
