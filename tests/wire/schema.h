// Holds a JSON value against a schema: the part of JSON Schema 2020-12 that docs/openapi uses.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/json.h"

namespace punkt::wire {

/// `open`: as JSON Schema has it. `closed`: a member that no part of the schema names is a mismatch too, unless
/// additionalProperties says otherwise.
enum class Members { open, closed };

class Schemas {
  public:
    /// `root` outlives this: references begin there ("#/components/schemas/Task").
    explicit Schemas(json::Value root) : root_(root) {}

    /// What is wrong with `value`, each as "data.id: is no uuid". A keyword that this does not know is a mismatch.
    std::vector<std::string> mismatches(json::Value schema, json::Value value, Members members) const;
    /// The members that `schema` names, in whatever part of it; nothing when it takes any.
    std::optional<std::set<std::string>> members_of(json::Value schema) const;
    /// What "$ref" points to, or `value` itself. Absent when it points nowhere.
    json::Value resolved(json::Value value) const;

  private:
    struct Place;
    void check(json::Value schema, json::Value value, const Place& place) const;
    void check_keyword(std::string_view keyword, json::Value rule, json::Value value, const Place& place) const;
    void check_one_of(json::Value rule, json::Value value, const Place& place, bool exactly_one) const;
    void check_members(json::Value schema, json::Value value, const Place& place) const;
    json::Value root_;
};

}  // namespace punkt::wire
