// TikTak's way to stop the original: here it asks the process to drain, as SIGTERM does (tiktak.md §2).
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/wire/house.h"

namespace punkt::wire {
namespace {

/// SIGTERM is kept for `take` instead of ending the tests. Made before the node's threads, which inherit this.
class KeptSignal {
  public:
    KeptSignal() {
        ::sigemptyset(&wanted_);
        ::sigaddset(&wanted_, SIGTERM);
        ::pthread_sigmask(SIG_BLOCK, &wanted_, &before_);
    }
    ~KeptSignal() {
        while (take()) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    bool take() const {
        const timespec at_once{};
        return ::sigtimedwait(&wanted_, nullptr, &at_once) == SIGTERM;
    }

  private:
    sigset_t wanted_{}, before_{};
};

TEST(WireShutdown, asks_the_process_to_drain_when_it_is_allowed_and_a_key_is_shown) {
    const KeptSignal signal;
    const auto house = House::create({{"tiktak.allow_shutdown", "1"}});
    ASSERT_TRUE(house) << house.error().message;
    EXPECT_EQ((*house)->call({.first = "POST /_shutdown"}, "none").first, "401");
    EXPECT_FALSE(signal.take());
    const auto answer = (*house)->call({.first = "GET /_shutdown"}, "alice");
    EXPECT_EQ(answer.first, "200");
    EXPECT_NE(answer.body.find("Bye"), std::string::npos);
    EXPECT_TRUE(signal.take());
}

}  // namespace
}  // namespace punkt::wire
