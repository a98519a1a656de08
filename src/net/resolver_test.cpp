#include "net/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace punkt::net {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::future<Resolved> ask(Resolver& resolver, const std::string& host) {
    auto promise = std::make_shared<std::promise<Resolved>>();
    auto future = promise->get_future();
    resolver.resolve(host, [promise](Resolved resolved) { promise->set_value(std::move(resolved)); });
    return future;
}

TEST(SystemResolver, finds_localhost_in_the_hosts_file) {
    SystemResolver resolver({});
    const Resolved resolved = ask(resolver, "localhost").get();
    EXPECT_THAT(resolved.addresses, Contains(*Address::parse("127.0.0.1"))) << resolved.error;
}

// A label of more than 63 bytes fails before any name server is asked.
TEST(SystemResolver, says_which_name_has_no_address) {
    SystemResolver resolver({});
    const std::string name(64, 'a');
    const Resolved resolved = ask(resolver, name).get();
    EXPECT_TRUE(resolved.addresses.empty());
    EXPECT_THAT(resolved.error, HasSubstr("'" + name + "'"));
}

TEST(SystemResolver, answers_everyone_who_asks) {
    SystemResolver resolver({.threads = 1, .threads_max = 2});
    std::vector<std::future<Resolved>> answers;
    for (int i = 0; i < 200; ++i) answers.push_back(ask(resolver, i % 2 == 0 ? "localhost" : "127.0.0.1"));
    for (auto& answer : answers) EXPECT_FALSE(answer.get().addresses.empty());
}

TEST(SystemResolver, refuses_more_names_than_may_wait) {
    SystemResolver resolver({.waiting_max = 0});
    EXPECT_THAT(ask(resolver, "localhost").get().error, HasSubstr("too many names"));
}

TEST(SystemResolver, can_be_destroyed_while_it_works) {
    for (int i = 0; i < 20; ++i) {
        SystemResolver resolver({});
        (void)ask(resolver, "localhost");
    }
}

}  // namespace
}  // namespace punkt::net
