// From a request to its handler: route, caller, parameters. Every surface on the port registers its routes here.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "api/idempotency.h"
#include "api/problem.h"
#include "api/rate_limit.h"
#include "api/route_table.h"
#include "base/clock.h"
#include "net/address_guard.h"

namespace punkt::store {
class Quotas;
}

namespace punkt::api {

/// Who may call a route: anyone, the holder of a key (the master key included), or of the master key only.
enum class Access { open, key, master };

/// Must not throw. The context lives until the coroutine ends.
using Handler = std::function<Async<net::HttpReply>(Context&)>;

struct Route {
    std::string method;   // "POST"; "*" takes those that have no route of their own
    std::string pattern;  // "/api/v1/tasks/:id"; a last segment "*rest" takes all that follows
    Access access = Access::key;
    Handler handler = {};
    ErrorStyle style = problem;
    /// Answers 406 when the caller's Accept excludes JSON (runlater-api.md §1).
    bool json_only = true;
    /// False: the handler reads request.body itself, whatever its type.
    bool parses_body = true;
    /// False: exempt from the rate limits.
    bool is_limited = true;
    /// False: an Idempotency-Key is ignored. Routes without a caller have no place to keep answers.
    bool is_idempotent = true;
};

struct Seen {
    std::string_view pattern;  // "" for an unknown route
    int status = 0;
    Microseconds took{};
};

/// Threads: add() before serving, handle() on any io thread.
class Router {
  public:
    struct Options {
        Authenticator* authenticator = nullptr;  // may be missing when every route is open
        const Clock* clock = nullptr;
        /// Called after each answer; must not block.
        std::function<void(const Seen&)> seen = [](const Seen&) {};
        RateLimits limits = {};
        /// Whose X-Forwarded-For is believed (api/client_address.h).
        net::AddressRanges proxies = {};
        /// Plans: their rates, and what X-Quota-* tells. Nothing: there are none.
        store::Quotas* quotas = nullptr;
        /// Nothing: an Idempotency-Key means nothing.
        Idempotency* idempotency = nullptr;
    };
    explicit Router(Options options) : options_(std::move(options)), limiter_(options_.limits) {}

    void add(Route route);
    /// What no route answers for below `prefix` (unknown paths, requests that the server refuses) is worded by `style`.
    /// The longest prefix wins. Whole segments: "/schedule" does not cover "/scheduler".
    void style_errors(std::string_view prefix, ErrorStyle style) { styles_.emplace_back(prefix, style); }

    Async<net::HttpReply> handle(net::HttpRequest request);
    /// The words for what the server refuses by itself, for ServerOptions. The router must outlive the server.
    net::HttpRefusal refusal() const;
    const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

  private:
    struct Match {
        const Route* route = nullptr;
        RouteTable::Found found = {};
    };
    Match find(std::string_view method, std::string_view path) const;
    Async<net::HttpReply> answer(Context& context, Match& match);
    Async<Result<void>> identify(Context& context, const Route& route);
    RateLimiter::Verdict admit(const net::HttpRequest& request, Microseconds now);
    void describe_quota(const Context& context, net::HttpReply& reply) const;
    ErrorStyle style_for(std::string_view path) const;
    net::HttpReply no_route(const net::HttpRequest& request, const Match& match) const;

    Options options_;
    RateLimiter limiter_;
    RouteTable table_;
    std::vector<std::unique_ptr<Route>> routes_;
    std::vector<std::pair<std::string, ErrorStyle>> styles_;
};

/// Adds routes one after the other whose handlers are called as `handler(services, context)`, as those of a room are.
/// `services` is copied into each; a std::ref when they are one object.
template <class Services>
auto adding_to(Router& router, Services services) {
    return [&router, services](const char* method, const char* pattern, auto handler) {
        router.add({.method = method, .pattern = pattern, .handler = [services, handler](Context& context) {
                        return handler(services, context);
                    }});
    };
}

}  // namespace punkt::api
