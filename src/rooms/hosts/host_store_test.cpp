#include "rooms/hosts/host_store.h"

#include <gtest/gtest.h>

#include "testing/test_store.h"

namespace punkt::hosts {
namespace {

constexpr Timestamp noon = from_ms(1'800'000'000'000);

TEST(HostStore, keeps_a_block_until_it_is_gone) {
    testing::TestStore store;
    const SystemClock clock;
    StoredBlocks blocks(store.writer(), clock);
    engine::HostBlock block{.organization = 7,
                            .host = "a.test",
                            .saved = {.failures = 3, .blocks = 1, .until = noon, .reason = "HTTP 503"}};
    const auto stored = [&] {
        store.restart();
        return list_blocks(store.reader()).value();
    };
    blocks.changed(block);
    EXPECT_EQ(stored(), std::vector{block});
}

TEST(HostStore, replaces_and_removes_it) {
    testing::TestStore store;
    const auto write = [&](const engine::HostBlock& block) {
        EXPECT_TRUE(store.write([&](store::Done done) {
            return store::make_write([&](db::Connection& connection) { return store_block(connection, block, noon); },
                                     std::move(done));
        }));
    };
    engine::HostBlock block{
        .organization = 7, .host = "a.test", .saved = {.failures = 3, .blocks = 1, .until = noon, .reason = "timeout"}};
    write(block);
    block.saved.blocks = 2;
    write(block);
    EXPECT_EQ(list_blocks(store.reader()).value(), std::vector{block});
    block.is_gone = true;
    write(block);
    EXPECT_TRUE(list_blocks(store.reader())->empty());
}

}  // namespace
}  // namespace punkt::hosts
