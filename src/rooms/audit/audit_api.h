// GET /api/v1/audit: who changed what, page by page or as CSV. Source: accounts.md §4.
#pragma once

#include "api/readers.h"
#include "api/router.h"
#include "base/id.h"
#include "store/audit.h"

namespace punkt::audit {

/// Beside those of base/id.h.
constexpr IdKind audit_id = static_cast<IdKind>(9);
constexpr int export_rows_max = 10'000;  // of one answer in CSV

/// Both outlive the router.
void add_routes(api::Router& router, api::Readers& readers, const PublicIds& ids);

/// Entries as CSV (RFC 4180) with a line of names. A cell that a spreadsheet would take for a formula gets a ' before
/// it.
std::string csv_of(const std::vector<store::StoredAudit>& entries, const PublicIds& ids);

}  // namespace punkt::audit
