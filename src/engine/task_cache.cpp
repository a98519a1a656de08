#include "engine/task_cache.h"

#include <algorithm>

#include "base/log.h"

namespace punkt::engine {
namespace {

constexpr std::size_t fetch_batch = 500;
constexpr std::chrono::seconds fetch_retry{1};

}  // namespace

std::size_t TaskCache::bytes(const Task& task) {
    std::size_t sum = sizeof(Task) + 128 + task.name.size() + task.url.size() + (task.body ? task.body->size() : 0);
    for (const auto& [name, value] : task.headers) sum += sizeof(Headers::value_type) + name.size() + value.size();
    return sum;
}

void TaskCache::put(TaskPtr task) {
    forget(task->id);
    bytes_ += bytes(*task);
    order_.push_back(task->id);
    const Id id = task->id;
    tasks_.emplace(id, std::move(task));
    while (bytes_ > bytes_max_ && order_.size() > 1) {
        const Id oldest = order_.front();
        order_.pop_front();
        forget(oldest);
    }
    // Forgotten tasks leave their names in the order; drop them before they pile up.
    while (!order_.empty() && !tasks_.contains(order_.front())) order_.pop_front();
}

TaskPtr TaskCache::find(Id task) const {
    const auto found = tasks_.find(task);
    return found == tasks_.end() ? nullptr : found->second;
}

void TaskCache::forget(Id task) {
    const auto found = tasks_.find(task);
    if (found == tasks_.end()) return;
    bytes_ -= bytes(*found->second);
    tasks_.erase(found);
}

void TaskCache::changed(Id task) {
    forget(task);
    const auto fetch = fetches_.find(task);
    if (fetch != fetches_.end()) fetch->second = Fetch::out_of_date;
}

void TaskCache::want(Id task) {
    if (fetches_.try_emplace(task, Fetch::out).second) to_fetch_.push_back(task);
}

void TaskCache::send_fetches(Microseconds elapsed) {
    if (unread_again_at_ && *unread_again_at_ <= elapsed) {
        to_fetch_.insert(to_fetch_.end(), unread_.begin(), unread_.end());
        unread_.clear();
        unread_again_at_.reset();
    }
    for (std::size_t i = 0; i < to_fetch_.size(); i += fetch_batch) {
        const auto from = to_fetch_.begin() + static_cast<std::ptrdiff_t>(i);
        const auto count = std::min(to_fetch_.size() - i, fetch_batch);
        for (auto id = from; id != from + static_cast<std::ptrdiff_t>(count); ++id) fetches_[*id] = Fetch::out;
        store_.load_tasks({from, from + static_cast<std::ptrdiff_t>(count)});
    }
    to_fetch_.clear();
}

std::vector<std::pair<Id, TaskPtr>> TaskCache::loaded(const std::vector<Id>& asked, Result<std::vector<TaskPtr>> tasks,
                                                      Microseconds elapsed) {
    if (!tasks) {
        log::warn("{} tasks could not be read, trying again: {}", asked.size(), tasks.error().message);
        unread_.insert(unread_.end(), asked.begin(), asked.end());
        unread_again_at_ = elapsed + fetch_retry;
        return {};
    }
    std::unordered_map<Id, TaskPtr> found;
    for (TaskPtr& task : *tasks) found[task->id] = std::move(task);
    std::vector<std::pair<Id, TaskPtr>> settled;
    for (const Id id : asked) {
        const auto fetch = fetches_.find(id);
        if (fetch == fetches_.end()) continue;
        if (fetch->second == Fetch::out_of_date) {
            to_fetch_.push_back(id);
            continue;
        }
        fetches_.erase(fetch);
        settled.emplace_back(id, found[id]);
        if (settled.back().second) put(settled.back().second);
    }
    return settled;
}

}  // namespace punkt::engine
