#include "engine/outcome.h"

#include <gtest/gtest.h>

#include "core/retry.h"

namespace punkt::engine {
namespace {

TEST(Outcome, marks_an_answer_that_was_cut) {
    Running run;
    run.task = std::make_shared<Task>();
    Answer answer{.status = 200, .body = "begin", .body_truncated = true};
    IdMaker ids;
    SeededRandom random(1);
    const auto outcome = outcome_of(run, answer, standard_retry_policy(Milliseconds{1}), Timestamp{}, ids, random);
    EXPECT_EQ(outcome.record->response_body, "begin... [truncated]");
    EXPECT_TRUE(outcome.record->response_truncated);
}

}  // namespace
}  // namespace punkt::engine
