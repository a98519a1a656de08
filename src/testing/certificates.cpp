#include "testing/certificates.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>

#include "base/check.h"
#include "net/address_guard.h"

namespace punkt::testing {
namespace {

template <auto free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        free(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using X509Pointer = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;

std::string text_of(const Bio& bio) {
    std::string text(BIO_ctrl_pending(bio.get()), '\0');
    BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
    return text;
}

Bio bio_of(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    check(extension != nullptr, "the extension is well formed");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

/// For serial numbers and names: two authorities of one name could not be told apart.
long next_number() {
    static std::atomic<long> last = 0;
    return ++last;
}

/// Null issuer: signed by itself.
Certificate make(const CertificateOptions& options, bool is_authority, X509* issuer, EVP_PKEY* issuer_key) {
    const Key key(EVP_EC_gen("P-256"));
    const X509Pointer certificate(X509_new());
    X509* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), next_number());
    X509_gmtime_adj(X509_getm_notBefore(x), options.valid_from_days * 86'400);
    X509_gmtime_adj(X509_getm_notAfter(x), options.valid_to_days * 86'400);
    X509_set_pubkey(x, key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(options.name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(issuer != nullptr ? issuer : x));
    if (is_authority) {
        extend(x, x, NID_basic_constraints, "critical,CA:TRUE");
        extend(x, x, NID_key_usage, "critical,keyCertSign");
        extend(x, x, NID_subject_key_identifier, "hash");
    } else {
        const char* kind = net::Address::parse(options.name) ? "IP:" : "DNS:";
        extend(x, issuer != nullptr ? issuer : x, NID_subject_alt_name, kind + options.name);
    }
    const EVP_MD* digest = EVP_get_digestbyname(options.digest);
    check(X509_sign(x, issuer_key != nullptr ? issuer_key : key.get(), digest) > 0, "the certificate can be signed");

    const Bio certificate_bio(BIO_new(BIO_s_mem())), key_bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(certificate_bio.get(), x);
    PEM_write_bio_PrivateKey(key_bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return {text_of(certificate_bio), text_of(key_bio)};
}

}  // namespace

Authority::Authority() : own_(make({.name = fmt::format("Authority {}", next_number())}, true, nullptr, nullptr)) {}

Certificate Authority::issue(const CertificateOptions& options) const {
    const X509Pointer issuer(PEM_read_bio_X509(bio_of(own_.certificate).get(), nullptr, nullptr, nullptr));
    const Key key(PEM_read_bio_PrivateKey(bio_of(own_.key).get(), nullptr, nullptr, nullptr));
    return make(options, false, issuer.get(), key.get());
}

Certificate self_signed(const CertificateOptions& options) { return make(options, false, nullptr, nullptr); }

}  // namespace punkt::testing
