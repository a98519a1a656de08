#include "app/config_keys.h"
#include "app/config_plans.h"

#include "app/tracing.h"
#include "core/limits.h"
#include "net/address_guard.h"
#include "net/mail_client.h"

namespace punkt::app {
namespace {

Result<void> examine_address(const std::string& text) {
    if (net::Address::parse(text)) return {};
    return Error{ErrorKind::invalid, "must be an IPv4 or IPv6 address such as 127.0.0.1, 0.0.0.0 or ::1"};
}

Result<void> examine_private_targets(const std::string& text) {
    auto guard = net::AddressGuard::create(text);
    if (guard) return {};
    return Error{
        ErrorKind::invalid,
        "must be 1 (all), 0 (none) or a list of address ranges such as 10.0.0.0/8,fd00::/8: " + guard.error().message};
}

Result<void> examine_otlp_headers(const std::string& text) {
    auto headers = otlp_headers(text);
    return headers ? Result<void>() : Result<void>(headers.error());
}

Result<void> examine_ranges(const std::string& text) {
    auto ranges = net::AddressRanges::create(text);
    if (ranges) return {};
    return Error{ErrorKind::invalid,
                 "must be a list of address ranges such as 10.0.0.0/8,fd00::/8: " + ranges.error().message};
}

Result<void> examine_percents(const std::string& text) {
    if (notice_percents(text)) return {};
    return Error{ErrorKind::invalid, "must be whole numbers from 1 to 1000, separated by commas"};
}

Result<void> examine_not_empty(const std::string& text) {
    if (!text.empty()) return {};
    return Error{ErrorKind::invalid, "must not be empty"};
}

// What the names and ranges mean is said once, here. The order is that of `punkt config` and of the reference page.
std::vector<Key> server_keys() {
    return {
        {.name = "server.address",
         .target = TextTarget([](Config& c) -> std::string& { return c.server.address; }),
         .help = "Address that the HTTP server listens on. 0.0.0.0 or :: for every interface.",
         .short_flag = "--address",
         .examine = examine_address},
        {.name = "server.port",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.server.port; }),
         .help = "Port of the HTTP server. 0 takes any free one.",
         .max = 65'535,
         .other_names = {"PORT"},
         .short_flag = "--port"},
        {.name = "server.threads",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.server.threads; }),
         .help = "Threads that serve HTTP. 0: one for every two cores.",
         .max = 256},
        {.name = "server.connections_max",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.server.connections_max; }),
         .help = "Connections that may be open at once; more are refused.",
         .min = 1,
         .max = 1'000'000},
        {.name = "server.drain_seconds",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.server.drain_seconds; }),
         .help = "How long a stop waits for requests and deliveries that are under way. What is cut off runs again "
                 "after the next start.",
         .unit = "s",
         .max = 3'600},
        {.name = "server.trusted_proxies",
         .target = TextTarget([](Config& c) -> std::string& { return c.server.trusted_proxies; }),
         .help =
             "Address ranges of reverse proxies, separated by commas. What they say in X-Forwarded-For is believed: "
             "the nearest address that is none of them counts as the caller's.",
         .examine = examine_ranges},
        {.name = "data.directory",
         .target = TextTarget([](Config& c) -> std::string& { return c.data.directory; }),
         .help = "Directory of the database and everything else that Punkt keeps. Made when it is missing.",
         .short_flag = "--data",
         .examine = examine_not_empty},
        {.name = "log.level",
         .target = TextTarget([](Config& c) -> std::string& { return c.log.level; }),
         .help = "Least important lines that are logged. Logs go to stderr.",
         .choices = {"debug", "info", "warn", "error"}},
        {.name = "log.format",
         .target = TextTarget([](Config& c) -> std::string& { return c.log.format; }),
         .help = "Lines for people or for machines.",
         .choices = {"text", "json"}},
        {.name = "master_key",
         .target = TextTarget([](Config& c) -> std::string& { return c.master_key; }),
         .help = "May create, list and revoke keys through /auth/keys and /api/v1/keys. With one set, the first start "
                 "makes no key of its own.",
         .other_names = {"API_KEY"},
         .secret = true},
        {.name = "rate_limit.per_minute",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.rate_limit.per_minute; }),
         .help = "Requests in a minute, for each key and each address without a key. 0: no limit.",
         .max = 1'000'000'000,
         .other_names = {"RATE_LIMIT_PER_MINUTE"}},
        {.name = "rate_limit.per_hour",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.rate_limit.per_hour; }),
         .help = "Requests in an hour, for each key and each address without a key. 0: no limit.",
         .max = 1'000'000'000,
         .other_names = {"RATE_LIMIT_PER_HOUR"}},
        {.name = "metrics.enabled",
         .target = FlagTarget([](Config& c) -> bool& { return c.metrics.enabled; }),
         .help = "Whether GET /metrics answers, without a key, in Prometheus' format."},
    };
}

