#include "app/docs_api.h"

#include "app/openapi.h"

namespace punkt::app {

void add_docs_routes(api::Router& router) {
    router.add({.method = "GET",
                .pattern = "/api/v1/openapi",
                .access = api::Access::open,
                .handler = [](api::Context&) -> Async<net::HttpReply> {
                    co_return net::HttpReply{.body = std::string(openapi())};
                }});
}

}  // namespace punkt::app
