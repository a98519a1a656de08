#include "core/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/time_text.h"
#include "core/assertion.h"
#include "core/retry.h"

namespace punkt {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<int> status_from_text(std::string_view text) {
    int code = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (text.size() != 3 || problem != std::errc{} || end != text.data() + 3 || code < 100 || code > 599)
        return std::nullopt;
    return code;
}

/// Calls `each` with the parts of a comma-separated list until it answers false.
template <class Each>
bool every_part(std::string_view list, Each each) {
    while (true) {
        const auto comma = list.find(',');
        if (!each(trimmed(list.substr(0, comma)))) return false;
        if (comma == std::string_view::npos) return true;
        list.remove_prefix(comma + 1);
    }
}

bool retries_status(const RetryPolicy& policy, int code) {
    return std::any_of(policy.on.statuses.begin(), policy.on.statuses.end(),
                       [code](const auto& range) { return code >= range.first && code <= range.second; });
}

enum class Reason { status, assertion, timeout, transport, redirect };

struct Judgement {
    Verdict verdict;
    Reason reason = Reason::status;
};

Judgement judge_status(const Task& task, const Answer& answer) {
    const int code = *answer.status;
    if (!status_expected(task.expected_status_codes, code)) {
        if (task.expected_status_codes.empty()) return {{Status::failed, fmt::format("HTTP {}", code)}, Reason::status};
        return {
            {Status::failed, fmt::format("Assertion failed: status {} not in [{}]", code, task.expected_status_codes)},
            Reason::status};
    }
    if (auto failed = failed_assertion(task, answer)) return {{Status::failed, std::move(*failed)}, Reason::assertion};
    return {{Status::success}, Reason::status};
}

/// The reference's words for what its HTTP library met (execution.md §5.2: ":econnrefused", ":nxdomain").
const char* reason_word(const Answer& answer) {
    switch (answer.failure) {
        case Failure::dns:
            return "nxdomain";
        case Failure::connect:
            return answer.error.find("refused") != std::string::npos ? "econnrefused" : "ehostunreach";
        case Failure::tls:
            return "tls_alert";
        case Failure::blocked:
            return "blocked";
        case Failure::protocol:
            return "protocol";
        default:
            return "closed";
    }
}

Judgement judge_once(const Task& task, const Answer& answer) {
    switch (answer.failure) {
        case Failure::none:
            return judge_status(task, answer);
        case Failure::timeout:
            return {{Status::timeout, "Request timed out"}, Reason::timeout};
        case Failure::redirect:
            return {{Status::failed, answer.error}, Reason::redirect};
        default:
            return {{Status::failed, fmt::format("Transport error: :{} ({})", reason_word(answer), answer.error)},
                    Reason::transport};
    }
}

bool policy_retries(const RetryPolicy& policy, const Judgement& judgement, const Answer& answer) {
    switch (judgement.reason) {
        case Reason::timeout:
            return policy.on.timeout;
        case Reason::transport:
            return policy.on.transport;
        case Reason::assertion:
            return policy.on.assertion;
        case Reason::status:
        case Reason::redirect:
            return answer.status && retries_status(policy, *answer.status);
    }
    return true;
}

}  // namespace

std::optional<std::pair<int, int>> status_range(std::string_view text) {
    text = trimmed(text);
    if (const auto code = status_from_text(text)) return std::pair{*code, *code};
    if (text.size() == 3 && text[0] >= '1' && text[0] <= '5' && (text.substr(1) == "xx" || text.substr(1) == "XX")) {
        const int first = (text[0] - '0') * 100;
        return std::pair{first, first + 99};
    }
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto from = status_from_text(trimmed(text.substr(0, dash)));
    const auto to = status_from_text(trimmed(text.substr(dash + 1)));
    if (!from || !to || *from > *to) return std::nullopt;
    return std::pair{*from, *to};
}

bool status_expected(std::string_view list, int code) {
    if (trimmed(list).empty()) return code >= 200 && code <= 299;
    return !every_part(list, [code](std::string_view part) {
        const auto range = status_range(part);
        return !range || code < range->first || code > range->second;
    });
}

Result<void> check_status_list(std::string_view list) {
    if (trimmed(list).empty()) return {};
    std::string wrong;
    const bool good = every_part(list, [&wrong](std::string_view part) {
        wrong = part;
        return status_range(part).has_value();
    });
    if (good) return {};
    return Error{ErrorKind::invalid,
                 fmt::format("must be comma-separated status codes between 100 and 599 ('{}' is none)", wrong)};
}

Verdict judge(const Task& task, const Answer& answer, int attempt, const RetryPolicy& standard, Timestamp now,
              Random& random) {
    Judgement judgement = judge_once(task, answer);
    Verdict& verdict = judgement.verdict;
    // Cron runs retry only when a policy is named (contract "Retries"); Runlater's clients send retry_attempts anyway.
    const int retries = task.kind == TaskKind::cron && !task.retry ? 0 : task.retry_attempts;
    if (verdict.status == Status::success || attempt > retries) return verdict;
    if (answer.no_retry || answer.status == 410) return verdict;
    const RetryPolicy& policy = task.retry ? *task.retry : standard;
    if (!policy_retries(policy, judgement, answer)) return verdict;
    Milliseconds delay = retry_delay(policy, attempt, random);
    if (answer.retry_after && (answer.status == 429 || answer.status == 503)) {
        if (const auto asked = parse_retry_after(*answer.retry_after, now))
            delay = std::min(*asked, limits::retry_after_max);
    }
    verdict.retry_at = now + delay;
    return verdict;
}

}  // namespace punkt
