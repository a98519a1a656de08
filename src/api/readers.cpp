#include "api/readers.h"

#include <utility>

#include "base/thread_name.h"

namespace punkt::api {

Result<std::unique_ptr<Readers>> Readers::create(const db::Location& location, int threads) {
    std::vector<db::Connection> connections;
    for (int i = 0; i < threads; ++i) {
        auto connection = db::Connection::open(location, db::Access::read);
        if (!connection) return connection.error();
        connections.push_back(std::move(*connection));
    }
    return std::unique_ptr<Readers>(new Readers(std::move(connections)));
}

Readers::Readers(std::vector<db::Connection> connections) : connections_(std::move(connections)) {
    for (db::Connection& connection : connections_) threads_.emplace_back([this, &connection] { run(connection); });
}

Readers::~Readers() { stop(); }

bool Readers::submit(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || jobs_.size() >= waiting_max) return false;
        jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
}

void Readers::run(db::Connection& connection) {
    name_this_thread("reader");
    while (true) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (jobs_.empty()) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        // One snapshot for all that a job reads: between two queries a run may end, and would show twice or not at all.
        const bool has_snapshot = connection.execute("BEGIN").has_value();
        job(connection);
        if (has_snapshot) (void)connection.execute("COMMIT");
    }
}

void Readers::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_)
        if (thread.joinable()) thread.join();
}

}  // namespace punkt::api
