"""The paths that files may have, and what may be on disk at them: none leads out of the folder."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from generator.findings import FindingError, OetgenError, Span, error
from generator.project.names import is_repository

RESERVED = ".oetgen"  # the manifest, the journal and staged files begin with it

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\\\\]")
_DRIVE = re.compile("[A-Za-z]:")


@lru_cache(maxsize=4096)
def is_safe(path: str) -> bool:
    """Return whether `path`, relative and with forward slashes, stays in its folder and fits into a manifest."""
    parts = path.split("/")
    return not (
        _CONTROL.search(path)
        or _DRIVE.match(path)
        or any(part in ("", ".", "..") or part.startswith(RESERVED) or is_repository(part) for part in parts)
    )


def below(label: str, path: str) -> str:
    """Return what messages call the file at `path` in the folder that they call `label`."""
    return path if label == "." else f"{label}/{path}"


def collisions(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of paths, or of their parents, that are equal on a case-insensitive file system.

    macOS and Windows have such ones, and macOS also ignores how an accented letter is composed.
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
    """Return what is at `path` or at one of its parents instead of a file or folder, and where; follow no link.

    `known` collects the parents that are folders, for the next call. Raises OSError.
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
    """Raise OetgenError when files cannot be written below `folder`: it is not a folder, or FindingError for a link.

    Links are refused below `inside` only: the folder that the user named, and those above the project, may be links.
    """
    there = folder
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not os.path.isdir(there):
        raise OetgenError(
            f"cannot write below {label}: {there} is not a folder", "move it away, or name another folder"
        )
    while inside is not None and inside in there.parents:
        if os.path.islink(there):
            hint = "oetgen follows no links in a project: make it a folder, or name its target with --out"
            at = Span(os.path.relpath(there, inside).replace(os.sep, "/"), 1)
            raise FindingError(
                error("writer/in-the-way", "found a symbolic link, expected a folder", at, hint=hint)
            )
        there = there.parent
