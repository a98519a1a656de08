#include "rooms/accounts/authenticator.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/log.h"

namespace punkt::accounts {
namespace {

constexpr std::string_view bearer = "Bearer ";

struct Token {
    std::string_view text = {};  // empty: none was presented
    bool is_ambiguous = false;   // more than one Authorization header
};

/// `Authorization: Bearer`, else x-api-key, else qron-x-api-key (qron.md §1: x-api-key wins).
Token presented_token(const net::HttpRequest& request) {
    const auto count = std::count_if(request.headers.begin(), request.headers.end(),
                                     [](const auto& header) { return header.first == "authorization"; });
    if (count > 1) return {.is_ambiguous = true};
    if (const auto value = request.header("authorization"); value && value->starts_with(bearer))
        return {.text = value->substr(bearer.size())};
    for (const std::string_view name : {"x-api-key", "qron-x-api-key"})
        if (const auto value = request.header(name); value && !value->empty()) return {.text = *value};
    return {};
}

/// The public half, as far as it is one of ours: what else a client sends may be a secret in the wrong place.
std::string_view loggable_key_id(const std::optional<Credential>& credential) {
    if (!credential || credential->key_id.empty()) return "-";
    return credential->key_id.substr(0, 40);
}

Error refuse(const net::HttpRequest& request, std::string_view key_id, std::string_view reason, bool was_presented) {
    log::write(log::Level::info, "refused a request",
               {{"reason", reason},
                {"key_id", key_id},
                {"peer", request.peer},
                {"method", request.method},
                {"path", request.path}});
    return {ErrorKind::unauthorized, "Invalid or missing API key", was_presented ? "unauthorized" : ""};
}

}  // namespace

bool KeyAuthenticator::is_master(std::string_view token) const {
    if (options_.master_key.empty()) return false;
    // Digests of equal length: how long this takes says nothing about the length of the master key either.
    const auto given = crypto::sha256(token), wanted = crypto::sha256(options_.master_key);
    return crypto::equal_in_constant_time({reinterpret_cast<const char*>(given.data()), given.size()},
                                          {reinterpret_cast<const char*>(wanted.data()), wanted.size()});
}

Result<api::Caller> KeyAuthenticator::identify(const net::HttpRequest& request) const {
    const Token token = presented_token(request);
    if (token.is_ambiguous) return refuse(request, "-", "more than one authorization header", true);
    if (token.text.empty()) return refuse(request, "-", "no key", false);
    const auto credential = read_credential(token.text);
    if (credential) {
        const auto found = ring_.find(*credential, clock_.now());
        if (found.entry)
            return api::Caller{
                .organization = found.entry->organization, .key = found.entry->key, .key_name = found.entry->name};
        if (!is_master(token.text))
            return refuse(request, loggable_key_id(credential),
                          found.miss == KeyRing::Miss::other_key_id ? "the secret belongs to another key id"
                                                                    : "unknown or revoked secret",
                          true);
    } else if (!is_master(token.text)) {
        return refuse(request, "-", "not of the form of a key", true);
    }
    return api::Caller{.organization = options_.master_organization, .is_master = true, .key_name = "master key"};
}

Id KeyAuthenticator::organization_of(const net::HttpRequest& request) const {
    const auto credential = read_credential(presented_token(request).text);
    if (!credential) return 0;
    const auto found = ring_.find(*credential, clock_.now());
    return found.entry ? found.entry->organization : 0;
}

Async<Result<api::Caller>> KeyAuthenticator::authenticate(const net::HttpRequest& request) {
    co_return identify(request);
}

}  // namespace punkt::accounts
