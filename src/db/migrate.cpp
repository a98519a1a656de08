#include "db/migrate.h"

#include <fmt/format.h>

#include "base/log.h"

namespace punkt::db {

Result<int> schema_version(Connection& connection) {
    auto exists = query_number(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'migration'");
    if (!exists) return exists.error();
    if (*exists == 0) return 0;
    auto version = query_number(connection, "SELECT max(number) FROM migration");
    if (!version) return version.error();
    return static_cast<int>(*version);
}

Result<void> refuse_newer(int version, std::span<const Migration> steps) {
    const int known = steps.empty() ? 0 : steps.back().number;
    if (version <= known) return {};
    return Error{
        .kind = ErrorKind::conflict,
        .message = fmt::format("this data was written by a newer Punkt (its schema is number {}, this version knows "
                               "{}): nothing was changed; start the newer version, or restore an older backup",
                               version, known)};
}

Result<void> migrate(Connection& connection, Timestamp now, std::span<const Migration> steps) {
    auto version = schema_version(connection);
    if (!version) return version.error();
    if (auto fit = refuse_newer(*version, steps); !fit) return fit;
    for (const Migration& step : steps) {
        if (step.number <= *version) continue;
        auto done = connection.transaction([&]() -> Result<void> {
            if (auto run = connection.script(
                    "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
                    "applied_at BIGINT NOT NULL)");
                !run)
                return run;
            if (auto run = connection.script(step.sql); !run) return run;
            auto noted = connection.execute("INSERT INTO migration (number, name, applied_at) VALUES ($1, $2, $3)",
                                            {step.number, step.name, now});
            return noted ? Result<void>() : Result<void>(noted.error());
        });
        if (!done) {
            Error error = std::move(done).error();
            error.message = fmt::format("migration {} ({}): {}", step.number, step.name, error.message);
            return error;
        }
        log::debug("schema: migration {} ({}) done", step.number, step.name);
    }
    return {};
}

}  // namespace punkt::db
