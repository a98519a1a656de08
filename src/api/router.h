// From a request to its handler: route, caller, parameters. Every surface on the port registers its routes here.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "api/problem.h"
#include "base/clock.h"
#include "base/random.h"

namespace punkt::api {

/// Who may call a route: anyone, the holder of a key (the master key included), or of the master key only.
enum class Access { open, key, master };

/// Must not throw. The context lives until the coroutine ends.
using Handler = std::function<Async<net::HttpReply>(Context&)>;

struct Route {
    std::string method;   // "POST"; "*" takes any
    std::string pattern;  // "/api/v1/tasks/:id"
    Access access = Access::key;
    Handler handler = {};
    ErrorStyle style = problem;
    /// Answers 406 when the caller's Accept excludes JSON (runlater-api.md §1).
    bool json_only = true;
    /// False: the handler reads request.body itself, whatever its type.
    bool parses_body = true;
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
        Authenticator* authenticator = nullptr;
        const Clock* clock = nullptr;
        /// Called after each answer; must not block.
        std::function<void(const Seen&)> seen = [](const Seen&) {};
        /// Called before authentication; an error refuses the request.
        std::function<Result<void>(const net::HttpRequest&)> admit = [](const net::HttpRequest&) {
            return Result<void>{};
        };
    };
    explicit Router(Options options) : options_(std::move(options)) {}

    void add(Route route);
    Async<net::HttpReply> handle(net::HttpRequest request);
    const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

  private:
    struct Match {
        const Route* route = nullptr;
        Parameters path = {};
        std::string allowed = {};  // methods of the path when none fits
    };
    Match find(std::string_view method, std::string_view path) const;
    Async<net::HttpReply> answer(Context& context, Match& match);
    static Result<void> read_parameters(Context& context);

    Options options_;
    std::vector<std::unique_ptr<Route>> routes_;
    std::map<std::size_t, std::vector<const Route*>> by_length_;  // by number of segments
};

}  // namespace punkt::api
