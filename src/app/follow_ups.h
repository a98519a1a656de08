// What outcomes cause, of all rooms together.
#pragma once

#include "engine/follow_up.h"
#include "rooms/notify/follow_ups.h"
#include "rooms/tasks/follow_ups.h"

namespace punkt::app {

/// Threads: the engine's.
class RoomsFollowUps final : public engine::FollowUps {
  public:
    RoomsFollowUps(const PublicIds& ids, notify::NoticeBook& notices) : ids_(ids), notices_(notices) {}
    void after(const engine::Finished& finished, std::vector<Task>& tasks) const override {
        tasks::add_callback(finished, ids_, tasks);
        notify::add_notices(finished, ids_, notices_, tasks);
    }

  private:
    const PublicIds& ids_;
    notify::NoticeBook& notices_;
};

}  // namespace punkt::app
