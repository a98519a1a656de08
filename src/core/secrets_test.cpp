#include "core/secrets.h"

#include <gtest/gtest.h>

namespace punkt {
namespace {

TEST(Secrets, are_known_by_their_names) {
    for (const char* name : {"Authorization", "cookie", "X-Api-Key", "x-functions-key", "client_secret", "x-token"})
        EXPECT_TRUE(names_secret(name, true)) << name;
    for (const char* name : {"content-type", "x-request-id", "accept"}) EXPECT_FALSE(names_secret(name, true)) << name;
    EXPECT_FALSE(names_secret("key", false));
}

TEST(Secrets, leave_a_url_as_a_mask_that_is_recognised) {
    EXPECT_EQ(without_secrets("https://me:pw@example.com/a?token=1&b=2"), "https://***@example.com/a?token=***&b=2");
    EXPECT_TRUE(has_masked_secret("https://***@example.com/a?token=***&b=2"));
    EXPECT_TRUE(has_masked_secret("https://example.com/?b=2&api_key=***#x"));
    EXPECT_TRUE(has_masked_secret("https://example.com/?token=1&api_key=***"));
    for (const char* url : {"https://example.com/", "https://example.com/***", "https://example.com/?b=***",
                            "https://me:pw@example.com/***"})
        EXPECT_FALSE(has_masked_secret(url)) << url;
}

}  // namespace
}  // namespace punkt
