"""Files with a command of the shell in each line, as crontabs and Procfiles: the sites of their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from generator.languages import LANGUAGES
from generator.languages.site import MARK, ShapeError, Site


def sites(shape: str, in_line: Callable[[str], Iterable[Site]]) -> list[Site]:
    """Return the sites of all lines, as `in_line` finds them in one. Raises ShapeError with the line of the shape."""
    found: list[Site] = []
    for number, line in enumerate(shape.split("\n"), 1):
        try:
            found += in_line(line)
        except ShapeError as problem:
            raise problem.at(number) from None
    return found


def in_shell(command: str, outer: Site) -> list[Site]:
    """Return the sites in a command that stands in `outer`. Raises ShapeError."""
    if MARK not in command:  # a command without values is not read
        return []
    return [site.within(outer) for site in LANGUAGES["shell"].sites(command)]
