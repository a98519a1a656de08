// Accounts on a temporary store with the cast: Alice owns an organization, Bob has a key of the same one, Charlie
// belongs elsewhere.
#pragma once

#include <memory>
#include <string>

#include "api/readers.h"
#include "api/router.h"
#include "rooms/accounts/accounts.h"
#include "rooms/accounts/authenticator.h"
#include "testing/test_store.h"

namespace punkt::testing {

class AccountsHouse {
  public:
    static constexpr const char* master_key = "master-key-of-the-tests";

    AccountsHouse();

    /// A key (and its organization) for a client.
    accounts::Issued issue(const std::string& client);
    /// Calls a route with `key` in x-api-key; empty: without a key.
    net::HttpReply call(const std::string& key, std::string method, std::string path, std::string body = {});

    SystemClock clock;
    IdMaker ids;
    PublicIds public_ids{PublicIds::Key{1, 2, 3}};
    TestStore store;
    accounts::Accounts accounts{store.writer(), clock, ids};
    accounts::KeyAuthenticator authenticator;
    std::unique_ptr<api::Readers> readers;
    api::Router router;
    accounts::Issued alice, bob, charlie;
};

}  // namespace punkt::testing
