// The native routes for keys: each caller manages those of the own organization.
#pragma once

#include "api/readers.h"
#include "api/router.h"
#include "base/id.h"
#include "rooms/accounts/accounts.h"

namespace punkt::accounts {

/// GET, POST /api/v1/keys and DELETE /api/v1/keys/:id. Everything outlives the router.
class AccountsApi {
  public:
    AccountsApi(Accounts& accounts, api::Readers& readers, const PublicIds& ids)
        : accounts_(accounts), readers_(readers), ids_(ids) {}
    void add_routes(api::Router& router);

  private:
    Async<net::HttpReply> list(api::Context& context);
    Async<net::HttpReply> create(api::Context& context);
    Async<net::HttpReply> revoke(api::Context& context);
    void write_key(json::Writer& writer, const ApiKey& key) const;

    Accounts& accounts_;
    api::Readers& readers_;
    const PublicIds& ids_;
};

}  // namespace punkt::accounts
