// The bytes before the body of an outgoing request.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "core/task.h"
#include "core/url.h"

namespace punkt::net {

/// Request line and headers, with the empty line. Host comes first; content-length stands when there is a body, and as
/// 0 for POST, PUT and PATCH without one. Headers that belong to the connection or to the framing (host,
/// content-length, transfer-encoding, connection, keep-alive, proxy-connection, te, trailer, upgrade, expect) are left
/// out: they are the transport's, and a second one would let a task smuggle requests. Errors: `invalid`, naming a
/// header whose name is no token or whose value has control characters: nothing that could become another line is ever
/// sent.  Threads: any.  Source: RFC 9110 §5, §7.2, §8.6; reliability E11.
Result<std::string> request_head(Method method, const Url& url, const Headers& headers,
                                 std::optional<std::size_t> body_bytes);

}  // namespace punkt::net
