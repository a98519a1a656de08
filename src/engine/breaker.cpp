#include "engine/breaker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/time_text.h"

namespace punkt::engine {
namespace {

constexpr std::array escalation = {1, 2, 4, 10};  // execution.md §7: 30, 60, 120, 300 s

const char* word(Failure failure) {
    switch (failure) {
        case Failure::timeout:
            return "timeout";
        case Failure::dns:
            return "name not found";
        case Failure::connect:
            return "no connection";
        case Failure::tls:
            return "TLS failure";
        case Failure::connection:
            return "connection lost";
        default:
            return "no usable answer";
    }
}

}  // namespace

HostVerdict judge_host(const Answer& answer, Timestamp now) {
    if (answer.failure == Failure::blocked || answer.failure == Failure::cancelled)
        return {.kind = HostVerdict::Kind::nothing};
    if (answer.failure != Failure::none && answer.failure != Failure::redirect)
        return {.kind = HostVerdict::Kind::failed, .reason = word(answer.failure)};
    const int status = answer.status.value_or(0);
    HostVerdict verdict;
    if (status >= 500) verdict.kind = HostVerdict::Kind::failed;
    if (status >= 500 || status == 429) verdict.reason = fmt::format("HTTP {}", status);
    if ((status == 429 || status == 503) && answer.retry_after)
        verdict.rest = parse_retry_after(*answer.retry_after, now);
    verdict.asks_for_rest = status == 429 || verdict.rest;
    return verdict;
}

Breaker::State Breaker::state(Timestamp now) const {
    if (saved_.until > now) return State::blocked;
    return ramp_ > 0 ? State::half_open : State::closed;
}

std::optional<int> Breaker::room(Timestamp now) const {
    if (saved_.until > now) return 0;
    return ramp_ > 0 ? std::optional(ramp_) : std::nullopt;
}

void Breaker::block(Milliseconds length, const std::string& reason, Timestamp now) {
    saved_.until = std::max(saved_.until, now + std::min(length, block_max));
    saved_.reason = reason;
    ramp_ = 1;
    blocked_at_ = now;
}

void Breaker::answered(const HostVerdict& verdict, Timestamp started, Timestamp now) {
    if (verdict.kind == HostVerdict::Kind::nothing) return;
    const bool is_late = started < blocked_at_;
    if (verdict.kind == HostVerdict::Kind::failed && !is_late) {
        ++saved_.failures;
        saved_.reason = verdict.reason;
        if (saved_.failures >= failures_max) {
            const auto step = std::min<std::size_t>(static_cast<std::size_t>(saved_.blocks), escalation.size() - 1);
            ++saved_.blocks;
            block(options_.base * escalation[step], verdict.reason, now);
        }
    }
    if (verdict.asks_for_rest) return block(verdict.rest.value_or(2 * options_.base), verdict.reason, now);
    if (verdict.kind != HostVerdict::Kind::well) return;
    saved_.failures = saved_.blocks = 0;
    if (state(now) == State::half_open && !is_late && ++ramp_ > ramp_max) ramp_ = 0;
    if (ramp_ == 0) saved_ = {};
}

}  // namespace punkt::engine
