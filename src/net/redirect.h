// What a redirect means for a request. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/http.h"
#include "core/url.h"

namespace punkt::net {

struct Redirection {
    bool follow = false;              // `request` and `url` are those of the next hop
    Failure failure = Failure::none;  // none and no follow: the response is the answer
    std::string error = {};
};

/// Judges a response of `status` with the header `location` after `hops` redirects, and turns `request` and `url` into
/// the next hop: GET and HEAD follow 301, 302, 303, 307 and 308; other methods 307 and 308 with their body, and 301–303
/// only with `redirect_any_method`, as GET without body. Headers named in `origin_bound` stay behind when the origin
/// changes.  Errors: `redirect` for a 301–303 that must not be followed; `protocol` for too many or an invalid
/// Location. Threads: any.  Source: contract "Redirects", RFC 9110 §15.4.
Redirection redirect(int status, const std::optional<std::string>& location, int hops, Request& request, Url& url);

}  // namespace punkt::net
