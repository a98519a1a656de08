#include "store/audit.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/json.h"

namespace punkt::store {
namespace {

/// The first id of a millisecond (base/id.h).
Id first_id_of(Timestamp at) { return to_ms(at) << 20; }

std::string metadata_text(const AuditEntry& entry) {
    json::Writer writer;
    writer.begin_object();
    if (entry.actor_type == ActorType::system) writer.key("by").string(entry.actor_name);
    for (const auto& [name, value] : entry.metadata) writer.key(name).string(value);
    writer.end_object();
    return writer.take();
}

class AuditedWrite final : public WrappedWrite {
  public:
    AuditedWrite(std::unique_ptr<Write> write, std::vector<AuditEntry> entries)
        : WrappedWrite(std::move(write)), entries_(std::move(entries)) {}

    Result<void> apply(db::Connection& connection) override {
        if (auto done = WrappedWrite::apply(connection); !done) return done;
        for (const AuditEntry& entry : entries_)
            if (auto done = insert_audit(connection, entry); !done) return done;
        return {};
    }
    std::size_t rows() const override { return WrappedWrite::rows() + entries_.size(); }

  private:
    std::vector<AuditEntry> entries_;
};

class LateAuditedWrite final : public WrappedWrite {
  public:
    LateAuditedWrite(std::unique_ptr<Write> write, std::function<std::vector<AuditEntry>()> entries)
        : WrappedWrite(std::move(write)), entries_(std::move(entries)) {}

    Result<void> apply(db::Connection& connection) override {
        if (auto done = WrappedWrite::apply(connection); !done) return done;
        for (const AuditEntry& entry : entries_())
            if (auto done = insert_audit(connection, entry); !done) return done;
        return {};
    }
    std::size_t rows() const override { return WrappedWrite::rows() + 1; }

  private:
    std::function<std::vector<AuditEntry>()> entries_;
};

}  // namespace

// The id is made here, where the order of the commits is known, and not when the request came.
Result<void> insert_audit(db::Connection& connection, const AuditEntry& entry) {
    auto written = connection.execute(
        "INSERT INTO audit_entry (id, organization, actor_type, actor_id, actor_name, action, resource_type, "
        "resource_id, changes, metadata) VALUES (max($1, coalesce((SELECT max(id) FROM audit_entry), 0) + 1), $2, $3, "
        "$4, $5, $6, $7, $8, nullif($9, ''), $10)",
        {first_id_of(entry.at), entry.organization, entry.actor_type, entry.actor_id, entry.actor_name, entry.action,
         entry.resource_type, entry.resource_id, entry.changes, metadata_text(entry)});
    return written ? Result<void>() : Result<void>(written.error());
}

std::unique_ptr<Write> audited(std::unique_ptr<Write> write, std::vector<AuditEntry> entries) {
    if (entries.empty()) return write;
    return std::make_unique<AuditedWrite>(std::move(write), std::move(entries));
}

std::unique_ptr<Write> audited(std::unique_ptr<Write> write, std::function<std::vector<AuditEntry>()> entries) {
    return std::make_unique<LateAuditedWrite>(std::move(write), std::move(entries));
}

Result<std::vector<StoredAudit>> list_audit(db::Connection& connection, Id organization, const AuditQuery& query) {
    // With a resource its own index; everything else walks back through the organization's entries.
    const bool has_resource = !query.resource_id.empty();
    std::string sql =
        "SELECT id, actor_type, actor_id, action, resource_type, resource_id, changes, metadata FROM audit_entry "
        "INDEXED BY ";
    sql += has_resource ? "audit_entry_resource" : "audit_entry_organization";
    sql +=
        " WHERE organization = $1 AND id < $2 AND id >= $3 AND ($4 = 0 OR actor_type = $4) AND ($5 = '' OR actor_name "
        "= $5 OR actor_id = $5) AND ($6 = '' OR action = $6) AND ($7 = '' OR resource_type = $7) AND ";
    sql += has_resource ? "resource_id = $8" : "$8 = ''";
    sql += " ORDER BY id DESC LIMIT $9";
    Id end = query.before != 0 ? query.before : std::numeric_limits<Id>::max();
    if (query.to) end = std::min(end, first_id_of(*query.to));
    const Id begin = query.from ? first_id_of(*query.from) : 0;
    const int actor_type = query.actor_type ? static_cast<int>(*query.actor_type) : 0;
    std::vector<StoredAudit> found;
    auto read =
        connection.query(sql,
                         {organization, end, begin, actor_type, query.actor, query.action, query.resource_type,
                          query.resource_id, query.limit + 1},
                         [&](const db::Row& row) {
                             found.push_back({.id = row.integer(0),
                                              .actor_type = row.as<ActorType>(1),
                                              .actor_id = row.is_null(2) ? std::nullopt : std::optional(row.string(2)),
                                              .action = row.string(3),
                                              .resource_type = row.string(4),
                                              .resource_id = row.string(5),
                                              .changes = row.string(6),
                                              .metadata = row.string(7)});
                         });
    if (!read) return read.error();
    return found;
}

Result<std::int64_t> forget_audit(db::Connection& connection, Timestamp at, int rows) {
    return connection.execute(
        "DELETE FROM audit_entry WHERE id IN (SELECT id FROM audit_entry WHERE id < $1 ORDER BY id LIMIT $2)",
        {first_id_of(at), rows});
}

}  // namespace punkt::store
