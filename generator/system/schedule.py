"""Schedules in the format of cron, as GitHub and Kubernetes read them, tables of cron, and times of systemd.

Sources: docs.github.com, "Events that trigger workflows", `schedule`; kubernetes.io, "CronJob", which reads them with
github.com/robfig/cron, version 3; man7.org, crontab(5), where 7 is Sunday too; systemd.time(7), "Calendar Events".
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_DAY = 24 * 60  # minutes
_DAYS = "SUN MON TUE WED THU FRI SAT".split()
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days of each month
_EVERY = ("*", "?")
NAMED = tuple(sorted("@every @reboot @yearly @annually @monthly @weekly @daily @midnight @hourly".split()))
"""Words of a table of cron for a whole schedule."""
_VARIABLE = re.compile(r"""\s*["']?\w+["']?\s*=""")
_FIELD = re.compile(r"[\d*][\d*,/~-]*(?:[A-Za-z]{3})?")
_OTHER = re.compile(r"[~#?{]|\bLW?\b|\d[LW]\b|\bH\b")  # of versions of cron with more than crontab(5)
_RANGE = re.compile(r"(?<!\d)(\d{1,3})-(\d{1,3})(?!\d)")
_PARTS = re.compile(r"(?:(?P<date>\S*-\S*)\s+)?(?P<time>[\d*/.,]+:[\d*/.,:]+)(?=\s|$)")
_LIMITS = {"hour": (0, 23), "minute": (0, 59), "second": (0, 59), "month": (1, 12), "day": (1, 31)}


class _Field(NamedTuple):
    name: str
    first: int
    last: int
    names: dict[str, int]


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of the month", 1, 31, {}),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field("day of the week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
)


class Schedule(NamedTuple):
    """The minutes and hours at which a schedule runs, sorted, or what is wrong with it.

    A schedule that `never` runs is for days that no year has, as the 31st of February.
    """

    problem: str
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    never: bool = False

    @property
    def shortest(self) -> int:
        """The fewest minutes between two runs on days in a row."""
        runs = [60 * hour + minute for hour in self.hours for minute in self.minutes]
        return min(after - before for before, after in pairwise([*runs, runs[0] + _DAY]))


def read(text: str, last_day: int = 6) -> Schedule:
    """Read the five fields of a schedule, with days of the week up to `last_day`."""
    parts = text.split()
    if len(parts) != len(_FIELDS):
        return Schedule(f"the schedule {text} has {len(parts)} fields, expected 5")
    values = []
    for part, field in zip(parts, _FIELDS, strict=True):
        try:
            last = last_day if field is _FIELDS[-1] else field.last
            values.append(sorted(_values(part, field._replace(last=last))))
        except ValueError as wrong:
            return Schedule(f"the {field.name} of the schedule is {part}{wrong}")
    # With a day of the week, the schedule runs on either of the two.
    is_there = any(day <= _LONGEST[month - 1] for day in values[2] for month in values[3])
    never = parts[4] in _EVERY and not is_there
    return Schedule("", tuple(values[0]), tuple(values[1]), never)


def entry_words(line: str) -> list[str]:
    """Return the words of an entry of a table of cron; none for other lines, and where only some versions read it."""
    words = line.split()
    if not words or words[0].startswith("#") or _VARIABLE.match(line):
        return []
    text = " ".join(words[:5])
    # A sixth field of the time is of seconds or years, which some versions of cron have; BusyBox takes 22-6.
    has_seconds = len(words) > 5 and _FIELD.fullmatch(words[5])
    goes_round = any(int(first) > int(last) for first, last in _RANGE.findall(text))
    is_named = words[0].startswith("@")
    return [] if not is_named and (_OTHER.search(text) or has_seconds or goes_round) else words


def calendar_problem(text: str) -> str:
    """Return what is out of range in a calendar event of systemd, or ""."""
    found = _PARTS.search(text)
    parts = found["time"].split(":") if found else []
    named = list(zip(("hour", "minute", "second"), parts, strict=False))
    date = (found["date"] or "" if found else text).split("-")
    if len(date) in (2, 3) and "~" not in text:
        named += [("month", date[-2]), ("day", date[-1])]
    for name, part in named:
        first, last = _LIMITS[name]
        for item in part.split(","):
            numbers = re.fullmatch(r"(\d+)(?:\.\.(\d+))?(?:/[\d.]+)?(?:\.\d+)?", item)
            for number in filter(None, numbers.groups() if numbers else ()):
                if not first <= int(number) <= last:
                    return f"has the {name} {number}, expected {first} to {last}"
    return ""


def _values(text: str, field: _Field) -> set[int]:
    values: set[int] = set()
    for part in text.split(","):
        range_, slash, step_text = part.partition("/")
        step = _number(step_text, field, names=False) if slash else 1
        if step < 1:
            raise ValueError(": a step must be at least 1")
        first, last = _range(range_, field, open_end=bool(slash))
        values |= set(range(first, last + 1, step))
    return values


def _range(text: str, field: _Field, *, open_end: bool) -> tuple[int, int]:
    if text in _EVERY:
        return field.first, field.last
    start, dash, end = text.partition("-")
    first = _number(start, field)
    last = _number(end, field) if dash else field.last if open_end else first
    if not field.first <= first <= last <= field.last:
        if dash and first > last:
            raise ValueError(f": the range begins after its end {last}")
        raise ValueError(f", expected {field.first} to {field.last}")
    return first, last


def _number(text: str, field: _Field, *, names: bool = True) -> int:
    if names and text.upper() in field.names:
        return field.names[text.upper()]
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise ValueError(f": {text or 'nothing'} is not a number" + (" or a name" if field.names else ""))
    return int(text)


def is_time_zone(text: str) -> bool:
    """Return whether a time zone is known; without a database of them, any name but `Local` is."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo("Etc/UTC")
    except (KeyError, OSError):
        return text.lower() != "local"
    try:
        return text.lower() != "local" and bool(ZoneInfo(text))
    except (KeyError, OSError, ValueError):
        return False
