// From {"action","filter","params"} to a job and back. Pure.
#pragma once

#include "api/field_reader.h"
#include "rooms/tasks/bulk/bulk_job.h"

namespace punkt::tasks {

/// Checks what a caller asks for. `delay` is counted from `now` and becomes `run_at`.
/// Errors: `invalid` with fields; an empty filter and unknown members are refused by name: a mistyped filter would mean
/// more tasks than its author thought.
Result<BulkRequest> read_bulk_request(api::FieldReader& fields, Timestamp now);

/// {"action","filter","params"} as it was understood, to be kept and shown.
std::string bulk_request_text(const BulkRequest& request);

}  // namespace punkt::tasks
