// Sends e-mail (core/mail.h) through an SMTP server.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/mail.h"
#include "net/transport.h"

namespace punkt::net {

/// "smtp://host", "smtp://host:587" or "smtps://host:465". Errors: `invalid`, a sentence.
Result<void> examine_mail_server(std::string_view url);

struct MailOptions {
    std::string server = {};  // smtps: TLS from the first byte; smtp: STARTTLS if offered, always with a user
    std::string user = {};    // empty: nobody logs in
    std::string password = {};
    std::string from = {};     // an address
    std::string ca_file = {};  // empty: the system's bundle
    int connections_max = 4;
    std::size_t waiting_max = 10'000;  // beyond it mails are answered with `connection` at once, to be tried again
};

/// The header "subject" as RFC 2047 wants it when it is not plain ASCII; line breaks become blanks.
std::string mail_subject(std::string_view text);

/// 250 is the answer when the server took the mail. What it refuses for good (5xx) is `protocol` and not tried again.
/// Threads: send() from any; answers come on the client's own thread.
class MailClient final : public Transport {
  public:
    MailClient(MailOptions options, AnswerSink& sink);
    /// What is under way is answered with `cancelled`.
    ~MailClient() override;

    void send(std::vector<Request> requests) override;
    /// The same, sooner. Nothing may be sent after.
    void stop();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::net
