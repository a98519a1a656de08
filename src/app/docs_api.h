// What describes the API to programs and to people, open to all.
#pragma once

#include "api/router.h"

namespace punkt::app {

/// GET /api/v1/openapi.
void add_docs_routes(api::Router& router);

}  // namespace punkt::app
