#include "engine/task_cache.h"

namespace punkt::engine {

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

}  // namespace punkt::engine
