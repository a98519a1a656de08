// Creating tasks of which not each becomes one (store/intake.h), with the engine held off what a debounce replaces.
#pragma once

#include <functional>
#include <vector>

#include "rooms/tasks/handlers.h"
#include "store/intake.h"

namespace punkt::tasks {

struct Intake {
    std::vector<store::Wish> wishes;
    bool is_partial = false;
    std::vector<store::Taken> taken = {};  // filled in the commit
    bool is_batch = false;                 // the audit log names it as one
};

/// `answer` is asked as api::commit says; `intake` must live until then. Errors: those of the store; `unavailable` when
/// others are faster again and again.
Async<Result<void>> take_in(const Services& services, api::Context& context, Intake& intake,
                            std::function<net::HttpReply()> answer);

}  // namespace punkt::tasks