std::vector<Key> delivery_keys() {
    return {
        {.name = "allow_private_targets",
         .target = TextTarget([](Config& c) -> std::string& { return c.allow_private_targets; }),
         .help = "Private and special addresses that tasks may call: 1 for all, or address ranges separated by commas. "
                 "Empty: none.",
         .examine = examine_private_targets},
        {.name = "retry.base_ms",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.retry.base_ms; }),
         .help = "Base of the standard retry delays: 4, 9, 16, 25 and 36 times this.",
         .unit = "ms",
         .min = 1,
         .max = 86'400'000},
        {.name = "limits.body_bytes",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.limits.body_bytes; }),
         .help = "Largest body of a task.",
         .unit = "bytes",
         .min = 1'024,
         .max = limits::body_bytes_ceiling},
        {.name = "limits.batch_items",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.limits.batch_items; }),
         .help = "Most tasks of one batch.",
         .min = 1,
         .max = limits::batch_items_ceiling},
        {.name = "limits.batch_bytes",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.limits.batch_bytes; }),
         .help = "Largest request of a batch. A single body in it is bound by limits.body_bytes.",
         .unit = "bytes",
         .min = 1'024,
         .max = limits::body_bytes_ceiling},
        {.name = "engine.in_flight_max",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.engine.in_flight_max; }),
         .help = "Deliveries that may be under way at once.",
         .min = 1,
         .max = 100'000},
        {.name = "client.threads",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.client.threads; }),
         .help = "Threads that deliver.",
         .min = 1,
         .max = 256},
        {.name = "client.connections_max",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.client.connections_max; }),
         .help = "Connections to targets that may be open at once.",
         .min = 1,
         .max = 1'000'000},
        {.name = "client.connections_per_host",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.client.connections_per_host; }),
         .help = "Connections to one host and port that may be open at once; further deliveries wait.",
         .min = 1,
         .max = 65'535},
        {.name = "client.ca_file",
         .target = TextTarget([](Config& c) -> std::string& { return c.client.ca_file; }),
         .help = "Certificates (PEM) that targets are verified with. Empty: the system's."},
    };
}

/// What is kept and for how long.
std::vector<Key> keeping_keys() {
    return {
        {.name = "retention.days",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.retention.days; }),
         .help = "How long finished executions, finished one-time tasks and deleted tasks are kept.",
         .unit = "days",
         .min = 1,
         .max = 36'500},
        {.name = "events.keep_hours",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.events.keep_hours; }),
         .help =
             "How long events can be resumed from. They are kept for organizations that somebody listened to within "
             "that time.",
         .unit = "h",
         .min = 1,
         .max = 720},
        {.name = "mail.server",
         .target = TextTarget([](Config& c) -> std::string& { return c.mail.server; }),
         .help =
             "Mail server for notices: smtp://mail.example.org:587 or smtps://mail.example.org:465. With smtp:// TLS "
             "is used when it is offered, and demanded when there is a user. Empty: no e-mail is sent.",
         .examine =
             [](const std::string& text) { return text.empty() ? Result<void>() : net::examine_mail_server(text); }},
        {.name = "mail.from",
         .target = TextTarget([](Config& c) -> std::string& { return c.mail.from; }),
         .help = "The address that notices come from.",
         .examine = [](const std::string& text) { return text.empty() ? Result<void>() : examine_mail_address(text); }},
        {.name = "mail.user",
         .target = TextTarget([](Config& c) -> std::string& { return c.mail.user; }),
         .help = "Who logs in at the mail server. Empty: nobody."},
        {.name = "mail.password",
         .target = TextTarget([](Config& c) -> std::string& { return c.mail.password; }),
         .help = "Password of mail.user.",
         .secret = true},
        {.name = "otlp.endpoint",
         .target = TextTarget([](Config& c) -> std::string& { return c.otlp.endpoint; }),
         .help = "Collector that spans are sent to, by OTLP over HTTP: http://127.0.0.1:4318. Empty: none are made.",
         .other_names = {"OTEL_EXPORTER_OTLP_ENDPOINT"}},
        {.name = "otlp.headers",
         .target = TextTarget([](Config& c) -> std::string& { return c.otlp.headers; }),
         .help = "Headers that the collector wants: name=value, separated by commas, values percent-encoded.",
         .other_names = {"OTEL_EXPORTER_OTLP_HEADERS"},
         .secret = true,
         .examine = examine_otlp_headers},
        {.name = "otlp.sample_percent",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.otlp.sample_percent; }),
         .help = "Share of the traces that begin in Punkt; a caller's traceparent decides for its own trace.",
         .unit = "%",
         .max = 100},
        {.name = "events.listeners_max",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.events.listeners_max; }),
         .help = "Streams of events that one organization may have open at once.",
         .min = 1,
         .max = 100'000},
    };
}

