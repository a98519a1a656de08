#include "core/trace_context.h"

#include <gtest/gtest.h>

namespace punkt {
namespace {

constexpr const char* good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, is_read_and_written_again) {
    const auto context = parse_traceparent(good);
    ASSERT_TRUE(context);
    EXPECT_EQ(context->trace_id, "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(context->span_id, "b7ad6b7169203331");
    EXPECT_TRUE(context->is_sampled());
    EXPECT_EQ(context->traceparent(), good);
    EXPECT_FALSE(parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->is_sampled());
}

TEST(TraceContext, of_a_later_version_is_read_as_far_as_it_is_known) {
    const auto later = parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03-what-comes");
    ASSERT_TRUE(later);
    EXPECT_EQ(later->traceparent(), good);
    EXPECT_TRUE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    EXPECT_FALSE(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what"));
}

TEST(TraceContext, that_breaks_the_rules_is_none) {
    for (const char* wrong : {
             "",
             "00",
             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
             "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
             "00-00000000000000000000000000000000-b7ad6b7169203331-01",
             "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
             "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
             "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
             "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
         })
        EXPECT_FALSE(parse_traceparent(wrong)) << wrong;
}

TEST(TraceState, is_passed_on_unless_it_breaks_the_rules) {
    EXPECT_EQ(clean_tracestate("a=1, b=2 ,,c@d=x y"), "a=1,b=2,c@d=x y");
    EXPECT_EQ(clean_tracestate(""), "");
    EXPECT_EQ(clean_tracestate("a"), "");
    EXPECT_EQ(clean_tracestate("=1"), "");
    EXPECT_EQ(clean_tracestate("a=\x01"), "");
    EXPECT_EQ(clean_tracestate("a=" + std::string(600, 'x')), "");
    std::string many;
    for (int i = 0; i < 33; ++i) many += "k" + std::to_string(i) + "=v,";
    EXPECT_EQ(clean_tracestate(many), "");
}

TEST(TraceContext, has_a_span_of_its_own_for_each_delivery) {
    EXPECT_EQ(delivery_span_id(7, 1), delivery_span_id(7, 1));
    EXPECT_NE(delivery_span_id(7, 1), delivery_span_id(7, 2));
    EXPECT_NE(delivery_span_id(7, 1), delivery_span_id(8, 1));
    EXPECT_EQ(delivery_span_id(7, 1).size(), 16u);
}

}  // namespace
}  // namespace punkt
