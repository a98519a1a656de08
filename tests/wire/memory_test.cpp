#include "tests/wire/memory.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace punkt::wire {
namespace {

const Timestamp noon = *parse_rfc3339("2026-03-01T12:00:00.400Z");
constexpr const char* uuid = "019cc0de-1234-7abc-8def-0123456789ab";

TEST(WireMemory, knows_a_value_by_its_name_from_the_first_time_on) {
    Memory memory;
    EXPECT_TRUE(memory.matches("{{uuid:task}}", uuid));
    EXPECT_TRUE(memory.matches("/tasks/{{task}}/trigger", std::string("/tasks/") + uuid + "/trigger"));
    EXPECT_FALSE(memory.matches("{{uuid:task}}", "019cc0de-1234-7abc-8def-0123456789ac"));
    EXPECT_EQ(*memory.fill("/tasks/{{task}}", noon), std::string("/tasks/") + uuid);
}

TEST(WireMemory, checks_the_form_of_what_it_does_not_know) {
    Memory memory;
    EXPECT_FALSE(memory.matches("{{uuid}}", "019cc0de-1234-4abc-8def-0123456789ab")) << "version 4";
    EXPECT_FALSE(memory.matches("{{uuid}}", "019CC0DE-1234-7abc-8def-0123456789ab")) << "upper case";
    EXPECT_TRUE(memory.matches("{{time}}", "2026-03-01T12:00:00Z"));
    EXPECT_FALSE(memory.matches("{{time}}", "2026-03-01T12:00:00.123Z"));
    EXPECT_TRUE(memory.matches("{{time_ms}}", "2026-03-01T12:00:00.123Z"));
    EXPECT_FALSE(memory.matches("{{number}}", "12a"));
    EXPECT_FALSE(memory.matches("{{nonsense}}", "x"));
}

TEST(WireMemory, holds_times_against_the_moment_of_the_request) {
    Memory memory;
    memory.set_window(noon, noon + std::chrono::milliseconds{300});
    EXPECT_TRUE(memory.matches("{{now}}", "2026-03-01T12:00:00Z"));
    EXPECT_TRUE(memory.matches("{{now}}", "2026-03-01T12:00:00.500Z"));
    EXPECT_FALSE(memory.matches("{{now}}", "2026-03-01T12:00:00.300Z")) << "before the request";
    EXPECT_FALSE(memory.matches("{{now}}", "2026-03-01T12:00:01Z"));
    EXPECT_TRUE(memory.matches("{{now+90s}}", "2026-03-01T12:01:30Z"));
    EXPECT_FALSE(memory.matches("{{now+90s}}", "2026-03-01T12:01:31Z"));
}

TEST(WireMemory, fills_in_times_letters_and_names_and_refuses_unknown_ones) {
    Memory memory;
    memory.set("target", "http://127.0.0.1:1");
    EXPECT_EQ(*memory.fill("{{target}}/a?at={{now+1h}}&ms={{epoch-1s}}&{{x*3}}", noon),
              "http://127.0.0.1:1/a?at=2026-03-01T13:00:00Z&ms=1772366399400&xxx");
    EXPECT_FALSE(memory.fill("{{tarket}}", noon));
}

TEST(WireMemory, matches_literal_text_around_placeholders_only) {
    Memory memory;
    EXPECT_TRUE(memory.matches("never {{number}} of {{number}} came", "never 1 of 20 came"));
    EXPECT_FALSE(memory.matches("never {{number}} of {{number}} came", "never 1 of 20 came too"));
    EXPECT_FALSE(memory.matches("plain", "plainly"));
    EXPECT_TRUE(memory.matches("", ""));
}

TEST(WireMemory, drafts_placeholders_for_what_differs_per_run) {
    Memory memory;
    memory.set("target", "http://127.0.0.1:4711");
    EXPECT_EQ(memory.drafted(uuid), "{{uuid}}");
    EXPECT_EQ(memory.drafted("http://127.0.0.1:4711/hook"), "{{target}}/hook");
    EXPECT_EQ(memory.drafted("pending"), "pending");
}

}  // namespace
}  // namespace punkt::wire
