#include "api/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "api/client_address.h"
#include "api/request_body.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/time_text.h"
#include "store/quotas.h"

namespace punkt::api {
namespace {

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

/// Weights are ignored, as the reference ignores them (runlater-api.md §1 "Accept").
bool accepts_json(const net::HttpRequest& request) {
    const auto accept = request.header("accept");
    if (!accept || accept->empty()) return true;
    for (const std::string_view type : {"*/*", "application/*", "application/json"})
        if (accept->find(type) != std::string_view::npos) return true;
    return false;
}

std::string_view override_method(const Context& context) {
    if (context.request.method != "POST" || !context.body) return {};
    const auto method = context.body->root()["_method"].string().value_or("");
    for (const std::string_view known : {"PUT", "PATCH", "DELETE"})
        if (std::equal(method.begin(), method.end(), known.begin(), known.end(),
                       [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; }))
            return known;
    return {};
}

/// An internal error goes to the log; the caller gets no more than the id to ask by.
net::HttpReply fail(ErrorStyle style, const Error& error, const Context& context) {
    if (error.kind == ErrorKind::internal)
        log::write(log::Level::error, error.message, {{"request_id", context.request_id}});
    return style(error);
}

}  // namespace

void Router::add(Route route) {
    check(route.access == Access::open || options_.authenticator != nullptr,
          "a route with a key, and nobody to check it");
    table_.add(route.method, route.pattern, routes_.size());
    routes_.push_back(std::make_unique<Route>(std::move(route)));
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
    Match match{.found = table_.find(method, path)};
    if (match.found.route) match.route = routes_[*match.found.route].get();
    return match;
}

ErrorStyle Router::style_for(std::string_view path) const {
    std::size_t longest = 0;
    ErrorStyle style = problem;
    for (const auto& [prefix, candidate] : styles_) {
        const bool covers = path.starts_with(prefix) && (prefix.empty() || prefix.back() == '/' ||
                                                         path.size() == prefix.size() || path[prefix.size()] == '/');
        if (!covers || prefix.size() < longest) continue;
        longest = prefix.size();
        style = candidate;
    }
    return style;
}

net::HttpReply Router::no_route(const net::HttpRequest& request, const Match& match) const {
    const ErrorStyle style = style_for(request.path);
    // Only the native API has a 405: the foreign ones answer a wrong method like an unknown path.
    const bool is_wrong_method = !match.found.methods.empty() && style == problem;
    const auto code = is_wrong_method ? code_method_not_allowed : code_unknown_route;
    auto reply =
        style({ErrorKind::not_found, fmt::format("Cannot {} {}", request.method, request.path), std::string(code)});
    if (is_wrong_method) reply.headers.emplace_back("allow", match.found.methods);
    return reply;
}

net::HttpRefusal Router::refusal() const {
    return [this](const net::HttpRequest& so_far, int status, const std::string& reason) {
        auto reply = style_for(so_far.path)(error_of_refusal(status, reason));
        reply.headers.emplace_back("x-request-id", request_id(so_far));
        return reply;
    };
}

Async<net::HttpReply> Router::handle(net::HttpRequest request) {
    const Microseconds start = options_.clock->elapsed();
    Context context{.request = std::move(request), .now = options_.clock->now()};
    if (!options_.proxies.is_empty()) context.request.peer = client_address(context.request, options_.proxies);
    context.request_id = request_id(context.request);
    // HEAD is served as GET (runlater-api.md §1); the server drops the body.
    const std::string_view method = context.request.method == "HEAD" ? "GET" : std::string_view(context.request.method);
    Match match = find(method, context.request.path);
    RateLimiter::Verdict verdict;
    if (match.route == nullptr || match.route->is_limited) verdict = admit(context.request, start);
    net::HttpReply reply;
    if (verdict.is_allowed) {
        reply = co_await answer(context, match);
    } else {
        const ErrorStyle style = match.route != nullptr ? match.route->style : style_for(context.request.path);
        reply = style({ErrorKind::limited, "Rate limit exceeded. Try again later."});
    }
    if (!verdict.limits.is_off()) RateLimiter::describe(verdict, reply);
    describe_quota(context, reply);
    reply.headers.emplace_back("x-request-id", context.request_id);
    const Microseconds took = options_.clock->elapsed() - start;
    // The pattern, not the path: some paths hold a secret.
    const std::string_view pattern = match.route != nullptr ? std::string_view(match.route->pattern) : "";
    options_.seen({pattern, reply.status, took});
    const log::Level level = reply.status >= 500 ? log::Level::warn : log::Level::debug;
    if (log::enabled(level))
        log::write(level, "answered a request",
                   {{"request_id", context.request_id},
                    {"method", context.request.method},
                    {"route", pattern},
                    {"status", fmt::to_string(reply.status)},
                    {"took_us", fmt::to_string(took.count())}});
    co_return reply;
}

RateLimiter::Verdict Router::admit(const net::HttpRequest& request, Microseconds now) {
    const bool has_rates = options_.quotas != nullptr && options_.quotas->has_rates() && options_.authenticator;
    const Id organization = has_rates ? options_.authenticator->organization_of(request) : 0;
    if (organization == 0) return limiter_.is_off() ? RateLimiter::Verdict{} : limiter_.admit(request, now);
    const Plan plan = options_.quotas->plan(organization);
    return limiter_.admit(request, now, {.per_minute = plan.rate_per_minute, .per_hour = plan.rate_per_hour});
}

/// Where a caller with a monthly limit stands after this request.
void Router::describe_quota(const Context& context, net::HttpReply& reply) const {
    if (options_.quotas == nullptr || !options_.quotas->is_limited() || context.caller.organization == 0) return;
    const store::QuotaState state = options_.quotas->state(context.caller.organization);
    if (state.plan.executions_per_month == 0) return;
    reply.headers.emplace_back("x-quota-limit", fmt::to_string(state.plan.executions_per_month));
    reply.headers.emplace_back("x-quota-used", fmt::to_string(state.used));
    reply.headers.emplace_back("x-quota-remaining", fmt::to_string(state.remaining()));
    reply.headers.emplace_back("x-quota-reset", to_text_seconds(state.resets_at));
}

// Parameters are read before the caller is known, because `_method` in the body decides the route; what is wrong with
// them is told only to a caller who may know.
Async<net::HttpReply> Router::answer(Context& context, Match& match) {
    Result<void> parsed = read_query(context);
    if (parsed && (match.route == nullptr || match.route->parses_body)) parsed = read_body(context);
    if (const auto method = override_method(context); !method.empty()) match = find(method, context.request.path);
    if (match.route == nullptr) co_return no_route(context.request, match);
    const Route& route = *match.route;
    if (route.access != Access::open) {
        if (const auto known = co_await identify(context, route); !known)
            co_return fail(route.style, known.error(), context);
    }
    if (route.json_only && !accepts_json(context.request))
        co_return route.style(
            {ErrorKind::invalid, "only application/json can be answered", std::string(code_not_acceptable)});
    if (match.found.is_malformed)
        parsed = Error{ErrorKind::invalid, "the path's percent-encoding is malformed", std::string(code_malformed)};
    if (!parsed) co_return route.style(parsed.error());
    context.path = std::move(match.found.parameters);
    if (options_.idempotency != nullptr && route.is_idempotent && route.access != Access::open)
        if (auto key = idempotency_key(context.request))
            co_return co_await options_.idempotency->answer(context, route, std::move(*key));
    co_return co_await route.handler(context);
}

Async<Result<void>> Router::identify(Context& context, const Route& route) {
    auto caller = co_await options_.authenticator->authenticate(context.request);
    if (!caller) {
        if (caller.error().kind == ErrorKind::unauthorized) limiter_.punish(context.request, options_.clock->elapsed());
        co_return caller.error();
    }
    if (route.access == Access::master && !caller->is_master)
        co_return Error{ErrorKind::unauthorized, "Admin access only", std::string(code_master_key_required)};
    context.caller = std::move(*caller);
    co_return Result<void>();
}

}  // namespace punkt::api
