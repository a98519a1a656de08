// The audit log: an entry is written in the transaction of the change that it tells of, or not at all.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/audit.h"
#include "store/write.h"

namespace punkt::store {

/// Inside the caller's transaction.
Result<void> insert_audit(db::Connection& connection, const AuditEntry& entry);

/// `write`, and what is said about it. Without entries it is `write` itself.
std::unique_ptr<Write> audited(std::unique_ptr<Write> write, std::vector<AuditEntry> entries);

/// The same when what is said depends on what the write does: `entries` is asked after its apply(), in the transaction,
/// on the writer's thread.
std::unique_ptr<Write> audited(std::unique_ptr<Write> write, std::function<std::vector<AuditEntry>()> entries);

/// An entry as it is stored.
struct StoredAudit {
    Id id = 0;  // holds the time
    ActorType actor_type = ActorType::system;
    std::optional<std::string> actor_id = std::nullopt;
    std::string action;
    std::string resource_type;
    std::string resource_id;
    std::string changes;   // JSON; empty: none
    std::string metadata;  // JSON
};

struct AuditQuery {
    std::optional<ActorType> actor_type = std::nullopt;
    std::string actor = {};  // a key's name, or a user's id; empty: any, also of those below
    std::string action = {};
    std::string resource_type = {};
    std::string resource_id = {};
    std::optional<Timestamp> from = std::nullopt;  // inclusive
    std::optional<Timestamp> to = std::nullopt;    // exclusive
    Id before = 0;                                 // only older ones; 0: from the newest
    int limit = 50;
};

/// The newest first; one more than `limit` when there are more.
Result<std::vector<StoredAudit>> list_audit(db::Connection& connection, Id organization, const AuditQuery& query);

/// Deletes at most `rows` of the entries of before `at`, inside the caller's transaction; answers how many.
Result<std::int64_t> forget_audit(db::Connection& connection, Timestamp at, int rows);

}  // namespace punkt::store