std::vector<Key> host_keys() {
    return {
        {.name = "hosts.breaker",
         .target = FlagTarget([](Config& c) -> bool& { return c.hosts.breaker; }),
         .help =
             "Whether a target host that fails three times in a row, or answers 429 or 503 with Retry-After, is left "
             "alone for a while."},
        {.name = "hosts.block_base_ms",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.hosts.block_base_ms; }),
         .help =
             "How long a failing host is left alone the first time; then 2, 4 and 10 times as long. Twice this after "
             "a 429 without Retry-After. 0: 6 times retry.base_ms, which is 30 s unless that is changed.",
         .unit = "ms",
         .max = 3'600'000},
        {.name = "hosts.adaptive",
         .target = FlagTarget([](Config& c) -> bool& { return c.hosts.adaptive; }),
         .help = "Whether each target host gets as many calls at once as it answers quickly, found by trying."},
        {.name = "hosts.adaptive_min",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.hosts.adaptive_min; }),
         .help = "Calls at once that an adaptive host gets at least.",
         .min = 1,
         .max = 100'000},
        {.name = "hosts.adaptive_max",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.hosts.adaptive_max; }),
         .help = "Calls at once that an adaptive host gets at most.",
         .min = 1,
         .max = 100'000},
        {.name = "hosts.adaptive_tolerance",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.hosts.adaptive_tolerance; }),
         .help = "An adaptive host that takes longer than this share of its time without load gets fewer calls.",
         .unit = "%",
         .min = 110,
         .max = 10'000},
    };
}

/// What organizations may use, and what of the history is kept.
std::vector<Key> bounds_keys() {
    return {
        {.name = "retention.success_days",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.retention.success_days; }),
         .help = "The same for executions that succeeded, when that shall differ. 0: as retention.days.",
         .unit = "days",
         .max = 36'500},
        {.name = "retention.failed_days",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.retention.failed_days; }),
         .help = "The same for executions that failed, timed out, were missed or expired. 0: as retention.days.",
         .unit = "days",
         .max = 36'500},
        {.name = "retention.bytes_max",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.retention.bytes_max; }),
         .help = "Size of what is stored beyond which the oldest history goes before its time: first executions that "
                 "succeeded, then the rest. Nothing that waits is touched. 0: no limit.",
         .unit = "bytes",
         .max = 1'000'000'000'000'000},
        {.name = "retention.success_bytes_max",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.retention.success_bytes_max; }),
         .help = "About how much executions that succeeded may take, with their one-time tasks; beyond it the oldest "
                 "go before their time. 0: no limit of their own.",
         .unit = "bytes",
         .max = 1'000'000'000'000'000},
        {.name = "retention.failed_bytes_max",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.retention.failed_bytes_max; }),
         .help = "The same for executions that failed, timed out, were missed or expired. 0: no limit of their own.",
         .unit = "bytes",
         .max = 1'000'000'000'000'000},
        {.name = "retention.audit_days",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.retention.audit_days; }),
         .help = "How long the audit log is kept.",
         .unit = "days",
         .min = 1,
         .max = 36'500},
        {.name = "audit.task_creates",
         .target = FlagTarget([](Config& c) -> bool& { return c.audit.task_creates; }),
         .help = "Whether the making of a one-time task is in the audit log too. It takes 1.8 times the CPU and four "
                 "times the disk of the task alone; recurring tasks are there always."},
        {.name = "audit.bodies",
         .target = TextTarget([](Config& c) -> std::string& { return c.audit.bodies; }),
         .help = "How the audit log shows the bodies of tasks: their first 500 bytes, or a SHA-256 that tells only "
                 "whether two are equal.",
         .choices = {"text", "hash"}},
        {.name = "plans.default",
         .target = TextTarget([](Config& c) -> std::string& { return c.plans.standard; }),
         .help = "Plan of organizations that have none of their own: the name of a [plans.<name>] table, or unlimited.",
         .examine = examine_not_empty},
        {.name = "plans.notices",
         .target = TextTarget([](Config& c) -> std::string& { return c.plans.notice_percents; }),
         .help = "Shares of a plan's monthly executions at which its organization is told, each once a month.",
         .unit = "percent",
         .examine = examine_percents},
    };
}

