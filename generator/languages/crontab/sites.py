"""Tables of cron: a command is shell, in which cron reads `%`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.languages import LANGUAGES
from generator.languages.site import MARK, EncodeError, Scalar, ShapeError, Site, one_line, only, text_of

_ENTRY = re.compile(r"\s*(?:@\S+|(?:\S+\s+){4}\S+)\s+")
_VARIABLE = re.compile(r"\s*[A-Za-z_]\w*\s*=\s*")
_END = re.compile(r"(?<!\\)%")
_TIME = re.compile(r"[A-Za-z0-9*/,-]+")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@+,=-]+")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    found: list[Site] = []
    for number, line in enumerate(shape.split("\n"), 1):
        try:
            found += _in_line(line)
        except ShapeError as problem:
            raise problem.at(number) from None
    return found


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
    for site in LANGUAGES["shell"].sites(command.replace("\\%", "%")) if MARK in command else ():
        yield site.within(Site("crontab", "command"))
    yield from [Site("crontab", "plain")] * "".join(data).count(MARK)
