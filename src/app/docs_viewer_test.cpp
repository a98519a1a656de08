#include "app/docs_viewer.h"

#include <gtest/gtest.h>

#include <set>

namespace punkt::app {
namespace {

TEST(DocsViewer, has_every_file_that_its_page_loads) {
    std::set<std::string_view> names;
    std::string_view page;
    for (const DocsAsset& asset : docs_assets()) {
        EXPECT_FALSE(asset.content.empty()) << asset.name;
        EXPECT_EQ(asset.content.starts_with("\x1f\x8b"), asset.is_gzip) << asset.name;
        names.insert(asset.name);
        if (asset.name == "index.html") page = asset.content;
    }
    constexpr std::string_view folder = "\"/api/v1/docs/";
    int loaded = 0;
    for (auto at = page.find(folder); at != page.npos; at = page.find(folder, at + 1), ++loaded) {
        const auto from = at + folder.size();
        EXPECT_TRUE(names.contains(page.substr(from, page.find('"', from) - from))) << page.substr(at, 60);
    }
    EXPECT_EQ(loaded, 4);
}

TEST(DocsViewer, names_no_other_host) {
    for (const DocsAsset& asset : docs_assets()) {
        if (asset.is_gzip) continue;  // Swagger UI: the content policy keeps it from asking elsewhere
        EXPECT_EQ(asset.content.find("//"), asset.content.find("// The page behind")) << asset.name;
    }
}

}  // namespace
}  // namespace punkt::app
