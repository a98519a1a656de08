#include "db/connection.h"

#include "db/sqlite.h"

namespace punkt::db {

Result<Connection> Connection::open(const Location& location, Access access) {
    auto driver = open_sqlite(location, access);
    if (!driver) return driver.error();
    return Connection(std::move(*driver));
}

bool is_fatal(const Error& error) { return error.code == storage_failed; }

Result<std::int64_t> query_number(Connection& connection, std::string_view sql,
                                  std::initializer_list<Parameter> parameters) {
    std::int64_t number = 0;
    auto done = connection.query(sql, parameters, [&](const Row& row) { number = row.integer(0); });
    if (!done) return done.error();
    return number;
}

}  // namespace punkt::db
