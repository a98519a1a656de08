#include "testing/route_caller.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <exception>

#include "base/check.h"

namespace punkt::testing {

net::HttpReply call_route(api::Router& router, net::HttpRequest request) {
    asio::io_context context;
    auto guard = asio::make_work_guard(context);
    net::HttpReply answer;
    asio::co_spawn(context, router.handle(std::move(request)), [&](std::exception_ptr thrown, net::HttpReply reply) {
        check(thrown == nullptr, "a handler does not throw");
        answer = std::move(reply);
        guard.reset();
    });
    context.run();
    return answer;
}

}  // namespace punkt::testing
