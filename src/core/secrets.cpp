#include "core/secrets.h"

#include <algorithm>

#include "base/text.h"

namespace punkt {

bool names_secret(std::string_view raw, bool is_header) {
    const std::string name = lower_case(raw);
    for (const std::string_view part : {"authorization", "cookie", "token", "secret", "password", "passwd",
                                        "credential", "signature", "api-key", "api_key", "apikey"})
        if (name.find(part) != std::string::npos) return true;
    return is_header && (name.ends_with("key") || name.ends_with("auth"));
}

std::string without_secrets(std::string_view url) {
    std::string made(url);
    const auto host = made.find("://") + 3;
    const auto path = std::min(made.find_first_of("/?#", host), made.size());
    if (const auto at = made.rfind('@', path); at != std::string::npos && at >= host && at < path)
        made.replace(host, at - host, secret_mask);
    for (auto from = made.find('?'); from != std::string::npos; from = made.find('&', from)) {
        const auto end = std::min(made.find_first_of("&#", ++from), made.size());
        const auto equals = made.find('=', from);
        if (equals >= end || !names_secret(std::string_view(made).substr(from, equals - from), true)) continue;
        made.replace(equals + 1, end - equals - 1, secret_mask);
    }
    return made;
}

bool has_masked_secret(std::string_view url) {
    const std::string_view mask = secret_mask;
    std::string filled(url);
    for (auto at = filled.find(mask); at != std::string::npos; at = filled.find(mask, at))
        filled.replace(at, mask.size(), "x");
    return filled != url && without_secrets(filled) == without_secrets(url);
}

}  // namespace punkt
