// Who is behind a reverse proxy.
#pragma once

#include <string>

#include "net/address_guard.h"
#include "net/http_server.h"

namespace punkt::api {

/// The address that counts as the caller's: the peer's, or, while that is one of `proxies`, the one before it in
/// X-Forwarded-For, read from its end. What stands further left may be invented by the caller. What is no address ends
/// the search.
std::string client_address(const net::HttpRequest& request, const net::AddressRanges& proxies);

}  // namespace punkt::api
