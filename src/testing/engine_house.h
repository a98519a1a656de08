// An engine with everything around it made for tests: a clock set by hand, a store in memory, a transport without
// sockets. Time passes only in run_for().
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <string>

#include "engine/engine.h"
#include "testing/builders.h"
#include "testing/fake_transport.h"
#include "testing/manual_clock.h"
#include "testing/memory_store.h"

namespace punkt::testing {

class FakeDirectory final : public engine::Directory {
  public:
    WebhookSecrets webhook_secrets(Id, Timestamp) const override { return {.current = secret}; }
    engine::LaneSettings lane(Id, Lane lane) const override {
        const auto found = lanes.find(lane);
        return found == lanes.end() ? engine::LaneSettings{} : found->second;
    }
    engine::OrganizationSettings organization(Id id) const override {
        const auto found = organizations.find(id);
        return found == organizations.end() ? engine::OrganizationSettings{} : found->second;
    }
    bool admit_run(Id) const override { return runs_left-- > 0; }
    std::string secret = {};
    mutable int runs_left = std::numeric_limits<int>::max();  // of schedules, that plans allow
    std::map<Lane, engine::LaneSettings> lanes = {};
    std::map<Id, engine::OrganizationSettings> organizations = {};
};

/// Causes what a test says, and remembers what it was asked about.
class FakeFollowUps final : public engine::FollowUps {
  public:
    struct Asked {
        Id task = 0;
        Id execution = 0;
        Status status = Status::success;
        bool is_final = true;
        std::optional<bool> previous_lost = std::nullopt;
    };
    void after(const engine::Finished& finished, std::vector<Task>& tasks) const override {
        asked.push_back({finished.task.id, finished.execution.id, finished.execution.status, finished.is_final,
                         finished.previous_lost});
        if (!url.empty()) tasks.push_back(Task{.name = "a follow-up", .url = url, .purpose = Purpose::callback});
    }
    std::string url = {};  // empty: nothing follows
    mutable std::vector<Asked> asked = {};
};

/// Remembers the blocks of hosts across a crash.
class FakeHostLog final : public engine::HostLog {
  public:
    void changed(const engine::HostBlock& block) override {
        std::erase_if(stored, [&](const engine::HostBlock& each) {
            return each.organization == block.organization && each.host == block.host;
        });
        if (!block.is_gone) stored.push_back(block);
    }
    std::vector<engine::HostBlock> stored = {};
};

/// Outlives a crash.
class MemoryNotes final : public store::StartNotes {
  public:
    void note(const store::RateStart& start) override { starts_.push_back(start); }
    std::vector<store::RateStart> noted() const override { return starts_; }

  private:
    std::vector<store::RateStart> starts_;
};

class EngineHouse {
  public:
    explicit EngineHouse(engine::Options options = {}) : options_(options) { begin(); }

    /// A new life on the same disk, as after kill -9. Commits that were not made are lost.
    void crash() {
        engine_.reset();
        store_.reset();
        inbox_.reset();
        transport_.reset();
        begin();
    }

    /// Adds a task as the API does and answers its id. Due now unless told otherwise.
    Id add(TaskOptions options) {
        options.id = ids_->next(clock.now());
        if (options.due == Timestamp{}) options.due = clock.now();
        store().insert(a_task(options));
        return options.id;
    }
    /// A run besides the schedule.
    Id trigger(Id task) {
        const Id run = ids_->next(clock.now());
        store().arm(trigger_timer(disk.tasks.at(task), run, clock.now()));
        return run;
    }

    /// Ticks until nothing happens any more without time passing.
    void settle() {
        do {
            engine().tick();
        } while (static_cast<int>(store().settle()) + static_cast<int>(transport().deliver()) > 0 ||
                 engine().idle_for() == Milliseconds{0});
    }
    /// Time passes, in the steps that the engine and the transport ask for.
    void run_for(Milliseconds time) {
        const Microseconds end = clock.elapsed() + time;
        settle();
        while (clock.elapsed() < end) {
            Milliseconds step = std::min(engine().idle_for(), std::chrono::ceil<Milliseconds>(end - clock.elapsed()));
            if (const auto next = transport().next_answer_in()) step = std::min(step, *next);
            clock.advance(std::max(step, Milliseconds{1}));
            settle();
        }
    }

    engine::Engine& engine() { return *engine_; }
    engine::Inbox& inbox() { return *inbox_; }
    MemoryStore& store() { return *store_; }
    FakeTransport& transport() { return *transport_; }
    IdMaker& ids() { return *ids_; }
    Execution execution(Id id) const { return disk.executions.at(id); }
    /// Statuses of all executions of a task, in the order of their ids.
    std::vector<Status> statuses(Id task) const {
        std::vector<Status> found;
        for (const auto& [id, execution] : disk.executions)
            if (execution.task == task) found.push_back(execution.status);
        return found;
    }

    ManualClock clock;
    MemoryDisk disk;
    FakeDirectory directory;
    FakeFollowUps follow_ups;
    SeededRandom random{1};
    FakeHostLog blocks;

  private:
    void begin() {
        ids_ = std::make_unique<IdMaker>(disk.greatest_id());
        inbox_ = std::make_unique<engine::Inbox>();
        store_ = std::make_unique<MemoryStore>(disk, *inbox_);
        transport_ = std::make_unique<FakeTransport>(clock, *inbox_);
        engine_ = std::make_unique<engine::Engine>(engine::Ports{.clock = clock,
                                                                 .random = random,
                                                                 .store = *store_,
                                                                 .transport = *transport_,
                                                                 .directory = directory,
                                                                 .follow_ups = &follow_ups,
                                                                 .host_log = &blocks,
                                                                 .starts = &notes_},
                                                   *inbox_, *ids_, public_ids_, counts_, options_);
        engine_->restore_hosts(blocks.stored);
    }

    engine::Options options_;
    MemoryNotes notes_;
    PublicIds public_ids_{PublicIds::Key{}};
    Metrics metrics_;
    engine::EngineMetrics counts_{metrics_};
    std::unique_ptr<IdMaker> ids_;
    std::unique_ptr<engine::Inbox> inbox_;
    std::unique_ptr<MemoryStore> store_;
    std::unique_ptr<FakeTransport> transport_;
    std::unique_ptr<engine::Engine> engine_;
};

}  // namespace punkt::testing
