// A plan on the wire. Source: runlater-api.md §1.3 (sync), §5.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/definition_part.h"
#include "net/http_server.h"
#include "rooms/tasks/definitions/plan.h"

namespace punkt::tasks {

/// Names by what becomes of them, in the order of the declaration.
struct Counted {
    std::vector<std::string> created, updated, deleted, unchanged;
};
Counted count(const Plan& plan);
void add_count(Counted& counted, const api::DefinitionPlan& plan);

/// "created":[…],"updated":[…],"deleted":[…] with their counts, then "unchanged".
void write_counted(json::Writer& writer, const Counted& counted);
/// [{"name","cron_expression","read_as"}]
void write_ambiguous(json::Writer& writer, const std::vector<Ambiguity>& ambiguous);
/// Into an open array: {"action","type","id","key","name","fields":{"url":{"from","to"}}} of each task that changes.
void write_changes(json::Writer& writer, const Plan& plan, const PublicIds& ids);
/// The same of another part of the definitions; `key` is null.
void write_changes(json::Writer& writer, const api::DefinitionPlan& plan, std::string_view type);

/// "Sync complete: 2 created, 1 updated, 1 deleted"; "No changes" without any.
std::string message(std::string_view what, const Counted& counted);

/// 422 with one entry for each refused item.
net::HttpReply refused_reply(const std::vector<RefusedItem>& refused);

}  // namespace punkt::tasks
