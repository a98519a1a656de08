// A change of a queue's settings on its way to the disk.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/audit.h"
#include "core/queue.h"
#include "engine/inbox.h"
#include "store/queue_book.h"
#include "store/write.h"

namespace punkt::queues {

struct SettingsWish {
    Id organization = 0;
    std::string name;
    Timestamp now{};
    std::function<void(QueueSettings&)> change;
    AuditEntry entry;  // without what changes
};

/// What `change` makes of the stored settings, their audit entry, and the event when they pause or resume the queue.
/// When `done` is called with success, `changed` has what is stored, and the book and the engine know it.
std::unique_ptr<store::Write> settings_write(store::QueueBook& book, engine::Inbox& engine, SettingsWish wish,
                                             std::shared_ptr<QueueSettings> changed, store::Done done);

}  // namespace punkt::queues
