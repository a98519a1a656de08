// What was measured: one Line each, as a table for people and as a page of the reference.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace punkt::load {

enum class Verdict { met, missed, watched, unavailable };  // watched: no budget, or a limit of the machine

struct Line {
    std::string what = {};
    std::string figure = {};
    std::string budget = {};
    Verdict verdict = Verdict::watched;
    double cpu_us_per_task = -1;                 // of the Punkt process; < 0: does not apply
    std::map<std::string, double> threads = {};  // the same by thread name
    std::string of_limit = {};                   // "0.31 of echo"
    double foreign_percent = 0;                  // CPU used by anybody else meanwhile, % of one core
    std::string note = {};
};

/// "1.2 µs", "13 ms", "2.1 s": three digits that matter.
std::string text_of_ns(std::int64_t ns);
/// "12,345".
std::string text_of_count(double count);
/// "12.3 MB".
std::string text_of_bytes(std::int64_t bytes);

class Report {
  public:
    /// Prints the line at once, so that a long run shows what it found.
    void add(Line line);
    const std::vector<Line>& lines() const { return lines_; }
    std::size_t missed() const;

    /// The page docs/reference/performance.md. `mode`: "--quick", "default", "--full".
    std::string markdown(const std::string& version, const std::string& directory, const std::string& mode) const;

  private:
    std::vector<Line> lines_;
};

}  // namespace punkt::load
