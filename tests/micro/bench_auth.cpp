// What it costs to find out who calls: once for each request of the API.
#include <benchmark/benchmark.h>

#include "rooms/accounts/authenticator.h"

namespace punkt::accounts {
namespace {

/// Argument: keys in the ring.
void identify_a_warm_key(benchmark::State& state) {
    const SystemClock clock;
    KeyRing ring;
    NewKey wanted;
    for (Id id = 1; id <= state.range(0); ++id) {
        wanted = make_key(KeyKind::pair, "key");
        wanted.key.id = id;
        wanted.key.organization = id;
        ring.add(wanted.key);
    }
    const KeyAuthenticator authenticator(ring, clock, {.master_key = "a-master-key-of-some-length"});
    const net::HttpRequest request{.headers = {{"host", "127.0.0.1"},
                                               {"content-type", "application/json"},
                                               {"authorization", "Bearer " + wanted.presented()}}};
    for (auto _ : state) benchmark::DoNotOptimize(authenticator.identify(request));
}
BENCHMARK(identify_a_warm_key)->Arg(1)->Arg(1'000)->Arg(100'000);

}  // namespace
}  // namespace punkt::accounts
