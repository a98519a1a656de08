// A value or an Error, spelled like std::expected, which clang 16 with libstdc++ 12 does not offer.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace punkt {

/// What went wrong, in the terms of the person who must act. api/problem.cpp is the only file that turns it into HTTP.
enum class ErrorKind {
    invalid,       // the request is wrong: 400 or 422
    unauthorized,  // 401
    forbidden,     // 403
    not_found,     // 404
    conflict,      // 409
    gone,          // 410
    too_large,     // 413
    limited,       // 429
    unavailable,   // 503: try again later
    full,          // 507: no space on the disk; nothing was written
    internal,      // 500: our fault
};

struct FieldError {
    std::string field;    // as the caller spelled it: "scheduled_at"
    std::string message;  // "must be in the future"
};

/// `message` is a sentence with the offending value and without secrets. `code` is the wire word of the native API
/// ("invalid_delay"); empty means the one that `kind` implies. `fields` makes it a validation error.
struct [[nodiscard]] Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message;
    std::string code = {};
    std::vector<FieldError> fields = {};
};

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return content_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & { return std::get<0>(content_); }
    const T& value() const& { return std::get<0>(content_); }
    T&& value() && { return std::get<0>(std::move(content_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const& { return std::get<1>(content_); }
    Error&& error() && { return std::get<1>(std::move(content_)); }

  private:
    std::variant<T, Error> content_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool has_value() const { return !error_; }
    explicit operator bool() const { return has_value(); }
    const Error& error() const& { return *error_; }
    Error&& error() && { return std::move(*error_); }

  private:
    std::optional<Error> error_;
};

}  // namespace punkt
