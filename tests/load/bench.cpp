#include "bench.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/time_text.h"
#include "http_scan.h"
#include "ticks.h"

namespace punkt::load {
namespace {

constexpr std::string_view create_path = "/api/v1/tasks";

/// CPU time that the whole machine has spent on anything, stolen time included.
std::int64_t machine_busy_ns() {
    std::ifstream in("/proc/stat");
    std::string name;
    std::int64_t user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft_irq = 0, steal = 0;
    in >> name >> user >> nice >> system >> idle >> wait >> irq >> soft_irq >> steal;
    return (user + nice + system + irq + soft_irq + steal) * (ns_per_s / ::sysconf(_SC_CLK_TCK));
}

ServerOptions server_options(const Bench& bench, const Stage& stage) {
    std::vector<std::string> environment = bench.options.environment;
    environment.insert(environment.end(), stage.environment.begin(), stage.environment.end());
    return {
        .program = bench.options.program, .directory = stage.directory->path(), .environment = std::move(environment)};
}

}  // namespace

Result<Stage> set_stage(const Bench& bench, std::size_t numbers, std::vector<std::string> environment) {
    Stage stage;
    stage.environment = std::move(environment);
    auto directory = ScratchDirectory::create(bench.options.directory);
    if (!directory) return directory.error();
    stage.directory = std::move(directory).value();
    auto sink = Sink::start(numbers);
    if (!sink) return sink.error();
    stage.sink = std::move(sink).value();
    if (auto started = start_again(bench, stage); !started) return started.error();
    auto key = stage.server->make_key("bench");
    if (!key) return key.error();
    return stage;
}

Result<void> start_again(const Bench& bench, Stage& stage) {
    const std::string token = stage.server ? stage.server->token() : "";
    stage.server.reset();
    auto server = PunktServer::start(server_options(bench, stage));
    if (!server) return server.error();
    stage.server = std::move(server).value();
    stage.server->use_key(token);
    return {};
}

Span::Span(const PunktServer* server)
    : server_(server),
      start_ns_(steady_ns()),
      machine_ns_(machine_busy_ns()),
      bench_ns_(process_cpu_ns()),
      punkt_(server == nullptr ? Usage{} : server->usage()) {}

Spent Span::end() const {
    Spent out{.seconds = seconds(steady_ns() - start_ns_)};
    if (server_ != nullptr) {
        out.punkt = server_->usage();
        out.punkt.cpu_ns -= punkt_.cpu_ns;
        out.punkt.written_bytes -= punkt_.written_bytes;
        for (auto& [name, ns] : out.punkt.threads)
            if (const auto before = punkt_.threads.find(name); before != punkt_.threads.end()) ns -= before->second;
    }
    const auto foreign = machine_busy_ns() - machine_ns_ - (process_cpu_ns() - bench_ns_) - out.punkt.cpu_ns;
    out.foreign_percent = std::max(0.0, seconds(foreign) / out.seconds * 100);
    return out;
}

Line line_of(std::string what, const Spent& spent, double tasks) {
    Line line{.what = std::move(what), .foreign_percent = spent.foreign_percent};
    if (tasks <= 0) return line;
    line.cpu_us_per_task = static_cast<double>(spent.punkt.cpu_ns) / 1'000 / tasks;
    for (const auto& [name, ns] : spent.punkt.threads) line.threads[name] = static_cast<double>(ns) / 1'000 / tasks;
    return line;
}

Verdict verdict(bool is_met) { return is_met ? Verdict::met : Verdict::missed; }

LoadOptions posting(const Stage& stage, int connections, When when, int sleep_ms, When headers) {
    LoadOptions options{.port = stage.server->port(), .connections = connections, .expected_status = 202};
    std::string url = stage.sink->url(0, sleep_ms);
    url.pop_back();
    options.write = [url = std::move(url), when = std::move(when), headers = std::move(headers),
                     token = stage.server->token(), body = std::string(),
                     lines = std::string()](std::uint64_t n, std::string& out) mutable {
        body.assign("{\"url\":\"").append(url);
        fmt::format_to(std::back_inserter(body), "{}\",", n);
        when(n, body);
        body.push_back('}');
        lines.clear();
        if (headers) headers(n, lines);
        append_request(out, "POST", create_path, token, body, lines);
    };
    return options;
}

void append_run_at(std::string& out, std::int64_t at_wall_ns) {
    out.append("\"run_at\":\"").append(to_text_ms(from_ms(at_wall_ns / ns_per_ms))).append("\"");
}

When due_now() {
    // Made anew every millisecond at most: the text costs more than the rest of the request.
    return [made_ms = std::int64_t{0}, text = std::string()](std::uint64_t, std::string& out) mutable {
        const auto now = wall_ns();
        if (now / ns_per_ms != made_ms) {
            made_ms = now / ns_per_ms;
            text.clear();
            append_run_at(text, now);
        }
        out.append(text);
    };
}

When due_in(std::string_view delay) {
    return [text = fmt::format("\"delay\":\"{}\"", delay)](std::uint64_t, std::string& out) { out.append(text); };
}

bool wait_until(double seconds_max, const std::function<bool()>& is_so) {
    const auto until = steady_ns() + static_cast<std::int64_t>(seconds_max * static_cast<double>(ns_per_s));
    while (!is_so()) {
        if (steady_ns() >= until || stop_requested()) return false;
        ::usleep(2'000);
    }
    return true;
}

void pause_for(double seconds) {
    wait_until(seconds, [] { return false; });
}

Delivered count_deliveries(const Sink& sink, std::uint64_t accepted) {
    Delivered out;
    for (std::uint64_t n = 0; n < accepted; ++n) {
        const auto& seen = sink.arrivals(n);
        const auto count = seen.count.load(std::memory_order_acquire);
        if (count == 0) {
            ++out.lost;
            continue;
        }
        out.doubled += count - 1;
        const auto at = seen.first_ns.load(std::memory_order_relaxed);
        out.first_ns = out.first_ns == 0 ? at : std::min(out.first_ns, at);
        out.last_ns = std::max(out.last_ns, at);
    }
    return out;
}

}  // namespace punkt::load
