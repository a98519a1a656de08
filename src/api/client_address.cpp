#include "api/client_address.h"

#include <optional>
#include <string_view>

#include "base/text.h"

namespace punkt::api {
namespace {

/// All of its lines, as one (RFC 9110 §5.3).
std::string forwarded_for(const net::HttpRequest& request) {
    std::string all;
    for (const auto& [name, value] : request.headers)
        if (name == "x-forwarded-for") all += (all.empty() ? "" : ",") + value;
    return all;
}

/// Also "192.0.2.1:443" and "[2001:db8::1]:443", which some proxies write.
std::optional<net::Address> address_from(std::string_view text) {
    if (text.starts_with('[')) return net::Address::parse(text.substr(1, text.find(']') - 1));
    const auto colon = text.find(':');
    const bool has_port = colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
    return net::Address::parse(has_port ? text.substr(0, colon) : text);
}

}  // namespace

std::string client_address(const net::HttpRequest& request, const net::AddressRanges& proxies) {
    auto nearest = net::Address::parse(request.peer);
    if (!nearest || !proxies.contains(*nearest)) return request.peer;
    const std::string all = forwarded_for(request);
    std::string_view rest = all;
    while (!rest.empty() && proxies.contains(*nearest)) {
        const auto comma = rest.rfind(',');
        const auto before = address_from(trimmed(comma == rest.npos ? rest : rest.substr(comma + 1)));
        if (!before) break;
        nearest = before;
        rest = comma == rest.npos ? std::string_view() : rest.substr(0, comma);
    }
    return nearest->text();
}

}  // namespace punkt::api
