#include "punkt_server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "http_scan.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr const char* master_key = "bench-master-key-of-this-run-only";
constexpr std::size_t log_tail_bytes = 1'500;

}  // namespace

Result<std::unique_ptr<ScratchDirectory>> ScratchDirectory::create(const std::string& parent) {
    std::error_code failed;
    std::filesystem::create_directories(parent, failed);
    std::string path = parent + "/punkt_bench.XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) return system_error("cannot make a directory in " + parent);
    return std::unique_ptr<ScratchDirectory>(new ScratchDirectory(path));
}

ScratchDirectory::~ScratchDirectory() {
    std::error_code failed;
    std::filesystem::remove_all(path_, failed);
}

Result<std::unique_ptr<PunktServer>> PunktServer::start(const ServerOptions& options) {
    auto port = free_port();
    if (!port) return port.error();
    std::vector<std::string> environment = {
        "PATH=/usr/bin:/bin",
        "PUNKT_DATA_DIRECTORY=" + options.directory + "/data",
        fmt::format("PUNKT_SERVER_PORT={}", *port),
        fmt::format("PUNKT_MASTER_KEY={}", master_key),
        "PUNKT_ALLOW_PRIVATE_TARGETS=1",
    };
    environment.insert(environment.end(), options.environment.begin(), options.environment.end());
    const auto since = steady_ns();
    auto process = Process::start({options.program, "serve"}, environment, options.directory + "/punkt.log");
    if (!process) return process.error();
    std::unique_ptr<PunktServer> server(new PunktServer(options, *port, std::move(process).value()));
    if (auto ready = server->wait_until_ready(since); !ready) return ready.error();
    return server;
}

Result<void> PunktServer::wait_until_ready(std::int64_t since_ns) {
    const std::string request = request_text("GET", "/readyz", "", "");
    while (seconds(steady_ns() - since_ns) * 1'000 < options_.ready_within_ms) {
        if (const auto answer = call(port_, request, 1'000); answer && answer->status == 200) {
            seconds_to_ready_ = seconds(steady_ns() - since_ns);
            return {};
        }
        if (!process_->is_running())
            return Error{ErrorKind::unavailable, fmt::format("{} ended with exit code {} before it was ready: {}",
                                                             options_.program, *process_->exit_code(), log_tail())};
        ::usleep(1'000);
    }
    return Error{ErrorKind::unavailable,
                 fmt::format("/readyz did not answer 200 within {} ms: {}", options_.ready_within_ms, log_tail())};
}

Result<std::string> PunktServer::make_key(const std::string& client) {
    const std::string body = fmt::format(R"({{"client":"{}"}})", client);
    auto answer = call(port_, request_text("POST", "/auth/keys", master_key, body));
    if (!answer) return answer.error();
    const std::string key(text_field(answer->body, "apiKey"));
    if (answer->status != 201 || key.empty())
        return Error{ErrorKind::unavailable,
                     fmt::format("POST /auth/keys answered {}: {}", answer->status, answer->body)};
    token_ = key;
    return token_;
}

Result<void> PunktServer::limit_plan(const std::string& overrides) {
    const auto organization = get("/api/v1/organization");
    if (!organization) return organization.error();
    const std::string path = fmt::format("/api/v1/organizations/{}/plan", text_field(organization->body, "id"));
    const std::string body = fmt::format(R"({{"plan":"unlimited","overrides":{}}})", overrides);
    const auto answer = call(port_, request_text("PUT", path, master_key, body));
    if (!answer) return answer.error();
    if (answer->status == 200) return {};
    return Error{ErrorKind::unavailable, fmt::format("PUT {} answered {}: {}", path, answer->status, answer->body)};
}

Result<Answer> PunktServer::get(const std::string& path) const {
    return call(port_, request_text("GET", path, token_, ""));
}

double PunktServer::metric(const std::string& name) const {
    const auto answer = get("/metrics");
    if (!answer || answer->status != 200) return -1;
    double sum = 0;
    bool is_known = false;
    for (std::size_t at = 0; at < answer->body.size();) {
        const auto end = std::min(answer->body.find('\n', at), answer->body.size());
        const std::string line = answer->body.substr(at, end - at);
        at = end + 1;
        if (line.compare(0, name.size(), name) != 0 || (line[name.size()] != ' ' && line[name.size()] != '{')) continue;
        is_known = true;
        sum += std::strtod(line.c_str() + line.rfind(' '), nullptr);
    }
    return is_known ? sum : -1;
}

std::int64_t PunktServer::bytes_of_files(const std::string& ending) const {
    std::int64_t sum = 0;
    std::error_code failed;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.directory + "/data", failed)) {
        const std::string name = entry.path().filename().string();
        if (name.size() >= ending.size() && name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
            sum += static_cast<std::int64_t>(entry.file_size(failed));
    }
    return sum;
}

std::string PunktServer::log_tail() const {
    std::ifstream in(options_.directory + "/punkt.log");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    return text.size() > log_tail_bytes ? text.substr(text.size() - log_tail_bytes) : text;
}

}  // namespace punkt::load
