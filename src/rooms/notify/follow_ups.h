// Which notices an outcome causes. Source: execution.md §8.2, §8.3.
#pragma once

#include <vector>

#include "base/id.h"
#include "engine/follow_up.h"
#include "rooms/notify/notice_book.h"

namespace punkt::notify {

/// A failure counts when a run is finally lost and the run before it was not; a recovery when a run succeeds after one
/// that was lost. The task's on_failure_url and on_recovery_url get the JSON; the organization's webhook too, or what
/// Slack and Discord understand when it is one of theirs, and its e-mail address, unless the task or the organization
/// does not want it. The e-mails are counted in the book.
/// Threads: the engine's.
void add_notices(const engine::Finished& finished, const PublicIds& ids, NoticeBook& book, std::vector<Task>& tasks);

}  // namespace punkt::notify
