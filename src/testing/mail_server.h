// A mail server for tests: takes what it is given, or refuses it as it was told. On a thread of its own, loopback only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace punkt::testing {

/// Threads: any.
class MailServer {
  public:
    struct Letter {
        std::string from, to, text;  // text: headers and body as they came, without the final dot
    };

    /// Listens on a free port of 127.0.0.1.
    MailServer();
    ~MailServer();

    /// "smtp://127.0.0.1:4711"
    std::string url() const;
    /// The next recipients get this line, such as "550 nobody is here", instead of "250 OK". Empty: all are welcome.
    void refuse(std::string line);
    /// Waits up to ten seconds until so many letters have come.
    std::vector<Letter> wait_for(std::size_t count) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::testing
