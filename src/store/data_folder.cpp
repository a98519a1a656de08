#include "store/data_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/crypto.h"
#include "base/random.h"
#include "db/migrate.h"
#include "store/rows.h"
#include "store/settings.h"

namespace punkt::store {
namespace {

constexpr std::string_view key_name = "public_id_key";

Result<PublicIds::Key> find_or_make_key(db::Connection& connection) {
    auto stored = find_setting(connection, key_name);
    if (!stored) return stored.error();
    PublicIds::Key key{};
    if (!*stored) {
        secure_random(key);
        const std::string text = crypto::base64({reinterpret_cast<const char*>(key.data()), key.size()});
        if (auto kept = set_setting(connection, key_name, text); !kept) return kept.error();
        return key;
    }
    const auto bytes = crypto::from_base64(**stored);
    if (!bytes || bytes->size() != key.size())
        return Error{.message = fmt::format("the setting {} is damaged: restore a backup", key_name)};
    std::memcpy(key.data(), bytes->data(), key.size());
    return key;
}

/// Looks without touching: a database of a newer Punkt must stay as it is, byte for byte.
Result<void> refuse_newer(const db::Location& location) {
    std::error_code ignored;
    if (!std::filesystem::exists(location.path, ignored)) return {};
    auto connection = db::Connection::open(location, db::Access::read);
    if (!connection) return connection.error();
    auto version = db::schema_version(*connection);
    if (!version) return version.error();
    return db::refuse_newer(*version);
}

}  // namespace

Result<Id> greatest_id(db::Connection& connection) {
    Id greatest = 0;
    for (const char* sql : {"SELECT max(id) FROM organization", "SELECT max(id) FROM task",
                            "SELECT max(id) FROM execution", "SELECT max(id) FROM timer WHERE " PUNKT_TIMER_INDEXED}) {
        auto id = db::query_number(connection, sql);
        if (!id) return id.error();
        greatest = std::max(greatest, *id);
    }
    return greatest;
}

Result<DataFolder> DataFolder::open(const std::string& path, Timestamp now, const std::string& vfs) {
    std::error_code failed;
    const bool created = std::filesystem::create_directories(path, failed);
    if (failed) return Error{.message = fmt::format("the data folder {} cannot be made: {}", path, failed.message())};
    // It holds secrets and other people's payloads.
    if (created) ::chmod(path.c_str(), 0700);
    auto lock = db::FileLock::take(lock_path(path));
    if (!lock) return lock.error();
    const db::Location location{.path = database_path(path), .vfs = vfs};
    if (auto fit = store::refuse_newer(location); !fit) return fit.error();
    auto connection = db::Connection::open(location, db::Access::write);
    if (!connection) return connection.error();
    if (auto done = db::migrate(*connection, now); !done) return done.error();
    DataFolder folder(path, std::move(*lock), location, std::move(*connection));
    auto key = find_or_make_key(folder.writing_);
    if (!key) return key.error();
    folder.public_id_key_ = *key;
    auto greatest = store::greatest_id(folder.writing_);
    if (!greatest) return greatest.error();
    folder.greatest_id_ = *greatest;
    return folder;
}

}  // namespace punkt::store
