#include "tests/wire/scripts_on_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace punkt::wire {

std::string read_source(const std::string& path) {
    std::ifstream in(std::filesystem::path(PUNKT_SOURCE_DIR) / path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<std::string> script_paths() {
    const std::filesystem::path root = PUNKT_SOURCE_DIR;
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "tests/wire"))
        if (entry.path().extension() == ".http")
            paths.push_back(std::filesystem::relative(entry.path(), root).generic_string());
    std::sort(paths.begin(), paths.end());
    return paths;
}

Result<Script> load_script(const std::string& path) { return parse_script(path, read_source(path)); }

}  // namespace punkt::wire
