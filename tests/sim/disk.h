// What outlives a crash: a real database, and the flight recorder. Callers and checkers look into it freely.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/execution.h"
#include "core/task.h"
#include "db/connection.h"
#include "engine/hosts.h"
#include "store/start_notes.h"
#include "testing/scratch_folder.h"

namespace punkt::sim {

class Disk {
  public:
    Disk();

    db::Connection& connection() { return connection_; }
    Id greatest_id();

    std::optional<Timer> timer(Id organization, Id id);
    /// Not deleted.
    std::optional<Task> task(Id organization, Id id);
    /// As it was in that version, also when it was deleted since. Kept: a version never changes.
    const Task* version(Id organization, Id id, int version);
    std::vector<Timer> timers();
    std::vector<Execution> executions();
    /// Pending runs of everybody, at most so many, from a place in the order of ids.
    std::vector<Timer> some_runs(int most, std::int64_t from);
    /// Cron tasks that run, and their organizations.
    std::vector<std::pair<Id, Id>> schedules_on();
    std::int64_t number(std::string_view sql);

    std::map<Id, int>& flights() { return flights_; }
    store::StartNotes& starts() { return starts_; }
    engine::HostLog& host_log() { return blocks_; }
    std::vector<engine::HostBlock>& blocks() { return blocks_.stored; }

  private:
    struct Notes final : store::StartNotes {
        void note(const store::RateStart& start) override { all.push_back(start); }
        std::vector<store::RateStart> noted() const override { return all; }
        std::vector<store::RateStart> all;
    };
    struct Blocks final : engine::HostLog {
        void changed(const engine::HostBlock& block) override {
            std::erase_if(stored, [&](const engine::HostBlock& each) {
                return each.organization == block.organization && each.host == block.host;
            });
            if (!block.is_gone) stored.push_back(block);
        }
        std::vector<engine::HostBlock> stored;
    };
    testing::ScratchFolder folder_;
    db::Connection connection_;
    std::map<Id, int> flights_;
    Notes starts_;
    Blocks blocks_;
    std::map<std::pair<Id, int>, Task> versions_;
};

}  // namespace punkt::sim
