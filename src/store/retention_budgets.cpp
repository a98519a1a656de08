#include "store/retention_budgets.h"

#include <algorithm>

#include "store/rows.h"

namespace punkt::store {
namespace {

constexpr std::int64_t enough_percent = 95;

// 160 and 140: about what the numbers and index entries of an execution and of a task take. octet_length() of a column
// does not read what overflows the row's page.
constexpr const char* walk_sql =
    "SELECT e.id, e.task, e.status, 160 + COALESCE(octet_length(e.address), 0) + "
    "COALESCE(octet_length(e.error_message), 0) + COALESCE(octet_length(e.request_head), 0) + "
    "COALESCE(octet_length(e.response_head), 0) + COALESCE(octet_length(e.response_body), 0) + "
    "COALESCE(140 + octet_length(t.name) + octet_length(t.url) + COALESCE(octet_length(t.options), 0) + "
    "COALESCE(octet_length(t.body), 0), 0) "
    "FROM execution e LEFT JOIN task t ON t.id = e.id WHERE e.id > $1 ORDER BY e.id LIMIT $2";

}  // namespace

OutcomeClass class_of(Status status) {
    switch (status) {
        case Status::success:
            return OutcomeClass::success;
        case Status::failed:
        case Status::timeout:
        case Status::missed:
        case Status::expired:
            return OutcomeClass::failed;
        case Status::pending:
        case Status::running:
        case Status::cancelled:
            return OutcomeClass::other;
    }
    return OutcomeClass::other;
}

void RetentionBudgets::begin() {
    bytes_ = {};
    is_trimmed_ = {};
    is_measured_ = false;
    cursor_ = 0;
}

template <class Take>
Result<int> RetentionBudgets::walk(db::Connection& connection, int rows, Take take) {
    int examined = 0;
    auto done = connection.query(walk_sql, {cursor_, rows}, [&](const db::Row& row) {
        ++examined;
        cursor_ = row.integer(0);
        take(row, static_cast<std::size_t>(class_of(row.as<Status>(2))), row.integer(3));
    });
    if (!done) return done.error();
    return examined;
}

Result<bool> RetentionBudgets::measure(db::Connection& connection, int rows) {
    const auto examined = walk(connection, rows, [this](const db::Row&, std::size_t outcome, std::int64_t bytes) {
        bytes_[outcome] += bytes;
    });
    if (!examined) return examined.error();
    if (*examined == rows) return true;
    for (std::size_t i = 0; i < class_count; ++i) is_trimmed_[i] = limits_[i] > 0 && bytes_[i] > limits_[i];
    is_measured_ = true;
    cursor_ = 0;
    return false;
}

bool RetentionBudgets::is_too_much(std::size_t outcome) const {
    return is_trimmed_[outcome] && bytes_[outcome] * 100 > limits_[outcome] * enough_percent;
}

Result<RetentionBudgets::Excess> RetentionBudgets::next_excess(db::Connection& connection, int rows) {
    Excess excess;
    if (!is_measured_ || (!is_too_much(0) && !is_too_much(1))) return excess;
    const auto examined = walk(connection, rows, [&](const db::Row& row, std::size_t outcome, std::int64_t bytes) {
        if (!is_too_much(outcome)) return;
        bytes_[outcome] -= bytes;
        excess.executions.push_back(row.integer(0));
        excess.tasks.push_back(row.integer(1));
    });
    if (!examined) return examined.error();
    excess.has_more = *examined == rows;
    return excess;
}

}  // namespace punkt::store
