// JSON in (simdjson behind a view) and out (an appending writer). Strict: UTF-8, RFC 8259, bounded depth.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace punkt::json {

constexpr std::size_t depth_max = 64;

enum class Type { absent, null, boolean, integer, real, string, array, object };

class Writer;

/// A view into a Document; valid while that lives, wherever it is moved to.
class Value {
  public:
    Value() = default;
    Type type() const;
    bool exists() const { return type() != Type::absent; }
    /// Absent or null.
    bool is_nothing() const { return type() <= Type::null; }

    /// Each answers nothing when the value is of another type. `integer` takes only numbers written without fraction
    /// or exponent that fit 64 bits signed.
    std::optional<bool> boolean() const;
    std::optional<std::int64_t> integer() const;
    std::optional<double> number() const;
    std::optional<std::string_view> string() const;

    /// The first member of that name; absent when there is none or this is no object.
    Value operator[](std::string_view key) const;
    /// Elements of an array or members of an object, in order. Others have none.
    std::vector<Value> elements() const;
    std::vector<std::pair<std::string_view, Value>> members() const;

    /// The value as minified JSON: members and their order as given, numbers with the shortest digits that read back
    /// as the same value (1.50 becomes 1.5). Absent is "null".
    std::string text() const;
    /// The same, appended.
    void write_to(Writer& writer) const;

  private:
    friend class Document;
    Value(const void* document, std::size_t index) : document_(document), index_(index) {}
    const void* document_ = nullptr;
    std::size_t index_ = 0;
};

/// Movable. Threads: one at a time.
class Document {
  public:
    /// Errors: `invalid` with the reason and the byte offset where known ("malformed JSON: nested deeper than 64
    /// levels"). Refused: a byte order mark, lone surrogates, numbers beyond 64 bits or a double, a key without value.
    /// Duplicate members are kept; operator[] finds the first.
    static Result<Document> parse(std::string_view text);
    Value root() const;

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

  private:
    struct Impl;
    explicit Document(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Appends JSON to a string; commas are its business, matching begin/end the caller's.
///   Writer w; w.begin_object().key("id").string(id).key("n").integer(3).end_object(); use(w.text());
/// Text that is not UTF-8 has each bad byte replaced by U+FFFD.
class Writer {
  public:
    Writer& begin_object();
    Writer& end_object();
    Writer& begin_array();
    Writer& end_array();
    Writer& key(std::string_view name);
    Writer& string(std::string_view value);
    Writer& integer(std::int64_t value);
    Writer& number(double value);
    Writer& boolean(bool value);
    Writer& null();
    /// `value` is already JSON.
    Writer& raw(std::string_view value);
    /// string() or null()
    Writer& string_or_null(const std::optional<std::string>& value);

    const std::string& text() const { return text_; }
    std::string take() { return std::move(text_); }

  private:
    void separate();
    std::string text_;
    bool needs_comma_ = false;
};

/// `text` as a JSON string literal with its quotes.
std::string quoted(std::string_view text);

}  // namespace punkt::json
