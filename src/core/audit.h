// What the audit log says about a change. Pure. Source: accounts.md §4.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"

namespace punkt {

/// Stored as numbers: none may change.
enum class ActorType : std::uint8_t { user = 1, api = 2, system = 3 };

const char* word(ActorType);
std::optional<ActorType> actor_type_from(std::string_view word);

struct AuditEntry {
    Timestamp at{};
    Id organization = 0;
    ActorType actor_type = ActorType::system;
    std::optional<std::string> actor_id = std::nullopt;  // of a user
    std::string actor_name = {};     // of the key; of the part of Punkt that acts by itself: "retention"
    std::string action = {};         // "updated", in the past
    std::string resource_type = {};  // "task"
    std::string resource_id = {};    // as the API shows it
    std::string changes = {};        // audit_changes(); empty: none
    std::vector<std::pair<std::string, std::string>> metadata = {};  // "ip", "request_id", "task_name"
};

constexpr std::size_t audit_text_bytes = 500;

/// How the bodies of tasks are kept: cut like every text, or as "sha256:…", which tells only whether they are equal.
enum class AuditBodies : std::uint8_t { text, hash };

/// {"url":{"from":"a","to":"b"}} of the members of two objects that differ; either may be absent (created, deleted).
/// Secrets (of headers such as authorization, of members whose name says so, in URLs) are "***", texts beyond 500 bytes
/// are cut and end in "...". Empty when nothing differs.
std::string audit_changes(json::Value from, json::Value to, AuditBodies bodies = AuditBodies::text);
/// The same of two texts of JSON, "" for absent. Both must be well-formed.
std::string audit_changes(std::string_view from, std::string_view to, AuditBodies bodies = AuditBodies::text);

}  // namespace punkt
