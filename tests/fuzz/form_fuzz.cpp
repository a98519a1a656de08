// Queries, forms and multipart bodies: whatever is accepted is a JSON object. The input's first line is the multipart
// content type, the rest the body; both readers get both.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/form.h"
#include "base/check.h"
#include "base/json.h"

namespace {

void must_be_object(const punkt::Result<std::string>& read) {
    if (!read) return;
    const auto parsed = punkt::json::Document::parse(*read);
    punkt::check(parsed && parsed->root().type() == punkt::json::Type::object, "a form became no JSON object");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    must_be_object(punkt::api::form_to_json(bytes));
    const std::size_t line = std::min(bytes.find('\n'), bytes.size());
    must_be_object(
        punkt::api::multipart_to_json(bytes.substr(0, line), bytes.substr(std::min(line + 1, bytes.size()))));
    return 0;
}
