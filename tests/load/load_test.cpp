// The bench's own parts: a wrong ruler measures nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator.h"
#include "histogram.h"
#include "http_scan.h"
#include "report.h"
#include "sink.h"

namespace punkt::load {
namespace {

TEST(Histogram, finds_quantiles_within_two_percent) {
    Histogram histogram;
    for (std::int64_t ns = 1; ns <= 1'000'000; ++ns) histogram.add(ns);
    EXPECT_NEAR(static_cast<double>(histogram.quantile_ns(0.5)), 500'000, 10'000);
    EXPECT_NEAR(static_cast<double>(histogram.quantile_ns(0.99)), 990'000, 20'000);
    EXPECT_EQ(histogram.quantile_ns(1), 1'000'000);
    EXPECT_EQ(histogram.quantile_ns(0), 1);
    EXPECT_EQ(histogram.count(), 1'000'000U);
}

TEST(Histogram, never_answers_less_than_the_value_it_was_given) {
    for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{63}, std::int64_t{64}, std::int64_t{127},
                                  std::int64_t{128}, std::int64_t{1'000'003}, std::int64_t{1} << 62}) {
        Histogram histogram;
        histogram.add(ns);
        EXPECT_EQ(histogram.quantile_ns(0.99), ns);
    }
}

TEST(Histogram, counts_what_came_early) {
    Histogram histogram;
    histogram.add(-5);
    histogram.add(7);
    EXPECT_EQ(histogram.below_zero(), 1U);
    EXPECT_EQ(histogram.min_ns(), -5);
    EXPECT_EQ(histogram.max_ns(), 7);
}

TEST(Scan, cuts_messages_out_of_a_stream) {
    std::string bytes = request_text("POST", "/sleep/20/n/7", "key", "{\"a\":1}");
    const auto first_bytes = bytes.size();
    append_request(bytes, "GET", "/livez", "", "");
    Message message;
    ASSERT_EQ(scan_message(bytes, message), Scan::complete);
    EXPECT_EQ(message.bytes, first_bytes);
    EXPECT_EQ(message.body, "{\"a\":1}");
    EXPECT_EQ(number_in(message.path()), 7);
    EXPECT_EQ(sleep_in(message.path()), 20);
    ASSERT_EQ(scan_message(std::string_view(bytes).substr(first_bytes), message), Scan::complete);
    EXPECT_EQ(message.path(), "/livez");
    EXPECT_EQ(number_in(message.path()), -1);
    EXPECT_EQ(scan_message(std::string_view(bytes).substr(0, first_bytes - 1), message), Scan::partial);
}

TEST(Scan, refuses_what_it_cannot_measure) {
    Message message;
    EXPECT_EQ(scan_message("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", message), Scan::broken);
    EXPECT_EQ(scan_message("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", message), Scan::broken);
}

TEST(Scan, finds_a_text_field) {
    EXPECT_EQ(text_field(R"({"data":{"task_id_x":"no","task_id":"yes"}})", "task_id"), "yes");
    EXPECT_EQ(text_field(R"({"task_id":7})", "task_id"), "");
}

LoadOptions posts_to(const Sink& sink, std::string path) {
    return {.port = sink.port(), .connections = 8, .write = [path](std::uint64_t n, std::string& out) {
                append_request(out, "POST", path + std::to_string(n), "", "{}");
            }};
}

TEST(Load, every_request_reaches_the_sink_once) {
    auto sink = Sink::start(5'000);
    ASSERT_TRUE(sink) << sink.error().message;
    LoadOptions options = posts_to(**sink, "/n/");
    options.requests_max = 5'000;
    options.pipelined = 3;
    options.duration = std::chrono::milliseconds(20'000);
    const auto result = run_load(options);
    EXPECT_EQ(result.answered, 5'000U) << result.first_problem;
    EXPECT_EQ((*sink)->distinct(), 5'000U);
    EXPECT_EQ((*sink)->requests(), 5'000U);
    EXPECT_EQ(result.latency.count(), 5'000U);
}

TEST(Load, a_slow_target_answers_after_its_delay) {
    auto sink = Sink::start(8);
    ASSERT_TRUE(sink) << sink.error().message;
    LoadOptions options = posts_to(**sink, "/sleep/30/n/");
    options.requests_max = 8;
    const auto result = run_load(options);
    EXPECT_EQ(result.answered, 8U) << result.first_problem;
    EXPECT_GE(result.latency.min_ns(), 30'000'000);
}

TEST(Load, an_open_loop_keeps_its_rate) {
    auto sink = Sink::start(1'000);
    ASSERT_TRUE(sink) << sink.error().message;
    LoadOptions options = posts_to(**sink, "/n/");
    options.per_second = 1'000;
    options.duration = std::chrono::milliseconds(100);
    const auto result = run_load(options);
    EXPECT_EQ(result.sent, 100U);
    EXPECT_EQ(result.answered, 100U) << result.first_problem;
}

TEST(Load, an_unexpected_status_is_not_a_success) {
    auto sink = Sink::start(1);
    ASSERT_TRUE(sink) << sink.error().message;
    LoadOptions options = posts_to(**sink, "/n/");
    options.expected_status = 202;
    options.requests_max = 3;
    const auto result = run_load(options);
    EXPECT_EQ(result.answered, 0U);
    EXPECT_EQ(result.refused, 3U);
    EXPECT_THAT(result.first_problem, testing::HasSubstr("200 OK"));
}

TEST(Load, a_server_that_is_away_is_a_problem_and_no_endless_run) {
    auto port = free_port();
    ASSERT_TRUE(port);
    const auto result = run_load({.port = *port, .write = [](std::uint64_t, std::string&) {}});
    EXPECT_EQ(result.answered, 0U);
    EXPECT_THAT(result.first_problem, testing::HasSubstr("cannot connect"));
}

TEST(Report, shows_numbers_for_people) {
    EXPECT_EQ(text_of_count(1234567), "1,234,567");
    EXPECT_EQ(text_of_count(12), "12");
    EXPECT_EQ(text_of_ns(1'500), "1.50 µs");
    EXPECT_EQ(text_of_ns(12'340'000), "12.3 ms");
    EXPECT_EQ(text_of_ns(2'000'000'000), "2.00 s");
    EXPECT_EQ(text_of_bytes(3 << 20), "3.0 MB");
}

TEST(Report, names_every_missed_budget) {
    Report report;
    report.add({.what = "fast thing", .figure = "10/s", .budget = "5/s", .verdict = Verdict::met});
    report.add({.what = "slow thing", .figure = "1/s", .budget = "5/s", .verdict = Verdict::missed});
    const std::string page = report.markdown("1.0", "/tmp", "default");
    EXPECT_EQ(report.missed(), 1U);
    EXPECT_THAT(page, testing::HasSubstr("- slow thing: 1/s, budget 5/s"));
    EXPECT_THAT(page, testing::Not(testing::HasSubstr("- fast thing")));
}

}  // namespace
}  // namespace punkt::load
