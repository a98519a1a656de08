// Target hosts: which of them may be called now, and the runs that wait until theirs may. A host is (organization, name
// without port), see execution.md §7. What is well and not adaptive costs nothing: it is not here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/task.h"
#include "engine/adaptive_limit.h"
#include "engine/admission.h"
#include "engine/breaker.h"
#include "engine/waiting.h"

namespace punkt::engine {

struct HostOptions {
    bool has_breaker = false;
    BreakerOptions breaker = {};
    AdaptiveOptions adaptive = {};
};

/// A host as it is stored. One that is clean is not: `is_gone`.
struct HostBlock {
    Id organization = 0;
    std::string host;
    Breaker::Saved saved = {};
    bool is_gone = false;
    bool operator==(const HostBlock&) const = default;
};

/// Where blocks are kept across a restart. Called on the engine's thread; must not block.
class HostLog {
  public:
    virtual ~HostLog() = default;
    virtual void changed(const HostBlock& block) = 0;
};

/// What the API shows of a host.
struct HostState {
    std::string host;
    Breaker::State state = Breaker::State::closed;
    Breaker::Saved saved = {};
    std::optional<int> limit = std::nullopt;  // calls that may be out at once; nothing: no limit
    int out = 0;                              // calls that are, as far as they count
    std::size_t waiting = 0;                  // runs that wait for this host
    std::optional<int> adaptive_limit = std::nullopt;
};

/// Threads: the engine's.
class Hosts {
  public:
    /// More hosts than that are not remembered: those that nothing is known against are forgotten first.
    static constexpr std::size_t hosts_max = 10'000;

    Hosts(HostOptions options, HostLog* log) : options_(options), log_(log) {}

    /// What was stored before a restart.
    void restore(const std::vector<HostBlock>& blocks);

    /// Whether the host of `task` takes another call now. False: the run waits here, until released() or take_out().
    bool admit(const Timer& run, const Task& task, Timestamp now);
    /// A call to it starts. Answers what answered() wants back; 0: the host is not watched.
    std::uint64_t started(const Task& task);
    struct Call {
        std::uint64_t ticket = 0;  // what started() answered
        Timestamp started{};
        Microseconds started_steady{};
    };
    void answered(const Task& task, const Answer& answer, const Call& call, Timestamp now, Microseconds steady);

    /// The runs that may go on, first in rank first; they come to admit() again.
    std::vector<Timer> released(Timestamp now);
    /// A run that waits here and whose timer is gone.
    std::optional<Timer> take_out(Id run);
    /// When released() has something by itself; what waits for an answer comes with that.
    std::optional<Timestamp> next_wake(Timestamp now) const;

    /// Of one organization, or one host of it; those that anything is known of.
    std::vector<HostState> states(Id organization, std::string_view host, Timestamp now) const;
    /// Forgets what is known against a host. False: nothing is.
    bool reset(Id organization, std::string_view host);
    /// What a run meets at the gate `host`. The name lives as long as the host is here.
    Turnstile look(const Task& task, Timestamp now) const;
    std::size_t waiting() const { return waiting_at_.size(); }

  private:
    struct Key {
        Id organization = 0;
        std::string name;
        auto operator<=>(const Key&) const = default;
    };
    struct Host {
        Breaker breaker;
        AdaptiveLimit adaptive;
        std::uint64_t generation = 0;  // of the calls that count; a block begins a new one
        int out = 0;
        std::map<Rank, Timer> waiting = {};
        bool is_logged = false;
    };
    using Known = std::map<Key, Host>;
    /// The host of the task, if anything is known of it.
    Known::iterator find(const Task& task);
    /// The same, made if need be and if there is room.
    Known::iterator find_or_make(const Task& task);
    std::optional<int> room(const Host& host, Timestamp now) const;
    bool is_well_known(const Host& host) const { return options_.adaptive.is_on || !host.breaker.is_clean(); }
    void keep(Known::iterator found, const Breaker::Saved& before);
    HostState state_of(const Key& key, const Host& host, Timestamp now) const;
    void make_room();

    HostOptions options_;
    HostLog* log_;
    Known hosts_;
    std::map<Key, Host*> crowded_;            // those that runs wait for
    std::unordered_map<Id, Key> waiting_at_;  // by run
    std::uint64_t last_generation_ = 0;
};

const char* word(Breaker::State);  // "half_open"

}  // namespace punkt::engine
