// What describes the API to programs and to people, open to all.
#pragma once

#include "api/router.h"

namespace punkt::app {

/// GET /api/v1/openapi, /api/v1/docs and what that page loads.
void add_docs_routes(api::Router& router);

}  // namespace punkt::app
