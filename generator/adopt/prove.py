"""Compare what a project renders with the files that it was made from, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Files = Mapping[str, bytes]


def differing(originals: Mapping[str, Files], rendered: Mapping[str, Files]) -> dict[str, list[str]]:
    """Return the paths that are missing, additional or different, by environment; empty when all are the same."""
    wrong: dict[str, list[str]] = {}
    for environment, files in originals.items():
        own = rendered.get(environment, {})
        paths = sorted(path for path in {*files, *own} if files.get(path) != own.get(path))
        if paths:
            wrong[environment] = paths
    return wrong


def first_difference(original: bytes | None, rendered: bytes | None) -> str:
    """Return a sentence about the first line in which two files differ."""
    if original is None:
        return "it was not there"
    if rendered is None:
        return "it is not rendered"
    for number, (first, second) in enumerate(zip(*map(_lines, (original, rendered)), strict=False), start=1):
        if first != second:
            return f"line {number} is rendered differently"
    return "its end is rendered differently"


def _lines(data: bytes) -> Iterable[bytes]:
    return data.split(b"\n")
