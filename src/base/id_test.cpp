#include "base/id.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace punkt {
namespace {

const PublicIds ids({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});

TEST(Hash, gives_the_value_of_the_siphash_paper) {
    std::array<std::uint8_t, 16> key{};
    std::string message;
    for (int i = 0; i < 16; ++i) key[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
    for (int i = 0; i < 15; ++i) message += static_cast<char>(i);
    EXPECT_EQ(siphash(key, message), 0xa129ca6149be45e5ULL);  // Aumasson and Bernstein, appendix A
}

TEST(IdMaker, gives_growing_ids_that_carry_the_time) {
    IdMaker maker;
    const Timestamp now = from_ms(1'800'000'000'123);
    const Id first = maker.next(now);
    const Id second = maker.next(now);
    EXPECT_LT(first, second);
    EXPECT_EQ(time_of(first), now);
}

TEST(IdMaker, keeps_growing_when_the_clock_steps_back_or_the_store_knows_more) {
    IdMaker maker(from_ms(2'000'000'000'000).time_since_epoch().count() << 20);
    const Id first = maker.next(from_ms(1'800'000'000'000));
    EXPECT_EQ(time_of(first), from_ms(2'000'000'000'000));
    EXPECT_LT(first, maker.next(from_ms(1)));
}

TEST(PublicIds, are_version_7_uuids_of_their_time) {
    const std::string uuid = ids.uuid(IdKind::task, to_ms(from_ms(0x018f0123abcd)) << 20 | 0x12345);
    EXPECT_EQ(uuid.substr(0, 18), "018f0123-abcd-7123");
    EXPECT_TRUE(looks_like_uuid(uuid));
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
}

TEST(PublicIds, come_back_to_the_id) {
    for (Id id : {Id{1}, Id{0xfffff}, Id{1'800'000'000'123} << 20, (Id{1'800'000'000'123} << 20) + 0xabcde}) {
        EXPECT_EQ(ids.parse(IdKind::task, ids.uuid(IdKind::task, id)), id);
    }
}

TEST(PublicIds, are_refused_when_guessed_or_of_another_kind) {
    const Id id = Id{1'800'000'000'123} << 20;
    std::string uuid = ids.uuid(IdKind::task, id);
    EXPECT_FALSE(ids.parse(IdKind::execution, uuid));
    uuid.back() = uuid.back() == '0' ? '1' : '0';
    EXPECT_FALSE(ids.parse(IdKind::task, uuid));
    EXPECT_FALSE(ids.parse(IdKind::task, "ffffffff-ffff-ffff-ffff-ffffffffffff"));
    EXPECT_FALSE(ids.parse(IdKind::task, ""));
}

TEST(PublicIds, a_badge_token_is_the_same_for_the_same_thing_and_differs_between_things_and_installations) {
    const PublicIds own(PublicIds::Key{1});
    const std::string token = own.badge_token("task:7");
    EXPECT_TRUE(token.starts_with("bt_")) << token;
    EXPECT_EQ(token.size(), 27u);
    EXPECT_EQ(token.find_first_not_of("0123456789abcdef", 3), std::string::npos);
    EXPECT_EQ(own.badge_token("task:7"), token);
    EXPECT_NE(own.badge_token("task:8"), token);
    EXPECT_NE(PublicIds(PublicIds::Key{2}).badge_token("task:7"), token);
}

}  // namespace
}  // namespace punkt
