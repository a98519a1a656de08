#include "rooms/events/keeper.h"

#include <algorithm>

#include "base/log.h"

namespace punkt::events {
namespace {

/// A write whose outcome the journal must know before the next commit.
template <class Apply, class After>
std::unique_ptr<store::Write> write_and(Apply apply, After after, store::Done done) {
    return store::make_write(std::move(apply),
                             [after = std::move(after), done = std::move(done)](Result<void> result) mutable {
                                 if (result) after();
                                 done(std::move(result));
                             });
}

}  // namespace

bool Keeper::is_watched_long_enough(Id organization) const {
    const auto watch = journal_.watch_of(organization);
    return watch && watch->until >= clock_.now() + options_.keep - options_.keep / 24;
}

void Keeper::watch(Id organization, store::Done done) {
    if (is_watched_long_enough(organization)) return done({});
    const auto watch = std::make_shared<Watch>();
    writer_.submit(write_and(
        [this, organization, watch](db::Connection& connection) -> Result<void> {
            const Timestamp now = clock_.now();
            auto kept = keep_watch(connection, organization, ids_.next(now), now, now + options_.keep);
            if (!kept) return kept.error();
            *watch = *kept;
            return {};
        },
        [this, watch] { journal_.watched(*watch); }, std::move(done)));
}

bool Keeper::step() {
    more_waits_->store(false);
    for (const Watch& watch : journal_.watches()) {
        const Id organization = watch.organization;
        if (hub_.is_listened(organization)) {
            this->watch(organization, [](Result<void> result) {
                if (!result) log::warn("events may stop being kept: {}", result.error().message);
            });
        }
        const auto left = std::make_shared<std::optional<Watch>>();
        writer_.submit(write_and(
            [this, organization, left](db::Connection& connection) -> Result<void> {
                if (auto done = tend(connection, organization); !done) return done;
                auto found = find_watch(connection, organization);
                if (!found) return found.error();
                *left = *found;
                return {};
            },
            [this, organization, left] { *left ? journal_.watched(**left) : journal_.watch_ended(organization); },
            [](Result<void> result) {
                if (!result) log::warn("old events stay: {}", result.error().message);
            }));
    }
    return more_waits_->load();
}

Result<void> Keeper::tend(db::Connection& connection, Id organization) {
    const auto watch = find_watch(connection, organization);
    if (!watch) return watch.error();
    if (!*watch) return {};
    const Timestamp now = clock_.now();
    const bool is_over = (*watch)->until < now;
    const Id old = is_over ? ids_.next(now) : static_cast<Id>(to_ms(now - options_.keep)) << 20;
    auto forgotten = forget_events(connection, organization, old, options_.forgotten_max);
    if (!forgotten) return forgotten.error();
    if (is_over && *forgotten == 0) return end_watch(connection, organization);
    const std::int64_t too_many = (*watch)->kept - *forgotten - options_.kept_max;
    if (too_many > 0 && *forgotten < options_.forgotten_max) {
        forgotten = forget_events(connection, organization, ids_.next(now),
                                  static_cast<int>(std::min<std::int64_t>(too_many, options_.forgotten_max)));
        if (!forgotten) return forgotten.error();
    }
    if (*forgotten >= options_.forgotten_max) more_waits_->store(true);
    return {};
}

}  // namespace punkt::events
