// Calls a router's handlers without a socket, on the calling thread, and waits for the answer.
#pragma once

#include "api/router.h"

namespace punkt::testing {

/// Handlers may wait for other threads (writer, readers) meanwhile.
net::HttpReply call_route(api::Router& router, net::HttpRequest request);

}  // namespace punkt::testing
