#include "testing/scratch_folder.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/check.h"

namespace punkt::testing {

ScratchFolder::ScratchFolder() {
    path_ = (std::filesystem::temp_directory_path() / "punkt_test_XXXXXX").string();
    check(::mkdtemp(path_.data()) != nullptr, "the temporary folder can be written");
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void ScratchFolder::write(std::string_view file, std::string_view content) const {
    std::ofstream(path(file), std::ios::binary) << content;
}

}  // namespace punkt::testing
