// English names of months and weekdays. Internal to core/cron*.
#pragma once

#include <array>
#include <string_view>

namespace punkt {

inline constexpr std::array<std::string_view, 12> month_names = {"January",   "February", "March",    "April",
                                                                 "May",       "June",     "July",     "August",
                                                                 "September", "October",  "November", "December"};
inline constexpr std::array<std::string_view, 7> weekday_names = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                                  "Thursday", "Friday", "Saturday"};
inline constexpr std::array<std::string_view, 12> month_short_names = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
inline constexpr std::array<std::string_view, 7> weekday_short_names = {"SUN", "MON", "TUE", "WED",
                                                                        "THU", "FRI", "SAT"};

}  // namespace punkt
