#include "engine/hosts.h"

#include <gtest/gtest.h>

#include "testing/builders.h"

namespace punkt::engine {
namespace {

using namespace std::chrono_literals;
using testing::a_task;
using testing::a_timer;
constexpr Timestamp noon = from_ms(1'800'000'000'000);

Answer with_status(int status) {
    Answer answer;
    answer.status = status;
    return answer;
}

struct Log final : HostLog {
    void changed(const HostBlock& block) override { blocks.push_back(block); }
    std::vector<HostBlock> blocks;
};

class HostsTest : public ::testing::Test {
  protected:
    Hosts::Call start(const Task& to) { return {.ticket = hosts.started(to), .started = now}; }
    void answer(const Task& to, const Hosts::Call& call, int status) {
        hosts.answered(to, with_status(status), call, now, 0s);
    }
    void fail(const Task& to, int times = 1) {
        for (int i = 0; i < times; ++i) answer(to, start(to), 500);
    }
    bool admit(Id run) { return hosts.admit(a_timer({.id = run, .due = noon}), task, now); }
    std::vector<Id> released() {
        std::vector<Id> ids;
        for (const Timer& run : hosts.released(now)) ids.push_back(run.id);
        return ids;
    }

    Timestamp now = noon;
    Log log;
    Hosts hosts{{.has_breaker = true}, &log};
    Task task = a_task({.url = "http://a.test:81/x"});
};

TEST_F(HostsTest, a_host_is_a_name_without_port_of_one_organization) {
    fail(task, 3);
    EXPECT_FALSE(admit(1));
    const auto passes = [&](const char* url, Id organization = 1) {
        return hosts.admit(a_timer({.id = 2}), a_task({.organization = organization, .url = url}), now);
    };
    EXPECT_FALSE(passes("https://A.test/other"));
    EXPECT_TRUE(passes("http://b.test/"));
    EXPECT_TRUE(passes("http://a.test/", 2));
    Task foreign = task;
    foreign.surface = Surface::qron;
    EXPECT_TRUE(hosts.admit(a_timer({.id = 3}), foreign, now)) << "Qron's contract knows no breaker";
}

TEST_F(HostsTest, what_waits_goes_on_one_first_then_twice_as_many_in_rank) {
    fail(task, 3);
    for (const Id run : {5, 3, 4, 1, 2, 6, 7}) EXPECT_FALSE(admit(run));
    EXPECT_TRUE(released().empty());
    EXPECT_EQ(hosts.next_wake(now), now + 30s);
    now += 30s;
    EXPECT_FALSE(hosts.next_wake(now));
    EXPECT_FALSE(admit(9)) << "nobody overtakes those who wait";
    EXPECT_EQ(released(), std::vector<Id>{1});
    ASSERT_TRUE(admit(1));
    const auto probe = start(task);
    EXPECT_TRUE(released().empty());
    answer(task, probe, 200);
    EXPECT_EQ(released(), (std::vector<Id>{2, 3}));
    const auto second = start(task), third = start(task);
    answer(task, second, 200);
    answer(task, third, 200);
    EXPECT_EQ(released(), (std::vector<Id>{4, 5, 6, 7}));
}

TEST_F(HostsTest, a_probe_that_fails_blocks_longer) {
    fail(task, 3);
    EXPECT_FALSE(admit(1));
    now += 30s;
    EXPECT_EQ(released(), std::vector<Id>{1});
    ASSERT_TRUE(admit(1));
    fail(task);
    EXPECT_FALSE(admit(1));
    EXPECT_EQ(hosts.next_wake(now), now + 60s);
}

TEST_F(HostsTest, the_probe_does_not_wait_for_what_was_out_before_the_block) {
    fail(task, 2);
    const auto slow = start(task);
    now += 1s;
    fail(task);
    now += 30s;
    EXPECT_TRUE(admit(1));
    const auto probe = start(task);
    EXPECT_FALSE(admit(2));
    answer(task, slow, 500);
    EXPECT_FALSE(admit(3)) << "it neither gives its place back nor blocks again";
    answer(task, probe, 200);
    EXPECT_EQ(released(), (std::vector<Id>{2, 3}));
}

TEST_F(HostsTest, a_run_that_is_gone_is_taken_out) {
    fail(task, 3);
    EXPECT_FALSE(admit(1));
    EXPECT_FALSE(admit(2));
    EXPECT_EQ(hosts.waiting(), 2u);
    EXPECT_EQ(hosts.take_out(1)->id, 1);
    EXPECT_FALSE(hosts.take_out(1));
    now += 30s;
    EXPECT_EQ(released(), std::vector<Id>{2});
    EXPECT_EQ(hosts.waiting(), 0u);
}

TEST_F(HostsTest, only_blocks_are_logged_and_their_end_once) {
    fail(task, 2);
    EXPECT_TRUE(log.blocks.empty());
    fail(task);
    ASSERT_EQ(log.blocks.size(), 1u);
    EXPECT_EQ(log.blocks[0].host, "a.test");
    EXPECT_EQ(log.blocks[0].saved.until, now + 30s);
    now += 30s;
    while (!hosts.states(1, "", now).empty()) answer(task, start(task), 200);
    ASSERT_FALSE(log.blocks.empty());
    EXPECT_TRUE(log.blocks.back().is_gone);
}

TEST_F(HostsTest, what_was_blocked_before_a_restart_is_blocked_after_it) {
    fail(task, 3);
    Hosts again({.has_breaker = true}, nullptr);
    again.restore(log.blocks);
    EXPECT_FALSE(again.admit(a_timer({.id = 1}), task, now));
    EXPECT_EQ(again.next_wake(now), now + 30s);
}

TEST_F(HostsTest, a_reset_lets_everything_go_on) {
    fail(task, 3);
    EXPECT_FALSE(admit(1));
    EXPECT_FALSE(admit(2));
    EXPECT_FALSE(hosts.reset(2, "a.test"));
    EXPECT_FALSE(hosts.reset(1, "b.test"));
    EXPECT_TRUE(hosts.reset(1, "a.test"));
    EXPECT_TRUE(log.blocks.back().is_gone);
    EXPECT_EQ(released(), (std::vector<Id>{1, 2}));
    EXPECT_TRUE(hosts.states(1, "", now).empty());
}

TEST_F(HostsTest, tells_what_it_knows_of_an_organization) {
    fail(task, 3);
    fail(a_task({.url = "http://b.test/"}), 1);
    fail(a_task({.organization = 2, .url = "http://c.test/"}), 1);
    EXPECT_FALSE(admit(1));
    const auto states = hosts.states(1, "", now);
    ASSERT_EQ(states.size(), 2u);
    EXPECT_EQ(states[0].host, "a.test");
    EXPECT_EQ(states[0].state, Breaker::State::blocked);
    EXPECT_EQ(states[0].waiting, 1u);
    EXPECT_EQ(states[0].saved.reason, "HTTP 500");
    EXPECT_EQ(states[1].state, Breaker::State::closed);
    EXPECT_EQ(states[1].saved.failures, 1);
    EXPECT_EQ(hosts.states(1, "b.test", now).size(), 1u);
    EXPECT_EQ(hosts.look(task, now).wait, 30s);
    EXPECT_EQ(hosts.look(task, now + 30s).slots, (Slots{0, 1}));
}

TEST_F(HostsTest, without_a_breaker_nothing_is_watched) {
    Hosts off({}, &log);
    for (int i = 0; i < 10; ++i) off.answered(task, with_status(500), {.ticket = off.started(task)}, now, 0s);
    EXPECT_TRUE(off.admit(a_timer({.id = 1}), task, now));
    EXPECT_TRUE(off.states(1, "", now).empty());
}

TEST_F(HostsTest, an_adaptive_host_takes_as_many_as_its_limit) {
    Hosts adaptive({.adaptive = {.is_on = true, .start = 2}}, nullptr);
    const auto enters = [&](Id run) {
        const bool entered = adaptive.admit(a_timer({.id = run, .due = noon}), task, now);
        if (entered) adaptive.started(task);
        return entered;
    };
    EXPECT_TRUE(enters(1));
    EXPECT_TRUE(enters(2));
    EXPECT_FALSE(enters(3));
    EXPECT_EQ(adaptive.states(1, "", now).front().adaptive_limit, 2);
    adaptive.answered(task, with_status(200), {.ticket = 1, .started = now, .started_steady = 0s}, now, 100ms);
    ASSERT_EQ(adaptive.released(now).size(), 1u);
    EXPECT_TRUE(enters(3));
}

}  // namespace
}  // namespace punkt::engine
