// Changing keys: through the writer, and into memory the moment they are on the disk.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/function.h"
#include "base/id.h"
#include "base/result.h"
#include "db/connection.h"
#include "rooms/accounts/account.h"
#include "rooms/accounts/key_ring.h"
#include "rooms/accounts/organization_book.h"
#include "store/audit.h"
#include "store/organizations.h"
#include "store/writer.h"

namespace punkt::accounts {

/// What a new key belongs to and its secret, for the one answer that shows it.
struct Issued {
    store::Organization organization;
    NewKey key;
};

/// Threads: any. Completions come on the writer's thread, or at once when the writer refuses.
class Accounts {
  public:
    Accounts(store::Writer& writer, const Clock& clock, IdMaker& ids) : writer_(writer), clock_(clock), ids_(ids) {}

    /// Fills ring and book. At start, before anybody asks.
    Result<void> load(db::Connection& connection);
    const KeyRing& ring() const { return ring_; }
    const OrganizationBook& organizations() const { return organizations_; }

    using IssuedDone = UniqueFunction<void(Result<Issued>)>;
    /// What the audit log shall say of a key that was made or revoked; empty: nothing. Threads: the writer's, or the
    /// caller's of what is done directly.
    using Note = std::function<AuditEntry(const ApiKey&)>;
    /// A key for an organization. Errors: `not_found`.
    void issue(Id organization, KeyKind kind, std::string name, Note note, IssuedDone done);
    /// A key named after the client; its organization has the client's name and is made when it is new.
    void issue_for_client(std::string client, KeyKind kind, Note note, IssuedDone done);

    enum class Again { is_fine, is_unknown };
    /// Refused from the moment `done` says ok. `organization` 0: of any. `again`: what a revoked key is.
    /// Errors: `not_found`, also for a key of another organization.
    void revoke(Id key, Id organization, Again again, Note note, store::Done done);

    /// A new secret signs from the moment `done` says ok; the one before it signs too for `overlap`. One that was still
    /// signing from an earlier rotation is erased. Errors: `not_found`.
    void rotate_webhook_secret(Id organization, std::chrono::hours overlap, AuditEntry entry, store::Done done);
    /// The previous secret does not sign any more and is erased. Errors: `not_found` when none signs.
    void drop_previous_secret(Id organization, AuditEntry entry, store::Done done);

    /// Reads all keys again.
    void reload(store::Done done);

    /// Writes when keys were last used; those of the last five minutes only with `everything`, at the end.
    void write_uses(bool everything);

  private:
    /// `change` alters the organization as it is stored; what it leaves is stored, with the entry.
    void change_secrets(Id organization, AuditEntry entry, store::Done done,
                        std::function<Result<void>(store::Organization&)> change);

    store::Writer& writer_;
    const Clock& clock_;
    IdMaker& ids_;
    KeyRing ring_;
    OrganizationBook organizations_;
};

/// What the first start found or made.
struct FirstStart {
    Id organization = 0;                       // the oldest: the master key works for it
    std::optional<Issued> key = std::nullopt;  // made just now
};

/// Makes the organization "Default" if there is none, and with `wants_key` its first key if there never was one. `keep`
/// receives what the key's holder presents before it is valid; its error undoes everything.
Result<FirstStart> first_start(db::Connection& connection, IdMaker& ids, Timestamp now, bool wants_key,
                               const std::function<Result<void>(const std::string& presented)>& keep,
                               const Accounts::Note& note);

/// Issues on the database itself, for the command line while no server runs. `client` empty: the oldest organization.
Result<Issued> issue_directly(db::Connection& connection, IdMaker& ids, Timestamp now, const std::string& client,
                              KeyKind kind, std::string name, const Accounts::Note& note);
/// Revokes on the database itself. Errors: `not_found`.
Result<void> revoke_directly(db::Connection& connection, Id key, Timestamp now, const Accounts::Note& note);

}  // namespace punkt::accounts
