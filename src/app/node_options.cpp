#include "app/node_options.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "app/config_plans.h"
#include "app/tracing.h"

namespace punkt::app {
namespace {

/// Kept free beside the database, so that outcomes and deletions can still be written on a full disk. Twice what the
/// log holds that is not copied yet (Checkpointer::Options::step_pages): with it the log can always be copied and begun
/// anew.
constexpr std::int64_t reserve_bytes = 8 * 1024 * 1024;

int server_threads(const Config& config) {
    if (config.server.threads > 0) return static_cast<int>(config.server.threads);
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
}

/// Room for the JSON around a body of the allowed size; base64 makes a body a third longer.
std::size_t request_bytes_max(const Config& config) {
    return static_cast<std::size_t>(config.limits.body_bytes) * 4 / 3 + 64 * 1024;
}

}  // namespace

store::Quotas::Options quota_options(const Config& config) {
    return {.plans = config.plans.all,
            .standard = config.plans.standard,
            .notice_percents = notice_percents(config.plans.notice_percents).value_or(std::vector<int>())};
}

store::Writer::Options writer_options(const store::DataFolder& folder, store::Quotas& quotas,
                                      std::function<void(const Error&)> fatal) {
    store::Writer::Options options;
    options.quotas = &quotas;
    options.reserve_path = folder.reserve_path();
    options.reserve_bytes = reserve_bytes;
    options.fatal = std::move(fatal);
    return options;
}

store::Retention::Options retention_options(const Config& config, const store::Quotas& quotas) {
    const auto days = [](std::int64_t count) { return std::chrono::hours{24 * count}; };
    return {.keep = days(config.retention.days),
            .keep_success = days(config.retention.success_days),
            .keep_failed = days(config.retention.failed_days),
            .bytes_max = config.retention.bytes_max,
            .budgets = {.success_bytes_max = config.retention.success_bytes_max,
                        .failed_bytes_max = config.retention.failed_bytes_max},
            .quotas = &quotas,
            .remainders = {{"qron_job", Surface::qron}, {"tiktak_schedule", Surface::tiktak}}};
}

tasks::AuditOptions audit_options(const Config& config) {
    return {.one_time_creates = config.audit.task_creates,
            .bodies = config.audit.bodies == "hash" ? AuditBodies::hash : AuditBodies::text};
}

engine::Options engine_options(const Config& config) {
    engine::Options options;
    options.in_flight_max = static_cast<int>(config.engine.in_flight_max);
    options.retry_base = Milliseconds{config.retry.base_ms};
    options.hosts.has_breaker = config.hosts.breaker;
    // In step with the retries: with quick ones, as in tests, a block is quickly over too.
    options.hosts.breaker.base =
        Milliseconds{config.hosts.block_base_ms > 0 ? config.hosts.block_base_ms : 6 * config.retry.base_ms};
    options.hosts.adaptive = {.is_on = config.hosts.adaptive,
                              .min = static_cast<int>(config.hosts.adaptive_min),
                              .max = static_cast<int>(std::max(config.hosts.adaptive_min, config.hosts.adaptive_max)),
                              .tolerance = static_cast<double>(config.hosts.adaptive_tolerance) / 100.0};
    return options;
}

OtlpExporter::Options otlp_options(const Config& config) {
    OtlpExporter::Options options;
    options.endpoint = config.otlp.endpoint;
    if (auto headers = otlp_headers(config.otlp.headers)) options.headers = std::move(*headers);  // examined when read
    options.ca_file = config.client.ca_file;
    return options;
}

events::Room::Options event_options(const Config& config) {
    events::Room::Options options;
    options.hub.listeners_max = static_cast<std::size_t>(config.events.listeners_max);
    options.keeper.keep = std::chrono::hours{config.events.keep_hours};
    return options;
}

net::ClientOptions client_options(const Config& config, const net::AddressGuard& guard) {
    net::ClientOptions options;
    options.threads = static_cast<int>(config.client.threads);
    options.connections_max = static_cast<int>(config.client.connections_max);
    options.connections_per_host_max = static_cast<int>(config.client.connections_per_host);
    options.ca_file = config.client.ca_file;
    options.guard = guard;
    return options;
}

net::MailOptions mail_options(const Config& config) {
    return {.server = config.mail.server,
            .user = config.mail.user,
            .password = config.mail.password,
            .from = config.mail.from,
            .ca_file = config.client.ca_file};
}

net::ServerOptions server_options(const Config& config) {
    net::ServerOptions options;
    options.address = config.server.address;
    options.port = static_cast<std::uint16_t>(config.server.port);
    options.threads = server_threads(config);
    options.connections_max = static_cast<int>(config.server.connections_max);
    options.body_bytes_max = request_bytes_max(config);
    options.body_bytes_max_at = {{"/api/v1/tasks/batch", static_cast<std::size_t>(config.limits.batch_bytes)}};
    return options;
}

}  // namespace punkt::app
