// Who calls. rooms/accounts finds out; the router asks before a handler runs.
#pragma once

#include <string>

#include "base/async.h"
#include "base/id.h"
#include "base/result.h"
#include "net/http_server.h"

namespace punkt::api {

struct Caller {
    Id organization = 0;
    Id key = 0;              // 0: the master key
    bool is_master = false;  // may manage keys; sees every organization where a contract says so
    std::string key_name = {};
};

/// Threads: io threads, many at once.
class Authenticator {
  public:
    virtual ~Authenticator() = default;
    /// Errors: `unauthorized`, the same for every cause.
    virtual Async<Result<Caller>> authenticate(const net::HttpRequest& request) = 0;
    /// Whose key the request presents, without judging it; 0: nobody's. Cheap and silent: asked before the rate limit.
    virtual Id organization_of(const net::HttpRequest& /*request*/) const { return 0; }
};

}  // namespace punkt::api
