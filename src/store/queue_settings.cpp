#include "store/queue_settings.h"

#include <fmt/format.h>

#include <optional>

namespace punkt::store {
namespace {

#define PUNKT_QUEUE_COLUMNS \
    "organization, name, paused, draining, concurrency, rate_count, rate_period_ms, rate_burst, priority, on_failure"

static_assert(static_cast<int>(OnFailure::block) == 0 && static_cast<int>(OnFailure::park) == 1 &&
              static_cast<int>(OnFailure::skip) == 2);

QueueSettings read_settings(const db::Row& row) {
    QueueSettings settings{.organization = row.integer(0),
                           .name = row.string(1),
                           .is_paused = row.flag(2),
                           .is_draining = row.flag(3),
                           .concurrency = row.number(4),
                           .priority = row.number(8),
                           .on_failure = row.as<OnFailure>(9)};
    if (!row.is_null(5))
        settings.rate = Rate{.count = row.number(5), .period = Milliseconds{row.integer(6)}, .burst = row.number(7)};
    return settings;
}

Result<void> refuse_too_many(db::Connection& connection, Id organization) {
    auto count = db::query_number(connection, "SELECT count(*) FROM queue WHERE organization = $1", {organization});
    if (!count) return count.error();
    if (*count < queues_with_settings_max) return {};
    return Error{ErrorKind::invalid,
                 fmt::format("an organization can have settings for at most {} queues", queues_with_settings_max),
                 "limit_exceeded"};
}

}  // namespace

Result<std::vector<QueueSettings>> list_queue_settings(db::Connection& connection) {
    std::vector<QueueSettings> found;
    auto done = connection.query("SELECT " PUNKT_QUEUE_COLUMNS " FROM queue", {},
                                 [&](const db::Row& row) { found.push_back(read_settings(row)); });
    if (!done) return done.error();
    return found;
}

Result<QueueSettings> change_queue_settings(db::Connection& connection, Id organization, std::string_view name,
                                            Timestamp now, const std::function<void(QueueSettings&)>& change) {
    std::optional<QueueSettings> found;
    auto done = connection.query("SELECT " PUNKT_QUEUE_COLUMNS " FROM queue WHERE organization = $1 AND name = $2",
                                 {organization, name}, [&](const db::Row& row) { found = read_settings(row); });
    if (!done) return done.error();
    if (!found)
        if (auto fits = refuse_too_many(connection, organization); !fits) return fits.error();
    QueueSettings settings = found.value_or(QueueSettings{.organization = organization, .name = std::string(name)});
    change(settings);
    const bool has_rate = settings.rate.has_value();
    const auto rate_part = [has_rate](std::int64_t value) { return has_rate ? std::optional(value) : std::nullopt; };
    const Rate rate = settings.rate.value_or(Rate{});
    auto stored = connection.execute(
        "INSERT INTO queue (" PUNKT_QUEUE_COLUMNS
        ", created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT "
        "(organization, name) DO UPDATE SET paused = $3, draining = $4, concurrency = $5, rate_count = $6, "
        "rate_period_ms = $7, rate_burst = $8, priority = $9, on_failure = $10, updated_at = $11",
        {organization, name, settings.is_paused, settings.is_draining, settings.concurrency, rate_part(rate.count),
         rate_part(rate.period.count()), rate_part(rate.burst), settings.priority, settings.on_failure, now});
    if (!stored) return stored.error();
    return settings;
}

Result<std::vector<std::string>> queue_names(db::Connection& connection, Id organization, std::string_view after,
                                             int limit) {
    std::vector<std::string> names;
    std::string last(after);
    while (static_cast<int>(names.size()) < limit) {
        bool is_there = false;
        // One step in the index for each name: the rows of a queue are skipped, however many they are.
        auto done = connection.query(
            "SELECT queue FROM task WHERE organization = $1 AND deleted_at IS NULL AND queue IS NOT NULL AND queue > "
            "$2 ORDER BY queue LIMIT 1",
            {organization, last}, [&](const db::Row& row) {
                is_there = true;
                last = row.string(0);
            });
        if (!done) return done.error();
        if (!is_there) break;
        names.push_back(last);
    }
    return names;
}

Result<std::vector<Id>> tasks_of_queue(db::Connection& connection, Id organization, std::string_view name, Id after,
                                       Id until, int limit) {
    std::vector<Id> tasks;
    auto done = connection.query(
        "SELECT id FROM task WHERE organization = $1 AND queue = $2 AND deleted_at IS NULL AND id > $3 AND id <= $4 "
        "ORDER BY id LIMIT $5",
        {organization, name, after, until, limit}, [&](const db::Row& row) { tasks.push_back(row.integer(0)); });
    if (!done) return done.error();
    return tasks;
}

}  // namespace punkt::store
