// What leaves Punkt, by its URL: e-mail to the mail client, everything else to the HTTP client.
#pragma once

#include "net/mail_client.h"

namespace punkt::net {

/// Threads: send() from any.
class Outgoing final : public Transport {
  public:
    /// `mail` may be null: then nothing that is sent by e-mail succeeds, and the answers say why.
    Outgoing(Transport& http, Transport* mail, AnswerSink& sink) : http_(http), mail_(mail), sink_(sink) {}

    void send(std::vector<Request> requests) override;

  private:
    Transport& http_;
    Transport* mail_;
    AnswerSink& sink_;
};

}  // namespace punkt::net
