// One URL parser for check and dial: what was validated is what is called.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace punkt {

/// An absolute http or https URL, normalised: lower-case scheme and host, punycode refused unless already ASCII,
/// default port filled in, fragment removed, path at least "/".
struct Url {
    bool https = false;
    std::string host;  // without brackets
    bool host_is_ipv6 = false;
    std::uint16_t port = 80;
    std::string target;  // path and query, percent-encoded as given, starts with '/'

    std::string origin() const;  // "https://host:port", the port always there
    std::string text() const;    // normalised, default port left out
    std::string host_header() const;
};

/// Errors: `invalid`, "must be a valid HTTP or HTTPS URL" plus the reason in parentheses. Refuses userinfo, control
/// bytes, blanks, backslashes, numeric hosts that are no dotted quad (2130706433, 0x7f.1, 127.1), zone ids, bytes over
/// 127. A literal address is not judged here: net/address_guard does that.
Result<Url> parse_url(std::string_view text);

/// `location` resolved against `base` (RFC 3986 §5).
Result<Url> resolve_url(const Url& base, std::string_view location);

}  // namespace punkt
