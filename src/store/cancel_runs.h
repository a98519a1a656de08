// What waits in a queue and shall not happen, in bounded batches.
#pragma once

#include <vector>

#include "core/execution.h"
#include "store/task_edits.h"
#include "store/write.h"

namespace punkt::store {

/// Every pending run of these tasks ends as `cancelled`; beats and tasks stay, and what is out is left alone.
class CancelRuns final : public Write {
  public:
    struct Options {
        Id organization = 0;
        std::vector<Id> tasks = {};
        std::vector<Id> running = {};  // runs that are out, as the engine said
        Timestamp now{};
    };
    /// `cancelled` receives how many, before `done`.
    CancelRuns(Options options, std::size_t& cancelled, Done done)
        : options_(std::move(options)), cancelled_(cancelled), done_(std::move(done)) {}
    Result<void> apply(db::Connection& connection) override;
    void tell(Journal& journal) const override;
    void announce(Announcements& announcements) override;
    void finished(const Result<void>& result) override { done_(result); }
    bool may_be_refused() const override { return false; }
    std::size_t rows() const override { return 2 * options_.tasks.size(); }

  private:
    Result<void> cancel(db::Connection& connection, Id task);

    Options options_;
    std::size_t& cancelled_;
    std::vector<std::pair<StoredTask, std::vector<Timer>>> gone_;
    std::vector<Execution> records_;  // of all of them, in the same order
    Done done_;
};

}  // namespace punkt::store
