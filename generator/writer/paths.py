"""Which paths a file may have, and what may stand at them: no way leads out of the folder that is written to."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from generator.findings import OetgenError

RESERVED = ".oetgen"  # what begins with it is the writer's own: the manifest, the journal, staged files

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\\\\]")
_DRIVE = re.compile("[A-Za-z]:")


@lru_cache(maxsize=4096)
def is_safe(path: str) -> bool:
    """Say whether `path`, relative and with forward slashes, stays in its folder and can stand in a manifest."""
    parts = path.split("/")
    return not (
        _CONTROL.search(path)
        or _DRIVE.match(path)
        or any(part in ("", ".", "..") or part.startswith(RESERVED) for part in parts)
    )


def below(label: str, path: str) -> str:
    """Return how messages call the file at `path` in the folder that they call `label`."""
    return path if label == "." else f"{label}/{path}"


def collisions(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of paths, or of folders on the way to them, that are one where upper and lower case are alike.

    macOS and Windows compare names that way, and macOS takes the ways to write an accented letter for one.
    """
    seen: dict[str, str] = {}
    for path in sorted(paths):
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            place = "/".join(parts[:end])
            other = seen.setdefault(unicodedata.normalize("NFC", place).casefold(), place)
            if other != place:
                yield other, place
                break


def in_the_way(folder: Path, path: str, known: set[str]) -> tuple[str, str] | None:
    """Return what is there instead of a file or a folder on the way to `path`, and where; nothing is followed.

    `known` is where the caller keeps the folders that are known to be in order. Raises OSError.
    """
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        place = "/".join(parts[:end])
        if place in known:
            continue
        try:
            mode = os.lstat(f"{folder}/{place}").st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(mode):
            return "a symbolic link", place
        if end < len(parts):
            if not stat.S_ISDIR(mode):
                return "a file", place
            known.add(place)
        elif not stat.S_ISREG(mode):
            return ("a folder" if stat.S_ISDIR(mode) else "a device"), place
    return None


def check_folder(folder: Path, label: str, inside: Path | None) -> None:
    """Raise OetgenError when files cannot go below `folder`: something else is there, or a link leads to it.

    Links are refused below `inside` only: what the user named, or what is above the project, may be one.
    """
    there = folder
    while not os.path.lexists(there):
        there = there.parent
    if not os.path.isdir(there):
        raise OetgenError(
            f"cannot write below {label}: {there} is no folder", "move it away, or name another folder"
        )
    while inside is not None and inside in there.parents:
        if os.path.islink(there):
            hint = "oetgen follows no links below the project: make it a folder, or name the other place with --out"
            raise OetgenError(f"cannot write below {label}: {there} is a symbolic link", hint)
        there = there.parent
