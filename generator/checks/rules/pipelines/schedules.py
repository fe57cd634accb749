"""A schedule must be one that its program accepts, and for days that come.

Checked: tables of cron, with `%` in their commands and their last line, the schedules of CronJobs, and `OnCalendar`
of systemd's timers. What GitHub and the API server refuse themselves is `checks/workflow-events` and
`checks/api-rules`.

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
from generator.findings import Finding, Span, error, warning
from generator.system.schedule import NAMED, calendar_problem, entry_words, read

CODE = "checks/schedules"
ADVICE = "man7.org, crontab(5)"
_HINT = 'write minute, hour, day, month and day of the week: "0 5 * * 1"'
_PERCENT = re.compile(r"(?<!\\)%")
_CALENDAR = re.compile(r"^[ \t]*OnCalendar[ \t]*=[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    tables, units = system.of_language("crontab"), system.of_language("systemd")
    jobs = system.kind("CronJob")
    timers = [each for each in units if _CALENDAR.search(each.text)]
    if not (tables or timers or jobs):
        raise NotApplicableError("there is no schedule")
    for source in tables:
        for number, line in enumerate(source.lines, start=1):
            yield from _entry(line, source.span(number))
        if entry_words(source.lines[-1]) and not source.text.endswith("\n"):
            message = "the last line has no line break, so cron ignores it"
            yield error(CODE, message, source.span(len(source.lines)), hint="end the file with a line break")
    for each in jobs:
        text = each.spec.text("schedule")
        if read(text).never:
            yield _never(text, each.spec.at_key("schedule"))
    for source in timers:
        for found in _CALENDAR.finditer(source.text):
            problem = calendar_problem(found[1])
            if problem:
                message = f"the time {found[1]} of the timer {problem}"
                at = source.at(found.start(1), len(found[1]))
                yield error(CODE, message, at, hint="try it with systemd-analyze calendar")


def _never(text: str, at: Span) -> Finding:
    message = f"the schedule {text} is for a day that no year has, so it never runs"
    return error(CODE, message, at, hint="correct the day or the month")


def _entry(line: str, at: Span) -> Iterator[Finding]:
    words = entry_words(line)
    if not words:
        return
    if words[0].startswith("@"):
        if words[0] not in NAMED:
            hint = f"write one of {', '.join(NAMED)}"
            yield error(CODE, f"cron does not know {words[0]}", at, hint=hint)
        return
    text = " ".join(words[:5])
    schedule = read(text, last_day=7)
    if len(words) < 6:
        message = f"the line has {len(words)} words, expected five for the time and a command"
        yield error(CODE, message, at, hint=_HINT)
    elif schedule.problem:
        yield error(CODE, schedule.problem, at, hint=_HINT)
    elif schedule.never:
        yield _never(text, at)
    elif _PERCENT.search(line):
        message = "the command ends at %: what follows is its input"
        yield warning(CODE, message, at, hint="write \\% for each %")
