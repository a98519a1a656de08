#include "rooms/accounts/key_ring.h"

#include <gtest/gtest.h>

#include <thread>

namespace punkt::accounts {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp noon = from_ms(1'700'000'000'000);

struct RingTest : ::testing::Test {
    /// A key in the ring, and what its holder presents.
    NewKey issue(Id id, Id organization) {
        NewKey made = make_key(KeyKind::pair, "key " + std::to_string(id));
        made.key.id = id;
        made.key.organization = organization;
        ring.add(made.key);
        return made;
    }
    KeyRing ring;
};

TEST_F(RingTest, a_secret_opens_its_organization_with_and_without_its_public_half) {
    const NewKey alice = issue(1, 10);
    const NewKey charlie = issue(2, 20);
    EXPECT_EQ(ring.find({.key_id = alice.key.key_id, .secret = alice.secret}, noon).entry->organization, 10);
    EXPECT_EQ(ring.find({.secret = charlie.secret}, noon).entry->organization, 20);
}

TEST_F(RingTest, a_public_half_of_another_key_is_refused) {
    const NewKey alice = issue(1, 10);
    const NewKey charlie = issue(2, 20);
    const auto found = ring.find({.key_id = charlie.key.key_id, .secret = alice.secret}, noon);
    EXPECT_FALSE(found.entry);
    EXPECT_EQ(found.miss, KeyRing::Miss::other_key_id);
}

TEST_F(RingTest, the_hash_of_a_secret_opens_nothing) {
    const NewKey alice = issue(1, 10);
    EXPECT_FALSE(ring.find({.secret = alice.key.secret_sha256}, noon).entry);
    EXPECT_FALSE(ring.find({.secret = alice.secret + "x"}, noon).entry);
}

TEST_F(RingTest, a_removed_key_is_refused_from_then_on) {
    const NewKey alice = issue(1, 10);
    ring.remove(1);
    const auto found = ring.find({.secret = alice.secret}, noon);
    EXPECT_FALSE(found.entry);
    EXPECT_EQ(found.miss, KeyRing::Miss::unknown_secret);
    EXPECT_EQ(ring.size(), 0U);
}

TEST_F(RingTest, replacing_keeps_what_is_known_about_use) {
    const NewKey alice = issue(1, 10);
    const NewKey charlie = issue(2, 20);
    (void)ring.find({.secret = alice.secret}, noon);
    ring.replace({alice.key});
    EXPECT_EQ(ring.last_used(1), noon);
    EXPECT_FALSE(ring.find({.secret = charlie.secret}, noon).entry);
}

TEST_F(RingTest, a_use_is_written_at_most_every_five_minutes) {
    const NewKey alice = issue(1, 10);
    issue(2, 20);
    EXPECT_TRUE(ring.take_uses().empty());
    (void)ring.find({.secret = alice.secret}, noon);
    auto uses = ring.take_uses();
    ASSERT_EQ(uses.size(), 1U);
    EXPECT_EQ(uses[0].key, 1);
    EXPECT_EQ(uses[0].at, noon);
    (void)ring.find({.secret = alice.secret}, noon + 299s);
    EXPECT_TRUE(ring.take_uses().empty());
    EXPECT_EQ(ring.last_used(1), noon + 299s);
    (void)ring.find({.secret = alice.secret}, noon + 300s);
    ASSERT_EQ(ring.take_uses().size(), 1U);
    EXPECT_TRUE(ring.take_uses().empty());
}

TEST_F(RingTest, the_last_call_takes_every_use) {
    const NewKey alice = issue(1, 10);
    (void)ring.find({.secret = alice.secret}, noon);
    (void)ring.take_uses();
    (void)ring.find({.secret = alice.secret}, noon + 1s);
    EXPECT_EQ(ring.take_uses(true).size(), 1U);
}

TEST_F(RingTest, a_refused_attempt_is_no_use) {
    const NewKey alice = issue(1, 10);
    (void)ring.find({.key_id = "pk_live_other", .secret = alice.secret}, noon);
    EXPECT_EQ(ring.last_used(1), std::nullopt);
}

TEST_F(RingTest, keys_may_come_and_go_while_others_are_looked_up) {
    const NewKey alice = issue(1, 10);
    std::thread changes([this] {
        for (Id id = 100; id < 300; ++id) {
            issue(id, 30);
            ring.remove(id);
            (void)ring.take_uses(true);
        }
    });
    for (int i = 0; i < 2'000; ++i) EXPECT_TRUE(ring.find({.secret = alice.secret}, noon).entry);
    changes.join();
    EXPECT_EQ(ring.size(), 1U);
}

}  // namespace
}  // namespace punkt::accounts
