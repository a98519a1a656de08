// The viewer of the API (docs_viewer/ and Swagger UI), inside the binary.
#pragma once

#include <span>
#include <string_view>

namespace punkt::app {

struct DocsAsset {
    std::string_view name;  // "index.html"
    std::string_view content_type;
    std::string_view content;
    bool is_gzip = false;
};

std::span<const DocsAsset> docs_assets();

}  // namespace punkt::app
