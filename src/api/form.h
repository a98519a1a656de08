// Query strings, url-encoded forms and multipart forms, turned into JSON so that every handler reads one kind of value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace punkt::api {

/// Names and values, in order.
using FormFields = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t form_fields_max = 1000;
constexpr std::size_t form_nesting_max = 8;

/// Percent-decoded; `plus_is_blank` in queries and forms, not in paths. Nothing when a '%' has no two digits.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank);

/// "a=1&b=2", decoded, in order. Errors: `invalid`, code_malformed: bad percent-encoding, not UTF-8, more than 1000
/// fields.
Result<FormFields> form_fields(std::string_view form);

/// "a=1&b[c]=2&d[]=3&d[]=4" → {"a":"1","b":{"c":"2"},"d":["3","4"]}. All values are strings; the last of equal names
/// wins. Errors: as above, and for brackets that do not match or nest deeper than 8.
Result<std::string> form_to_json(const FormFields& fields);
Result<std::string> form_to_json(std::string_view form);

/// multipart/form-data (RFC 7578), fields as above; a file's content becomes its field's text. `content_type` holds the
/// boundary. Errors as above, and for a body that does not follow the boundary.
Result<std::string> multipart_to_json(std::string_view content_type, std::string_view body);

}  // namespace punkt::api
