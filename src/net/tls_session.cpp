#include "net/tls_session.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "net/address_guard.h"

namespace punkt::net {
namespace {

template <auto free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        free(object);
    }
};

/// The newest reason on this thread's error queue, which is emptied.
std::string last_reason() {
    unsigned long newest = 0;
    while (const unsigned long code = ERR_get_error()) newest = code;
    const char* reason = newest == 0 ? nullptr : ERR_reason_error_string(newest);
    return reason == nullptr ? "unknown reason" : reason;
}

std::string certificate_sentence(const std::string& host, long code) {
    switch (code) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return fmt::format("the certificate of '{}' has expired", host);
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return fmt::format("the certificate of '{}' is not valid yet", host);
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return fmt::format("the certificate is not for '{}'", host);
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return fmt::format("the certificate of '{}' is signed by itself", host);
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return fmt::format("the certificate of '{}' comes from an authority that is not trusted", host);
        case X509_V_ERR_CERT_REVOKED:
            return fmt::format("the certificate of '{}' was revoked", host);
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL:
        case X509_V_ERR_CA_MD_TOO_WEAK:
            return fmt::format("the certificate of '{}' uses a key or a hash that is too weak", host);
        default:
            return fmt::format("the certificate of '{}' was refused: {}", host, X509_verify_cert_error_string(code));
    }
}

}  // namespace

struct TlsTicket::Impl {
    explicit Impl(SSL_SESSION* given) : session(given) {}
    std::unique_ptr<SSL_SESSION, Freed<SSL_SESSION_free>> session;
};

struct TlsContext::Impl {
    std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context;
};

struct TlsSession::Impl {
    std::unique_ptr<SSL, Freed<SSL_free>> ssl;
    std::string host;
    BIO* input = nullptr;  // owned by ssl
    BIO* output = nullptr;
    TlsTicket ticket;
    std::string error;

    State state_of(int result) {
        switch (SSL_get_error(ssl.get(), result)) {
            case SSL_ERROR_NONE:
                return State::done;
            case SSL_ERROR_WANT_READ:
                return State::starved;
            case SSL_ERROR_ZERO_RETURN:
                return State::closed;
            default:
                break;
        }
        const long verdict = SSL_get_verify_result(ssl.get());
        const std::string reason = last_reason();
        error = verdict != X509_V_OK ? certificate_sentence(host, verdict)
                                     : fmt::format("TLS with '{}' failed: {}", host, reason);
        return State::failed;
    }
};

namespace {

/// TLS 1.3 sends tickets after the handshake, so the newest one is kept as they come.
int keep_ticket(SSL* ssl, SSL_SESSION* session) {
    auto* impl = static_cast<TlsSession::Impl*>(SSL_get_app_data(ssl));
    impl->ticket.impl = std::make_shared<TlsTicket::Impl>(session);
    return 1;  // ours now
}

constexpr unsigned char alpn[] = "\x08http/1.1";

}  // namespace

TlsSession::TlsSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TlsSession::~TlsSession() {
    // Without this OpenSSL takes the connection for broken and spoils its ticket: SSL_set_shutdown(3).
    SSL_set_shutdown(impl_->ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::create(const std::string& ca_file) {
    auto impl = std::make_unique<Impl>();
    impl->context.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = impl->context.get();
    check(context != nullptr, "OpenSSL offers TLS");
    check(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1, "OpenSSL offers TLS 1.2");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // 34 KB less for each idle connection
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_ticket);
    SSL_CTX_set_alpn_protos(context, alpn, sizeof alpn - 1);
    const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                       : SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr);
    if (loaded != 1) {
        return Error{ErrorKind::invalid,
                     fmt::format("the certificates in '{}' cannot be read: {}", ca_file, last_reason())};
    }
    return std::unique_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

std::unique_ptr<TlsSession> TlsContext::start(const std::string& host, const TlsTicket& ticket) const {
    auto impl = std::make_unique<TlsSession::Impl>();
    impl->ssl.reset(SSL_new(impl_->context.get()));
    impl->host = host;
    impl->input = BIO_new(BIO_s_mem());
    impl->output = BIO_new(BIO_s_mem());
    SSL* ssl = impl->ssl.get();
    check(ssl != nullptr && impl->input != nullptr && impl->output != nullptr, "OpenSSL has memory");
    BIO_set_mem_eof_return(impl->input, -1);  // empty means "wait", not "end"
    SSL_set_bio(ssl, impl->input, impl->output);
    SSL_set_app_data(ssl, impl.get());
    SSL_set_connect_state(ssl);
    if (Address::parse(host)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());  // RFC 6066 §3: no SNI for addresses
    } else {
        SSL_set_tlsext_host_name(ssl, host.c_str());
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        check(SSL_set1_host(ssl, host.c_str()) == 1, "OpenSSL takes a host name");
    }
    if (ticket.impl) SSL_set_session(ssl, ticket.impl->session.get());
    return std::unique_ptr<TlsSession>(new TlsSession(std::move(impl)));
}

TlsSession::State TlsSession::handshake() {
    ERR_clear_error();
    return impl_->state_of(SSL_do_handshake(impl_->ssl.get()));
}

TlsSession::State TlsSession::read(char* target, std::size_t size, std::size_t& got) {
    ERR_clear_error();
    return impl_->state_of(SSL_read_ex(impl_->ssl.get(), target, size, &got));
}

TlsSession::State TlsSession::write(std::string_view plain) {
    if (plain.empty()) return State::done;
    ERR_clear_error();
    std::size_t written = 0;
    return impl_->state_of(SSL_write_ex(impl_->ssl.get(), plain.data(), plain.size(), &written));
}

void TlsSession::feed(std::string_view bytes) {
    check(BIO_write(impl_->input, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size()),
          "a memory BIO takes all");
}

std::string TlsSession::take_output() {
    std::string bytes(BIO_ctrl_pending(impl_->output), '\0');
    if (!bytes.empty()) BIO_read(impl_->output, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
}

std::string TlsSession::error() const { return impl_->error; }
bool TlsSession::resumed() const { return SSL_session_reused(impl_->ssl.get()) == 1; }
TlsTicket TlsSession::ticket() const { return impl_->ticket; }

}  // namespace punkt::net
