// Several writes as one: all of them are on disk, or none.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "store/write.h"

namespace punkt::store {

/// Applies `parts` in their order; all are of one organization. The first error undoes all. The parts' own `finished`
/// is called with the result of the whole, before that of the whole.
class WriteAll final : public Write {
  public:
    WriteAll(std::vector<std::unique_ptr<Write>> parts, Done done) : parts_(std::move(parts)), done_(std::move(done)) {}

    Result<void> apply(db::Connection& connection) override {
        for (const auto& part : parts_)
            if (auto done = part->apply(connection); !done) return done;
        return {};
    }
    void tell(Journal& journal) const override {
        for (const auto& part : parts_) part->tell(journal);
    }
    void announce(Announcements& announcements) override {
        for (const auto& part : parts_) part->announce(announcements);
    }
    void finished(const Result<void>& result) override {
        for (const auto& part : parts_) part->finished(result);
        done_(result);
    }
    Demand demand(Timestamp month_end) const override {
        Demand all;
        for (const auto& part : parts_) {
            const Demand one = part->demand(month_end);
            if (one.is_empty()) continue;
            all.organization = one.organization;
            all.runs += one.runs;
            all.schedules.insert(all.schedules.end(), one.schedules.begin(), one.schedules.end());
        }
        return all;
    }
    std::int64_t unused_runs() const override {
        std::int64_t sum = 0;
        for (const auto& part : parts_) sum += part->unused_runs();
        return sum;
    }
    std::size_t rows() const override {
        std::size_t sum = 0;
        for (const auto& part : parts_) sum += part->rows();
        return sum;
    }

  private:
    std::vector<std::unique_ptr<Write>> parts_;
    Done done_;
};

}  // namespace punkt::store
