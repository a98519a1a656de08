// A move-only callable, for completions that own coroutine handlers. std::move_only_function is C++23.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace punkt {

template <class Signature>
class UniqueFunction;

/// Empty or callable once or often. One allocation. Threads: as its content.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
  public:
    UniqueFunction() = default;
    template <class F>
        requires(!std::is_same_v<std::decay_t<F>, UniqueFunction> && std::is_invocable_r_v<R, F&, Args...>)
    UniqueFunction(F&& f) : target_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(f))) {}

    explicit operator bool() const { return target_ != nullptr; }
    R operator()(Args... args) { return target_->call(std::forward<Args>(args)...); }

  private:
    struct Target {
        virtual ~Target() = default;
        virtual R call(Args... args) = 0;
    };
    template <class F>
    struct Holder final : Target {
        explicit Holder(F f) : function(std::move(f)) {}
        R call(Args... args) override { return function(std::forward<Args>(args)...); }
        F function;
    };
    std::unique_ptr<Target> target_;
};

}  // namespace punkt
