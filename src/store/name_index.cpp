#include "store/name_index.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <unordered_map>

#include "base/text.h"
#include "store/execution_store.h"

namespace punkt::store {
namespace {

constexpr std::chrono::seconds settled_after{15};  // the writer refuses what waits longer than 2 s
constexpr int organizations_per_step = 100;
constexpr std::size_t entry_bytes = 10;

struct Named {
    Id id = 0;
    std::string name;
};

/// NUL ends a name in a block, so it cannot be searched for.
std::string searchable(std::string_view name) {
    std::string text = lower_case(name);
    std::replace(text.begin(), text.end(), '\0', ' ');
    return text;
}

void append_entry(std::string& tasks, Id id, std::uint16_t place) {
    char entry[entry_bytes];
    std::memcpy(entry, &id, 8);
    std::memcpy(entry + 8, &place, 2);
    tasks.append(entry, entry_bytes);
}

Id entry_id(std::string_view tasks, std::size_t index) {
    Id id = 0;
    std::memcpy(&id, tasks.data() + index * entry_bytes, 8);
    return id;
}

std::uint16_t entry_place(std::string_view tasks, std::size_t index) {
    std::uint16_t place = 0;
    std::memcpy(&place, tasks.data() + index * entry_bytes + 8, 2);
    return place;
}

/// Stores `block`, oldest first, not empty. Equal names stand there once.
Result<void> store_block(db::Connection& connection, Id organization, const std::vector<Named>& block) {
    std::string names, tasks;
    std::unordered_map<std::string_view, std::uint16_t> places;
    for (const auto& [id, name] : block) {
        const auto [found, is_new] = places.try_emplace(name, static_cast<std::uint16_t>(places.size()));
        if (is_new) names.append(name).push_back('\0');
        append_entry(tasks, id, found->second);
    }
    auto stored = connection.execute(
        "INSERT INTO name_block (organization, newest, oldest, names, tasks) VALUES ($1, $2, $3, $4, $5) ON CONFLICT "
        "(organization, newest) DO UPDATE SET names = excluded.names, tasks = excluded.tasks",
        {organization, block.back().id, block.front().id, db::Bytes{names}, db::Bytes{tasks}});
    return stored ? Result<void>() : Result<void>(stored.error());
}

/// The places of the names that have `part`.
std::vector<bool> matches(std::string_view names, std::string_view part) {
    std::vector<bool> found;
    std::size_t place = 0;
    const char* counted = names.data();  // names before it are counted in `place`
    const char* at = counted;
    const char* const end = at + names.size();
    while ((at = static_cast<const char*>(
                ::memmem(at, static_cast<std::size_t>(end - at), part.data(), part.size()))) != nullptr) {
        place += static_cast<std::size_t>(std::count(counted, at, '\0'));
        counted = at;
        if (found.size() <= place) found.resize(place + 1);
        found[place] = true;
        at = static_cast<const char*>(std::memchr(at, '\0', static_cast<std::size_t>(end - at)));
        if (at == nullptr) break;
    }
    return found;
}

Result<bool> gather_block(db::Connection& connection, Id organization, Id settled) {
    auto newest =
        db::query_number(connection, "SELECT max(newest) FROM name_block WHERE organization = $1", {organization});
    if (!newest) return newest.error();
    std::vector<Named> block;
    auto read = connection.query(
        "SELECT id, name FROM task WHERE organization = $1 AND id > $2 AND id < $3 AND deleted_at IS NULL AND surface "
        "<> "
        "3 ORDER BY id LIMIT $4",
        {organization, *newest, settled, name_block_tasks}, [&](const db::Row& row) {
            block.push_back({row.integer(0), searchable(row.text(1))});
        });
    if (!read) return read.error();
    if (static_cast<int>(block.size()) < name_block_tasks) return false;
    if (auto stored = store_block(connection, organization, block); !stored) return stored.error();
    return true;
}

/// Retention goes from the oldest, and so does this.
Result<bool> drop_empty_block(db::Connection& connection, Id organization) {
    Id newest = 0;
    bool is_empty = false;
    auto read = connection.query(
        "SELECT newest, NOT EXISTS (SELECT 1 FROM task WHERE organization = $1 AND id >= oldest AND id <= newest AND "
        "deleted_at IS NULL) FROM name_block WHERE organization = $1 ORDER BY newest LIMIT 1",
        {organization}, [&](const db::Row& row) {
            newest = row.integer(0);
            is_empty = row.flag(1);
        });
    if (!read) return read.error();
    if (!is_empty) return false;
    auto dropped =
        connection.execute("DELETE FROM name_block WHERE organization = $1 AND newest = $2", {organization, newest});
    if (!dropped) return dropped.error();
    return true;
}

}  // namespace

Result<bool> NameGatherer::step(db::Connection& connection, Timestamp now) {
    std::vector<Id> organizations;
    auto read = connection.query("SELECT id FROM organization WHERE id > $1 ORDER BY id LIMIT $2",
                                 {organization_, organizations_per_step},
                                 [&](const db::Row& row) { organizations.push_back(row.integer(0)); });
    if (!read) return read.error();
    const Id settled = to_ms(now - settled_after) << 20;
    for (const Id organization : organizations) {
        auto gathered = gather_block(connection, organization, settled);
        if (!gathered) return gathered.error();
        if (*gathered) return true;
        auto dropped = drop_empty_block(connection, organization);
        if (!dropped) return dropped.error();
        if (*dropped) return true;
        organization_ = organization;
    }
    if (organizations.size() == organizations_per_step) return true;
    organization_ = 0;
    return false;
}

/// 1. What is in no block yet, newest first. 2. The blocks, newest first, until enough is found.
Result<std::vector<Id>> find_by_name(db::Connection& connection, Id organization, std::string_view part, Id before,
                                     int limit) {
    const std::string wanted = searchable(part);
    std::vector<Id> found;
    const auto is_enough = [&] { return static_cast<int>(found.size()) >= limit; };
    auto newest =
        db::query_number(connection, "SELECT max(newest) FROM name_block WHERE organization = $1", {organization});
    if (!newest) return newest.error();
    int examined = 0;
    auto read = connection.query(
        "SELECT id, name FROM task WHERE organization = $1 AND id > $2 AND id < $3 AND deleted_at IS NULL ORDER BY id "
        "DESC",
        {organization, *newest, before}, [&](const db::Row& row) {
            if (searchable(row.text(1)).find(wanted) != std::string::npos) found.push_back(row.integer(0));
            return !is_enough() && ++examined < rows_examined_max;
        });
    if (!read) return read.error();
    if (is_enough()) return found;
    read = connection.query(
        "SELECT names, tasks FROM name_block WHERE organization = $1 AND oldest < $2 ORDER BY newest DESC",
        {organization, before}, [&](const db::Row& row) {
            const auto places = matches(row.text(0), wanted);
            if (places.empty()) return true;
            const std::string_view tasks = row.text(1);
            for (std::size_t i = tasks.size() / entry_bytes; i-- > 0 && !is_enough();) {
                const auto place = entry_place(tasks, i);
                if (place < places.size() && places[place] && entry_id(tasks, i) < before)
                    found.push_back(entry_id(tasks, i));
            }
            return !is_enough();
        });
    if (!read) return read.error();
    return found;
}

Result<void> rename_in_block(db::Connection& connection, Id organization, Id task, std::string_view name) {
    std::vector<Named> block;
    auto read = connection.query(
        "SELECT names, tasks, oldest FROM name_block WHERE organization = $1 AND newest >= $2 ORDER BY newest LIMIT 1",
        {organization, task}, [&](const db::Row& row) {
            if (row.integer(2) > task) return;
            std::vector<std::string> names;
            std::string_view rest = row.text(0);
            while (!rest.empty()) {
                const auto end = std::min(rest.find('\0'), rest.size() - 1);
                names.emplace_back(rest.substr(0, end));
                rest.remove_prefix(end + 1);
            }
            const std::string_view tasks = row.text(1);
            for (std::size_t i = 0; i < tasks.size() / entry_bytes; ++i) {
                const Id id = entry_id(tasks, i);
                const auto place = entry_place(tasks, i);
                block.push_back({id, id == task             ? searchable(name)
                                     : place < names.size() ? names[place]
                                                            : std::string()});
            }
        });
    if (!read || block.empty()) return read;
    return store_block(connection, organization, block);
}

}  // namespace punkt::store
