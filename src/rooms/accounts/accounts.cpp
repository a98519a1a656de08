#include "rooms/accounts/accounts.h"

#include <memory>
#include <utility>

#include "rooms/accounts/account_store.h"

namespace punkt::accounts {
namespace {

const char* const default_organization = "Default";
const char* const first_key_name = "First key";

Error unknown_key() { return {ErrorKind::not_found, "Key ID not found"}; }

/// A write made of two functions. `apply` may run twice.
class Job final : public store::Write {
  public:
    Job(UniqueFunction<Result<void>(db::Connection&)> apply, UniqueFunction<void(const Result<void>&)> finished)
        : apply_(std::move(apply)), finished_(std::move(finished)) {}
    Result<void> apply(db::Connection& connection) override { return apply_(connection); }
    void finished(const Result<void>& result) override { finished_(result); }

  private:
    UniqueFunction<Result<void>(db::Connection&)> apply_;
    UniqueFunction<void(const Result<void>&)> finished_;
};

Result<store::Organization> make_organization(db::Connection& connection, IdMaker& ids, Timestamp now,
                                              std::string name) {
    store::Organization made{.id = ids.next(now),
                             .name = std::move(name),
                             .webhook_secret = store::make_webhook_secret(),
                             .created_at = now,
                             .updated_at = now};
    if (auto stored = store::insert_organization(connection, made); !stored) return stored.error();
    return made;
}

Result<store::Organization> find_or_make_organization(db::Connection& connection, IdMaker& ids, Timestamp now,
                                                      const std::string& name) {
    auto found = store::find_organization(connection, std::string_view(name));
    if (!found) return found.error();
    if (*found) return std::move(**found);
    return make_organization(connection, ids, now, name);
}

/// Gives the key its place and stores it.
Result<void> store_key(db::Connection& connection, IdMaker& ids, Timestamp now, Issued& issued) {
    ApiKey& key = issued.key.key;
    key.id = ids.next(now);
    key.organization = issued.organization.id;
    key.created_at = key.updated_at = now;
    return insert_key(connection, key);
}

/// Shared by both halves of a job.
struct Issuing {
    Issued issued;
    Accounts::Note note;
    Accounts::IssuedDone done;
};

Result<void> write_note(db::Connection& connection, const Accounts::Note& note, const ApiKey& key) {
    return note ? store::insert_audit(connection, note(key)) : Result<void>();
}

}  // namespace

Result<void> Accounts::load(db::Connection& connection) {
    auto keys = active_keys(connection);
    if (!keys) return keys.error();
    auto organizations = store::list_organizations(connection);
    if (!organizations) return organizations.error();
    ring_.replace(*keys);
    for (const auto& organization : *organizations) organizations_.put(organization);
    return {};
}

void Accounts::issue(Id organization, KeyKind kind, std::string name, Note note, IssuedDone done) {
    auto state = std::make_shared<Issuing>(
        Issuing{.issued = {.key = make_key(kind, std::move(name))}, .note = std::move(note), .done = std::move(done)});
    const Timestamp now = clock_.now();
    writer_.submit(std::make_unique<Job>(
        [this, state, organization, now](db::Connection& connection) -> Result<void> {
            auto found = store::find_organization(connection, organization);
            if (!found) return found.error();
            if (!*found) return Error{ErrorKind::not_found, "Resource not found"};
            state->issued.organization = std::move(**found);
            if (auto stored = store_key(connection, ids_, now, state->issued); !stored) return stored;
            return write_note(connection, state->note, state->issued.key.key);
        },
        [this, state](const Result<void>& result) {
            if (!result) return state->done(result.error());
            organizations_.put(state->issued.organization);
            ring_.add(state->issued.key.key);
            state->done(std::move(state->issued));
        }));
}

void Accounts::issue_for_client(std::string client, KeyKind kind, Note note, IssuedDone done) {
    auto state = std::make_shared<Issuing>(
        Issuing{.issued = {.key = make_key(kind, client)}, .note = std::move(note), .done = std::move(done)});
    const Timestamp now = clock_.now();
    writer_.submit(std::make_unique<Job>(
        [this, state, client = std::move(client), now](db::Connection& connection) -> Result<void> {
            auto organization = find_or_make_organization(connection, ids_, now, client);
            if (!organization) return organization.error();
            state->issued.organization = std::move(*organization);
            if (auto stored = store_key(connection, ids_, now, state->issued); !stored) return stored;
            return write_note(connection, state->note, state->issued.key.key);
        },
        [this, state](const Result<void>& result) {
            if (!result) return state->done(result.error());
            organizations_.put(state->issued.organization);
            ring_.add(state->issued.key.key);
            state->done(std::move(state->issued));
        }));
}

void Accounts::revoke(Id key, Id organization, Again again, Note note, store::Done done) {
    const Timestamp now = clock_.now();
    writer_.submit(std::make_unique<Job>(
        [key, organization, again, note = std::move(note), now](db::Connection& connection) -> Result<void> {
            auto found = find_key(connection, key);
            if (!found) return found.error();
            if (!*found || (organization != 0 && (*found)->organization != organization)) return unknown_key();
            if ((*found)->revoked_at && again == Again::is_unknown) return unknown_key();
            auto revoked = revoke_key(connection, key, now);
            if (!revoked) return revoked.error();
            // Again and again is fine, but only the first time changes something.
            return (*found)->revoked_at ? Result<void>() : write_note(connection, note, **found);
        },
        [this, key, done = std::move(done)](const Result<void>& result) mutable {
            if (result) ring_.remove(key);
            done(result);
        }));
}

// On the writer's thread, so that it cannot overtake a key that is being issued.
void Accounts::change_secrets(Id organization, AuditEntry entry, store::Done done,
                              std::function<Result<void>(store::Organization&)> change) {
    const auto changed = std::make_shared<store::Organization>();
    writer_.submit(std::make_unique<Job>(
        [organization, changed, entry = std::move(entry),
         change = std::move(change)](db::Connection& connection) -> Result<void> {
            auto found = store::find_organization(connection, organization);
            if (!found) return found.error();
            if (!*found) return Error{ErrorKind::not_found, "Resource not found"};
            *changed = std::move(**found);
            if (auto possible = change(*changed); !possible) return possible;
            if (auto stored = store::store_webhook_secrets(connection, *changed); !stored) return stored;
            return store::insert_audit(connection, entry);
        },
        [this, changed, done = std::move(done)](const Result<void>& result) mutable {
            if (result) organizations_.put(*changed);
            done(result);
        }));
}

void Accounts::rotate_webhook_secret(Id organization, std::chrono::hours overlap, AuditEntry entry, store::Done done) {
    change_secrets(organization, std::move(entry), std::move(done),
                   [overlap, now = clock_.now(), made = store::make_webhook_secret()](store::Organization& one) {
                       const bool overlaps = overlap.count() > 0;
                       one.previous_webhook_secret = overlaps ? one.webhook_secret : "";
                       one.previous_secret_until = overlaps ? std::optional(now + overlap) : std::nullopt;
                       one.webhook_secret = made;
                       one.updated_at = now;
                       return Result<void>();
                   });
}

void Accounts::drop_previous_secret(Id organization, AuditEntry entry, store::Done done) {
    change_secrets(organization, std::move(entry), std::move(done),
                   [now = clock_.now()](store::Organization& one) -> Result<void> {
                       if (!one.previous_secret_until || *one.previous_secret_until <= now)
                           return Error{ErrorKind::not_found, "no previous secret signs"};
                       one.previous_webhook_secret.clear();
                       one.previous_secret_until.reset();
                       one.updated_at = now;
                       return {};
                   });
}

void Accounts::reload(store::Done done) {
    auto keys = std::make_shared<std::vector<ApiKey>>();
    writer_.submit(std::make_unique<Job>(
        [keys](db::Connection& connection) -> Result<void> {
            auto read = active_keys(connection);
            if (!read) return read.error();
            *keys = std::move(*read);
            return {};
        },
        [this, keys, done = std::move(done)](const Result<void>& result) mutable {
            if (result) ring_.replace(*keys);
            done(result);
        }));
}

void Accounts::write_uses(bool everything) {
    auto uses = std::make_shared<std::vector<KeyRing::Use>>(ring_.take_uses(everything));
    if (uses->empty()) return;
    writer_.submit(std::make_unique<Job>(
        [uses](db::Connection& connection) -> Result<void> {
            for (const auto& use : *uses)
                if (auto written = set_last_used(connection, use.key, use.at); !written) return written;
            return {};
        },
        [](const Result<void>&) {}));  // the next use is written again
}

Result<FirstStart> first_start(db::Connection& connection, IdMaker& ids, Timestamp now, bool wants_key,
                               const std::function<Result<void>(const std::string& presented)>& keep,
                               const Accounts::Note& note) {
    FirstStart start;
    auto done = connection.transaction([&]() -> Result<void> {
        auto organizations = store::list_organizations(connection);
        if (!organizations) return organizations.error();
        if (organizations->empty()) {
            auto made = make_organization(connection, ids, now, default_organization);
            if (!made) return made.error();
            organizations->push_back(std::move(*made));
        }
        start.organization = organizations->front().id;
        auto keys = list_keys(connection, 0);
        if (!keys) return keys.error();
        if (!wants_key || !keys->empty()) return {};
        start.key = Issued{.organization = organizations->front(), .key = make_key(KeyKind::pair, first_key_name)};
        if (auto stored = store_key(connection, ids, now, *start.key); !stored) return stored;
        if (auto noted = write_note(connection, note, start.key->key.key); !noted) return noted;
        return keep(start.key->key.presented());
    });
    if (!done) return done.error();
    return start;
}

Result<Issued> issue_directly(db::Connection& connection, IdMaker& ids, Timestamp now, const std::string& client,
                              KeyKind kind, std::string name, const Accounts::Note& note) {
    Issued issued{.key = make_key(kind, std::move(name))};
    auto done = connection.transaction([&]() -> Result<void> {
        std::string owner = client;
        if (owner.empty()) {
            auto organizations = store::list_organizations(connection);
            if (!organizations) return organizations.error();
            owner = organizations->empty() ? default_organization : organizations->front().name;
        }
        auto organization = find_or_make_organization(connection, ids, now, owner);
        if (!organization) return organization.error();
        issued.organization = std::move(*organization);
        if (auto stored = store_key(connection, ids, now, issued); !stored) return stored;
        return write_note(connection, note, issued.key.key);
    });
    if (!done) return done.error();
    return issued;
}

Result<void> revoke_directly(db::Connection& connection, Id key, Timestamp now, const Accounts::Note& note) {
    return connection.transaction([&]() -> Result<void> {
        auto found = find_key(connection, key);
        if (!found) return found.error();
        if (!*found) return unknown_key();
        auto revoked = revoke_key(connection, key, now);
        if (!revoked) return revoked.error();
        return (*found)->revoked_at ? Result<void>() : write_note(connection, note, **found);
    });
}

}  // namespace punkt::accounts
