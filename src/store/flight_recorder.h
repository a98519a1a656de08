// Which executions are out now, and how often each was delivered: a memory-mapped file that survives kill -9. Losing it
// (a power cut, a full disk) costs nothing but the count on a repeated delivery.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/id.h"
#include "base/result.h"

namespace punkt::store {

/// Threads: one at a time.
class FlightRecorder {
  public:
    /// Opens or creates the file. What is no flight recorder of this version is begun anew.
    /// Errors: `internal` when the file cannot be made.
    static Result<FlightRecorder> open(const std::string& path);

    /// An execution goes out. How often it did, this time included.
    int started(Id execution);
    /// Its outcome is on the disk.
    void ended(Id execution);
    /// Out now, or left by an earlier process.
    bool has(Id execution) const;
    /// Forgets those left by an earlier process that `is_wanted` does not know any more.
    void keep_only(const std::function<bool(Id)>& is_wanted);
    /// How many there are of these.
    std::size_t size() const;

    FlightRecorder(FlightRecorder&&) noexcept;
    FlightRecorder& operator=(FlightRecorder&&) noexcept;
    ~FlightRecorder();

  private:
    struct Impl;
    explicit FlightRecorder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace punkt::store
