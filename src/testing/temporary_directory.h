// A directory of its own for one test, gone afterwards.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/check.h"

namespace punkt::testing {

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "punkt-test-XXXXXX").string();
        check(::mkdtemp(pattern.data()) != nullptr, "a temporary directory can be made");
        path_ = pattern;
    }
    ~TemporaryDirectory() {
        std::error_code unused;
        std::filesystem::remove_all(path_, unused);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::string& path() const { return path_; }
    /// The path of `name` inside.
    std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

    /// Writes a file and answers its path.
    std::string write(std::string_view name, std::string_view content) const {
        const std::string file = *this / name;
        std::ofstream(file, std::ios::binary) << content;
        return file;
    }

  private:
    std::string path_;
};

}  // namespace punkt::testing
