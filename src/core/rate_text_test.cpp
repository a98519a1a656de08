#include "core/rate_text.h"

#include <gtest/gtest.h>

namespace punkt {
namespace {

using namespace std::chrono_literals;

TEST(RateText, reads_a_count_and_a_period) {
    EXPECT_EQ(parse_rate("10/s").value(), (Rate{.count = 10, .period = 1s}));
    EXPECT_EQ(parse_rate("5/10s").value(), (Rate{.count = 5, .period = 10s}));
    EXPECT_EQ(parse_rate("100/m").value(), (Rate{.count = 100, .period = 1min}));
    EXPECT_EQ(parse_rate("1/1d").value(), (Rate{.count = 1, .period = 24h}));
}

TEST(RateText, refuses_what_is_none_with_what_was_given) {
    for (const char* text : {"", "10", "/s", "10/", "0/s", "-1/s", "1000001/s", "10/2d", "10/0s", "10/w", "1.5/s",
                             "10 /s", "10/s ", "x/s", "10/10"}) {
        const auto rate = parse_rate(text);
        ASSERT_FALSE(rate) << text;
        EXPECT_NE(rate.error().message.find("'" + std::string(text) + "'"), std::string::npos) << rate.error().message;
    }
}

}  // namespace
}  // namespace punkt
