// A file of zeros beside the database: given back when the disk is full, so that deletions and outcomes still fit.
#pragma once

#include <cstdint>
#include <string>

namespace punkt::store {

/// Threads: one.
class Reserve {
  public:
    /// `bytes` 0: no reserve.
    Reserve(std::string path, std::int64_t bytes) : path_(std::move(path)), bytes_(bytes) {}

    /// Claims the space. False when the disk does not have it, and nothing is claimed then.
    bool claim();
    /// Gives the space back.
    void release();

  private:
    std::string path_;
    std::int64_t bytes_;
};

}  // namespace punkt::store
