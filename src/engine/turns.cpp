#include "engine/turns.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace punkt::engine {

void Turns::begin(Timestamp now, int room) {
    now_ = now;
    room_ = room;
    for (const Id id : std::exchange(held_, {})) {
        const auto found = organizations_.find(id);
        if (found == organizations_.end() || found->second.place != Place::held) continue;
        if (held(found->second))
            held_.push_back(id);
        else
            join(id, found->second);
    }
}

void Turns::join(Id id, Organization& organization) {
    organization.place = Place::round;
    round_.push_back(id);
}

void Turns::add(const Timer& timer) {
    const auto [found, is_new] = organizations_.try_emplace(timer.organization);
    Organization& organization = found->second;
    if (is_new) organization.settings = directory_.organization(timer.organization);
    organization.ready.push(timer);
    if (organization.place == Place::none) join(timer.organization, organization);
}

std::optional<Holding> Turns::held(const Organization& organization) const {
    const int share = share_of_free * std::min(room_, std::numeric_limits<int>::max() / share_of_free);
    const int cap = organization.settings.concurrency;
    const int limit = cap > 0 ? std::min(cap, share) : share;
    Situation situation{.now = now_, .due = now_, .organization = {.used = organization.out, .limit = limit}};
    situation.quota_until = organization.settings.quota_until;
    return first_holding(situation);
}

std::optional<Timer> Turns::next() {
    while (!round_.empty() && room_ > 0) {
        const Id id = round_.front();
        Organization& organization = organizations_.at(id);
        if (held(organization)) {
            round_.pop_front();
            organization.place = Place::held;
            held_.push_back(id);
            continue;
        }
        if (organization.left == 0) organization.left = std::max(1, organization.settings.weight);
        const Timer timer = organization.ready.take();
        ++organization.out;
        --organization.left;
        --room_;
        if (organization.ready.empty()) {
            round_.pop_front();
            organization.place = Place::none;
            organization.left = 0;
        } else if (organization.left == 0) {
            round_.pop_front();
            round_.push_back(id);
        }
        return timer;
    }
    return std::nullopt;
}

void Turns::ended(Id id) {
    const auto found = organizations_.find(id);
    if (found == organizations_.end()) return;
    Organization& organization = found->second;
    --organization.out;
    if (organization.place == Place::held)
        join(id, organization);
    else if (organization.out <= 0 && organization.place == Place::none)
        organizations_.erase(found);
}

void Turns::settings_changed(Id id) {
    for (auto& [each, organization] : organizations_)
        if (id == 0 || each == id) organization.settings = directory_.organization(each);
}

void Turns::look(Id id, Situation& situation) const {
    const auto found = organizations_.find(id);
    const OrganizationSettings settings =
        found == organizations_.end() ? directory_.organization(id) : found->second.settings;
    situation.organization = {.used = found == organizations_.end() ? 0 : found->second.out,
                              .limit = settings.concurrency};
    situation.quota_until = settings.quota_until;
}

}  // namespace punkt::engine
