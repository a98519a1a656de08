// What outcomes cause in the simulation: a callback for one task in four, and notices of failures and recoveries.
#pragma once

#include "engine/follow_up.h"
#include "sim/sim_transport.h"

namespace punkt::sim {

/// Whether every attempt of the task is called back. The low bits of an id are a counter.
inline bool has_callback(Id task) { return (task >> 20) % 4 == 0; }

class SimFollowUps final : public engine::FollowUps {
  public:
    void after(const engine::Finished& finished, std::vector<Task>& tasks) const override {
        if (!has_callback(finished.task.id)) return;
        tasks.push_back(posted(Purpose::callback));
        if (!finished.is_final || finished.is_lost() == finished.previous_lost.value_or(false)) return;
        tasks.push_back(posted(finished.is_lost() ? Purpose::on_failure : Purpose::on_recovery));
    }

  private:
    static Task posted(Purpose purpose) {
        Task task;
        task.name = word(purpose);
        task.url = url_of(Mood::ok, 7);
        task.purpose = purpose;
        return task;
    }
};

}  // namespace punkt::sim
