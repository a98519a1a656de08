// Organizations: whom everything belongs to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "store/write.h"

namespace punkt::store {

struct Organization {
    Id id = 0;
    std::string name;
    std::string webhook_secret;  // "whsec_…"
    Timestamp created_at{};
    Timestamp updated_at{};
};

/// "whsec_" and 48 random hexadecimal digits (execution.md §5.1): as text the key of x-runlater-signature, and at the
/// same time base64 of 36 bytes, the key of the Standard Webhooks signature (24…64 bytes, standard-webhooks.md §1).
std::string make_webhook_secret();

/// Inside the caller's transaction.
Result<void> insert_organization(db::Connection& connection, const Organization& organization);

Result<std::optional<Organization>> find_organization(db::Connection& connection, Id id);
/// The oldest of that name.
Result<std::optional<Organization>> find_organization(db::Connection& connection, std::string_view name);
/// By id.
Result<std::vector<Organization>> list_organizations(db::Connection& connection);

/// Errors: `not_found`.
class ChangeWebhookSecret final : public Write {
  public:
    ChangeWebhookSecret(Id organization, std::string secret, Timestamp now, Done done)
        : organization_(organization), secret_(std::move(secret)), now_(now), done_(std::move(done)) {}
    Result<void> apply(db::Connection& connection) override;
    void finished(const Result<void>& result) override { done_(result); }

  private:
    Id organization_;
    std::string secret_;
    Timestamp now_;
    Done done_;
};

}  // namespace punkt::store
