// Export and import speak about more than tasks: each room that has something to declare brings a part of the document.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "api/context.h"
#include "api/field_reader.h"
#include "base/json.h"
#include "store/write.h"

namespace punkt::api {

/// What an import would do to one thing. The texts in `fields` are JSON.
struct DefinitionChange {
    enum class Action : std::uint8_t { create, update, unchanged, remove };
    struct Field {
        std::string name, from, to;
    };
    Action action = Action::unchanged;
    std::string name;
    std::string id = {};  // as the API shows it; empty: it has none, or none yet
    std::vector<Field> fields = {};
};

/// An item that cannot be read: "field: message; field2: message".
struct DefinitionRefusal {
    std::size_t index = 0;
    std::string name;
    std::string error;
};

struct DefinitionPlan {
    std::vector<DefinitionChange> changes = {};
    std::vector<DefinitionRefusal> refused = {};  // not empty: nothing shall be done
    /// Make it true, each with its audit entry, all in one transaction. May be made more than once.
    std::function<std::vector<std::unique_ptr<store::Write>>()> writes = {};
};

/// Threads: any.
class DefinitionPart {
  public:
    virtual ~DefinitionPart() = default;
    /// The member of the document: "queues".
    virtual std::string_view member() const = 0;
    /// False: there is one of it, and the member is an object.
    virtual bool is_list() const { return true; }
    /// What one of it is called: "queue".
    virtual std::string_view type() const = 0;
    /// The member's value: in a stable order, only what is not default, no secrets.
    virtual void write(json::Writer& writer, Id organization) const = 0;
    /// `declared` against what is there, as whole items: what one leaves out has its default. Without `prune` what is
    /// not declared stays. Reads memory only.
    virtual DefinitionPlan plan(const Context& context, json::Value declared, bool prune) const = 0;
};

/// Of a field with the mask of core/secrets.h, when there is nothing behind it.
constexpr const char* secret_missing =
    "holds *** in place of a secret, and there is nothing to keep: write the secret into the file";

/// The members of two objects that differ.
std::vector<DefinitionChange::Field> changed_fields(std::string_view from, std::string_view to);

/// What an item says wrong, with the members that nobody asked for ("is no field of a queue", `what` being "a queue").
/// `asked`: of FieldReader::note_asked. Empty when it is fine.
std::string wrong_fields(json::Value item, const FieldReader& fields, const std::unordered_set<std::string>& asked,
                         std::string_view what);

}  // namespace punkt::api
