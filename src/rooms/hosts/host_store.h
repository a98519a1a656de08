// Blocked hosts on disk: written when a block begins, changes or ends, read at start.
#pragma once

#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "db/connection.h"
#include "engine/hosts.h"
#include "store/writer.h"

namespace punkt::hosts {

Result<std::vector<engine::HostBlock>> list_blocks(db::Connection& connection);

/// Inside the caller's transaction.
Result<void> store_block(db::Connection& connection, const engine::HostBlock& block, Timestamp now);

/// Hands what the engine says to the writer. A write that is refused is not repeated: the next change of the host
/// writes it again, and a block that a restart forgets costs three calls.
class StoredBlocks final : public engine::HostLog {
  public:
    StoredBlocks(store::Writer& writer, const Clock& clock) : writer_(writer), clock_(clock) {}
    void changed(const engine::HostBlock& block) override;

  private:
    store::Writer& writer_;
    const Clock& clock_;
};

}  // namespace punkt::hosts
