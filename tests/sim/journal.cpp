#include "sim/journal.h"

#include <cstdio>

#include "base/time_text.h"

namespace punkt::sim {

void Journal::write(std::string line) {
    line = fmt::format("{:>14} us {} {}", clock_.elapsed().count(), to_text_ms(clock_.now()), line);
    for (const char c : line) digest_ = (digest_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
    ++lines_;
    if (print_) std::puts(line.c_str());
    last_.push_back(std::move(line));
    if (last_.size() > kept) last_.pop_front();
}

void Journal::violated(std::string_view checker, std::string what) {
    if (is_violated()) return;
    violation_ = fmt::format("{}: {}", checker, what);
    write("VIOLATION " + violation_);
}

}  // namespace punkt::sim
