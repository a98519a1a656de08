// JSON intake: whatever is accepted is written back as JSON that means the same; any bytes become a valid literal.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/json.h"
#include "base/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace punkt;
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    if (const auto document = json::Document::parse(text)) {
        const std::string written = document->root().text();
        const auto again = json::Document::parse(written);
        check(again.has_value(), "what was written back is no JSON");
        check(again->root().text() == written, "writing back changed the meaning");
        for (const auto& [name, value] : document->root().members())
            check(document->root()[name].exists(), "a member is lost");
        check(is_utf8(text), "accepted what is no UTF-8");
    }

    const std::string literal = json::quoted(text);
    const auto parsed = json::Document::parse(literal);
    check(parsed.has_value(), "a quoted text is no JSON");
    check(parsed->root().string() == to_utf8(text), "a quoted text changed");
    return 0;
}
