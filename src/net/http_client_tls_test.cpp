// What the HTTP client thinks of certificates.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "net/http_client.h"
#include "testing/certificates.h"
#include "testing/client_house.h"
#include "testing/raw_server.h"
#include "testing/scratch_folder.h"
#include "testing/tls_server.h"

namespace punkt::net {
namespace {

using namespace std::chrono_literals;
using punkt::testing::Authority;
using punkt::testing::ClientHouse;
using punkt::testing::self_signed;
using punkt::testing::TlsServer;
using ::testing::HasSubstr;

/// An authority, and a client that trusts it.
class HttpClientTls : public ::testing::Test {
  protected:
    HttpClientTls() { folder_.write("ca.pem", authority_.certificate()); }

    ClientOptions trusting() const {
        ClientOptions options = ClientHouse::open_options();
        options.ca_file = folder_.path("ca.pem");
        return options;
    }
    static std::string url(const TlsServer& server, const std::string& host = "localhost") {
        return fmt::format("https://{}:{}/x", host, server.port());
    }

    Authority authority_;
    punkt::testing::ScratchFolder folder_;
};

TEST_F(HttpClientTls, accepts_a_certificate_of_a_trusted_authority) {
    TlsServer server(authority_.issue());
    ClientHouse house(trusting());
    const Answer answer = house.get(url(server));
    EXPECT_EQ(answer.body, "secret") << answer.error;
    ASSERT_TRUE(answer.timings.tls_us && answer.timings.connect_us);
    EXPECT_GE(*answer.timings.tls_us, *answer.timings.connect_us);
    EXPECT_EQ(server.server_name(), "localhost");
    EXPECT_EQ(house.get(url(server)).body, "secret");
    EXPECT_EQ(server.handshakes(), 1) << "the connection is reused";
}

TEST_F(HttpClientTls, verifies_literal_addresses_without_naming_them) {
    TlsServer server(authority_.issue({.name = "127.0.0.1"}));
    ClientHouse house(trusting());
    const Answer answer = house.get(url(server, "127.0.0.1"));
    EXPECT_EQ(answer.body, "secret") << answer.error;
    EXPECT_EQ(server.server_name(), "");
}

TEST_F(HttpClientTls, says_what_is_wrong_with_a_certificate) {
    struct Case {
        punkt::testing::Certificate certificate;
        std::string error;
    };
    const Authority stranger;
    const Case cases[] = {
        {authority_.issue({.valid_from_days = -30, .valid_to_days = -1}), "the certificate of 'localhost' has expired"},
        {authority_.issue({.valid_from_days = 1}), "the certificate of 'localhost' is not valid yet"},
        {authority_.issue({.name = "other.example"}), "the certificate is not for 'localhost'"},
        {self_signed(), "the certificate of 'localhost' is signed by itself"},
        {stranger.issue(), "the certificate of 'localhost' comes from an authority that is not trusted"},
        {authority_.issue({.digest = "SHA1"}), "the certificate of 'localhost' uses a key or a hash that is too weak"},
    };
    for (const auto& [certificate, error] : cases) {
        TlsServer server(certificate);
        ClientHouse house(trusting());
        const Answer answer = house.get(url(server));
        EXPECT_EQ(answer.failure, Failure::tls) << error;
        EXPECT_EQ(answer.error, error);
        EXPECT_FALSE(answer.status);
    }
}

TEST_F(HttpClientTls, refuses_an_address_that_the_certificate_does_not_name) {
    TlsServer server(authority_.issue());
    ClientHouse house(trusting());
    EXPECT_EQ(house.get(url(server, "127.0.0.1")).error, "the certificate is not for '127.0.0.1'");
}

TEST_F(HttpClientTls, trusts_the_systems_authorities_only_by_default) {
    TlsServer server(authority_.issue());
    ClientHouse house;
    EXPECT_THAT(house.get(url(server)).error, HasSubstr("not trusted"));
}

TEST_F(HttpClientTls, resumes_a_session_on_the_next_connection) {
    TlsServer server(authority_.issue());
    ClientOptions options = trusting();
    options.idle_connection_max = 1ms;
    ClientHouse house(options);
    EXPECT_EQ(house.get(url(server)).body, "secret");
    while (house.client->statistics().open > 0) std::this_thread::yield();  // the idle connection is reaped
    EXPECT_EQ(house.get(url(server)).body, "secret");
    EXPECT_EQ(server.handshakes(), 2);
    EXPECT_EQ(server.resumed(), 1);
}

TEST_F(HttpClientTls, takes_a_body_that_ends_without_notice) {
    TlsServer server(authority_.issue(), TlsServer::Manner::closes_without_notice);
    ClientHouse house(trusting());
    const Answer answer = house.get(url(server));
    EXPECT_EQ(answer.body, "secret") << answer.error;
}

TEST_F(HttpClientTls, refuses_protocols_before_1_2) {
    TlsServer server(authority_.issue(), TlsServer::Manner::old_protocol);
    ClientHouse house(trusting());
    const Answer answer = house.get(url(server));
    EXPECT_EQ(answer.failure, Failure::tls);
    EXPECT_THAT(answer.error, HasSubstr("TLS with 'localhost' failed"));
}

TEST_F(HttpClientTls, does_not_wait_for_ever_for_a_handshake) {
    TlsServer server(authority_.issue(), TlsServer::Manner::keeps_silent);
    ClientOptions options = trusting();
    options.tls_timeout = 30ms;
    ClientHouse house(options);
    const Answer answer = house.get(url(server));
    EXPECT_EQ(answer.failure, Failure::tls);
    EXPECT_THAT(answer.error, HasSubstr("did not finish the TLS handshake in time"));
}

TEST_F(HttpClientTls, says_when_the_other_side_speaks_no_tls) {
    punkt::testing::RawServer plain;
    plain.greet(punkt::testing::Script::answer(400));
    ClientHouse house(trusting());
    const Answer answer = house.get(fmt::format("https://127.0.0.1:{}/", plain.port()));
    EXPECT_EQ(answer.failure, Failure::tls);
    EXPECT_THAT(answer.error, HasSubstr("TLS with '127.0.0.1' failed"));
}

TEST_F(HttpClientTls, cannot_start_with_an_unreadable_ca_file) {
    ClientOptions options;
    options.ca_file = folder_.path("missing.pem");
    punkt::testing::AnswerBox box;
    const auto client = HttpClient::create(options, box);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().kind, ErrorKind::invalid);
    EXPECT_THAT(client.error().message, HasSubstr("missing.pem"));
}

}  // namespace
}  // namespace punkt::net
