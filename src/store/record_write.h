// Outcomes of the engine as a write.
#pragma once

#include <utility>
#include <vector>

#include "store/quotas.h"
#include "store/write.h"

namespace punkt::store {

/// See EngineStore::record.
class RecordWrite final : public Write {
  public:
    /// `quotas` hears what was counted, after the commit; may be missing. `refused` is called when the batch was not
    /// written; success is announced.
    RecordWrite(std::uint64_t batch, std::vector<Transition> transitions, Done refused, Quotas* quotas = nullptr)
        : batch_(batch), transitions_(std::move(transitions)), quotas_(quotas), refused_(std::move(refused)) {}

    Result<void> apply(db::Connection& connection) override;
    void tell(Journal& journal) const override;
    void announce(Announcements& announcements) override {
        if (quotas_ != nullptr) tell_quotas();
        announcements.recorded(batch_, std::move(stale_));
    }
    void finished(const Result<void>& result) override {
        if (!result) refused_(result);
    }
    bool is_hot() const override { return true; }
    bool may_be_refused() const override { return false; }
    std::size_t rows() const override { return 2 * transitions_.size(); }

  private:
    void tell_quotas() const;

    std::uint64_t batch_;
    std::vector<Transition> transitions_;
    Quotas* quotas_;
    std::vector<std::size_t> stale_;
    UsageTally tally_;
    Done refused_;
};

}  // namespace punkt::store
