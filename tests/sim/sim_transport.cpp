#include "sim/sim_transport.h"

#include <fmt/format.h>

#include <array>

#include "base/check.h"

namespace punkt::sim {
namespace {

using namespace std::chrono_literals;
constexpr std::array<const char*, 6> mood_names{"ok", "dead", "slow", "gone", "stop", "wait"};

Mood mood_of(const std::string& url) {
    for (std::size_t i = 0; i < mood_names.size(); ++i)
        if (url.starts_with(fmt::format("http://{}.test/", mood_names[i]))) return static_cast<Mood>(i);
    check_failed("a URL of the simulation has a mood", std::source_location::current());
}

}  // namespace

std::string url_of(Mood mood, std::int64_t number) {
    return fmt::format("http://{}.test/{}", mood_names[static_cast<std::size_t>(mood)], number);
}

Answer SimTransport::bad_answer() {
    switch (around_.dice.between(0, 4)) {
        case 0:
            return {.failure = Failure::connect, .error = "connection refused by 192.0.2.1:80"};
        case 1:
            return {.failure = Failure::connection, .error = "reset by 192.0.2.1:80"};
        case 2:
            return {.failure = Failure::timeout, .error = "no answer in time"};
        case 3:
            return {.status = 429, .retry_after = std::to_string(around_.dice.between(1, 100))};
        default:
            return {.status = around_.dice.pick({400, 404, 500, 502, 503})};
    }
}

SimTransport::Reply SimTransport::reply_to(const Request& request) {
    Dice& dice = around_.dice;
    const auto quick = dice.spread(300us, 500ms);
    Reply reply{.answer = {.status = 200}, .after = quick};
    switch (around_.faults.targets_do_well ? Mood::ok : mood_of(request.url)) {
        case Mood::ok:
            if (dice.chance(around_.faults.bad_answer)) reply.answer = bad_answer();
            break;
        case Mood::dead:
            reply.answer = bad_answer();
            break;
        case Mood::slow:
            reply.after = dice.spread(500ms, 300s);
            break;
        case Mood::gone:
            reply.answer = {.status = 410};
            break;
        case Mood::stop:
            reply.answer = {.status = 500, .no_retry = true};
            break;
        case Mood::wait:
            if (dice.chance(0.7)) reply.answer = {.status = 503, .retry_after = "7"};
            break;
    }
    if (reply.answer.failure == Failure::timeout || reply.after > request.timeout) {
        reply.answer = {.failure = Failure::timeout, .error = "no answer in time"};
        reply.after = request.timeout;
    }
    reply.answer.ticket = request.ticket;
    reply.answer.timings.total_us = reply.after.count();
    return reply;
}

void SimTransport::send(std::vector<Request> requests) {
    for (const Request& request : requests) {
        around_.sent(request);
        Reply reply = reply_to(request);
        around_.agenda.at(around_.clock.elapsed() + reply.after,
                          [this, life = std::weak_ptr<int>(alive_), answer = std::move(reply.answer)] {
                              if (!life.lock()) return;
                              around_.answered(answer);
                              around_.sink.answered({answer});
                          });
    }
}

}  // namespace punkt::sim
