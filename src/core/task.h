// A task: what was asked. Plain data; the rules that make one from a request are in core/task_rules.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "core/limits.h"
#include "core/queue.h"

namespace punkt {

enum class Method : std::uint8_t { get, post, put, patch, delete_, head, options };
enum class TaskKind : std::uint8_t { once, cron };
/// Which reading of a cron expression: contract "Cron dialect".
enum class CronDialect : std::uint8_t { classic, and_ };
/// What happens to instants that passed while nothing could fire them.
enum class CatchUp : std::uint8_t { skip, run_latest, run_all };
/// What happens when a cron instant comes while an earlier run of the same task is not finished.
enum class Overlap : std::uint8_t { allow, skip, queue };
/// On whose wire the task came in: decides a few headers and which rooms show it. Never an access rule.
/// `system`: Punkt asked for it itself, see Purpose.
enum class Surface : std::uint8_t { native, qron, tiktak, system };
/// What a task is for. All but `user` are follow-ups of an execution: hidden from lists and not counted against plans
/// unless asked for.
enum class Purpose : std::uint8_t { user, callback, on_failure, on_recovery, notice, event };

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Delay after failed attempt k, before jitter:
///   standard     (k+1)² × initial          contract "Retries", initial 5 s
///   exponential  initial × factor^(k-1)    qron: initial × (2^k - 1)
///   linear       initial × k
///   fixed        initial
///   ladder       ladder[k-1], the last one repeats
/// never more than `max`.
struct RetryPolicy {
    enum class Strategy : std::uint8_t { standard, exponential, linear, fixed, ladder, qron };
    Strategy strategy = Strategy::standard;
    Milliseconds initial{5000};
    double factor = 2.0;
    Milliseconds max{limits::retry_delay_max};
    std::vector<Milliseconds> ladder = {};
    /// ± share of the delay, 0…1
    double jitter = 0.1;

    /// What is retried. Empty: every failure.
    struct On {
        bool transport = true;  // connection, DNS, TLS
        bool timeout = true;
        std::vector<std::pair<int, int>> statuses = {{100, 599}};  // inclusive ranges
        bool assertion = true;
    };
    On on = {};
    bool operator==(const RetryPolicy&) const;
};

/// The value at `path` ("$.state", "$.items[0].ok") of a JSON response equals `equals`, a JSON text.
struct JsonExpectation {
    std::string path;
    std::string equals;
    bool operator==(const JsonExpectation&) const = default;
};

/// Times are UTC. An `Id` of 0 is "not stored yet".
struct Task {
    Id id = 0;
    Id organization = 0;
    int version = 1;  // grows with each update
    Surface surface = Surface::native;
    TaskKind kind = TaskKind::once;

    std::string name;
    std::string url;
    Method method = Method::post;
    Headers headers = {};
    std::optional<std::string> body = std::nullopt;  // bytes as they are sent

    std::string cron = {};         // kind cron: the expression as given
    std::string timezone = "UTC";  // IANA
    CronDialect dialect = CronDialect::classic;
    CatchUp catch_up = CatchUp::run_latest;
    Overlap overlap = Overlap::allow;
    std::optional<Timestamp> scheduled_at = std::nullopt;  // kind once: first due time
    bool enabled = true;

    Milliseconds timeout{limits::timeout_default};  // total deadline
    int retry_attempts = 5;  // retries after the first try; a cron task retries only with `retry`
    std::optional<RetryPolicy> retry = std::nullopt;  // nothing: the installation's standard policy
    bool follow_redirects = false;                    // also 301–303 of methods other than GET and HEAD

    std::string queue = {};                              // empty: none
    int priority = 5;                                    // 1 first … 10
    std::vector<KeyLimit> key_limits = {};               // all must have room
    std::optional<Timestamp> expires_at = std::nullopt;  // a run that has not started by then does not start

    std::string callback_url = {};
    std::string expected_status_codes = {};  // as stored; empty: any 2xx
    std::string expected_body_pattern = {};  // empty: none
    std::string expected_body_regex = {};    // RE2 syntax; empty: none
    std::vector<JsonExpectation> expected_json = {};
    std::optional<Milliseconds> expected_latency_max = std::nullopt;  // a slower answer is a failure
    std::optional<bool> notify_on_failure = std::nullopt;
    std::optional<bool> notify_on_recovery = std::nullopt;
    std::string on_failure_url = {};
    std::string on_recovery_url = {};
    std::string foreign_id = {};  // Qron's job id, TikTak's schedule id
    std::string key = {};         // the user's own name for it, unique among the organization's live tasks; empty: none
    std::vector<std::string> tags = {};
    std::string metadata = {};     // a JSON object as text; empty: none
    std::string traceparent = {};  // W3C trace context of the request that made it; empty: none
    std::string tracestate = {};
    Purpose purpose = Purpose::user;
    Id parent = 0;  // the execution that this is a follow-up of; 0: none

    Timestamp created_at{};
    Timestamp updated_at{};
    std::optional<Timestamp> deleted_at = std::nullopt;
    /// kind cron and enabled: the next instant. Kept by the store (table `schedule`), not by the task's row.
    std::optional<Timestamp> next_run_at = std::nullopt;
    std::optional<Timestamp> last_execution_at = std::nullopt;
    std::string last_execution_status = {};
    /// Whether the last finished run was finally lost, for tasks that run more than once; nothing: none has finished.
    /// Kept by the store, for the engine.
    std::optional<bool> last_run_lost = std::nullopt;
};

using TaskPtr = std::shared_ptr<const Task>;

const char* word(Method);       // "GET"
const char* word(TaskKind);     // "once"
const char* word(CronDialect);  // "classic", "and"
const char* word(CatchUp);      // "run_latest"
const char* word(Overlap);      // "allow"
const char* word(Surface);      // "native"
const char* word(Purpose);      // "callback"
const char* word(RetryPolicy::Strategy);
std::optional<Method> method_from(std::string_view upper_case_word);
std::optional<TaskKind> task_kind_from(std::string_view);
std::optional<CronDialect> cron_dialect_from(std::string_view);
std::optional<CatchUp> catch_up_from(std::string_view);
std::optional<Overlap> overlap_from(std::string_view);
std::optional<Surface> surface_from(std::string_view);
std::optional<Purpose> purpose_from(std::string_view);
std::optional<RetryPolicy::Strategy> retry_strategy_from(std::string_view);

}  // namespace punkt