std::vector<Key> facade_keys() {
    return {
        {.name = "qron.enabled",
         .target = FlagTarget([](Config& c) -> bool& { return c.qron.enabled; }),
         .help = "Whether the Qron-compatible routes answer.",
         .other_names = {"QRON_ENABLED"}},
        {.name = "qron.backoff",
         .target = TextTarget([](Config& c) -> std::string& { return c.qron.backoff; }),
         .help = "Delays between the three attempts of a Qron job: 3 s and 9 s, or 3 s and 3 s.",
         .choices = {"exponential", "fixed"},
         .other_names = {"QRON_BACKOFF"}},
        {.name = "qron.concurrency",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.qron.concurrency; }),
         .help =
             "Qron jobs of one organization that may run at once. 0: no limit of its own. 1: strictly one after the "
             "other, its retries included.",
         .max = 100'000,
         .other_names = {"QRON_CONCURRENCY"}},
        {.name = "qron.retention_hours",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.qron.retention_hours; }),
         .help = "How long a finished Qron job can be looked up.",
         .unit = "h",
         .min = 1,
         .max = 876'000,
         .other_names = {"QRON_RETENTION_HOURS"}},
        {.name = "tiktak.enabled",
         .target = FlagTarget([](Config& c) -> bool& { return c.tiktak.enabled; }),
         .help = "Whether the TikTak-compatible routes answer.",
         .other_names = {"TIKTAK_ENABLED"}},
        {.name = "tiktak.port",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.tiktak.port; }),
         .help = "A second port, at the same address, where the TikTak routes need no key. 0: none.",
         .max = 65'535,
         .other_names = {"TIKTAK_PORT"}},
        {.name = "tiktak.api_key",
         .target = TextTarget([](Config& c) -> std::string& { return c.tiktak.api_key; }),
         .help = "A key that opens only the TikTak routes.",
         .other_names = {"TIKTAK_API_KEY"},
         .secret = true},
        {.name = "tiktak.retries",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.tiktak.retries; }),
         .help = "Retries of a TikTak callback after the first attempt.",
         .max = limits::retries_max,
         .other_names = {"TIKTAK_RETRIES"}},
        {.name = "tiktak.concurrency_limit",
         .target = NumberTarget([](Config& c) -> std::int64_t& { return c.tiktak.concurrency_limit; }),
         .help = "TikTak callbacks of one organization that may run at once.",
         .min = 1,
         .max = 100'000,
         .other_names = {"TIKTAK_CONCURRENCY_LIMIT"}},
        {.name = "tiktak.allow_shutdown",
         .target = FlagTarget([](Config& c) -> bool& { return c.tiktak.allow_shutdown; }),
         .help = "Whether /_shutdown with a key stops Punkt.",
         .other_names = {"TIKTAK_ALLOW_SHUTDOWN"}},
    };
}

}  // namespace

const std::vector<Key>& config_table() {
    static const std::vector<Key> keys = [] {
        std::vector<Key> all = server_keys();
        for (const auto& more : {delivery_keys(), keeping_keys(), host_keys(), bounds_keys(), facade_keys()})
            all.insert(all.end(), more.begin(), more.end());
        return all;
    }();
    return keys;
}

}  // namespace punkt::app
