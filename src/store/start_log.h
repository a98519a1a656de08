// What started lately under a rate: a memory-mapped file that survives kill -9, so that a rate holds across it without
// a write to the database for each start. A power cut may lose its last seconds, as it may lose the flight recorder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/start_notes.h"

namespace punkt::store {

/// Threads: one at a time.
class StartLog final : public StartNotes {
  public:
    /// Opens or creates the file. What is no log of this version is begun anew.
    /// Errors: `internal` when the file cannot be made.
    static Result<StartLog> open(const std::string& path);

    /// Notes a start. The place of one whose time is over (`until` <= start.at) is used again; when the file is full
    /// and cannot grow, another one is forgotten.
    void note(const RateStart& start) override;
    std::vector<RateStart> noted() const override;

    StartLog(StartLog&&) noexcept;
    StartLog& operator=(StartLog&&) noexcept;
    ~StartLog() override;

  private:
    struct Impl;
    explicit StartLog(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::store
