// Cron expressions. Three bytes choose dialect, zone and time; the rest is the expression.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "core/cron.h"
#include "core/cron_preview.h"
#include "core/limits.h"
#include "core/time_zone.h"

namespace punkt {
namespace {

const TimeZone& zone(std::uint8_t choice) {
    static const auto zones = [] {
        std::array zones{TimeZone::utc(), TimeZone::utc(), TimeZone::utc(), TimeZone::utc(), TimeZone::utc()};
        const char* names[] = {"Europe/Oslo", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana"};
        for (std::size_t i = 0; i < std::size(names); ++i) {
            if (const auto found = TimeZone::find(names[i])) zones[i] = *found;
        }
        return zones;
    }();
    return zones[choice % zones.size()];
}

void check_runs(const Cron& cron, const TimeZone& zone, Timestamp after) {
    for (int i = 0; i < 4; ++i) {
        const auto run = cron.next(after, zone);
        if (!run) {
            check(!cron.next(after + std::chrono::hours{24 * 366}, zone), "no next run, but one after it");
            return;
        }
        check(*run > after, "the next run is not after its start");
        check(cron.next(*run - Milliseconds{1}, zone) == run, "a run is not the next one right before it");
        check(cron.next(after + (*run - after) / 2, zone) == run, "a run changes on the way to it");
        after = *run;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const CronOptions options{.dialect = data[0] & 1 ? CronDialect::and_ : CronDialect::classic,
                              .seconds_required = (data[0] & 2) != 0};
    const std::string_view expression(reinterpret_cast<const char*>(data) + 3, size - 3);
    const auto after = from_ms((1993 - 1970) * 31'556'952'000LL + data[2] * 7LL * 86'400'000);

    const auto cron = Cron::parse(expression, options);
    dialects_differ(expression, zone(data[1]), after);
    if (!cron) {
        const auto& why = cron.error().message;
        check(!why.empty() && why.size() < 2 * limits::cron_bytes + 200, "a reason is missing or endless");
        check(std::all_of(why.begin(), why.end(), [](char c) { return c >= ' ' && c <= '~'; }),
              "a reason is not plain text");
        return 0;
    }
    check(expression.size() <= limits::cron_bytes, "a long expression was accepted");
    check(!cron->words().empty(), "no words");
    check_runs(*cron, zone(data[1]), after);
    next_runs(*cron, zone(data[1]), after, 3);
    return 0;
}

}  // namespace punkt
