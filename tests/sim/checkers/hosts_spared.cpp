// A host that asks for rest, is not called until its block is over, also over a crash;
// then with one call at once, and with one more for each that it answers well.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "core/url.h"
#include "engine/breaker.h"
#include "sim/checkers/checkers.h"

namespace punkt::sim {
namespace {

using engine::Breaker;
using engine::HostVerdict;

/// Knows no more than the answers. Where the engine may have seen less of them, at a crash, it expects less.
class HostsSpared final : public Checker {
  public:
    explicit HostsSpared(World world) : Checker(world, "hosts spared") {}

    void sent(const Sent& sent) override {
        if (!has_breaker() || !sent.stored) return;
        const auto url = parse_url(sent.url);
        const Key key{sent.timer.organization, url ? url->host : ""};
        Host& host = hosts_[key];
        if (now() < host.until)
            violated("run {} was sent to {}, which is blocked for {} ms", sent.timer.id, key.second,
                     (host.until - now()).count());
        calls_[sent.timer.id] = {key, now()};
        host.out.insert(sent.timer.id);
        if (host.ramp > 0 && static_cast<int>(host.out.size()) > host.ramp)
            violated("run {} is call {} of {} to {}, which recovers", sent.timer.id, host.out.size(), host.ramp,
                     key.second);
    }

    void answered(Id execution, const Answer& answer) override {
        const auto call = calls_.find(execution);
        if (call == calls_.end()) return;
        const Key key = call->second.first;
        calls_.erase(call);
        Host& host = hosts_[key];
        host.out.erase(execution);
        const HostVerdict verdict = engine::judge_host(answer, now());
        // It may have begun a block of its own, with a recovery of its own.
        if (verdict.kind == HostVerdict::Kind::failed) host.ramp = 0;
        if (verdict.asks_for_rest) block(host, verdict.rest.value_or(Milliseconds{60'000}));
        if (verdict.kind != HostVerdict::Kind::well || verdict.asks_for_rest) return;
        if (host.ramp > 0 && ++host.ramp > Breaker::ramp_max) host.ramp = 0;
    }

    // What was out is not. Answers that it did not judge any more it will never know, so neither are they counted.
    void crashed() override {
        calls_.clear();
        for (auto& [key, host] : hosts_) {
            host.out.clear();
            if (elapsed() - host.blocked_steady < wake_up) host = {};
        }
    }
    // What a block is worth after the clock was set, the engine decides.
    void jumped(Milliseconds) override {
        hosts_.clear();
        calls_.clear();
    }

  private:
    using Key = std::pair<Id, std::string>;
    static constexpr Milliseconds wake_up{1};  // within that the engine looks at an answer
    struct Host {
        Timestamp until{};
        Microseconds blocked_steady = -wake_up;
        int ramp = 0;
        std::set<Id> out = {};
    };
    void block(Host& host, Milliseconds length) {
        host.until = std::max(host.until, now() + std::min(length, Breaker::block_max));
        host.blocked_steady = elapsed();
        host.ramp = 1;
        host.out.clear();  // they belong to the time before
    }

    std::map<Key, Host> hosts_;
    std::map<Id, std::pair<Key, Timestamp>> calls_;
};

}  // namespace

std::unique_ptr<Checker> hosts_spared(Checker::World world) { return std::make_unique<HostsSpared>(world); }

}  // namespace punkt::sim
