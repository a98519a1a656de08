#!/usr/bin/env python3
"""A second opinion on cron: prints expressions with the runs they must have.

Written from the contract, in another way than src/core/cron*: it asks for each value of the clock whether the text of a field
names it (no sets), and it finds runs by watching a clock minute by minute (no search, no arithmetic on offsets). Time zones are
Python's own. Slow on purpose.

One line for each case, fields separated by tabs:
    runs      dialect  zone  after  until  expression  run,run,...     instants in seconds; all runs in (after, until]
    refused   dialect  -     -      -      expression                  no date of 1970-2199 matches
and `end <number of lines>` at last, so that a reader notices an oracle that died.
"""

import argparse
import bisect
import datetime
import random
import zoneinfo

UTC = datetime.timezone.utc
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split()
FIELDS = [("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7), ("year", 1970, 2199)]

ZONES = """
UTC Europe/Oslo Europe/London Europe/Dublin Europe/Lisbon Atlantic/Azores America/New_York America/Los_Angeles America/Havana
America/St_Johns America/Sao_Paulo America/Asuncion America/Santiago America/Caracas America/Nuuk America/Miquelon America/Scoresbysund
America/Metlakatla America/Mexico_City Pacific/Easter Pacific/Apia Pacific/Kwajalein Pacific/Chatham Pacific/Auckland Pacific/Fiji
Pacific/Tongatapu Pacific/Norfolk Pacific/Honolulu Australia/Lord_Howe Australia/Adelaide Australia/Sydney Asia/Beirut Asia/Gaza
Asia/Amman Asia/Damascus Asia/Jerusalem Asia/Tehran Asia/Kathmandu Asia/Kolkata Asia/Pyongyang Asia/Tokyo Asia/Colombo
Africa/Casablanca Africa/El_Aaiun Africa/Cairo Africa/Juba Africa/Windhoek Europe/Moscow Europe/Istanbul Europe/Volgograd
Antarctica/Troll Antarctica/Casey
""".split()


ALL_DAYS = [datetime.date(1970, 1, 1) + datetime.timedelta(days=i) for i in range(84006)]  # to the end of 2199


# --- what a field names ---------------------------------------------------------------------------------------------------------


def number(text, field):
    if text.isdigit():
        return int(text)
    if field == "month":
        return 12 if text.upper() == "L" else MONTHS.index(text.upper()) + 1
    return WEEKDAYS.index(text.upper())


def names_value(item, field, value, low, high, dialect):
    """Whether one item of a list names `value`; weekdays are 0 (Sunday) to 6."""
    base, _, step = item.partition("/")
    stepped, step = bool(step), int(step or 1)
    if base in ("*", "?"):
        if dialect == "classic":
            return (value - low) % step == 0
        return (7 if field == "weekday" and value == 0 else value) % step == 0
    first, dash, last = base.partition("-")
    first = number(first, field)
    size = 7 if field == "weekday" else high - low + 1
    if dash:
        last = number(last, field)
        length = last - first if last >= first else (last - first) % size
    elif stepped:
        length = (6 if field == "weekday" else high) - first
        length = max(length, 0)
    else:
        length = 0
    distance = (value - first) % size
    return distance <= length and distance % step == 0


def is_workday(date):
    return date.weekday() < 5


def nearest_workday(date):
    for away in (0, 1, 2):
        for direction in (-1, 1):
            there = date + datetime.timedelta(days=away * direction)
            if is_workday(there) and there.month == date.month:
                return there


def last_of_month(date):
    return (date.replace(day=28) + datetime.timedelta(days=4)).replace(day=1) - datetime.timedelta(days=1)


def day_item(item, date, dialect):
    last, word = last_of_month(date), item.upper()
    if word == "L":
        return date == last
    if word == "LW":
        while not is_workday(last):
            last -= datetime.timedelta(days=1)
        return date == last
    if word.endswith("W"):
        wanted = int(word[:-1])
        return wanted <= last.day and nearest_workday(date.replace(day=wanted)) == date
    return names_value(item, "day", date.day, 1, 31, dialect)


def weekday_item(item, date, dialect):
    weekday = date.isoweekday() % 7
    if "#" in item:
        name, nth = item.split("#")
        return number(name, "weekday") % 7 == weekday and (date.day + 6) // 7 == int(nth)
    if item.upper().endswith("L"):
        return number(item[:-1], "weekday") % 7 == weekday and date.day + 7 > last_of_month(date).day
    return names_value(item, "weekday", weekday, 0, 7, dialect)


class Expression:
    """Seven texts, from second to year."""

    def __init__(self, texts, dialect):
        self.texts, self.dialect, self.dates = texts, dialect, {}
        plain = {i: {v for v in range(FIELDS[i][1], FIELDS[i][2] + 1) if self.plain(i, v)} for i in (0, 1, 2, 4, 6)}
        self.seconds, self.minutes, self.hours, self.months, self.years = (plain[i] for i in (0, 1, 2, 4, 6))
        self.days, self.weekdays = texts[3].split(","), texts[5].split(",")
        self.elapsed = texts[2][0] in "*?" or len(self.hours) == 24

    def plain(self, index, value):
        field, low, high = FIELDS[index]
        return any(names_value(item, field, value, low, high, self.dialect) for item in self.texts[index].split(","))

    def on(self, date):
        known = self.dates.get(date)
        if known is None:
            known = self.dates[date] = self.matches_date(date)
        return known

    def matches_date(self, date):
        if date.month not in self.months or date.year not in self.years:
            return False
        day = any(day_item(item, date, self.dialect) for item in self.days)
        weekday = any(weekday_item(item, date, self.dialect) for item in self.weekdays)
        restricted = self.texts[3][0] not in "*?" and self.texts[5][0] not in "*?"
        return (day or weekday) if self.dialect == "classic" and restricted else (day and weekday)

    def shows(self, reading):
        return reading.hour in self.hours and reading.minute in self.minutes and reading.second in self.seconds and self.on(reading.date())


# --- watching a clock -----------------------------------------------------------------------------------------------------------


class Watch:
    """Every tick of a zone's clock in a span of time."""

    def __init__(self, zone, start, end, tick):
        self.start, self.tick = start, tick
        self.step = datetime.timedelta(seconds=tick)
        tz = zoneinfo.ZoneInfo(zone)
        self.readings = [datetime.datetime.fromtimestamp(t, tz).replace(tzinfo=None) for t in range(start, end, tick)]
        furthest, self.furthest = self.readings[0] - self.step, []
        for reading in self.readings:
            self.furthest.append(furthest)  # before this tick
            furthest = max(furthest, reading)

    def runs(self, expression, after, until):
        first = (after - self.start) // self.tick + 1
        last = (until - self.start) // self.tick
        return [self.start + i * self.tick for i in range(first, last + 1) if self.fires(expression, i)]

    def fires(self, expression, i):
        reading = self.readings[i]
        if expression.elapsed:
            return expression.shows(reading)
        furthest = self.furthest[i]
        # A run happens when the clock first shows its reading or a later one.
        while furthest < reading:
            furthest += self.step
            if expression.shows(furthest):
                return True
        return False


def jumps(zone, first_year, last_year):
    """Instants at which the clock of a zone jumps."""
    tz = zoneinfo.ZoneInfo(zone)

    def offset(t):
        return datetime.datetime.fromtimestamp(t, tz).utcoffset()

    begin = int(datetime.datetime(first_year, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime.datetime(last_year + 1, 1, 1, tzinfo=UTC).timestamp())
    found, week = [], 7 * 86400
    for t in range(begin, end, week):
        if offset(t) != offset(t + week):
            found.append(bisect.bisect_left(range(t, t + week + 1), True, key=lambda at: offset(at) != offset(t)) + t)
    return found


# --- expressions ----------------------------------------------------------------------------------------------------------------


def value_text(rng, index, value):
    field = FIELDS[index][0]
    if field == "month" and rng.random() < 0.3:
        return rng.choice((MONTHS[value - 1], MONTHS[value - 1].lower()))
    if field == "weekday" and rng.random() < 0.4:
        return WEEKDAYS[value % 7]
    return str(value)


def random_item(rng, index, dialect):
    field, low, high = FIELDS[index]
    if field == "year":
        low, high = 2020, 2040
    kind = rng.random()
    a, b = rng.randint(low, high), rng.randint(low, high)
    if field == "year" and a > b:
        a, b = b, a
    if kind < 0.45:
        return value_text(rng, index, a)
    if kind < 0.65:
        return f"{value_text(rng, index, a)}-{value_text(rng, index, b)}"
    if kind < 0.75:
        return f"{a}-{b}/{rng.randint(1, max(2, (high - low) // 2))}"
    if kind < 0.9:
        most = 7 if field == "weekday" and dialect != "classic" else (high - low) if field != "year" else 5
        return f"*/{rng.randint(1, max(2, min(most, high, 20)))}"
    if dialect != "and":
        return f"{a}/{rng.randint(1, 9)}"
    return value_text(rng, index, a)


def random_field(rng, index, dialect, star):
    if rng.random() < star:
        return rng.choice("***?")
    field, kind = FIELDS[index][0], rng.random()
    if field == "day" and kind < 0.2:
        return rng.choice(["L", "LW", "l", f"{rng.randint(1, 31)}W", f"{rng.randint(1, 28)},L", "1W,15W,LW"])
    if field == "weekday" and kind < 0.2:
        day = value_text(rng, 5, rng.randint(0, 7))
        return rng.choice([f"{day}#{rng.randint(1, 5)}", f"{day}L", f"{day}L,{rng.randint(0, 7)}"])
    if field == "month" and dialect != "classic" and kind < 0.05:
        return "L"
    return ",".join(random_item(rng, index, dialect) for _ in range(rng.choice((1, 1, 1, 2, 3))))


def write(rng, texts, dialect):
    """The expression as someone would write it, when second and year allow to leave them out."""
    second, *middle, year = texts
    if dialect == "and" and second == "0":
        if year != "*" or rng.random() < 0.3:
            return " ".join(middle + [year])
        while len(middle) > 1 and middle[-1] == "*" and rng.random() < 0.3:
            middle.pop()
        return " ".join(middle)
    if dialect == "classic" and second == "0" and year == "*" and rng.random() < 0.8:
        return rng.choice((" ", "  ", "\t")).replace("\t", " ").join(middle)
    if dialect != "and" and year == "*" and rng.random() < 0.8:
        return " ".join([second] + middle)
    return " ".join(texts)


def random_expression(rng, dialect, stars, seconds=False, night=False):
    texts = [random_field(rng, i, dialect, stars[i]) for i in range(7)]
    if not seconds:
        texts[0] = "0"
    if night and rng.random() < 0.5:  # when clocks jump
        texts[2] = rng.choice(["0", "1", "2", "3", "0-3", "2-3", "1,2", "23", "23-2", "*/2", "0,12"])
    try:
        return Expression(texts, dialect), write(rng, texts, dialect)
    except ValueError:
        return random_expression(rng, dialect, stars, seconds, night)


# --- cases ----------------------------------------------------------------------------------------------------------------------


class Printer:
    def __init__(self, runs_max):
        self.lines, self.runs_max = 0, runs_max

    def runs(self, dialect, zone, after, until, text, runs):
        if len(runs) > self.runs_max:
            runs = runs[: self.runs_max]
            until = runs[-1]
        print("runs", dialect, zone, after, until, text, ",".join(map(str, runs)), sep="\t")
        self.lines += 1

    def refused(self, dialect, text):
        print("refused", dialect, "-", "-", "-", text, sep="\t")
        self.lines += 1


def around_jumps(rng, out, args, seconds):
    """Days around clock changes, minute by minute; hours around them, second by second."""
    for zone in ZONES:
        found = jumps(zone, args.first_year, args.last_year) or [int(datetime.datetime(2020, 6, 1, tzinfo=UTC).timestamp())]
        for jump in rng.sample(found, min(args.jumps if not seconds else 1, len(found))):
            day = 86400 if not seconds else 3600
            tick = 1 if seconds else 60
            start = jump - jump % 60 - 3 * day
            watch = Watch(zone, start, jump + 4 * day, tick)
            for _ in range(args.expressions):
                dialect = rng.choice(("classic", "and", "tiktak"))
                stars = (0.3, 0.3, 0.3, 0.7, 0.9, 0.7, 1) if not seconds else (0.2, 0.5, 0.5, 1, 1, 1, 1)
                expression, text = random_expression(rng, dialect, stars, seconds, night=True)
                if not any(expression.on(r.date()) for r in (watch.readings[0], watch.readings[-1])) and rng.random() < 0.8:
                    continue
                after = jump - jump % 60 + rng.randint(-2 * day, day) // tick * tick
                until = min(after + 2 * day, jump + 3 * day)
                found_runs = watch.runs(expression, after, until)
                if found_runs or any(map(expression.on, ALL_DAYS)):
                    out.runs(dialect, zone, after, until, text, found_runs)
                else:
                    out.refused(dialect, text)


def over_years(rng, out, args):
    """Dates: day by day over years, in UTC, where nothing jumps."""
    begin, days = ALL_DAYS[0], ALL_DAYS
    for _ in range(args.date_cases):
        dialect = rng.choice(("classic", "and", "tiktak"))
        expression, text = random_expression(rng, dialect, (1, 1, 1, 0.2, 0.4, 0.3, 0.8))
        expression = Expression(["0", "30", "9"] + expression.texts[3:], dialect)
        text = write(rng, expression.texts, dialect)
        first = (datetime.date(rng.randint(1970, 2030), rng.randint(1, 12), rng.randint(1, 28)) - begin).days
        chosen, last = [], first
        while last < len(days) and len(chosen) < 12:
            if expression.on(days[last]):
                chosen.append(days[last])
            last += 1
        if not chosen and not any(expression.on(day) for day in days[:first]):
            out.refused(dialect, text)
            continue
        until = last * 86400 - 1
        out.runs(dialect, "UTC", first * 86400 - 1, until, text, [(d - begin).days * 86400 + 9 * 3600 + 1800 for d in chosen])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jumps", type=int, default=4, help="clock changes of each zone")
    parser.add_argument("--expressions", type=int, default=24, help="expressions around each change")
    parser.add_argument("--date-cases", type=int, default=500)
    parser.add_argument("--runs", type=int, default=200, help="most runs in a line")
    parser.add_argument("--first-year", type=int, default=1993)
    parser.add_argument("--last-year", type=int, default=2045)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    out = Printer(args.runs)
    around_jumps(rng, out, args, seconds=False)
    around_jumps(rng, out, args, seconds=True)
    over_years(rng, out, args)
    print("end", out.lines, sep="\t")


if __name__ == "__main__":
    main()
