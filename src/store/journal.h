// What the writer does, told as events in the order of the commits. The journal may keep them in the same commit.
// Implemented by rooms/events; without one nothing is told and nothing costs.
#pragma once

#include "core/event.h"
#include "db/connection.h"

namespace punkt::store {

class Announcements;

/// Threads: the writer's.
class Journal {
  public:
    virtual ~Journal() = default;
    /// A transaction begins; what an earlier one told and did not commit is forgotten. False: nobody listens, nothing
    /// of this transaction needs to be told.
    virtual bool begin() = 0;
    /// Whether happenings of this organization need to be told.
    virtual bool wants(Id organization) const = 0;
    virtual void happened(const Happening& happening) = 0;
    /// Before the commit, in its transaction.
    virtual Result<void> write(db::Connection& connection) = 0;
    /// It is on disk. Before anything else is told of that commit.
    virtual void committed(Announcements& announcements) = 0;
};

}  // namespace punkt::store
