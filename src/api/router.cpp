#include "api/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "base/crypto.h"
#include "base/log.h"

namespace punkt::api {
namespace {

std::vector<std::string_view> segments(std::string_view path) {
    std::vector<std::string_view> out;
    if (path.starts_with('/')) path.remove_prefix(1);
    while (true) {
        const auto slash = path.find('/');
        out.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return out;
        path.remove_prefix(slash + 1);
    }
}

/// A caller's own id is kept when it is of a harmless form, so that two systems' logs can be laid side by side.
std::string request_id(const net::HttpRequest& request) {
    const auto given = request.header("x-request-id").value_or("");
    const bool is_harmless =
        given.size() >= 20 && given.size() <= 200 && std::all_of(given.begin(), given.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   std::string_view("-_=+/.").find(c) != std::string_view::npos;
        });
    if (is_harmless) return std::string(given);
    // Unique, not secret: a counter that begins at a random place is far cheaper than randomness for each request.
    static const std::string prefix = crypto::hex(crypto::random_bytes(8));
    static std::atomic<std::uint64_t> counter{0};
    return fmt::format("{}-{:08x}", prefix, counter.fetch_add(1, std::memory_order_relaxed));
}

bool accepts_json(const net::HttpRequest& request) {
    const auto accept = request.header("accept");
    if (!accept || accept->empty()) return true;
    for (const std::string_view type : {"*/*", "application/*", "application/json"})
        if (accept->find(type) != std::string_view::npos) return true;
    return false;
}

bool is_form(std::string_view content_type) { return content_type.starts_with("application/x-www-form-urlencoded"); }

std::string_view override_method(const Context& context) {
    if (context.request.method != "POST" || !context.body) return {};
    const auto method = context.body->root()["_method"].string().value_or("");
    for (const std::string_view known : {"PUT", "PATCH", "DELETE"})
        if (std::equal(method.begin(), method.end(), known.begin(), known.end(),
                       [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; }))
            return known;
    return {};
}

net::HttpReply no_route(const net::HttpRequest& request, const std::string& allowed) {
    if (allowed.empty())
        return problem(
            {ErrorKind::not_found, fmt::format("Cannot {} {}", request.method, request.path), "unknown_route"});
    net::HttpReply reply =
        problem({ErrorKind::invalid, fmt::format("{} is not allowed here, only {}", request.method, allowed),
                 "method_not_allowed"});
    reply.status = 405;
    reply.headers.emplace_back("allow", allowed);
    return reply;
}

}  // namespace

void Router::add(Route route) {
    routes_.push_back(std::make_unique<Route>(std::move(route)));
    by_length_[segments(routes_.back()->pattern).size()].push_back(routes_.back().get());
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
    const auto parts = segments(path);
    Match match;
    const auto candidates = by_length_.find(parts.size());
    if (candidates == by_length_.end()) return match;
    std::size_t fixed_most = 0;
    for (const Route* route : candidates->second) {
        const auto wanted = segments(route->pattern);
        Parameters values;
        std::size_t fixed = 1;  // more fixed segments win: /tasks/batch before /tasks/:id
        bool fits = true;
        for (std::size_t i = 0; fits && i < parts.size(); ++i) {
            if (wanted[i].starts_with(':')) {
                auto value = percent_decoded(parts[i], false);
                fits = value.has_value() && !value->empty();
                if (fits) values.emplace_back(wanted[i].substr(1), std::move(*value));
            } else {
                fits = wanted[i] == parts[i];
                ++fixed;
            }
        }
        if (!fits) continue;
        if (route->method != method && route->method != "*") {
            match.allowed += (match.allowed.empty() ? "" : ", ") + route->method;
        } else if (fixed > fixed_most) {
            fixed_most = fixed;
            match.route = route;
            match.path = std::move(values);
        }
    }
    return match;
}

Result<void> Router::read_parameters(Context& context) {
    context.query = parse_query(context.request.query);
    if (!context.query.empty()) {
        auto parsed = json::Document::parse(query_as_json(context.query));
        if (!parsed) return Error{ErrorKind::invalid, "the query string is not valid UTF-8", "malformed"};
        context.query_json = std::move(*parsed);
    }
    if (context.request.body.empty()) return {};
    const auto type = context.request.header("content-type").value_or("");
    auto parsed = json::Document::parse(is_form(type) ? query_as_json(parse_query(context.request.body))
                                                      : std::string_view(context.request.body));
    if (!parsed) return Error{ErrorKind::invalid, "the body is no valid JSON: " + parsed.error().message, "malformed"};
    if (parsed->root().type() != json::Type::object)
        return Error{ErrorKind::invalid, "the body must be a JSON object", "malformed"};
    context.body = std::move(*parsed);
    return {};
}

Async<net::HttpReply> Router::handle(net::HttpRequest request) {
    const Microseconds start = options_.clock->elapsed();
    Context context{.request = std::move(request), .now = options_.clock->now()};
    context.request_id = request_id(context.request);
    // HEAD is served as GET (runlater-api.md §1); the server drops the body.
    const std::string method = context.request.method == "HEAD" ? "GET" : context.request.method;
    Match match = find(method, context.request.path);
    net::HttpReply reply = co_await answer(context, match);
    reply.headers.emplace_back("x-request-id", context.request_id);
    const std::string_view pattern = match.route != nullptr ? std::string_view(match.route->pattern) : "";
    const Microseconds took = options_.clock->elapsed() - start;
    options_.seen({pattern, reply.status, took});
    if (reply.status >= 500)
        log::warn("{} {} {} {} {}us", context.request_id, method, context.request.path, reply.status, took.count());
    else
        log::debug("{} {} {} {} {}us", context.request_id, method, context.request.path, reply.status, took.count());
    co_return reply;
}

// Parameters are read before the caller is known, because `_method` in the body decides the route; what is wrong with
// them is told only to a caller who may know.
Async<net::HttpReply> Router::answer(Context& context, Match& match) {
    if (const auto admitted = options_.admit(context.request); !admitted)
        co_return (match.route != nullptr ? match.route->style : problem)(admitted.error());
    Result<void> parsed;
    if (match.route == nullptr || match.route->parses_body) parsed = read_parameters(context);
    if (const auto method = override_method(context); !method.empty()) match = find(method, context.request.path);
    if (match.route == nullptr) co_return no_route(context.request, match.allowed);
    const ErrorStyle style = match.route->style;
    if (match.route->access != Access::open) {
        auto caller = co_await options_.authenticator->authenticate(context.request);
        if (!caller) co_return style(caller.error());
        context.caller = std::move(*caller);
        if (match.route->access == Access::master && !context.caller.is_master)
            co_return style({ErrorKind::unauthorized, "Admin access only", "unauthorized"});
    }
    if (match.route->json_only && !accepts_json(context.request)) {
        net::HttpReply reply = problem({ErrorKind::invalid, "only application/json can be answered", "not_acceptable"});
        reply.status = 406;
        co_return reply;
    }
    if (!parsed) co_return style(parsed.error());
    context.path = std::move(match.path);
    co_return co_await match.route->handler(context);
}

}  // namespace punkt::api
