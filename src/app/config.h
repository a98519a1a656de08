// The configuration: default < file (TOML) < environment < flag, read once at start. Every part of Punkt gets its own
// Options struct made from these values by wiring.cpp; nothing else reads a file or the environment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/plan.h"

namespace punkt::app {

/// Where one value came from.
struct Setting {
    std::string name;    // "server.port"
    std::string value;   // as given
    std::string origin;  // "default", "punkt.toml line 3", "environment PUNKT_SERVER_PORT", "flag --server-port"
};

/// Every value, already inside its range. The initialisers are the defaults.
struct Config {
    struct Server {
        std::string address = "127.0.0.1";
        std::int64_t port = 4000;
        std::int64_t threads = 0;
        std::int64_t connections_max = 10'000;
        std::int64_t drain_seconds = 30;
        std::string trusted_proxies = {};
    } server = {};
    struct Data {
        std::string directory = "./data";
    } data = {};
    struct Log {
        std::string level = "info";
        std::string format = "text";
    } log = {};
    std::string master_key = {};
    std::string allow_private_targets = {};
    struct Retry {
        std::int64_t base_ms = 5'000;
    } retry = {};
    struct Limits {
        std::int64_t body_bytes = 262'144;
        std::int64_t batch_items = 1'000;
        std::int64_t batch_bytes = 8'000'000;
    } limits = {};
    struct Engine {
        std::int64_t in_flight_max = 4'000;
    } engine = {};
    struct Hosts {
        bool breaker = true;
        std::int64_t block_base_ms = 0;
        bool adaptive = false;
        std::int64_t adaptive_min = 1;
        std::int64_t adaptive_max = 1'000;
        std::int64_t adaptive_tolerance = 200;
    } hosts = {};
    struct Client {
        std::int64_t threads = 1;
        std::int64_t connections_max = 10'000;
        std::int64_t connections_per_host = 2'000;
        std::string ca_file = {};
    } client = {};
    struct Retention {
        std::int64_t days = 30;
        std::int64_t success_days = 0;
        std::int64_t failed_days = 0;
        std::int64_t bytes_max = 0;
        std::int64_t success_bytes_max = 0;
        std::int64_t failed_bytes_max = 0;
        std::int64_t audit_days = 90;
    } retention = {};
    struct Audit {
        bool task_creates = false;
        std::string bodies = "text";
    } audit = {};
    struct Events {
        std::int64_t keep_hours = 24;
        std::int64_t listeners_max = 100;
    } events = {};
    struct Otlp {
        std::string endpoint = {};
        std::string headers = {};
        std::int64_t sample_percent = 100;
    } otlp = {};
    struct Mail {
        std::string server = {};
        std::string user = {};
        std::string password = {};
        std::string from = {};
    } mail = {};
    struct RateLimit {
        std::int64_t per_minute = 0;
        std::int64_t per_hour = 0;
    } rate_limit = {};
    struct Metrics {
        bool enabled = true;
    } metrics = {};
    struct Plans {
        std::string standard = "unlimited";      // plans.default
        std::string notice_percents = "80,100";  // plans.notices
        std::vector<Plan> all = {};              // [plans.<name>]
        std::vector<Setting> settings = {};      // what was set of these, in order
    } plans = {};
    struct Qron {
        bool enabled = true;
        std::string backoff = "exponential";
        std::int64_t concurrency = 0;
        std::int64_t retention_hours = 168;
    } qron = {};
    struct Tiktak {
        bool enabled = true;
        std::int64_t port = 0;
        std::string api_key = {};
        std::int64_t retries = 2;
        std::int64_t concurrency_limit = 10;
        bool allow_shutdown = false;
    } tiktak = {};

    std::string file = {};                  // the file that was read; empty: none
    std::vector<Setting> settings = {};     // one for each key, in the table's order
    std::vector<std::string> notices = {};  // sentences for the log: what was accepted and ignored
};

/// What load_config reads. The tests fill it by hand.
struct ConfigSources {
    std::optional<std::string> file =
        std::nullopt;  // must be readable; nothing: PUNKT_CONFIG, else ./punkt.toml if there
    std::vector<std::pair<std::string, std::string>> environment = {};
    std::vector<std::pair<std::string, std::string>> flags = {};     // name of the key, value
    std::vector<std::pair<std::string, std::string>> defaults = {};  // what the command itself prefers: `punkt dev`
};

/// The environment of this process.
std::vector<std::pair<std::string, std::string>> process_environment();

/// Errors: `invalid` with one line for each mistake found: unknown names (with the nearest known one), values outside
/// their range, unreadable files, each with its origin. Never half a configuration.
Result<Config> load_config(const ConfigSources& sources);

}  // namespace punkt::app
