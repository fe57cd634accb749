"""Names that need each other in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

Name = TypeVar("Name")


def cycles(needs: Mapping[Name, Iterable[Name]]) -> Iterator[list[Name]]:
    """Yield the names of each circle in order: each needs the next, and the last the first. No name occurs twice."""
    reported: set[Name] = set()
    for name in needs:
        way = _way(name, needs)
        if way and not reported & set(way):
            reported |= set(way)
            yield way


def _way(start: Name, needs: Mapping[Name, Iterable[Name]]) -> list[Name]:
    """Return the shortest way from a name over what it needs back to itself, without its end; or nothing."""
    ways, seen = [[start]], {start}
    for way in ways:
        for name in needs.get(way[-1], ()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
