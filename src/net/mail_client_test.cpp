#include "net/mail_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/outgoing.h"
#include "testing/client_house.h"
#include "testing/mail_server.h"
#include "testing/raw_server.h"

namespace punkt::net {
namespace {

using namespace std::chrono_literals;
using punkt::testing::AnswerBox;
using punkt::testing::MailServer;
using punkt::testing::RawServer;
using punkt::testing::Script;
using ::testing::AllOf;
using ::testing::HasSubstr;

Request letter(std::uint64_t ticket, const std::string& subject = "It failed") {
    Request request;
    request.ticket = ticket;
    request.url = "mailto:ops@example.org";
    request.headers = {{"subject", subject}, {"punkt-task-id", "0190-1"}};
    request.body = std::make_shared<const std::string>("Look at it.\n.\nÄrger = bad\n");
    request.timeout = 5s;
    return request;
}

MailOptions options_for(const std::string& server) { return {.server = server, .from = "punkt@example.org"}; }

TEST(MailClient, a_mail_arrives_as_it_was_written) {
    MailServer server;
    AnswerBox answers;
    MailClient client(options_for(server.url()), answers);
    client.send({letter(7)});
    const Answer answer = answers.take(7);
    EXPECT_EQ(answer.failure, Failure::none) << answer.error;
    EXPECT_EQ(answer.status, 250);
    const auto letters = server.wait_for(1);
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters[0].from, "punkt@example.org");
    EXPECT_EQ(letters[0].to, "ops@example.org");
    EXPECT_THAT(letters[0].text,
                AllOf(HasSubstr("From: Punkt <punkt@example.org>\r\n"), HasSubstr("To: <ops@example.org>\r\n"),
                      HasSubstr("Subject: It failed\r\n"), HasSubstr("Message-ID: <0190-1@example.org>\r\n"),
                      HasSubstr("\r\nDate: "), HasSubstr("Auto-Submitted: auto-generated\r\n")));
    EXPECT_THAT(letters[0].text, AllOf(HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"),
                                       HasSubstr("\r\n\r\nLook at it.\r\n..\r\n=C3=84rger =3D bad\r\n")));
}

TEST(MailClient, a_refusal_for_good_is_not_tried_again_and_one_for_now_is) {
    MailServer server;
    AnswerBox answers;
    MailClient client(options_for(server.url()), answers);
    server.refuse("550 nobody is here");
    client.send({letter(1)});
    const Answer never = answers.take(1);
    EXPECT_EQ(never.failure, Failure::protocol);
    EXPECT_TRUE(never.no_retry);
    EXPECT_THAT(never.error, HasSubstr("550"));
    server.refuse("451 later");
    client.send({letter(2)});
    EXPECT_FALSE(answers.take(2).no_retry);
}

TEST(MailClient, a_server_that_is_not_there_or_says_nothing_ends_the_attempt) {
    AnswerBox answers;
    const auto gone = RawServer().port();
    MailClient nobody(options_for("smtp://127.0.0.1:" + std::to_string(gone)), answers);
    nobody.send({letter(1)});
    EXPECT_EQ(answers.take(1).failure, Failure::connect);

    RawServer silent;
    silent.greet(Script().hang());
    MailClient waiting(options_for("smtp://127.0.0.1:" + std::to_string(silent.port())), answers);
    Request soon = letter(2);
    soon.timeout = 100ms;
    waiting.send({std::move(soon)});
    EXPECT_EQ(answers.take(2).failure, Failure::timeout);
    waiting.send({letter(3)});
    waiting.stop();
    EXPECT_EQ(answers.take(3).failure, Failure::cancelled);
}

TEST(MailClient, a_password_is_never_sent_without_tls) {
    MailServer server;
    AnswerBox answers;
    MailOptions options = options_for(server.url());
    options.user = "punkt";
    options.password = "secret";
    MailClient client(options, answers);
    client.send({letter(1)});
    EXPECT_EQ(answers.take(1).failure, Failure::tls);
}

TEST(MailClient, a_subject_cannot_end_its_line_and_is_encoded_when_it_must_be) {
    EXPECT_EQ(mail_subject("plain"), "plain");
    EXPECT_EQ(mail_subject("a\r\nBcc: b@c"), "a  Bcc: b@c");
    EXPECT_EQ(mail_subject("\xC3\x84rger"), "=?UTF-8?B?w4RyZ2Vy?=");
    std::string longer;
    for (int i = 0; i < 40; ++i) longer += "\xE2\x82\xAC";
    EXPECT_THAT(mail_subject("x" + longer), HasSubstr("?=\r\n =?UTF-8?B?"));
}

TEST(MailClient, a_server_is_named_by_an_smtp_url) {
    for (const char* good : {"smtp://mail", "smtp://mail.example.org:587", "smtps://mail.example.org:465"})
        EXPECT_TRUE(examine_mail_server(good)) << good;
    for (const char* bad : {"", "mail.example.org", "http://mail", "smtp://", "smtp://:25", "smtp://a@b", "smtp://a/b"})
        EXPECT_FALSE(examine_mail_server(bad)) << bad;
}

TEST(Outgoing, the_url_says_which_way_a_request_takes) {
    MailServer mails;
    RawServer target;
    target.on("/hook", Script::answer(200, "ok"));
    AnswerBox answers;
    auto http = HttpClient::create({.guard = *AddressGuard::create("1")}, answers);
    ASSERT_TRUE(http);
    MailClient mail(options_for(mails.url()), answers);
    Request hook;
    hook.ticket = 2;
    hook.url = target.url("/hook");
    Outgoing(**http, &mail, answers).send({letter(1), hook});
    EXPECT_EQ(answers.take(1).status, 250);
    EXPECT_EQ(answers.take(2).status, 200);

    Outgoing(**http, nullptr, answers).send({letter(3)});
    const Answer refused = answers.take(3);
    EXPECT_TRUE(refused.no_retry);
    EXPECT_THAT(refused.error, HasSubstr("mail.server"));
}

}  // namespace
}  // namespace punkt::net
