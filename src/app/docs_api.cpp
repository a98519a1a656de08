#include "app/docs_api.h"

#include <algorithm>

#include "api/problem.h"
#include "app/docs_viewer.h"
#include "app/openapi.h"

namespace punkt::app {
namespace {

/// Only what this server sends itself may be loaded, run or asked. Swagger UI sets styles on elements.
constexpr const char* content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src "
    "'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

net::HttpReply asset(std::string_view name) {
    const auto assets = docs_assets();
    const auto found = std::find_if(assets.begin(), assets.end(), [&](const DocsAsset& a) { return a.name == name; });
    if (found == assets.end()) return api::problem(api::not_found());
    net::HttpReply reply{.content_type = std::string(found->content_type), .body = std::string(found->content)};
    reply.headers = {{"content-security-policy", content_policy},
                     {"x-content-type-options", "nosniff"},
                     {"referrer-policy", "no-referrer"},
                     {"cache-control", "max-age=3600"}};
    // Every browser reads it, and nobody else has a use for it.
    if (found->is_gzip) reply.headers.emplace_back("content-encoding", "gzip");
    return reply;
}

}  // namespace

void add_docs_routes(api::Router& router) {
    router.add({.method = "GET",
                .pattern = "/api/v1/openapi",
                .access = api::Access::open,
                .handler = [](api::Context&) -> Async<net::HttpReply> {
                    co_return net::HttpReply{.body = std::string(openapi())};
                }});
    const auto add = [&router](const char* pattern, api::Handler handler) {
        router.add({.method = "GET",
                    .pattern = pattern,
                    .access = api::Access::open,
                    .handler = std::move(handler),
                    .json_only = false});
    };
    add("/api/v1/docs", [](api::Context&) -> Async<net::HttpReply> { co_return asset("index.html"); });
    add("/api/v1/docs/:file",
        [](api::Context& context) -> Async<net::HttpReply> { co_return asset(context.path_value("file")); });
}

}  // namespace punkt::app
