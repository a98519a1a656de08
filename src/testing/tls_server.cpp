#include "testing/tls_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

#include "base/check.h"

namespace punkt::testing {
namespace {

constexpr std::string_view kept_alive = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret";
constexpr std::string_view until_close = "HTTP/1.1 200 OK\r\n\r\nsecret";

}  // namespace

struct TlsServer::Impl {
    Impl(const Certificate& certificate, Manner given) : manner(given), context(SSL_CTX_new(TLS_server_method())) {
        // OpenSSL writes to sockets with write(), which has no way to ask for no signal.
        std::signal(SIGPIPE, SIG_IGN);
        BIO* bio = BIO_new_mem_buf(certificate.certificate.data(), static_cast<int>(certificate.certificate.size()));
        X509* x = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
        BIO_free(bio);
        bio = BIO_new_mem_buf(certificate.key.data(), static_cast<int>(certificate.key.size()));
        EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
        BIO_free(bio);
        SSL_CTX_set_security_level(context, 0);  // serves weak certificates too: the client must refuse them
        check(SSL_CTX_use_certificate(context, x) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1, "a certificate");
        X509_free(x);
        EVP_PKEY_free(key);
        if (manner == Manner::old_protocol) SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);

        listener = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        check(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(listener, 64) == 0, "a port");
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
        acceptor = std::thread([this] { accept_all(); });
    }
    ~Impl() {
        shutdown(listener, SHUT_RDWR);
        acceptor.join();
        {
            const std::lock_guard lock(mutex);
            for (const int one : open) shutdown(one, SHUT_RDWR);
        }
        for (auto& thread : threads) thread.join();
        close(listener);
        SSL_CTX_free(context);
    }

    void accept_all() {
        while (true) {
            const int connection = accept(listener, nullptr, nullptr);
            if (connection < 0) return;
            {
                const std::lock_guard lock(mutex);
                open.insert(connection);
            }
            threads.emplace_back([this, connection] {
                serve(connection);
                const std::lock_guard lock(mutex);
                open.erase(connection);
                close(connection);
            });
        }
    }

    void serve(int connection) {
        if (manner == Manner::keeps_silent) {
            char byte;
            while (recv(connection, &byte, 1, 0) > 0) {
            }
            return;
        }
        SSL* ssl = SSL_new(context);
        SSL_set_fd(ssl, connection);
        if (SSL_accept(ssl) == 1) {
            ++handshakes;
            if (SSL_session_reused(ssl) == 1) ++resumed;
            note_name(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
            char buffer[16 * 1024];
            while (SSL_read(ssl, buffer, sizeof buffer) > 0) {
                const auto response = manner == Manner::closes_without_notice ? until_close : kept_alive;
                SSL_write(ssl, response.data(), static_cast<int>(response.size()));
                if (manner == Manner::closes_without_notice) break;
            }
            if (manner == Manner::orderly) SSL_shutdown(ssl);
        }
        SSL_free(ssl);
    }

    void note_name(const char* name) {
        const std::lock_guard lock(mutex);
        server_name = name == nullptr ? "" : name;
    }

    const Manner manner;
    SSL_CTX* const context;
    int listener = -1;
    std::uint16_t port = 0;
    std::atomic<int> handshakes = 0, resumed = 0;
    std::mutex mutex;
    std::set<int> open;
    std::string server_name;
    std::vector<std::thread> threads;  // of the acceptor, until it ended
    std::thread acceptor;
};

TlsServer::TlsServer(const Certificate& certificate, Manner manner)
    : impl_(std::make_unique<Impl>(certificate, manner)) {}
TlsServer::~TlsServer() = default;

std::uint16_t TlsServer::port() const { return impl_->port; }
int TlsServer::handshakes() const { return impl_->handshakes; }
int TlsServer::resumed() const { return impl_->resumed; }

std::string TlsServer::server_name() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->server_name;
}

}  // namespace punkt::testing
