// What the audit log says about keys.
#pragma once

#include "api/context.h"
#include "base/id.h"
#include "rooms/accounts/accounts.h"

namespace punkt::accounts {

/// "api_key_created" or "api_key_deleted", with the key's name and public half (accounts.md §4); in the log of the
/// organization whose key it is, whoever asked.
Accounts::Note key_note(const api::Context& context, std::string_view action, const PublicIds& ids);

/// The same of what no request asked for: `by` is the part of Punkt that does it, "command line".
Accounts::Note key_note(std::string by, Timestamp now, std::string_view action, const PublicIds& ids);

}  // namespace punkt::accounts
