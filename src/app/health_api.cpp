#include "app/health_api.h"

#include "db/connection.h"

namespace punkt::app {
namespace {

net::HttpReply plain(int status, std::string text) {
    return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(text)};
}

}  // namespace

Async<bool> HealthApi::database_answers() {
    const auto one = co_await readers_.read<std::int64_t>(
        [](db::Connection& connection) { return db::query_number(connection, "SELECT count(*) FROM organization"); });
    co_return one.has_value();
}

Async<net::HttpReply> HealthApi::health(api::Context&) {
    const bool answers = co_await database_answers();
    if (answers) co_return net::HttpReply{.body = R"({"status":"ok","database":"connected"})"};
    co_return net::HttpReply{.status = 503, .body = R"({"status":"error","database":"disconnected"})"};
}

void HealthApi::add_routes(api::Router& router) {
    const auto add = [&router](const char* pattern, api::Handler handler) {
        router.add({.method = "GET",
                    .pattern = pattern,
                    .access = api::Access::open,
                    .handler = std::move(handler),
                    .json_only = false,
                    .parses_body = false,
                    .is_limited = false});
    };
    add("/health", [this](api::Context& context) { return health(context); });
    add("/livez", [](api::Context&) -> Async<net::HttpReply> { co_return plain(200, "ok\n"); });
    add("/readyz", [this](api::Context&) -> Async<net::HttpReply> {
        if (!ready_) co_return plain(503, "not ready: starting or stopping\n");
        const bool answers = co_await database_answers();
        co_return answers ? plain(200, "ok\n") : plain(503, "not ready: the database does not answer\n");
    });
    if (!shows_metrics_) return;
    add("/metrics", [this](api::Context&) -> Async<net::HttpReply> {
        net::HttpReply reply = plain(200, metrics_.text());
        reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
        co_return reply;
    });
}

}  // namespace punkt::app
