// Which dead letters a request means.
#pragma once

#include <vector>

#include "api/context.h"
#include "base/id.h"
#include "store/dead_letters.h"

namespace punkt::tasks {

constexpr int redrive_max = 1'000;  // letters of one call

/// host, error, status, status_code ("none": without one), task_id, since, until, system. Mistakes are noted.
store::DeadLetterFilter read_dead_letter_filter(api::FieldReader& fields, const PublicIds& ids);

struct Selection {
    std::vector<Id> executions = {};  // named one by one; empty: the filter says
    store::DeadLetterFilter filter = {};
    int limit = redrive_max;
};

/// {"ids": […]}, or a filter; {"all": true} for everything. Errors: `invalid` for none of these, for both, and for
/// ids that are none.
Result<Selection> read_selection(api::FieldReader& fields, const PublicIds& ids);

}  // namespace punkt::tasks
