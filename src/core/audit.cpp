#include "core/audit.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/crypto.h"
#include "core/secrets.h"
#include "core/words.h"

namespace punkt {
namespace {

// Members that say when or how an object is, not what somebody made of it.
constexpr std::array<std::string_view, 9> uninteresting{"id",           "inserted_at",       "updated_at",
                                                        "next_run_at",  "last_execution_at", "last_execution_status",
                                                        "last_used_at", "badge_token",       "version"};

/// At a whole character.
std::string cut(std::string_view text) {
    if (text.size() <= audit_text_bytes) return std::string(text);
    std::size_t end = audit_text_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string(text.substr(0, end)) + "...";
}

class Masker {
  public:
    explicit Masker(AuditBodies bodies) : bodies_(bodies) {}

    void write(json::Writer& writer, std::string_view name, json::Value value, bool is_header = false) const {
        if (!value.is_nothing() && names_secret(name, is_header)) {
            writer.string(secret_mask);
        } else if (const auto text = value.string()) {
            writer.string(shown(name, *text));
        } else if (value.type() == json::Type::object) {
            writer.begin_object();
            for (const auto& [inner, member] : value.members())
                write(writer.key(inner), inner, member, name == "headers");
            writer.end_object();
        } else if (value.type() == json::Type::array) {
            writer.begin_array();
            for (const json::Value each : value.elements()) write(writer, name, each);
            writer.end_array();
        } else {
            value.write_to(writer);
        }
    }

  private:
    std::string shown(std::string_view name, std::string_view text) const {
        if (bodies_ == AuditBodies::hash && (name == "body" || name == "body_base64"))
            return "sha256:" + crypto::hex(crypto::sha256(text));
        if (text.starts_with("http://") || text.starts_with("https://")) return cut(without_secrets(text));
        return cut(text);
    }
    AuditBodies bodies_;
};

constexpr Words<ActorType, 3> actor_types{
    {{ActorType::user, "user"}, {ActorType::api, "api"}, {ActorType::system, "system"}}};

}  // namespace

const char* word(ActorType type) { return actor_types.word(type); }
std::optional<ActorType> actor_type_from(std::string_view text) { return actor_types.value(text); }

std::string audit_changes(json::Value from, json::Value to, AuditBodies bodies) {
    const Masker masker(bodies);
    json::Writer writer;
    writer.begin_object();
    const auto compare = [&](std::string_view name, json::Value before, json::Value after) {
        if (before.text() == after.text()) return;  // absent and null are the same
        if (std::find(uninteresting.begin(), uninteresting.end(), name) != uninteresting.end()) return;
        writer.key(name).begin_object();
        masker.write(writer.key("from"), name, before);
        masker.write(writer.key("to"), name, after);
        writer.end_object();
    };
    for (const auto& [name, after] : to.members()) compare(name, from[name], after);
    for (const auto& [name, before] : from.members())
        if (!to[name].exists()) compare(name, before, {});
    writer.end_object();
    return writer.text() == "{}" ? "" : writer.take();
}

std::string audit_changes(std::string_view from, std::string_view to, AuditBodies bodies) {
    const auto parsed = [](std::string_view text) {
        auto document = json::Document::parse(text.empty() ? "null" : text);
        check(document.has_value(), "what Punkt wrote itself is JSON");
        return std::move(*document);
    };
    const json::Document before = parsed(from), after = parsed(to);
    return audit_changes(before.root(), after.root(), bodies);
}

}  // namespace punkt
