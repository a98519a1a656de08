#include "rooms/accounts/key_ring.h"

#include <algorithm>
#include <mutex>

#include "base/crypto.h"

namespace punkt::accounts {

std::shared_ptr<KeyRing::Entry> KeyRing::entry_from(const ApiKey& key) {
    auto entry = std::make_shared<Entry>();
    entry->key = key.id;
    entry->organization = key.organization;
    entry->key_id = key.key_id;
    entry->secret_sha256 = key.secret_sha256;
    entry->name = key.name;
    if (key.last_used_at) {
        entry->used_ms = to_ms(*key.last_used_at);
        entry->written_ms = to_ms(*key.last_used_at);
    }
    return entry;
}

void KeyRing::replace(const std::vector<ApiKey>& keys) {
    Entries fresh;
    const std::lock_guard lock(mutex_);
    for (const auto& key : keys) {
        const auto known = entries_.find(key.secret_sha256);
        fresh.emplace(key.secret_sha256, known == entries_.end() ? entry_from(key) : known->second);
    }
    entries_ = std::move(fresh);
}

void KeyRing::add(const ApiKey& key) {
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(key.secret_sha256, entry_from(key));
}

void KeyRing::remove(Id key) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [key](const auto& entry) { return entry.second->key == key; });
}

std::size_t KeyRing::size() const {
    const std::shared_lock lock(mutex_);
    return entries_.size();
}

KeyRing::Found KeyRing::find(const Credential& credential, Timestamp now) const {
    // How long the lookup takes depends on the hash alone, which says nothing about any stored secret.
    const std::string hash = hash_of_secret(credential.secret);
    std::shared_ptr<Entry> entry;
    {
        const std::shared_lock lock(mutex_);
        const auto found = entries_.find(hash);
        if (found != entries_.end()) entry = found->second;
    }
    if (!entry || !crypto::equal_in_constant_time(entry->secret_sha256, hash)) return {.miss = Miss::unknown_secret};
    if (!credential.key_id.empty() && !crypto::equal_in_constant_time(entry->key_id, credential.key_id))
        return {.miss = Miss::other_key_id};
    entry->used_ms.store(to_ms(now), std::memory_order_relaxed);
    return {.entry = std::move(entry)};
}

std::optional<Timestamp> KeyRing::last_used(Id key) const {
    const std::shared_lock lock(mutex_);
    for (const auto& [hash, entry] : entries_)
        if (entry->key == key && entry->used_ms != 0) return from_ms(entry->used_ms);
    return std::nullopt;
}

std::vector<KeyRing::Use> KeyRing::take_uses(bool everything) {
    constexpr std::int64_t interval_ms = Milliseconds(last_used_interval).count();
    std::vector<Use> uses;
    const std::shared_lock lock(mutex_);
    for (const auto& [hash, entry] : entries_) {
        const std::int64_t used = entry->used_ms, written = entry->written_ms;
        if (used <= written || (!everything && used - written < interval_ms)) continue;
        entry->written_ms = used;
        uses.push_back({.key = entry->key, .at = from_ms(used)});
    }
    return uses;
}

}  // namespace punkt::accounts
