#include "rooms/events/subscription_definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api/audit.h"
#include "core/secrets.h"
#include "rooms/events/subscription_fields.h"
#include "store/audit.h"

namespace punkt::events {
namespace {

using Action = api::DefinitionChange::Action;

/// One that exists, and what the file makes of it.
struct Wanted {
    std::optional<Subscription> before = std::nullopt;  // nothing: new
    std::optional<Subscription> after = std::nullopt;   // nothing: deleted
};

std::string declared_text(const std::optional<Subscription>& subscription) {
    if (!subscription) return "{}";
    json::Writer writer;
    write_types(writer.begin_object().key("url").string(subscription->url).key("types"), *subscription);
    return writer.key("enabled").boolean(subscription->enabled).end_object().take();
}

class Planning {
  public:
    Planning(std::vector<Subscription> existing, const net::AddressGuard& guard)
        : existing_(std::move(existing)), is_matched_(existing_.size()), guard_(guard) {}

    void declare(std::size_t index, json::Value item);
    void remove_others();

    std::vector<Wanted> wanted;
    std::vector<api::DefinitionRefusal> refused;

  private:
    std::vector<Subscription> existing_;
    std::vector<bool> is_matched_;
    const net::AddressGuard& guard_;
};

void Planning::declare(std::size_t index, json::Value item) {
    if (item.type() != json::Type::object) {
        refused.push_back({index, "", "is invalid (not an object)"});
        return;
    }
    api::FieldReader fields(item);
    std::unordered_set<std::string> asked;
    fields.note_asked(asked);
    Subscription made;
    (void)read_subscription(fields, guard_, made);  // what is wrong stands in `fields`
    // The URL of an export stands for the one that looks like it without its secrets.
    const bool is_masked = has_masked_secret(made.url);
    const auto is_meant = [&](const Subscription& one) {
        return one.url == made.url || (is_masked && without_secrets(one.url) == made.url);
    };
    std::string wrong = api::wrong_fields(item, fields, asked, "a subscription");
    if (!wrong.empty()) {
        refused.push_back({index, made.url, std::move(wrong)});
        return;
    }
    for (std::size_t i = 0; i < existing_.size(); ++i) {
        if (is_matched_[i] || !is_meant(existing_[i])) continue;
        is_matched_[i] = true;
        Subscription after = existing_[i];
        after.types = std::move(made.types);
        set_enabled(after, made.enabled);
        wanted.push_back({existing_[i], std::move(after)});
        return;
    }
    if (is_masked)
        refused.push_back({index, made.url, fmt::format("url: {}", api::secret_missing)});
    else
        wanted.push_back({.after = std::move(made)});
}

void Planning::remove_others() {
    for (std::size_t i = 0; i < existing_.size(); ++i)
        if (!is_matched_[i]) wanted.push_back({.before = existing_[i]});
}

/// What becomes of it, for the answer.
api::DefinitionChange change_of(const Wanted& wanted, const PublicIds& ids) {
    const std::string before = declared_text(wanted.before), after = declared_text(wanted.after);
    Action action = Action::update;
    if (!wanted.before) action = Action::create;
    if (!wanted.after) action = Action::remove;
    if (before == after) action = Action::unchanged;
    return {.action = action,
            .name = wanted.after ? wanted.after->url : wanted.before->url,
            .id = wanted.before ? ids.uuid(IdKind::subscription, wanted.before->id) : "",
            .fields = wanted.after ? api::changed_fields(before, after) : std::vector<api::DefinitionChange::Field>{}};
}

/// Makes it so, and then tells the journal, before the next commit.
std::unique_ptr<store::Write> write_of(EventJournal& journal, const Wanted& wanted) {
    return store::make_write(
        [wanted](db::Connection& connection) {
            if (!wanted.after) return delete_subscription(connection, wanted.before->organization, wanted.before->id);
            return wanted.before ? replace_subscription(connection, *wanted.after)
                                 : insert_subscription(connection, *wanted.after);
        },
        [&journal, wanted](const Result<void>& result) {
            if (!result) return;
            if (wanted.after)
                journal.subscribed(*wanted.after);
            else
                journal.unsubscribed(wanted.before->organization, wanted.before->id);
        });
}

const char* past(const Wanted& wanted) {
    if (!wanted.before) return "created";
    return wanted.after ? "updated" : "deleted";
}

}  // namespace

void SubscriptionDefinitions::write(json::Writer& writer, Id organization) const {
    auto all = journal_.subscriptions_of(organization);
    std::stable_sort(all.begin(), all.end(),
                     [](const Subscription& a, const Subscription& b) { return a.url < b.url; });
    writer.begin_array();
    for (const Subscription& one : all) {
        write_types(writer.begin_object().key("url").string(without_secrets(one.url)).key("types"), one);
        if (!one.enabled) writer.key("enabled").boolean(false);
        writer.end_object();
    }
    writer.end_array();
}

api::DefinitionPlan SubscriptionDefinitions::plan(const api::Context& context, json::Value declared, bool prune) const {
    const Id organization = context.caller.organization;
    auto existing = journal_.subscriptions_of(organization);
    const std::size_t count = existing.size();
    Planning planning(std::move(existing), guard_);
    std::size_t index = 0;
    for (const json::Value item : declared.elements()) planning.declare(index++, item);
    if (prune) planning.remove_others();

    api::DefinitionPlan plan{.refused = std::move(planning.refused)};
    std::vector<Wanted> changed;
    std::size_t after = count;
    for (Wanted& wanted : planning.wanted) {
        plan.changes.push_back(change_of(wanted, public_ids_));
        if (!wanted.before) ++after;
        if (!wanted.after) --after;
        if (plan.changes.back().action != Action::unchanged) changed.push_back(std::move(wanted));
    }
    if (after > subscriptions_max)
        plan.refused.push_back(
            {0, "subscriptions", fmt::format("there would be {}, at most {} are allowed", after, subscriptions_max)});
    plan.writes = [&journal = journal_, &ids = ids_, &public_ids = public_ids_, &context, organization,
                   changed = std::move(changed)] {
        std::vector<std::unique_ptr<store::Write>> writes;
        for (Wanted wanted : changed) {
            if (wanted.after) {
                wanted.after->organization = organization;
                wanted.after->updated_at = context.now;
                if (!wanted.before) wanted.after->created_at = context.now;
                if (!wanted.before) wanted.after->id = ids.next(context.now);
            }
            const Id id = wanted.before ? wanted.before->id : wanted.after->id;
            AuditEntry entry =
                api::audit_entry(context, past(wanted), "subscription", public_ids.uuid(IdKind::subscription, id));
            entry.changes = audit_changes(declared_text(wanted.before), declared_text(wanted.after));
            writes.push_back(store::audited(write_of(journal, wanted), {std::move(entry)}));
        }
        return writes;
    };
    return plan;
}

}  // namespace punkt::events
