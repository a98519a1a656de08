#include "base/metrics.h"

#include <gtest/gtest.h>

#include <thread>

namespace punkt {
namespace {

TEST(Metrics, render_a_counter_with_its_help_and_type) {
    Metrics metrics;
    metrics.counter("punkt_tasks_created_total", "Tasks that were accepted.").add(3);
    EXPECT_EQ(metrics.text(),
              "# HELP punkt_tasks_created_total Tasks that were accepted.\n"
              "# TYPE punkt_tasks_created_total counter\n"
              "punkt_tasks_created_total 3\n");
}

TEST(Metrics, hand_out_the_same_counter_for_the_same_name_and_labels) {
    Metrics metrics;
    Counter& first = metrics.counter("punkt_x_total", "X.", {{"status", "200"}});
    EXPECT_EQ(&first, &metrics.counter("punkt_x_total", "X.", {{"status", "200"}}));
    EXPECT_NE(&first, &metrics.counter("punkt_x_total", "X.", {{"status", "500"}}));
}

TEST(Metrics, escape_what_would_break_a_line) {
    Metrics metrics;
    metrics.gauge("punkt_x", "a\\b\nc", {{"queue", "say \"hi\"\n\\"}}).set(1.5);
    EXPECT_EQ(metrics.text(),
              "# HELP punkt_x a\\\\b\\nc\n"
              "# TYPE punkt_x gauge\n"
              "punkt_x{queue=\"say \\\"hi\\\"\\n\\\\\"} 1.5\n");
}

TEST(Metrics, count_a_value_on_a_bound_into_the_lower_bucket_and_sum_buckets_up) {
    Metrics metrics;
    Histogram& histogram = metrics.histogram("punkt_wait_seconds", "Wait.", {0.5, 1}, {{"kind", "a"}});
    for (const double value : {0.25, 0.5, 0.75, 4.0}) histogram.observe(value);
    EXPECT_EQ(metrics.text(),
              "# HELP punkt_wait_seconds Wait.\n"
              "# TYPE punkt_wait_seconds histogram\n"
              "punkt_wait_seconds_bucket{kind=\"a\",le=\"0.5\"} 2\n"
              "punkt_wait_seconds_bucket{kind=\"a\",le=\"1\"} 3\n"
              "punkt_wait_seconds_bucket{kind=\"a\",le=\"+Inf\"} 4\n"
              "punkt_wait_seconds_sum{kind=\"a\"} 5.5\n"
              "punkt_wait_seconds_count{kind=\"a\"} 4\n");
}

TEST(Metrics, read_values_when_somebody_looks) {
    Metrics metrics;
    double open = 1;
    metrics.read(Metrics::Kind::gauge, "punkt_open", "Open.", [&open] { return open; });
    metrics.read_many(Metrics::Kind::gauge, "punkt_depth", "Depth.", [] {
        return std::vector<Metrics::Sample>{{.labels = {{"queue", "a"}}, .value = 2},
                                            {.labels = {{"queue", "b"}}, .value = 1e300 * 1e300}};
    });
    open = 7;
    const std::string text = metrics.text();
    EXPECT_NE(text.find("punkt_open 7\n"), std::string::npos) << text;
    EXPECT_NE(text.find("punkt_depth{queue=\"a\"} 2\npunkt_depth{queue=\"b\"} +Inf\n"), std::string::npos) << text;
}

TEST(Metrics, lose_nothing_when_threads_count_at_once) {
    Metrics metrics;
    Counter& counter = metrics.counter("punkt_x_total", "X.");
    Histogram& histogram = metrics.histogram("punkt_y", "Y.", Metrics::doubling_buckets(8));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 10'000; ++n) {
                counter.add();
                histogram.observe(3);
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(counter.value(), 40'000U);
    EXPECT_EQ(histogram.in_bucket(2), 40'000U);
    EXPECT_EQ(histogram.sum(), 120'000.0);
}

TEST(MetricsDeathTest, refuse_one_name_for_two_kinds) {
    Metrics metrics;
    metrics.counter("punkt_x_total", "X.");
    EXPECT_DEATH(metrics.gauge("punkt_x_total", "X."), "keeps its kind");
}

}  // namespace
}  // namespace punkt
