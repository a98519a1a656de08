// The engine's store on a database: outcomes go through the writer, tasks and timers are read on a thread of its own.
#pragma once

#include <functional>
#include <memory>

#include "db/connection.h"
#include "store/engine_store.h"
#include "store/flight_recorder.h"
#include "store/quotas.h"
#include "store/writer.h"

namespace punkt::store {

/// Threads: record and load_* any; started, ended and was_started one (the engine's).
class SqlEngineStore final : public EngineStore {
  public:
    /// `reader` is used up by this object. `fatal` is called when reading failed for good (see Writer::Options::fatal).
    /// `quotas` hears what outcomes count; may be missing.
    SqlEngineStore(Writer& writer, db::Connection reader, FlightRecorder recorder,
                   std::function<void(const Error&)> fatal, Quotas* quotas = nullptr);
    /// Stop the writer first.
    ~SqlEngineStore() override;

    /// Starts the writer and the reading thread; what they say goes to `engine`, which lives until both are stopped.
    void start(StoreEvents& engine);
    /// Ends the reading thread: what was asked and is not answered stays so, and nothing more is said to the engine.
    /// Stop the writer first. Twice is fine.
    void stop();

    void record(std::uint64_t batch, std::vector<Transition> transitions) override;
    void load_tasks(std::vector<Id> tasks) override;
    void load_timers(Hour from, Hour until) override;
    int started(Id execution) override;
    void ended(Id execution) override;
    bool was_started(Id execution) const override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::store
