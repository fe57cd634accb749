"""Paths of values as people write them: `services.backend.ports[0]`, `secrets."a.b"`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

KeyPath = tuple[str | int, ...]

_PLAIN = re.compile(r"[\w:/$@-]+")
_PART = re.compile(r'"([^"]*)"|([^".]+)')


def format_path(path: KeyPath) -> str:
    """Return a key path as people write it; a key with a dot or a space is quoted."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if _PLAIN.fullmatch(part) else f'."{part}"'
    return text.removeprefix(".")


def parse_path(text: str) -> list[tuple[str, int]] | None:
    """Return the keys of a path in text form, each with its column from 0; None when it is not a path."""
    parts = []
    position = 0
    while True:
        found = _PART.match(text, position)
        if not found:
            return None
        parts.append((found[1] if found[2] is None else found[2], found.start()))
        position = found.end()
        if position == len(text):
            return parts
        if text[position] != ".":
            return None
        position += 1


def all_paths(data: Any) -> dict[str, KeyPath]:
    """Return the path of every value, map and list in `data`, by its text."""
    paths = (path[:end] for path, _ in leaves(data) for end in range(1, len(path) + 1))
    return {format_path(path): path for path in paths}


def leaves(data: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every scalar of `data` with its path, in order."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from leaves(value, (*path, index))
    else:
        yield path, data
