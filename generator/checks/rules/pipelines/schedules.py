"""A schedule must be one that its program accepts, and for days that come.

Checked: tables of cron, the schedules of CronJobs, and `OnCalendar` of systemd's timers. What GitHub and the API
server refuse themselves is `checks/workflow-events` and `checks/api-rules`.

Why: cron ignores the whole table with one bad line, systemd the line ("Failed to parse calendar specification"). A
day that no year has is accepted and never comes. Sources: man7.org, crontab(5); systemd.time(7), "Calendar Events".

Bad:

    0 25 * * *  root  /usr/local/bin/backup
    0 3 31 2 *  root  /usr/local/bin/yearly

Good:

    0 5 * * *   root  /usr/local/bin/backup
    0 3 28 2 *  root  /usr/local/bin/yearly
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Span, error
from generator.languages.source import Source
from generator.system.schedule import read

CODE = "checks/schedules"
_HINT = 'write minute, hour, day, month and day of the week: "0 5 * * 1"'
_NAMED = frozenset("@every @reboot @yearly @annually @monthly @weekly @daily @midnight @hourly".split())
_VARIABLE = re.compile(r"""\s*["']?\w+["']?\s*=""")
_FIELD = re.compile(r"[\d*][\d*,/~-]*(?:[A-Za-z]{3})?")
_OTHER = re.compile(r"[~#?]|\bLW?\b|\d[LW]\b|\bH\b")  # of versions of cron with more than crontab(5)
_RANGE = re.compile(r"(?<!\d)(\d{1,3})-(\d{1,3})(?!\d)")
_CALENDAR = re.compile(r"^[ \t]*OnCalendar[ \t]*=[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_PARTS = re.compile(r"(?:(?P<date>\S*-\S*)\s+)?(?P<time>[\d*/.,]+:[\d*/.,:]+)(?=\s|$)")
_LIMITS = {"hour": (0, 23), "minute": (0, 59), "second": (0, 59), "month": (1, 12), "day": (1, 31)}


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    tables, units = system.of_language("crontab"), system.of_language("systemd")
    jobs = system.kind("CronJob")
    timers = [each for each in units if _CALENDAR.search(each.text)]
    if not (tables or timers or jobs):
        raise NotApplicableError("there is no schedule")
    for source in tables:
        yield from _table(source)
    for each in jobs:
        text = each.spec.text("schedule")
        if read(text).never:
            yield _never(text, each.spec.at_key("schedule"))
    for source in timers:
        for found in _CALENDAR.finditer(source.text):
            problem = _calendar(found[1])
            if problem:
                message = f"the time {found[1]} of the timer {problem}"
                at = source.at(found.start(1), len(found[1]))
                yield error(CODE, message, at, hint="try it with systemd-analyze calendar")


def _never(text: str, at: Span) -> Finding:
    message = f"the schedule {text} is for a day that no year has, so it never runs"
    return error(CODE, message, at, hint="correct the day or the month")


def _table(source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#") or _VARIABLE.match(line):
            continue
        at = source.span(number)
        if words[0].startswith("@"):
            if words[0] not in _NAMED:
                message = f"cron does not know {words[0]}"
                yield error(CODE, message, at, hint=f"write one of {', '.join(sorted(_NAMED))}")
            continue
        text = " ".join(words[:5])
        # A sixth field of the time is of seconds or years, which some versions of cron have; BusyBox takes 22-6.
        has_seconds = len(words) > 5 and _FIELD.fullmatch(words[5])
        goes_round = any(int(first) > int(last) for first, last in _RANGE.findall(text))
        if _OTHER.search(text) or "{" in text or has_seconds or goes_round:
            continue
        schedule = read(text, last_day=7)
        if len(words) < 6:
            message = f"the line has {len(words)} words, expected five for the time and a command"
            yield error(CODE, message, at, hint=_HINT)
        elif schedule.problem:
            yield error(CODE, schedule.problem, at, hint=_HINT)
        elif schedule.never:
            yield _never(text, at)


def _calendar(text: str) -> str:
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
