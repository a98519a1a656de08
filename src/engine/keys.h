// Limits per key: what runs that name the same key share. Counts only; who waits for a key stands in lanes.h.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/queue.h"
#include "engine/admission.h"
#include "engine/rate_window.h"

namespace punkt::engine {

/// The keys of one run, and their scopes in the same order.
struct Demands {
    std::vector<KeyLimit> limits;
    std::vector<Scope> scopes;
};
using DemandsPtr = std::shared_ptr<const Demands>;

/// A key is its organization's: the same word of another one is another key.
Scope scope_of_key(Id organization, std::string_view key);
/// Nothing when there are no limits.
DemandsPtr demands_of(Id organization, const std::vector<KeyLimit>& limits);

/// Threads: the engine's.
class Keys {
  public:
    explicit Keys(Rates& rates) : rates_(rates) {}

    /// What each key has to say about one more run that brings these numbers.
    std::vector<Turnstile> look(const Demands& demands, Microseconds now) const;
    /// The run takes its place in each of its keys. `starts`: also in their rates, now; else its place there is kept
    /// for it until it starts or is released.
    void take(Id run, DemandsPtr demands, bool starts, Microseconds now);
    /// Gives back what the run took; nothing when it took nothing. An edit can leave two copies of a run here:
    /// `started` says which one is meant, if both are. A start stays counted in the rates.
    DemandsPtr release(Id run, bool started);
    bool is_empty() const { return runs_.empty(); }
    /// The runs that have a place in this key.
    std::vector<Id> inside(Scope scope) const;

  private:
    struct Count {
        int used = 0;
        int reserved = 0;  // of them: not started
    };
    struct Taken {
        DemandsPtr demands;
        bool started = false;
    };
    Rates& rates_;
    std::unordered_map<Scope, Count> counts_;
    std::unordered_multimap<Id, Taken> runs_;
};

}  // namespace punkt::engine
