"""Tables of cron: a command is shell, in which cron reads `%`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.languages import command_lines
from generator.languages.site import MARK, EncodeError, Scalar, ShapeError, Site, one_line, only, text_of

_ENTRY = re.compile(r"\s*(?:@\S+|(?:\S+\s+){4}\S+)\s+")
_VARIABLE = re.compile(r"\s*[A-Za-z_]\w*\s*=\s*")
_END = re.compile(r"(?<!\\)%")
_TIME = re.compile(r"[A-Za-z0-9*/,-]+")
_USER = re.compile(rf"[a-z_{MARK}][a-z0-9_{MARK}-]*[ \t]+(?=[\w./])")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@+,=-]+")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return command_lines.sites(shape, _in_line)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "comment":
        return one_line(text, "a comment")
    if site.position == "time":
        return only(_TIME, text, "the time of an entry", "use letters, digits and * / , -")
    if site.position == "command":
        return _command(one_line(text, "a line of a crontab"))
    return only(_PLAIN, text, "this place of a crontab", "use letters, digits and _ . / : @ + , = -")


def _command(text: str) -> str:
    if "\\\\" in text or "\\%" in text or text.endswith("\\"):
        raise EncodeError("versions of cron do not agree about this backslash", "no value may hold it")
    return text.replace("%", "\\%")


def _in_line(line: str) -> Iterator[Site]:
    if line.lstrip().startswith("#"):
        yield from [Site("crontab", "comment")] * line.count(MARK)
        return
    if _VARIABLE.match(line):
        yield from [Site("crontab", "plain")] * line.count(MARK)
        return
    entry = _ENTRY.match(line)
    start = entry.end() if entry else len(line)
    yield from [Site("crontab", "time")] * line.count(MARK, 0, start)
    command, *data = _END.split(line[start:], maxsplit=1)
    yield from _in_command(command.replace("\\%", "%"))
    yield from [Site("crontab", "plain")] * "".join(data).count(MARK)


def _in_command(command: str) -> list[Site]:
    """Return the sites in a command; where the tables of the system have a user, it may be the first word."""
    outer = Site("crontab", "command")
    found = command_lines.in_shell(command, outer)
    user = _USER.match(command)
    if not found or not user:
        return found
    try:
        after = command_lines.in_shell(command[user.end() :], outer)
    except ShapeError:  # the first word is one of the shell, such as `if`
        return found
    start = len(found) - len(after)
    return [*found[:start], *map(_stricter, found[start:], after)]


def _stricter(one: Site, other: Site) -> Site:
    """Return the site whose value has to meet the stronger condition."""
    # As the parser, it is not needed for a known shape.
    from generator.languages.shell.interpreters import CONDITIONS, stronger

    conditions = [each.position if each.position in CONDITIONS else "" for each in (one, other)]
    return one if stronger(*conditions) == conditions[0] else other
