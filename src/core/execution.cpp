#include "core/execution.h"

#include "base/hash.h"
#include "core/words.h"

namespace punkt {
namespace {

constexpr Words<Status, 8> statuses{{{Status::pending, "pending"},
                                     {Status::running, "running"},
                                     {Status::success, "success"},
                                     {Status::failed, "failed"},
                                     {Status::timeout, "timeout"},
                                     {Status::missed, "missed"},
                                     {Status::cancelled, "cancelled"},
                                     {Status::expired, "expired"}}};
constexpr Words<Cause, 4> causes{
    {{Cause::create, "create"}, {Cause::schedule, "schedule"}, {Cause::retry, "retry"}, {Cause::trigger, "trigger"}}};

// Not a secret: a lane only has to be the same number after a restart and on every node.
constexpr std::array<std::uint8_t, 16> lane_key{'p', 'u', 'n', 'k', 't', ' ', 'l', 'a', 'n', 'e'};

}  // namespace

const char* word(Status value) { return statuses.word(value); }
const char* word(Cause value) { return causes.word(value); }
std::optional<Status> status_from(std::string_view text) { return statuses.value(text); }
std::optional<Cause> cause_from(std::string_view text) { return causes.value(text); }

Lane lane_of(Id organization, std::string_view queue) {
    if (queue.empty()) return 0;
    std::string bytes(reinterpret_cast<const char*>(&organization), sizeof organization);
    bytes += queue;
    // 63 bits: SQL has no unsigned integers. 0 is taken by "no queue".
    const Lane lane = siphash(lane_key, bytes) >> 1;
    return lane == 0 ? 1 : lane;
}

}  // namespace punkt
