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

/// What the request carries; nothing when absent or empty.
std::optional<std::string> idempotency_key(const net::HttpRequest& request);

/// Threads: any.
class Idempotency {
  public:
    static constexpr std::chrono::hours kept{24};

    Idempotency(Readers& readers, store::Writer& writer) : readers_(readers), writer_(writer) {}

    /// Runs the route's handler, or replays what it answered to this key. Kept are 2xx answers with a body; errors are
    /// not, so that a retry tries again. The answer is written after the handler's own commit: a crash between the two
    /// makes the retry run once more.
    /// Errors: 409 while the first request is in progress, 422 when the key comes with another request.
    Async<net::HttpReply> answer(Context& context, const Route& route, std::string key);

    /// Deletes up to 1,000 expired answers, in the background.
    void forget_expired(Timestamp now);

  private:
    struct Stored {
        std::string fingerprint;
        int status = 0;
        std::string body;
    };
    Async<Result<std::optional<Stored>>> find(Id organization, const std::string& key, Timestamp now);
    Async<Result<void>> keep(Id organization, const std::string& key, Stored stored, Timestamp now);
    bool begin(const std::string& name);
    void end(const std::string& name);

    Readers& readers_;
    store::Writer& writer_;
    std::mutex mutex_;
    std::unordered_set<std::string> in_progress_;  // organization and key
};

}  // namespace punkt::api
