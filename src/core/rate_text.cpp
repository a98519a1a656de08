#include "core/rate_text.h"

#include <fmt/format.h>

#include <charconv>
#include <string>

#include "base/time_text.h"

namespace punkt {

Result<Rate> parse_rate(std::string_view text) {
    const Error wrong{ErrorKind::invalid,
                      fmt::format("is invalid ('{}' is no rate such as 10/s, 5/10s or 100/m, with a count of at most "
                                  "{} and a period from 1s to 1d)",
                                  text.substr(0, 64), rate_count_max)};
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return wrong;
    Rate rate;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + slash, rate.count);
    if (problem != std::errc{} || end != text.data() + slash) return wrong;
    std::string period(text.substr(slash + 1));
    if (period.size() == 1) period.insert(0, 1, '1');
    const auto length = parse_duration(period);
    if (!length) return wrong;
    rate.period = *length;
    if (rate.count < 1 || rate.count > rate_count_max || rate.period > rate_period_max) return wrong;
    return rate;
}

}  // namespace punkt
