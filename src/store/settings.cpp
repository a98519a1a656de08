#include "store/settings.h"

namespace punkt::store {

Result<std::optional<std::string>> find_setting(db::Connection& connection, std::string_view key) {
    std::optional<std::string> value;
    auto done = connection.query("SELECT value FROM setting WHERE key = $1", {key},
                                 [&](const db::Row& row) { value = row.string(0); });
    if (!done) return done.error();
    return value;
}

Result<void> set_setting(db::Connection& connection, std::string_view key, std::string_view value) {
    auto done = connection.execute(
        "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        {key, value});
    return done ? Result<void>() : Result<void>(done.error());
}

}  // namespace punkt::store
