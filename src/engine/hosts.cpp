#include "engine/hosts.h"

#include <algorithm>
#include <utility>

#include "core/url.h"

namespace punkt::engine {
namespace {

/// The contracts of Qron and TikTak know no breaker: their jobs go out when they are due.
bool is_watched(const Task& task) { return task.surface == Surface::native || task.surface == Surface::system; }

std::string host_name(const Task& task) {
    const auto url = parse_url(task.url);
    return url ? url->host : std::string();
}

}  // namespace

const char* word(Breaker::State state) {
    switch (state) {
        case Breaker::State::closed:
            return "closed";
        case Breaker::State::blocked:
            return "blocked";
        case Breaker::State::half_open:
            return "half_open";
    }
    return "";
}

// ---- what is known ---------------------------------------------------------------------------------------------

Hosts::Known::iterator Hosts::find(const Task& task) {
    if (hosts_.empty() || !is_watched(task)) return hosts_.end();
    return hosts_.find({task.organization, host_name(task)});
}

Hosts::Known::iterator Hosts::find_or_make(const Task& task) {
    if (!is_watched(task)) return hosts_.end();
    Key key{task.organization, host_name(task)};
    if (const auto found = hosts_.find(key); found != hosts_.end()) return found;
    if (hosts_.size() >= hosts_max) make_room();
    if (hosts_.size() >= hosts_max) return hosts_.end();
    return hosts_
        .emplace(std::move(key), Host{.breaker = Breaker(options_.breaker),
                                      .adaptive = AdaptiveLimit(options_.adaptive),
                                      .generation = ++last_generation_})
        .first;
}

void Hosts::make_room() {
    std::erase_if(hosts_, [](const auto& known) {
        const Host& host = known.second;
        return host.waiting.empty() && host.out == 0 && host.breaker.saved().until == Timestamp{};
    });
}

std::optional<int> Hosts::room(const Host& host, Timestamp now) const {
    std::optional<int> room = host.breaker.room(now);
    if (options_.adaptive.is_on) room = std::min(room.value_or(options_.adaptive.max), host.adaptive.limit());
    return room;
}

/// After a change: logs it, and forgets a host that nothing is known of any more.
void Hosts::keep(Known::iterator found, const Breaker::Saved& before) {
    const auto& [key, host] = *found;
    const Breaker::Saved& now = host.breaker.saved();
    const bool was_logged = before.until != Timestamp{};
    const bool is_logged = now.until != Timestamp{};
    if (log_ != nullptr && now != before && (was_logged || is_logged))
        log_->changed({.organization = key.organization, .host = key.name, .saved = now, .is_gone = !is_logged});
    if (!is_well_known(host) && host.waiting.empty()) hosts_.erase(found);
}

void Hosts::restore(const std::vector<HostBlock>& blocks) {
    if (!options_.has_breaker) return;
    for (const HostBlock& block : blocks)
        hosts_.insert_or_assign(Key{block.organization, block.host},
                                Host{.breaker = Breaker(options_.breaker, block.saved),
                                     .adaptive = AdaptiveLimit(options_.adaptive),
                                     .generation = ++last_generation_});
}

// ---- calls -----------------------------------------------------------------------------------------------------

bool Hosts::admit(const Timer& run, const Task& task, Timestamp now) {
    const auto found = find(task);
    if (found == hosts_.end()) return true;
    auto& [key, host] = *found;
    host.breaker.look(now);
    const auto limit = room(host, now);
    const bool is_next = host.waiting.empty() || rank_of(run) < host.waiting.begin()->first;
    if (!limit || (host.out < *limit && is_next)) return true;
    host.waiting.emplace(rank_of(run), run);
    waiting_at_.insert_or_assign(run.id, key);
    crowded_.emplace(key, &host);
    return false;
}

std::uint64_t Hosts::started(const Task& task) {
    const auto found = options_.adaptive.is_on ? find_or_make(task) : find(task);
    if (found == hosts_.end()) return 0;
    ++found->second.out;
    return found->second.generation;
}

void Hosts::answered(const Task& task, const Answer& answer, const Call& call, Timestamp now, Microseconds steady) {
    if (!options_.has_breaker && !options_.adaptive.is_on) return;
    const HostVerdict verdict = judge_host(answer, now);
    const bool is_well = verdict.kind == HostVerdict::Kind::well && !verdict.asks_for_rest;
    // What is well leaves no trace at a host that nothing is known of.
    const auto found = is_well ? find(task) : find_or_make(task);
    if (found == hosts_.end()) return;
    Host& host = found->second;
    const int out = host.out;
    if (call.ticket == host.generation && call.ticket != 0) --host.out;
    if (options_.adaptive.is_on && verdict.kind != HostVerdict::Kind::nothing)
        host.adaptive.answered(is_well, call.started_steady, steady, out);
    host.breaker.look(now);
    const Breaker::Saved before = host.breaker.saved();
    if (options_.has_breaker) host.breaker.answered(verdict, call.started, now);
    if (host.breaker.saved().until > before.until) {
        // What is still out belongs to the time before: the probe does not wait for it.
        host.generation = ++last_generation_;
        host.out = 0;
    }
    keep(found, before);
}

// ---- waiting ---------------------------------------------------------------------------------------------------

std::vector<Timer> Hosts::released(Timestamp now) {
    std::vector<Timer> runs;
    for (auto crowded = crowded_.begin(); crowded != crowded_.end();) {
        Host& host = *crowded->second;
        host.breaker.look(now);
        const auto limit = room(host, now);
        for (int out = host.out; !host.waiting.empty() && (!limit || out < *limit); ++out) {
            const auto first = host.waiting.begin();
            waiting_at_.erase(first->second.id);
            runs.push_back(first->second);
            host.waiting.erase(first);
        }
        if (!host.waiting.empty()) {
            ++crowded;
            continue;
        }
        if (!is_well_known(host)) hosts_.erase(crowded->first);
        crowded = crowded_.erase(crowded);
    }
    return runs;
}

std::optional<Timer> Hosts::take_out(Id run) {
    const auto at = waiting_at_.find(run);
    if (at == waiting_at_.end()) return std::nullopt;
    const auto known = hosts_.find(at->second);
    waiting_at_.erase(at);
    auto& waiting = known->second.waiting;
    const auto found =
        std::find_if(waiting.begin(), waiting.end(), [run](const auto& each) { return each.second.id == run; });
    const Timer timer = found->second;
    waiting.erase(found);
    if (waiting.empty()) crowded_.erase(known->first);
    return timer;
}

std::optional<Timestamp> Hosts::next_wake(Timestamp now) const {
    std::optional<Timestamp> first;
    for (const auto& [key, host] : crowded_) {
        const Timestamp until = host->breaker.saved().until;
        if (until > now && (!first || until < *first)) first = until;
    }
    return first;
}

// ---- what others ask ---------------------------------------------------------------------------------------------

HostState Hosts::state_of(const Key& key, const Host& host, Timestamp now) const {
    HostState state{.host = key.name,
                    .state = host.breaker.state(now),
                    .saved = host.breaker.saved(),
                    .limit = room(host, now),
                    .out = host.out,
                    .waiting = host.waiting.size()};
    if (options_.adaptive.is_on) state.adaptive_limit = host.adaptive.limit();
    return state;
}

std::vector<HostState> Hosts::states(Id organization, std::string_view host, Timestamp now) const {
    std::vector<HostState> states;
    for (auto found = hosts_.lower_bound({organization, std::string(host)});
         found != hosts_.end() && found->first.organization == organization; ++found) {
        if (!host.empty() && found->first.name != host) break;
        states.push_back(state_of(found->first, found->second, now));
    }
    return states;
}

bool Hosts::reset(Id organization, std::string_view host) {
    const auto found = hosts_.find({organization, std::string(host)});
    if (found == hosts_.end()) return false;
    const Breaker::Saved before = found->second.breaker.saved();
    found->second.breaker = Breaker(options_.breaker);
    found->second.adaptive = AdaptiveLimit(options_.adaptive);
    found->second.generation = ++last_generation_;
    found->second.out = 0;
    keep(found, before);
    return true;
}

Turnstile Hosts::look(const Task& task, Timestamp now) const {
    if (hosts_.empty() || !is_watched(task)) return {};
    const auto found = hosts_.find({task.organization, host_name(task)});
    if (found == hosts_.end()) return {};
    const Host& host = found->second;
    Turnstile turnstile{.name = found->first.name};
    const Timestamp until = host.breaker.saved().until;
    if (until > now) {
        turnstile.wait = until - now;
    } else if (const auto limit = room(host, now)) {
        turnstile.slots = {.used = host.out, .limit = *limit};
    }
    return turnstile;
}

}  // namespace punkt::engine
