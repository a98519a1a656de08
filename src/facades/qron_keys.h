// Qron's routes for keys, for the holder of the master key. Source: qron.md §7, contract "Keys by master key".
#pragma once

#include "api/readers.h"
#include "api/router.h"
#include "base/id.h"
#include "rooms/accounts/accounts.h"

namespace punkt::qron {

/// GET, POST /auth/keys, DELETE /auth/keys/:id and POST /auth/sync. Everything outlives the router.
class KeysApi {
  public:
    KeysApi(accounts::Accounts& accounts, api::Readers& readers, const PublicIds& ids)
        : accounts_(accounts), readers_(readers), ids_(ids) {}
    void add_routes(api::Router& router);

  private:
    Async<net::HttpReply> create(api::Context& context);
    Async<net::HttpReply> list(api::Context& context);
    Async<net::HttpReply> revoke(api::Context& context);
    Async<net::HttpReply> sync(api::Context& context);

    accounts::Accounts& accounts_;
    api::Readers& readers_;
    const PublicIds& ids_;
};

}  // namespace punkt::qron
