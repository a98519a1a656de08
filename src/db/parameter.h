// What a statement's `$1`, `$2`, … are bound to. A view: valid while what it was made from lives.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/clock.h"

namespace punkt::db {

/// Marks text as bytes: stored as a BLOB, not as TEXT.
struct Bytes {
    std::string_view value;
};

class Parameter {
  public:
    enum class Type : std::uint8_t { null, integer, real, text, bytes };

    Parameter(std::nullopt_t) {}
    template <class T>
        requires std::integral<T> || std::is_enum_v<T>
    Parameter(T value) : type_(Type::integer), integer_(static_cast<std::int64_t>(value)) {}
    Parameter(double value) : type_(Type::real), real_(value) {}
    Parameter(std::string_view value) : type_(Type::text), text_(value) {}
    Parameter(const std::string& value) : type_(Type::text), text_(value) {}
    Parameter(const char* value) : type_(Type::text), text_(value) {}
    Parameter(Bytes value) : type_(Type::bytes), text_(value.value) {}
    Parameter(Timestamp value) : type_(Type::integer), integer_(to_ms(value)) {}
    template <class T>
    Parameter(const std::optional<T>& value) : Parameter(value ? Parameter(*value) : Parameter(std::nullopt)) {}
    // A temporary's text would be gone before the statement runs.
    Parameter(const std::optional<std::string>&& value) = delete;

    Type type() const { return type_; }
    std::int64_t integer() const { return integer_; }
    double real() const { return real_; }
    std::string_view text() const { return text_; }

  private:
    Type type_ = Type::null;
    std::int64_t integer_ = 0;
    double real_ = 0;
    std::string_view text_ = {};
};

/// NULL instead of an empty text.
inline Parameter text_or_null(std::string_view value) {
    return value.empty() ? Parameter(std::nullopt) : Parameter(value);
}

}  // namespace punkt::db
