// Coroutines at the edge: what handlers and the HTTP client are written in. Only net, api and *_api.cpp include this.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <vector>

#include "base/function.h"

namespace punkt {

namespace asio = boost::asio;

/// The concrete executor: the type-erased one costs half of a request's CPU time.
using Executor = asio::io_context::executor_type;

template <class T = void>
using Async = asio::awaitable<T, Executor>;

/// Work for one io thread from other threads: one wake-up for all that arrives before the thread gets to it.
class Mailbox final : public asio::execution_context::service {
  public:
    using key_type = Mailbox;
    static inline asio::execution_context::id id;

    explicit Mailbox(asio::execution_context& context)
        : asio::execution_context::service(context), context_(static_cast<asio::io_context&>(context)) {}

    /// Runs `work` on the io thread. Threads: any.
    void post(UniqueFunction<void()> work) {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(work));
        if (waiting_.size() == 1) asio::post(context_, [this] { deliver(); });
    }

  private:
    void deliver() {
        std::vector<UniqueFunction<void()>> batch;
        {
            const std::lock_guard lock(mutex_);
            batch.swap(waiting_);
        }
        for (auto& work : batch) work();
    }
    void shutdown() override { waiting_.clear(); }

    asio::io_context& context_;
    std::mutex mutex_;
    std::vector<UniqueFunction<void()>> waiting_;
};

/// Waits for something that finishes on another thread. `start` receives `done`, which must be called exactly once,
/// from any thread; the coroutine goes on in its own io thread.
///   auto committed = co_await wait_for<Result<void>>([&](auto done) { writer.submit(..., std::move(done)); });
template <class T, class Start>
Async<T> wait_for(Start start) {
    const Executor executor = co_await asio::this_coro::executor;
    Mailbox& mailbox = asio::use_service<Mailbox>(executor.context());
    asio::use_awaitable_t<Executor> token;
    auto initiate = [&mailbox](auto handler, Start begin) {
        begin(UniqueFunction<void(T)>([&mailbox, resume = std::move(handler)](T value) mutable {
            mailbox.post([resume = std::move(resume), answer = std::move(value)]() mutable {
                std::move(resume)(std::move(answer));
            });
        }));
    };
    co_return co_await asio::async_initiate<asio::use_awaitable_t<Executor>, void(T)>(std::move(initiate), token,
                                                                                      std::move(start));
}

}  // namespace punkt
