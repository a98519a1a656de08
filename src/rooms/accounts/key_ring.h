// Every key that is not revoked, in memory: a lookup reads no database, and a revoked key is gone at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "rooms/accounts/account.h"

namespace punkt::accounts {

/// last_used_at is written at most this often for one key: accounts.md §3.
constexpr std::chrono::seconds last_used_interval{300};

/// Threads: any.
class KeyRing {
  public:
    struct Entry {
        Id key = 0;
        Id organization = 0;
        std::string key_id;
        std::string secret_sha256;
        std::string name;
        std::atomic<std::int64_t> used_ms{0};     // 0: never
        std::atomic<std::int64_t> written_ms{0};  // of `used_ms`, what the store has
    };
    enum class Miss { unknown_secret, other_key_id };
    struct Found {
        std::shared_ptr<const Entry> entry = nullptr;  // nothing: see `miss`
        Miss miss = Miss::unknown_secret;
    };
    struct Use {
        Id key = 0;
        Timestamp at{};
    };

    /// These and no others from now on. What is known about their use is kept.
    void replace(const std::vector<ApiKey>& keys);
    void add(const ApiKey& key);
    void remove(Id key);
    std::size_t size() const;

    /// By the hash of the secret; the public half must fit when it was sent. Marks the key as used `now`.
    Found find(const Credential& credential, Timestamp now) const;
    /// The latest use, written or not.
    std::optional<Timestamp> last_used(Id key) const;
    /// Keys used since they were last written, no more often than last_used_interval, and marks them as written.
    /// `everything`: whenever they were written, for the last call.
    std::vector<Use> take_uses(bool everything = false);

  private:
    using Entries = std::unordered_map<std::string, std::shared_ptr<Entry>>;  // by secret_sha256
    static std::shared_ptr<Entry> entry_from(const ApiKey& key);

    mutable std::shared_mutex mutex_;
    Entries entries_;
};

}  // namespace punkt::accounts
