// Certificates made when a test runs, so that none in the repository can expire.
#pragma once

#include <string>

namespace punkt::testing {

/// PEM texts.
struct Certificate {
    std::string certificate;
    std::string key;
};

struct CertificateOptions {
    std::string name = "localhost";  // a DNS name, or an address when it looks like one
    long valid_from_days = -1;       // from now
    long valid_to_days = 30;
    const char* digest = "SHA256";
};

/// Signs server certificates. EC keys, so that making one takes a millisecond.
class Authority {
  public:
    Authority();
    Certificate issue(const CertificateOptions& options = {}) const;
    /// PEM, for ClientOptions::ca_file.
    const std::string& certificate() const { return own_.certificate; }

  private:
    Certificate own_;
};

/// Signed by nobody but itself.
Certificate self_signed(const CertificateOptions& options = {});

}  // namespace punkt::testing
