// What must not be shown: the audit log and exports leave it out. Pure.
#pragma once

#include <string>
#include <string_view>

namespace punkt {

/// Stands where a secret was.
constexpr const char* secret_mask = "***";

/// The name says that the value is a secret: authorization, cookie, x-api-key, … `is_header`: a name like
/// x-functions-key is one among headers, while a task's own `key` is none.
bool names_secret(std::string_view name, bool is_header);

/// A URL without its password and without the values of parameters that name a secret.
std::string without_secrets(std::string_view url);

/// Whether a URL has the mask in place of a secret, as without_secrets leaves it.
bool has_masked_secret(std::string_view url);

}  // namespace punkt
