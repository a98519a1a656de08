// What only the engine's memory knows, for those who listen right now: execution.started.
#pragma once

#include "base/id.h"
#include "engine/observer.h"
#include "rooms/events/hub.h"

namespace punkt::events {

class PassingEvents final : public engine::Observer {
  public:
    PassingEvents(IdMaker& ids, const PublicIds& public_ids, Hub& hub)
        : ids_(ids), public_ids_(public_ids), hub_(hub) {}

    void started(const Timer& run, const Task& task, int deliveries, Timestamp at) override;
    /// Told by the writer, when it is on disk.
    void ended(const Execution&, const Task&) override {}

  private:
    IdMaker& ids_;
    const PublicIds& public_ids_;
    Hub& hub_;
};

}  // namespace punkt::events
