#include "core/url.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/ip_text.h"
#include "core/limits.h"

namespace punkt {
namespace {

Error refused(std::string_view reason) {
    return Error{ErrorKind::invalid, fmt::format("must be a valid HTTP or HTTPS URL ({})", reason)};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

bool starts_with_word(std::string_view text, std::string_view lower_word) {
    return text.size() >= lower_word.size() &&
           std::equal(lower_word.begin(), lower_word.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

/// What some parser somewhere reads differently from another one: the source of nearly all tricks with URLs.
std::optional<std::string_view> forbidden_byte(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) return "control characters are not allowed";
        if (c == ' ') return "blanks must be written as %20";
        if (c == '\\') return "backslashes are not allowed";
        if (byte > 0x7f) return "characters outside ASCII must be percent-encoded, host names written in punycode";
    }
    return std::nullopt;
}

/// The last label decides whether resolvers take a name for a number: WHATWG URL "ends in a number".
bool ends_in_number(std::string_view host) {
    const std::string_view last = host.substr(host.rfind('.') + 1);  // npos + 1 is 0
    if (!last.empty() && std::all_of(last.begin(), last.end(), is_digit)) return true;
    return starts_with_word(last, "0x") && last.find_first_not_of("0123456789abcdefABCDEF", 2) == last.npos;
}

Result<void> take_name(std::string_view host, Url& url) {
    if (host.ends_with('.')) host.remove_suffix(1);  // the root: "localhost." is localhost
    if (host.empty()) return refused("the host is missing");
    if (host.size() > 253) return refused("the host is longer than 253 characters");
    if (ends_in_number(host)) {
        const auto bytes = parse_ipv4(host);
        if (!bytes) return refused(fmt::format("'{}' is not an IPv4 address of four decimal numbers", host));
        url.host = ip_text(*bytes);
        return {};
    }
    std::size_t label = 0;
    for (const char c : host) {
        if (c == '.') {
            if (label == 0) return refused("the host has an empty label");
            label = 0;
        } else if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_') {
            return refused(fmt::format("'{}' is not allowed in a host", c));
        } else if (++label > 63) {
            return refused("a label of the host is longer than 63 characters");
        }
        url.host += lower(c);
    }
    if (label == 0) return refused("the host has an empty label");
    return {};
}

Result<void> take_authority(std::string_view authority, Url& url) {
    if (authority.find('@') != authority.npos) return refused("user names and passwords in a URL are not allowed");
    // 1. The port follows the last colon outside the brackets.
    std::string_view host = authority;
    const std::size_t bracket = authority.rfind(']');
    if (authority.starts_with('[') && bracket == authority.npos) {
        return refused("the bracket of the address is not closed");
    }
    const std::size_t colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
    url.port = url.https ? 443 : 80;
    if (colon != authority.npos) {
        const std::string_view port = authority.substr(colon + 1);
        host = authority.substr(0, colon);
        int value = 0;
        for (const char c : port) {
            if (!is_digit(c) || port.size() > 5) return refused(fmt::format("'{}' is not a port", port));
            value = value * 10 + (c - '0');
        }
        if (!port.empty()) {
            if (value < 1 || value > 65535) return refused("the port must be from 1 to 65535");
            url.port = static_cast<std::uint16_t>(value);
        }
    }
    // 2. The host is an address in brackets, a dotted quad or a name.
    if (!host.starts_with('[')) return take_name(host, url);
    if (!host.ends_with(']')) return refused("only a port may follow the bracket");
    const std::string_view literal = host.substr(1, host.size() - 2);
    const auto bytes = parse_ipv6(literal);
    if (!bytes) return refused(fmt::format("'{}' is not an IPv6 address", literal));
    url.host = ip_text(*bytes);
    url.host_is_ipv6 = !is_v4_mapped(*bytes);
    return {};
}

/// RFC 3986 §5.2.4. `path` starts with '/'.
std::string without_dot_segments(std::string_view path) {
    std::string result;
    while (!path.empty()) {
        const std::size_t end = path.find('/', 1);
        const std::string_view segment = path.substr(0, end);  // "/name"
        const bool last = end == path.npos;
        path = last ? std::string_view{} : path.substr(end);
        if (segment == "/.") {
            if (last) result += '/';
        } else if (segment == "/..") {
            result.erase(result.find_last_of('/') == result.npos ? 0 : result.find_last_of('/'));
            if (last) result += '/';
        } else {
            result += segment;
        }
    }
    return result.empty() ? "/" : result;
}

std::string normalised_target(std::string_view target) {
    const std::size_t query = std::min(target.find('?'), target.size());
    return without_dot_segments(target.substr(0, query)) + std::string(target.substr(query));
}

/// Servers write raw UTF-8 and blanks into Location although they must not; browsers and curl encode them.
/// Only behind the authority: a host with such bytes stays refused.
std::string with_encoded_path(std::string_view location) {
    const std::size_t slashes = location.find("//");
    const std::size_t authority_end = slashes == location.npos || slashes > location.find_first_of("/?#")
                                          ? 0
                                          : std::min(location.find_first_of("/?#", slashes + 2), location.size());
    std::string text(location.substr(0, authority_end));
    for (const char c : location.substr(authority_end)) {
        if (c == ' ' || static_cast<unsigned char>(c) > 0x7f) {
            fmt::format_to(std::back_inserter(text), "%{:02X}", static_cast<unsigned char>(c));
        } else {
            text += c;
        }
    }
    return text;
}

/// RFC 3986 §3.1: a colon before the first slash, after nothing but the letters of a scheme.
bool has_scheme(std::string_view reference) {
    const std::size_t end = reference.find_first_of(":/?#");
    return end != reference.npos && end > 0 && reference[end] == ':' && is_letter(reference[0]) &&
           std::all_of(reference.begin(), reference.begin() + static_cast<std::ptrdiff_t>(end),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

}  // namespace

std::string Url::host_header() const {
    const std::string name = host_is_ipv6 ? '[' + host + ']' : host;
    return port == (https ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

std::string Url::origin() const {
    return fmt::format("{}://{}{}{}:{}", https ? "https" : "http", host_is_ipv6 ? "[" : "", host,
                       host_is_ipv6 ? "]" : "", port);
}

std::string Url::text() const { return (https ? "https://" : "http://") + host_header() + target; }

Result<Url> parse_url(std::string_view text) {
    // 1. Refuse what could be read in two ways before reading anything.
    if (text.empty()) return refused("it is empty");
    if (text.size() > limits::url_bytes) return refused(fmt::format("it is longer than {} bytes", limits::url_bytes));
    if (const auto reason = forbidden_byte(text)) return refused(*reason);
    // 2. Scheme.
    Url url;
    if (starts_with_word(text, "https://")) {
        url.https = true;
        text.remove_prefix(8);
    } else if (starts_with_word(text, "http://")) {
        text.remove_prefix(7);
    } else {
        return refused("it must start with http:// or https://");
    }
    // 3. The fragment stays here; it is never sent.
    text = text.substr(0, text.find('#'));
    // 4. Authority and target.
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    auto authority = take_authority(text.substr(0, end), url);
    if (!authority) return std::move(authority).error();
    url.target = text.substr(end);
    if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
    return url;
}

Result<Url> resolve_url(const Url& base, std::string_view location) {
    if (location.size() > limits::url_bytes)
        return refused(fmt::format("it is longer than {} bytes", limits::url_bytes));
    const std::string reference = with_encoded_path(location.substr(0, location.find('#')));
    // 1. With a scheme or an authority it is a URL of its own.
    if (has_scheme(reference) || reference.starts_with("//")) {
        auto url = parse_url(has_scheme(reference) ? reference : (base.https ? "https:" : "http:") + reference);
        if (url) url->target = normalised_target(url->target);
        return url;
    }
    // 2. Else it replaces the path, the end of the path, or the query of the base.
    if (const auto reason = forbidden_byte(reference)) return refused(*reason);
    Url url = base;
    if (reference.empty()) return url;
    const std::string_view base_path = std::string_view(base.target).substr(0, base.target.find('?'));
    if (reference.starts_with('/')) {
        url.target = normalised_target(reference);
    } else if (reference.starts_with('?')) {
        url.target = std::string(base_path) + reference;
    } else {
        url.target = normalised_target(std::string(base_path.substr(0, base_path.rfind('/') + 1)) + reference);
    }
    // Relative references could let a chain of redirects grow the URL without end.
    if (url.target.size() > limits::url_bytes)
        return refused(fmt::format("it is longer than {} bytes", limits::url_bytes));
    return url;
}

}  // namespace punkt
