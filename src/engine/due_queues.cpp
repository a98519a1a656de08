#include "engine/due_queues.h"

namespace punkt::engine {

void DueQueues::add(Due due) {
    Organization& organization = organizations_[due.organization];
    organization.due.push(due);
    if (!organization.is_in_round && organization.due.top() == due) coming_.push(due);
}

void DueQueues::join_round(Timestamp now) {
    for (; !coming_.empty() && coming_.top().at <= now; coming_.pop()) {
        const auto found = organizations_.find(coming_.top().organization);
        if (found == organizations_.end() || found->second.is_in_round) continue;
        found->second.is_in_round = true;
        round_.push_back(found->first);
    }
}

std::optional<Due> DueQueues::take(Timestamp now) {
    join_round(now);
    while (!round_.empty()) {
        const Id id = round_.front();
        round_.pop_front();
        Organization& organization = organizations_.at(id);
        const Due due = organization.due.top();
        if (due.at > now) {
            organization.is_in_round = false;
            coming_.push(due);
            continue;
        }
        organization.due.pop();
        if (organization.due.empty())
            organizations_.erase(id);
        else
            round_.push_back(id);
        return due;
    }
    return std::nullopt;
}

std::optional<Timestamp> DueQueues::first() const {
    if (!round_.empty()) return organizations_.at(round_.front()).due.top().at;
    return coming_.empty() ? std::nullopt : std::optional(coming_.top().at);
}

}  // namespace punkt::engine
