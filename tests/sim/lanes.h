// The queues of the simulation and the keys that its tasks share. Their numbers never change, so that checkers know
// them; what is paused, and when, the seed chooses.
#pragma once

#include <set>

#include "engine/ports.h"

namespace punkt::sim {

/// "wide": three at once. "rated": five at once, five in ten seconds, two of them together. All others are serial.
inline engine::LaneSettings settings_of(Id organization, Lane lane) {
    using namespace std::chrono_literals;
    if (lane == lane_of(organization, "wide")) return {.concurrency = 3};
    if (lane == lane_of(organization, "rated"))
        return {.concurrency = 5, .rate = Rate{.count = 5, .period = 10s, .burst = 2}};
    return {};
}

inline KeyLimit two_at_once() { return {.key = "two", .concurrency = 2}; }
inline KeyLimit three_in_ten_seconds() {
    using namespace std::chrono_literals;
    return {.key = "slow", .rate = Rate{.count = 3, .period = 10s, .burst = 2}};
}

class SimDirectory final : public engine::Directory {
  public:
    explicit SimDirectory(const std::set<Lane>& paused) : paused_(paused) {}
    WebhookSecrets webhook_secrets(Id, Timestamp) const override { return {}; }
    engine::LaneSettings lane(Id organization, Lane lane) const override {
        engine::LaneSettings settings = settings_of(organization, lane);
        settings.is_paused = paused_.contains(lane);
        return settings;
    }
    engine::OrganizationSettings organization(Id organization) const override {
        return {.weight = static_cast<int>(organization)};
    }

  private:
    const std::set<Lane>& paused_;
};

}  // namespace punkt::sim
