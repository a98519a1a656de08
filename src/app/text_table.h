// Rows and columns as text for a terminal.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace punkt::app {

/// Columns for a terminal; cells beyond `cell_max` characters are cut with "…".
class TextTable {
  public:
    explicit TextTable(std::vector<std::string> header) : rows_{std::move(header)} {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    std::string text(std::size_t cell_max = 80) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace punkt::app
