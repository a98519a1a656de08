// Reads the fields of a request with the coercions of the contract (runlater-api.md §1 "Type coercion") and collects
// what is wrong with them, so that a caller hears of every mistake at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace punkt::api {

/// Integers accept numeric strings; booleans accept true/false, "true"/"false", "1"/"0"; strings refuse other types;
/// empty or blank strings count as null. A field of the wrong type is noted as "is invalid" and reads as absent.
/// Threads: one.
class FieldReader {
  public:
    /// What `object` does not have is looked up in `fallback` (the query string behind the body).
    explicit FieldReader(json::Value object, json::Value fallback = {}) : object_(object), fallback_(fallback) {}

    /// The field is there, even as null: an update may clear it.
    bool has(std::string_view name) const { return raw(name).exists(); }
    json::Value raw(std::string_view name) const {
        if (asked_ != nullptr) asked_->emplace(name);
        const json::Value value = object_[name];
        return value.exists() ? value : fallback_[name];
    }

    /// From now on the names that are asked for are noted in `names`, which outlives this: what an object has beside
    /// them nobody reads.
    void note_asked(std::unordered_set<std::string>& names) { asked_ = &names; }

    std::optional<std::string> string(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name);
    /// Outside the range: "must be greater than or equal to N" / "must be less than or equal to N".
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::optional<double> number(std::string_view name, double min, double max);
    std::optional<bool> boolean(std::string_view name);

    void wrong(std::string_view field, std::string message) {
        errors_.push_back({std::string(field), std::move(message)});
    }
    bool is_clean() const { return errors_.empty(); }
    const std::vector<FieldError>& errors() const { return errors_; }
    /// All that was wrong as a validation error. Only when !is_clean().
    Error error() const;

  private:
    json::Value object_;
    json::Value fallback_;
    std::unordered_set<std::string>* asked_ = nullptr;
    std::vector<FieldError> errors_;
};

}  // namespace punkt::api
