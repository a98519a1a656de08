// What the engine touches of the world. The simulation gives it others (tests/sim).
#pragma once

#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "core/execution.h"
#include "net/transport.h"
#include "store/engine_store.h"

namespace punkt::engine {

/// What the engine must know about organizations and lanes at the moment it starts something. Threads: the engine's.
class Directory {
  public:
    virtual ~Directory() = default;
    /// "whsec_…"; empty: deliveries of this organization are not signed.
    virtual std::string webhook_secret(Id organization) const = 0;
    /// How many runs of a lane may be out at once; 1 makes it serial, and then a waiting retry blocks what follows.
    virtual int concurrency(Id organization, Lane lane) const = 0;
};

struct Ports {
    const Clock& clock;
    Random& random;
    store::EngineStore& store;
    net::Transport& transport;
    const Directory& directory;
};

}  // namespace punkt::engine
