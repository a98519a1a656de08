// Runs a coroutine to its end on the calling thread, for tests.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/async.h"

namespace punkt::testing {

/// Puts the coroutine's answer into `answer`: co_spawn itself wants answers that can be made from nothing.
template <class T>
Async<> answer_into(std::optional<T>& answer, Async<T> work) {
    answer = co_await std::move(work);
}

/// The coroutine's answer. Waits for what other threads answer it; what it throws is thrown here.
template <class T>
T run_async(Async<T> work) {
    asio::io_context context;
    std::optional<T> answer;
    std::exception_ptr failure;
    asio::co_spawn(context.get_executor(), answer_into(answer, std::move(work)),
                   [&](std::exception_ptr thrown) { failure = thrown; });
    // Work that only another thread knows of does not keep run_one() waiting.
    const auto waits = asio::make_work_guard(context);
    while (!answer && !failure) context.run_one();
    if (failure) std::rethrow_exception(failure);
    return std::move(*answer);
}

}  // namespace punkt::testing
