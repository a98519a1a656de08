// What a request says, whatever way it says it: JSON, a form, or the query.
#pragma once

#include "api/context.h"
#include "base/result.h"

namespace punkt::api {

/// Fills `query` and `query_json`. Errors: `invalid`, code_malformed.
Result<void> read_query(Context& context);

/// Fills `body`. Url-encoded and multipart forms are read as such; everything else must be a JSON object, and so must a
/// "form" that begins with '{', as `curl -d '{…}'` sends it. Errors: `invalid`, code_malformed.
Result<void> read_body(Context& context);

}  // namespace punkt::api
