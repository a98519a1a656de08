#include "rooms/hosts/host_store.h"

#include "base/log.h"

namespace punkt::hosts {

Result<std::vector<engine::HostBlock>> list_blocks(db::Connection& connection) {
    std::vector<engine::HostBlock> blocks;
    auto done = connection.query("SELECT organization, host, failures, blocks, blocked_until, reason FROM host_block",
                                 {}, [&](const db::Row& row) {
                                     blocks.push_back({.organization = row.integer(0),
                                                       .host = row.string(1),
                                                       .saved = {.failures = row.number(2),
                                                                 .blocks = row.number(3),
                                                                 .until = row.timestamp(4),
                                                                 .reason = row.string(5)}});
                                 });
    if (!done) return done.error();
    return blocks;
}

Result<void> store_block(db::Connection& connection, const engine::HostBlock& block, Timestamp now) {
    const engine::Breaker::Saved& saved = block.saved;
    auto done =
        block.is_gone
            ? connection.execute("DELETE FROM host_block WHERE organization = $1 AND host = $2",
                                 {block.organization, block.host})
            : connection.execute(
                  "INSERT INTO host_block (organization, host, failures, blocks, blocked_until, reason, "
                  "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organization, host) DO UPDATE "
                  "SET failures = $3, blocks = $4, blocked_until = $5, reason = $6, updated_at = $7",
                  {block.organization, block.host, saved.failures, saved.blocks, saved.until, saved.reason, now});
    return done ? Result<void>() : Result<void>(done.error());
}

void StoredBlocks::changed(const engine::HostBlock& block) {
    writer_.submit(store::make_write(
        [block, now = clock_.now()](db::Connection& connection) { return store_block(connection, block, now); },
        [host = block.host](const Result<void>& result) {
            if (!result) log::warn("the block of {} was not stored: {}", host, result.error().message);
        }));
}

}  // namespace punkt::hosts
