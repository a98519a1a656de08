// What the engine touches of the world. The simulation gives it others (tests/sim).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "core/delivery.h"
#include "core/execution.h"
#include "core/queue.h"
#include "engine/follow_up.h"
#include "engine/hosts.h"
#include "engine/observer.h"
#include "net/transport.h"
#include "store/engine_store.h"
#include "store/start_notes.h"

namespace punkt::engine {

/// How a lane lets its runs through. See core/queue.h.
struct LaneSettings {
    bool is_paused = false;
    int concurrency = 1;  // runs out at once; 1 makes it serial: one after the other, in order
    std::optional<Rate> rate = std::nullopt;
    OnFailure on_failure = OnFailure::block;
    bool operator==(const LaneSettings&) const = default;
};

/// What an organization may use of the whole.
struct OrganizationSettings {
    int weight = 1;       // ≥ 1: its share of the starts when others want to start too
    int concurrency = 0;  // runs out at once; 0: no limit
    /// Its quota is used up until then; nothing of it starts before.
    std::optional<Timestamp> quota_until = std::nullopt;
    bool operator==(const OrganizationSettings&) const = default;
};

/// What the engine must know about organizations and lanes. It keeps what `lane` and `organization` answer while
/// something of them waits or is out; Inbox::settings_changed makes it ask again. Threads: the engine's.
class Directory {
  public:
    virtual ~Directory() = default;
    /// Those that sign `now`.
    virtual WebhookSecrets webhook_secrets(Id organization, Timestamp now) const = 0;
    /// Never asked for lane 0.
    virtual LaneSettings lane(Id organization, Lane lane) const = 0;
    virtual OrganizationSettings organization(Id organization) const = 0;
    /// One more run of a schedule is due. False: the organization's plan does not allow it, the instant is missed.
    virtual bool admit_run(Id /*organization*/) const { return true; }
};

struct Ports {
    const Clock& clock;
    Random& random;
    store::EngineStore& store;
    net::Transport& transport;
    const Directory& directory;
    const FollowUps* follow_ups = nullptr;  // nothing: no outcome causes anything
    std::vector<Observer*> observers = {};
    HostLog* host_log = nullptr;          // nothing: blocks of hosts end with the process
    store::StartNotes* starts = nullptr;  // nothing: rates begin anew after a crash
};

}  // namespace punkt::engine
