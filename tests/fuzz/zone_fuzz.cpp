// Time zone files, and arithmetic with whatever they describe.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "core/cron.h"
#include "core/time_zone.h"
#include "core/zone_database.h"

namespace punkt {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    auto table = parse_tzif(bytes);
    if (!table) {
        check(!table.error().message.empty(), "no reason");
        return 0;
    }
    check(table->offsets.size() == table->starts.size() + 1, "offsets and starts do not fit");
    for (std::size_t i = 1; i < table->starts.size(); ++i) {
        check(table->starts[i - 1] < table->starts[i], "starts are not in order");
    }
    const Zone zone{"Fuzz/Zone", std::move(*table)};
    const TimeZone here(&zone);
    static const Cron daily = Cron::parse("30 2 * * *").value(), hourly = Cron::parse("15 * * * *").value();
    for (std::int64_t ms : {0LL, 951'782'400'000LL, 1'774'746'000'000LL, 4'102'444'800'000LL}) {
        const auto at = from_ms(ms);
        check(here.furthest_local(at) >= here.to_local(at), "the clock was never where it is");
        here.to_instants(here.to_local(at));
        if (const auto run = hourly.next(at, here)) check(*run > at, "the next run is not after its start");
        // Fixed hours may stand still while a wild zone turns its clock back; they must still go forward.
        if (const auto run = daily.next(at, here)) check(*run > at, "the next daily run is not after its start");
    }
    return 0;
}

}  // namespace punkt
