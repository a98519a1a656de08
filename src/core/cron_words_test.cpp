#include <gtest/gtest.h>

#include "core/cron.h"

namespace punkt {
namespace {

struct Row {
    const char* expression;
    const char* words;
};

void expect_words(std::initializer_list<Row> rows, CronOptions options = {}) {
    for (const auto& row : rows) {
        const auto cron = Cron::parse(row.expression, options);
        ASSERT_TRUE(cron) << row.expression << ": " << cron.error().message;
        EXPECT_EQ(cron->words(), row.words) << row.expression;
    }
}

TEST(CronWords, tell_the_time_of_day) {
    expect_words({
        {"* * * * *", "every minute"},
        {"0-59/5 * * * *", "every 5 minutes"},
        {"*/7 * * * *", "at every 7th minute from 0 through 56 of every hour"},
        {"0 * * * *", "every hour"},
        {"30 * * * *", "at minute 30 of every hour"},
        {"5,10,20-25 * * * *", "at minutes 5, 10 and 20 through 25 of every hour"},
        {"0 */2 * * *", "every 2 hours"},
        {"0 */5 * * *", "at minute 0 of hours 0, 5, 10, 15 and 20"},
        {"15 */2 * * *", "at minute 15 of every 2nd hour"},
        {"0 9-17 * * *", "every hour from 09:00 through 17:00"},
        {"*/15 9-17 * * *", "every 15 minutes from 09:00 through 17:59"},
        {"*/15 9 * * *", "at 09:00, 09:15, 09:30 and 09:45 every day"},
        {"*/10 9 * * *", "every 10 minutes from 09:00 through 09:59"},
        {"*/10 9,17 * * *", "every 10 minutes of hours 9 and 17"},
        {"30 9 * * *", "at 09:30 every day"},
        {"0 8,12,18 * * *", "at 08:00, 12:00 and 18:00 every day"},
        {"* * * * * *", "every second"},
        {"*/20 * * * * *", "every 20 seconds"},
        {"30 * * * * *", "at second 30 of every minute"},
        {"*/10 */5 * * * *", "every 10 seconds of every 5th minute"},
        {"* 0 * * * *", "every second of minute 0 of every hour"},
        {"15 30 9 * * *", "at 09:30:15 every day"},
        {"@secondly", "every second"},
        {"@daily", "at 00:00 every day"},
    });
}

TEST(CronWords, tell_the_days) {
    expect_words({
        {"30 9 * * 1-5", "at 09:30 on Monday through Friday"},
        {"0 0 * * 0,6", "at 00:00 on Saturday and Sunday"},
        {"0 0 * * FRI-MON", "at 00:00 on Monday and Friday through Sunday"},
        {"0 0 1 * *", "at 00:00 on day 1 of the month"},
        {"0 0 1,15,L * *", "at 00:00 on days 1 and 15 and the last day of the month"},
        {"0 0 */2 * *", "at 00:00 on every 2nd day from 1 through 31 of the month"},
        {"0 0 LW * *", "at 00:00 on the last working day (Monday to Friday) of the month"},
        {"0 0 15W * *", "at 00:00 on the working day (Monday to Friday) nearest to day 15 of the month"},
        {"0 0 * * 5#2", "at 00:00 on the second Friday of the month"},
        {"0 0 * * 1,5L", "at 00:00 on Monday and the last Friday of the month"},
        {"0 0 13 * 5", "at 00:00 on day 13 of the month or on Friday"},
        {"0 0 1-31 * 5", "at 00:00 every day"},
        {"0 0 29 2 *", "at 00:00 on day 29 of the month in February"},
        {"0 0 * 1-3,6 *", "at 00:00 every day in January through March and June"},
        {"*/5 * * 12 1-5", "every 5 minutes on Monday through Friday in December"},
        {"0 0 0 1 1 * 2027", "at 00:00 on day 1 of the month in January, in 2027"},
        {"0 0 0 1 1 * 2027-2030,2040", "at 00:00 on day 1 of the month in January, in 2027 through 2030 and 2040"},
        {"0 0 0 1 1 * */2", "at 00:00 on day 1 of the month in January in every 2nd year from 1970 through 2198"},
    });
    expect_words({{"0 0 13 * 5", "at 00:00 on day 13 of the month, only if it is Friday"},
                  {"0 0 */10 * *", "at 00:00 on days 10, 20 and 30 of the month"}},
                 {.dialect = CronDialect::and_});
}

}  // namespace
}  // namespace punkt
