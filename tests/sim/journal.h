// Everything that happens in a run as lines: their digest says whether two runs were the same, the last ones explain a
// violation.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <string>

#include "base/clock.h"

namespace punkt::sim {

class Journal {
  public:
    explicit Journal(const Clock& clock) : clock_(clock) {}

    template <class... Args>
    void note(fmt::format_string<Args...> text, Args&&... args) {
        write(fmt::format(text, std::forward<Args>(args)...));
    }
    /// The first violation is what counts; the run ends there.
    void violated(std::string_view checker, std::string what);

    bool is_violated() const { return !violation_.empty(); }
    const std::string& violation() const { return violation_; }
    std::uint64_t digest() const { return digest_; }
    std::uint64_t lines() const { return lines_; }
    const std::deque<std::string>& last() const { return last_; }
    /// Every line goes to stdout too.
    void print_all() { print_ = true; }

  private:
    void write(std::string line);

    static constexpr std::size_t kept = 50;
    const Clock& clock_;
    std::deque<std::string> last_;
    std::uint64_t digest_ = 0xcbf29ce484222325ULL;  // FNV-1a
    std::uint64_t lines_ = 0;
    std::string violation_;
    bool print_ = false;
};

}  // namespace punkt::sim
