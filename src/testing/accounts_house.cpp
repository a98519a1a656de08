#include "testing/accounts_house.h"

#include <future>

#include "base/check.h"
#include "testing/run_async.h"

namespace punkt::testing {

AccountsHouse::AccountsHouse()
    : authenticator(accounts.ring(), clock, {.master_key = master_key, .master_organization = 1}),
      router({.authenticator = &authenticator, .clock = &clock}) {
    auto made = api::Readers::create(store.folder().database(), 1);
    check(made.has_value(), "readers can be made");
    readers = std::move(*made);
    alice = issue("alice");
    bob = issue("alice");
    charlie = issue("charlie");
}

accounts::Issued AccountsHouse::issue(const std::string& client) {
    std::promise<Result<accounts::Issued>> promise;
    accounts.issue_for_client(client, accounts::KeyKind::single, {},
                              [&promise](Result<accounts::Issued> issued) { promise.set_value(std::move(issued)); });
    auto issued = promise.get_future().get();
    check(issued.has_value(), "a key can be issued");
    return std::move(*issued);
}

net::HttpReply AccountsHouse::call(const std::string& key, std::string method, std::string path, std::string body) {
    net::HttpRequest request{
        .method = std::move(method), .path = std::move(path), .body = std::move(body), .peer = "::1"};
    if (!key.empty()) request.headers.emplace_back("x-api-key", key);
    if (!request.body.empty()) request.headers.emplace_back("content-type", "application/json");
    return run_async(router.handle(std::move(request)));
}

}  // namespace punkt::testing
