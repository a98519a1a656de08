// All definitions of an organization as one document: what export writes and import reads.
#pragma once

#include <string>
#include <vector>

#include "api/definition_part.h"
#include "base/id.h"
#include "core/task.h"

namespace punkt::tasks {

constexpr int document_version = 1;

/// {"version":1,"tasks":[…]} as JSON, then what `others` of the organization have: recurring tasks, and one-time tasks
/// with a key that are due after `now`, sorted by key and name, so that two exports differ only where the definitions
/// do. Of each task what is not default,
/// without secrets.
std::string definitions_document(std::vector<Task> tasks, const PublicIds& ids, Timestamp now,
                                 const std::vector<const api::DefinitionPart*>& others, Id organization);

}  // namespace punkt::tasks
