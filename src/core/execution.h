// An execution: one attempt to run a task. While it waits it is a Timer; when it ends it is an Execution.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"

namespace punkt {

/// The wire words of runlater-api.md §2.8, `cancelled`, and `expired`: not started by the task's expires_at.
enum class Status : std::uint8_t { pending, running, success, failed, timeout, missed, cancelled, expired };
/// Why an execution exists.
enum class Cause : std::uint8_t { create, schedule, retry, trigger };

const char* word(Status);
const char* word(Cause);
std::optional<Status> status_from(std::string_view);
std::optional<Cause> cause_from(std::string_view);

/// (organization, queue) as a number: the unit of flow control. 0: no queue, no limits.
using Lane = std::uint64_t;
Lane lane_of(Id organization, std::string_view queue);

/// What is pending: narrow, no payload. A run waits for `due`; a beat is the heart of a cron task, it comes due at each
/// instant and turns into runs.
struct Timer {
    enum class Kind : std::uint8_t { run, beat };
    Id id = 0;  // run: the execution's id. beat: the task's id
    Id task = 0;
    Id organization = 0;
    Kind kind = Kind::run;
    Cause cause = Cause::create;
    int attempt = 1;
    Id first = 0;               // id of attempt 1 of the same run; equals `id` on attempt 1
    Timestamp due{};            // not started before
    Timestamp scheduled_for{};  // what the user sees: the instant this run is for (retries: their own due time)
    Lane lane = 0;
    int priority = 5;

    bool operator==(const Timer&) const = default;
};

/// Where the time of an attempt went. Microseconds since its start; nothing: the phase was not reached or not needed
/// (a reused connection has no dns, connect and tls).
struct Timings {
    std::optional<std::int64_t> dns_us, connect_us, tls_us, first_byte_us;
    std::int64_t total_us = 0;
};

/// A finished attempt. Written once.
struct Execution {
    Id id = 0;
    Id task = 0;
    Id organization = 0;
    Id first = 0;
    int attempt = 1;
    int deliveries = 1;  // more than 1: a crash interrupted an earlier delivery of this attempt
    int task_version = 1;
    Cause cause = Cause::create;
    Status status = Status::success;
    Timestamp scheduled_for{};
    std::optional<Timestamp> started_at = std::nullopt;
    std::optional<Timestamp> finished_at = std::nullopt;
    std::optional<int> status_code = std::nullopt;
    std::string error_message = {};  // empty: none
    Id next = 0;                     // the retry that follows; 0: this was the last attempt
    std::optional<Timestamp> next_at = std::nullopt;
    std::string address = {};  // "93.184.216.34:443"
    Timings timings = {};
    std::string request_head = {};   // as sent: request line and header lines, CRLF
    std::string response_head = {};  // as received
    std::string response_body = {};  // at most limits::response_stored_bytes, then the truncation mark
    bool response_truncated = false;
};

}  // namespace punkt
