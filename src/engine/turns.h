// Which organization may start the next run. They take turns by deficit round robin: each starts as many as its weight
// before the next one's turn; one that may not start more leaves the round until it may.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/admission.h"
#include "engine/ports.h"
#include "engine/waiting.h"

namespace punkt::engine {

/// Threads: the engine's.
class Turns {
  public:
    explicit Turns(const Directory& directory) : directory_(directory) {}

    /// `room`: how many runs may be out besides those that are. Who was held is looked at again.
    void begin(Timestamp now, int room);
    /// A run that nothing but its organization's turn keeps from its start.
    void add(const Timer& timer);
    /// The next one, taken out and counted as out until ended(). Nothing when none may start.
    std::optional<Timer> next();
    void ended(Id organization);
    /// The directory answers something else for this organization, or for all when it is 0.
    void settings_changed(Id organization);

    bool can_hand_out() const { return !round_.empty(); }
    /// What an organization meets at its gates, for first_holding().
    void look(Id organization, Situation& situation) const;

  private:
    // No organization takes the last free places: it starts a run while it has fewer out than nine times what is free.
    // So whoever comes finds room, however long the calls of the others take (a dynamic threshold, as in the shared
    // buffers of switches).
    static constexpr int share_of_free = 9;

    enum class Place : std::uint8_t { none, round, held };
    struct Organization {
        Waiting ready;
        OrganizationSettings settings = {};
        int out = 0;
        int left = 0;  // starts of this turn
        Place place = Place::none;
    };
    std::optional<Holding> held(const Organization& organization) const;
    void join(Id id, Organization& organization);

    const Directory& directory_;
    std::unordered_map<Id, Organization> organizations_;
    std::deque<Id> round_;  // those with something ready that may start
    std::vector<Id> held_;  // those with something ready that may not
    Timestamp now_{};
    int room_ = 0;
};

}  // namespace punkt::engine
