// How long events are kept: an organization is watched while somebody listens and for a while after.
#pragma once

#include <atomic>
#include <memory>

#include "base/clock.h"
#include "base/id.h"
#include "rooms/events/hub.h"
#include "rooms/events/journal.h"
#include "store/writer.h"

namespace punkt::events {

/// Threads: any; step() one.
class Keeper {
  public:
    struct Options {
        Milliseconds keep = std::chrono::hours{24};  // events, and the watch after the last listener has left
        std::int64_t kept_max = 1'000'000;           // events of one organization
        int forgotten_max = 2'000;                   // events in one write
    };
    Keeper(store::Writer& writer, EventJournal& journal, const Hub& hub, IdMaker& ids, const Clock& clock,
           Options options)
        : writer_(writer), journal_(journal), hub_(hub), ids_(ids), clock_(clock), options_(options) {}

    /// Answers when every event from now on is kept. Does not write when the organization is watched for long enough.
    void watch(Id organization, store::Done done);
    /// A chore: prolongs the watches of those who listen, forgets what is old. True: more waits.
    bool step();

  private:
    bool is_watched_long_enough(Id organization) const;
    Result<void> tend(db::Connection& connection, Id organization);

    store::Writer& writer_;
    EventJournal& journal_;
    const Hub& hub_;
    IdMaker& ids_;
    const Clock& clock_;
    const Options options_;
    std::shared_ptr<std::atomic<bool>> more_waits_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace punkt::events
