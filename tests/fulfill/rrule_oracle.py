#!/usr/bin/python3
"""rrule_oracle.py FILE - expand recurrence rules with python-dateutil.

Each line of FILE is "START TO MODE RULE" (days as YYYY-MM-DD); each line of the output
is the days of that rule from START to TO, with blanks between.

MODE omit is RFC 5545.  MODE bend lets the last day of a month stand in for days that the
month does not have, by the idiom of RFC 5545 itself: BYMONTHDAY=28,29,30;BYSETPOS=-1 is
the 30th or the day nearest before it, one month at a time.  That is another way than the
program takes, which is the point of an oracle.

Exit 77: there is no dateutil.
"""
import calendar
import datetime
import sys

try:
    from dateutil.rrule import rrulestr
except ImportError:
    sys.exit(77)


def expand(parts, start, to):
    text = ";".join(k + "=" + v for k, v in parts.items())
    days = set()
    for when in rrulestr(text, dtstart=start):
        if when > to:
            break
        days.add(when)
    return days


def bend(parts, start, to):
    parts = dict(parts)
    count = int(parts.pop("COUNT", "0"))
    freq = parts["FREQ"]
    open_rule = not any(
        k in parts for k in ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"))
    if open_rule and freq in ("MONTHLY", "YEARLY"):
        parts["BYMONTHDAY"] = str(start.day)
        if freq == "YEARLY":
            parts.setdefault("BYMONTH", str(start.month))
    wanted = [int(n) for n in parts.get("BYMONTHDAY", "").split(",") if n]
    if "BYDAY" in parts or "BYSETPOS" in parts or not wanted:
        days = expand(parts, start, to)
    elif freq == "DAILY":
        del parts["BYMONTHDAY"]
        days = set()
        for d in expand(parts, start, to):
            size = calendar.monthrange(d.year, d.month)[1]
            if any(d.day == (min(n, size) if n > 0 else size + 1 + n) for n in wanted):
                days.add(d)
    else:
        days = set()
        months = parts.get("BYMONTH", "1,2,3,4,5,6,7,8,9,10,11,12").split(",")
        for n in wanted:
            one = dict(parts)
            one["BYMONTHDAY"] = ",".join(str(x) for x in range(28, n + 1)) or str(n)
            if n > 28:
                one["BYSETPOS"] = "-1"
            if freq == "MONTHLY":
                days |= expand(one, start, to)
                continue
            for month in months:
                one["BYMONTH"] = month
                days |= expand(one, start, to)
    days = sorted(days)
    return days[:count] if count else days


def main():
    # Where dateutil gives up on a rule that never comes true.
    datetime.MAXYEAR = 2050
    for line in open(sys.argv[1]):
        start, to, mode, rule = line.split()
        start = datetime.datetime.fromisoformat(start)
        to = datetime.datetime.fromisoformat(to)
        parts = dict(p.split("=") for p in rule.split(";"))
        parts.pop("SKIP", None)
        days = bend(parts, start, to) if mode == "bend" else expand(parts, start, to)
        print(" ".join(d.strftime("%Y-%m-%d") for d in sorted(days)))


main()
