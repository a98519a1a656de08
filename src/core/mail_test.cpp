#include "core/mail.h"

#include <gtest/gtest.h>

namespace punkt {
namespace {

TEST(Mail, an_address_is_something_at_somewhere) {
    for (const char* good : {"ops@example.org", "a.b+c@x", "o'neil_1@sub.example.org"})
        EXPECT_TRUE(examine_mail_address(good)) << good;
    for (const char* bad : {"", "ops", "@example.org", "ops@", "a@b@c", "a b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b>",
                            "a@b?subject=x", "a,b@c", "ops@ex\xC3\xA4mple.org"})
        EXPECT_FALSE(examine_mail_address(bad)) << bad;
    EXPECT_FALSE(examine_mail_address(std::string(mail_address_bytes_max, 'a') + "@b"));
}

TEST(Mail, a_task_that_sends_it_names_the_recipient_in_its_url) {
    Task task;
    make_mail(task, "ops@example.org", "It failed", "Look at it.");
    EXPECT_EQ(task.url, "mailto:ops@example.org");
    EXPECT_EQ(task.headers, (Headers{{"subject", "It failed"}}));
    EXPECT_EQ(task.body, "Look at it.");
}

}  // namespace
}  // namespace punkt
