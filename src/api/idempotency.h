// Idempotency-Key: the same key answers the same, for a day and across restarts. Source: runlater-api.md §1.5 and what
// "Punkt goes beyond" there says.
#pragma once

#include <mutex>
#include <string>
#include <unordered_set>

#include "api/context.h"
#include "api/readers.h"
#include "store/writer.h"

namespace punkt::api {

struct Route;

/// The place of one request's answer on disk. Lives as long as the request.
class AnswerSlot {
  public:
    AnswerSlot(Id organization, std::string key, std::string fingerprint, Timestamp expires_at)
        : organization_(organization),
          key_(std::move(key)),
          fingerprint_(std::move(fingerprint)),
          expires_at_(expires_at) {}

    /// Stores `answer`, if it is one that is kept: 2xx with a body. Errors: `conflict` when one is there already.
    /// Threads: the writer's, inside a transaction.
    Result<void> store(db::Connection& connection, const net::HttpReply& answer) const;

    const std::string& fingerprint() const { return fingerprint_; }
    /// A commit() has taken care of the answer.
    bool is_taken = false;

  private:
    Id organization_;
    std::string key_;
    std::string fingerprint_;
    Timestamp expires_at_;
};

/// What the request carries; nothing when absent or empty.
std::optional<std::string> idempotency_key(const net::HttpRequest& request);

/// Threads: any.
class Idempotency {
  public:
    static constexpr std::chrono::hours kept{24};

    Idempotency(Readers& readers, store::Writer& writer) : readers_(readers), writer_(writer) {}

    /// Runs the route's handler, or replays what it answered to this key. Kept are 2xx answers with a body; errors are
    /// not, so that a retry tries again. A handler that changes something stores its answer in its last commit
    /// (commit.h): after a crash both are there or neither. What changes nothing has its answer stored afterwards: a
    /// crash before that makes the retry run once more.
    /// Errors: 409 while the first request is in progress, 422 when the key comes with another request.
    Async<net::HttpReply> answer(Context& context, const Route& route, std::string key);

    /// Deletes up to `rows` expired answers and says how many. A step of store/sweep.h.
    static Result<std::int64_t> forget_expired(db::Connection& connection, Timestamp now, int rows);

  private:
    struct Stored {
        std::string fingerprint;
        int status = 0;
        std::string body;
    };
    Async<Result<std::optional<Stored>>> find(Id organization, const std::string& key, Timestamp now);
    Async<Result<void>> keep(const AnswerSlot& slot, const net::HttpReply& reply);
    bool begin(const std::string& name);
    void end(const std::string& name);

    Readers& readers_;
    store::Writer& writer_;
    std::mutex mutex_;
    std::unordered_set<std::string> in_progress_;  // organization and key
};

}  // namespace punkt::api
