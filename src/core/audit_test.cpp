#include "core/audit.h"

#include <gtest/gtest.h>

namespace punkt {
namespace {

TEST(Audit, names_what_differs_and_nothing_else) {
    EXPECT_EQ(audit_changes(R"({"a":1,"b":"x","c":null})", R"({"a":1,"b":"y","c":[1]})"),
              R"({"b":{"from":"x","to":"y"},"c":{"from":null,"to":[1]}})");
    EXPECT_EQ(audit_changes(R"({"a":1,"updated_at":"then"})", R"({"a":1,"updated_at":"now"})"), "");
}

TEST(Audit, what_is_made_has_no_before_and_what_goes_no_after) {
    EXPECT_EQ(audit_changes("", R"({"a":1,"b":null})"), R"({"a":{"from":null,"to":1}})");
    EXPECT_EQ(audit_changes(R"({"a":1})", ""), R"({"a":{"from":1,"to":null}})");
}

TEST(Audit, tells_that_a_secret_changed_but_not_what_it_was) {
    EXPECT_EQ(audit_changes(R"({"headers":{"Authorization":"Bearer a","x-functions-key":"a","accept":"b"}})",
                            R"({"headers":{"Authorization":"Bearer c"}})"),
              R"({"headers":{"from":{"Authorization":"***","x-functions-key":"***","accept":"b"},)"
              R"("to":{"Authorization":"***"}}})");
    EXPECT_EQ(audit_changes(R"({"webhook_secret":"whsec_a"})", R"({"webhook_secret":"whsec_b"})"),
              R"({"webhook_secret":{"from":"***","to":"***"}})");
    EXPECT_EQ(audit_changes("", R"({"list":[{"password":"a"}]})"), R"({"list":{"from":null,"to":[{"password":"***"}]}})");
}

TEST(Audit, hides_passwords_and_tokens_in_addresses) {
    EXPECT_EQ(audit_changes("", R"({"url":"https://me:secret@example.com/a@b?x=1&access_token=t&key=k#part"})"),
              R"({"url":{"from":null,"to":"https://***@example.com/a@b?x=1&access_token=***&key=***#part"}})");
    EXPECT_EQ(audit_changes("", R"({"url":"https://example.com/?a=b@c"})"),
              R"({"url":{"from":null,"to":"https://example.com/?a=b@c"}})");
}

TEST(Audit, a_task_s_own_key_is_no_secret) {
    EXPECT_EQ(audit_changes(R"({"key":"a"})", R"({"key":"b"})"), R"({"key":{"from":"a","to":"b"}})");
}

TEST(Audit, cuts_long_texts_at_a_whole_character) {
    const std::string text(499, 'a');
    EXPECT_EQ(audit_changes("", R"({"body":")" + text + "aa\"}"), R"({"body":{"from":null,"to":")" + text + "a...\"}}");
    EXPECT_EQ(audit_changes("", R"({"body":")" + text + "ä\"}"), R"({"body":{"from":null,"to":")" + text + "...\"}}");
    EXPECT_EQ(audit_changes("", R"({"body":")" + text + "a\"}"), R"({"body":{"from":null,"to":")" + text + "a\"}}");
}

TEST(Audit, a_body_may_be_kept_as_its_hash_only) {
    const std::string changes = audit_changes(R"({"body":"a"})", R"({"body":"b"})", AuditBodies::hash);
    EXPECT_EQ(changes,
              R"({"body":{"from":"sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",)"
              R"("to":"sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"}})");
}

}  // namespace
}  // namespace punkt
