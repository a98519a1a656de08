// Finally lost runs: grouped, listed, run again, dismissed. Every function takes the organization first.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/execution.h"
#include "core/task.h"
#include "db/connection.h"
#include "store/write.h"

namespace punkt::store {

/// All that is given must hold.
struct DeadLetterFilter {
    std::optional<std::string> host = std::nullopt;
    std::optional<std::string> error = std::nullopt;  // as the group shows it
    std::optional<Status> status = std::nullopt;      // failed, timeout or expired
    std::optional<int> status_code = std::nullopt;    // 0: without one
    std::optional<Id> task = std::nullopt;
    std::optional<Timestamp> since = std::nullopt;
    std::optional<Timestamp> until = std::nullopt;
    bool system = false;  // callbacks and notices instead of the user's runs
};

/// Runs that were lost in the same way.
struct DeadLetterGroup {
    std::string host;
    Status status = Status::failed;
    std::optional<int> status_code = std::nullopt;
    std::string error;
    std::int64_t count = 0;
    Timestamp first_seen{};
    Timestamp last_seen{};
    std::vector<Id> samples = {};  // executions, the newest first, three at most
};

struct DeadLetterGroups {
    std::vector<DeadLetterGroup> groups;  // the most frequent first
    std::int64_t examined = 0;
    bool is_complete = true;  // false: only the newest were looked at
};

/// Looks at the newest dead_letters_examined_max, ends with `groups_max` groups.
constexpr int dead_letters_examined_max = 200'000;
constexpr int dead_letter_groups_max = 200;
Result<DeadLetterGroups> group_dead_letters(db::Connection& connection, Id organization,
                                            const DeadLetterFilter& filter);

struct DeadLetterRow {
    Id execution = 0;  // the last attempt
    Id task = 0;
    Purpose purpose = Purpose::user;
    int attempt = 1;
    Timestamp finished_at{};
    Status status = Status::failed;
    std::optional<int> status_code = std::nullopt;
    std::string host;
    std::string error;
};

/// The newest first, at most `limit`; those before execution `before` when it is not 0.
Result<std::vector<DeadLetterRow>> list_dead_letters(db::Connection& connection, Id organization,
                                                     const DeadLetterFilter& filter, int limit, Id before = 0);
Result<std::int64_t> count_dead_letters(db::Connection& connection, Id organization, const DeadLetterFilter& filter);
Result<std::optional<DeadLetterRow>> find_dead_letter(db::Connection& connection, Id organization, Id execution);
/// Takes one off the list. False when it is not there.
Result<bool> remove_dead_letter(db::Connection& connection, Id organization, Id execution);

/// Runs the tasks of dead letters once more, now; those letters are gone. What is not there, or whose task is deleted,
/// is left out.
class RedriveDeadLetters final : public Write {
  public:
    /// What became of them.
    struct Outcome {
        std::vector<std::pair<Id, Id>> redriven = {};  // execution, the new one
        std::vector<Id> unknown = {};                  // no dead letters (any more)
        std::vector<Id> without_task = {};             // deleted: the letter stays
    };
    /// `runs`: executions of dead letters, each with the id of its new run. `outcome` is filled in the transaction and
    /// must live until `done` is called.
    RedriveDeadLetters(Id organization, std::vector<std::pair<Id, Id>> runs, Timestamp now, Outcome& outcome, Done done)
        : organization_(organization), runs_(std::move(runs)), now_(now), outcome_(outcome), done_(std::move(done)) {}

    Result<void> apply(db::Connection& connection) override;
    void announce(Announcements& announcements) override;
    void finished(const Result<void>& result) override { done_(result); }
    Demand demand(Timestamp) const override {
        return {.organization = organization_, .runs = static_cast<std::int64_t>(runs_.size())};
    }
    std::int64_t unused_runs() const override {
        return static_cast<std::int64_t>(runs_.size() - outcome_.redriven.size());
    }
    std::size_t rows() const override { return 3 * runs_.size(); }

  private:
    Result<void> redrive(db::Connection& connection, Id execution, Id run);

    Id organization_;
    std::vector<std::pair<Id, Id>> runs_;
    Timestamp now_;
    Outcome& outcome_;
    Done done_;
    std::vector<Timer> armed_;
};

}  // namespace punkt::store
