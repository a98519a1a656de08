// A folder of its own for a test, gone afterwards.
#pragma once

#include <string>
#include <string_view>

namespace punkt::testing {

class ScratchFolder {
  public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::string& path() const { return path_; }
    std::string path(std::string_view file) const { return path_ + "/" + std::string(file); }
    void write(std::string_view file, std::string_view content) const;

  private:
    std::string path_;
};

}  // namespace punkt::testing
