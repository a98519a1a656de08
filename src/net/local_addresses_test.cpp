#include "net/local_addresses.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace punkt::net {
namespace {

TEST(LocalAddresses, name_the_loopback) {
    const auto found = local_addresses();
    EXPECT_NE(std::find(found.begin(), found.end(), *Address::parse("127.0.0.1")), found.end());
}

}  // namespace
}  // namespace punkt::net
