#include "rooms/events/event_store.h"

#include <algorithm>
#include <map>

namespace punkt::events {
namespace {

const Error no_subscription{.kind = ErrorKind::not_found, .message = "there is no such subscription"};

Result<void> one_row(Result<std::int64_t> affected) {
    if (!affected) return affected.error();
    if (*affected == 0) return no_subscription;
    return {};
}

Watch watch_from(const db::Row& row) { return {row.integer(0), row.integer(1), row.timestamp(2), row.integer(3)}; }

Result<void> count_events(db::Connection& connection, Id organization, std::int64_t more) {
    const auto done =
        connection.execute("UPDATE event_watch SET kept = kept + $2 WHERE organization = $1", {organization, more});
    return done ? Result<void>() : Result<void>(done.error());
}

}  // namespace

Result<void> insert_events(db::Connection& connection, const std::vector<Event>& events) {
    std::map<Id, std::int64_t> counts;
    for (const Event& event : events) {
        const auto done = connection.execute(
            "INSERT INTO event (organization, id, type, is_system, task, queue, data) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7)",
            {event.organization, event.id, event.type, event.is_system, event.task, db::text_or_null(event.queue),
             event.data});
        if (!done) return done.error();
        ++counts[event.organization];
    }
    for (const auto& [organization, count] : counts)
        if (auto done = count_events(connection, organization, count); !done) return done;
    return {};
}

Result<std::vector<Event>> read_events(db::Connection& connection, Id organization, Id after, int limit) {
    std::vector<Event> found;
    auto done = connection.query(
        "SELECT id, type, is_system, task, queue, data FROM event WHERE organization = $1 AND id > $2 "
        "ORDER BY id LIMIT $3",
        {organization, after, limit}, [&](const db::Row& row) {
            found.push_back({.id = row.integer(0),
                             .organization = organization,
                             .type = row.as<EventType>(1),
                             .task = row.integer(3),
                             .is_system = row.flag(2),
                             .queue = row.string(4),
                             .data = row.string(5)});
        });
    if (!done) return done.error();
    return found;
}

Result<Id> greatest_id(db::Connection& connection) {
    auto watched = db::query_number(connection, "SELECT max(since) FROM event_watch");
    if (!watched) return watched.error();
    // By organization, so that each maximum is the end of a key range; only watched ones have events.
    auto events = db::query_number(
        connection, "SELECT max((SELECT max(id) FROM event WHERE organization = w.organization)) FROM event_watch w");
    if (!events) return events.error();
    auto subscriptions = db::query_number(connection, "SELECT max(id) FROM subscription");
    if (!subscriptions) return subscriptions.error();
    return std::max({*watched, *events, *subscriptions});
}

Result<std::vector<Watch>> list_watches(db::Connection& connection) {
    std::vector<Watch> found;
    auto done = connection.query("SELECT organization, since, until, kept FROM event_watch", {},
                                 [&](const db::Row& row) { found.push_back(watch_from(row)); });
    if (!done) return done.error();
    return found;
}

Result<std::optional<Watch>> find_watch(db::Connection& connection, Id organization) {
    std::optional<Watch> found;
    auto done = connection.query("SELECT organization, since, until, kept FROM event_watch WHERE organization = $1",
                                 {organization}, [&](const db::Row& row) { found = watch_from(row); });
    if (!done) return done.error();
    return found;
}

Result<Watch> keep_watch(db::Connection& connection, Id organization, Id fresh, Timestamp now, Timestamp until) {
    auto done = connection.execute(
        "INSERT INTO event_watch (organization, since, until, kept) VALUES ($1, $2, $4, 0) "
        "ON CONFLICT (organization) DO UPDATE SET "
        "since = CASE WHEN event_watch.until < $3 THEN $2 ELSE event_watch.since END, "
        "until = CASE WHEN event_watch.until < $4 THEN $4 ELSE event_watch.until END",
        {organization, fresh, now, until});
    if (!done) return done.error();
    auto watch = find_watch(connection, organization);
    if (!watch) return watch.error();
    return **watch;
}

Result<void> end_watch(db::Connection& connection, Id organization) {
    auto done = connection.execute("DELETE FROM event_watch WHERE organization = $1", {organization});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<std::int64_t> forget_events(db::Connection& connection, Id organization, Id until, int limit) {
    auto last = db::query_number(connection,
                                 "SELECT max(id) FROM (SELECT id FROM event WHERE organization = $1 AND id <= $2 ORDER "
                                 "BY id LIMIT $3)",
                                 {organization, until, limit});
    if (!last || *last == 0) return last;
    auto deleted = connection.execute("DELETE FROM event WHERE organization = $1 AND id <= $2", {organization, *last});
    if (!deleted) return deleted;
    auto moved = connection.execute(
        "UPDATE event_watch SET kept = kept - $3, since = CASE WHEN since < $2 THEN $2 ELSE since END "
        "WHERE organization = $1",
        {organization, *last, *deleted});
    if (!moved) return moved;
    return deleted;
}

Result<std::vector<Subscription>> list_subscriptions(db::Connection& connection) {
    std::vector<Subscription> found;
    auto done = connection.query(
        "SELECT id, organization, url, types, enabled, created_at, updated_at, failing_since, lost, disabled_reason "
        "FROM "
        "subscription ORDER BY id",
        {}, [&](const db::Row& row) {
            found.push_back({.id = row.integer(0),
                             .organization = row.integer(1),
                             .url = row.string(2),
                             .types = row.string(3),
                             .enabled = row.flag(4),
                             .created_at = row.timestamp(5),
                             .updated_at = row.timestamp(6),
                             .failing_since = row.optional_timestamp(7),
                             .lost = static_cast<int>(row.integer(8)),
                             .disabled_reason = row.is_null(9) ? "" : row.string(9)});
        });
    if (!done) return done.error();
    return found;
}

Result<void> insert_subscription(db::Connection& connection, const Subscription& subscription) {
    const auto done = connection.execute(
        "INSERT INTO subscription (id, organization, url, types, enabled, created_at, updated_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        {subscription.id, subscription.organization, subscription.url, subscription.types, subscription.enabled,
         subscription.created_at, subscription.updated_at});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<void> replace_subscription(db::Connection& connection, const Subscription& subscription) {
    return one_row(connection.execute(
        "UPDATE subscription SET url = $3, types = $4, enabled = $5, updated_at = $6, failing_since = $7, lost = $8, "
        "disabled_reason = $9 WHERE id = $1 AND organization = $2",
        {subscription.id, subscription.organization, subscription.url, subscription.types, subscription.enabled,
         subscription.updated_at, subscription.failing_since, subscription.lost,
         db::text_or_null(subscription.disabled_reason)}));
}

Result<void> store_health(db::Connection& connection, const Subscription& subscription) {
    const auto done = connection.execute(
        "UPDATE subscription SET failing_since = $3, lost = $4, disabled_reason = $5, enabled = enabled AND $6 WHERE "
        "id "
        "= $1 AND organization = $2",
        {subscription.id, subscription.organization, subscription.failing_since, subscription.lost,
         db::text_or_null(subscription.disabled_reason), subscription.enabled});
    return done ? Result<void>() : Result<void>(done.error());
}

Result<void> delete_subscription(db::Connection& connection, Id organization, Id subscription) {
    return one_row(connection.execute("DELETE FROM subscription WHERE id = $1 AND organization = $2",
                                      {subscription, organization}));
}

}  // namespace punkt::events
