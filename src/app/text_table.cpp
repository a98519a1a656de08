#include "app/text_table.h"

#include <algorithm>

namespace punkt::app {
namespace {

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

/// Code points; wide characters count as one.
std::size_t width(const std::string& cell) {
    return static_cast<std::size_t>(std::count_if(cell.begin(), cell.end(), begins_character));
}

/// On one line, without control characters (a terminal would obey them), at most `cell_max` wide.
std::string shortened(std::string cell, std::size_t cell_max) {
    std::replace_if(
        cell.begin(), cell.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    if (width(cell) <= cell_max) return cell;
    std::size_t end = 0;
    for (std::size_t characters = 0; end < cell.size(); ++end) {
        if (begins_character(cell[end])) ++characters;
        if (characters == cell_max) break;
    }
    return cell.substr(0, end) + "…";
}

}  // namespace

std::string TextTable::text(std::size_t cell_max) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i == widths.size()) widths.push_back(0);
            widths[i] = std::max(widths[i], width(shortened(row[i], cell_max)));
        }
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string cell = shortened(row[i], cell_max);
            line += cell + std::string(widths[i] - width(cell) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

}  // namespace punkt::app
