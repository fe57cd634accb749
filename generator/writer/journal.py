"""The list of staged files, so that the next run can clean up after one that was stopped.

`.oetgen-journal` exists while a run writes, and after it only when the run was stopped. Its lines are the paths of
staged files and, with a final slash, of folders to remove when they are empty. It is written before anything that it
lists, so a listed path may not exist.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from generator.findings import OetgenError
from generator.project.files import NotRegularError, read_bytes
from generator.writer.paths import RESERVED

JOURNAL = f"{RESERVED}-journal"
_STAGED = re.compile(rf"{re.escape(RESERVED)}-new-[0-9a-f]{{16}}")


def staged_path(path: str) -> str:
    """Return where the new content of `path` is staged: beside it, under a short and unique name."""
    parent, slash, _ = path.rpartition("/")
    return f"{parent}{slash}{RESERVED}-new-{hashlib.sha256(path.encode()).hexdigest()[:16]}"


def is_staged(name: str) -> bool:
    """Return whether `name` is that of a staged file."""
    return bool(_STAGED.fullmatch(name))


def read_journal(folder: Path) -> list[str] | None:
    """Return what the journal of `folder` lists, or None when there is none. Raises OetgenError."""
    place = folder / JOURNAL
    try:
        text = read_bytes(str(folder), JOURNAL).decode("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError, NotRegularError):
        return None
    except OSError as problem:
        raise OetgenError(f"cannot read {place}: {problem.strerror}", "restore its permissions") from None
    return [line for line in text.split("\n")[:-1] if _is_ours(line)]


def clear(folder: Path, listed: list[str]) -> None:
    """Remove what a stopped run has left, the journal last. Raises OSError."""
    for path in listed:
        if not path.endswith("/") and _is_file(folder / path):
            os.unlink(folder / path)
    for path in sorted(listed, reverse=True):
        if path.endswith("/"):
            with suppress(OSError):  # not empty, or never created
                os.rmdir(folder / path)
    with suppress(FileNotFoundError):
        os.unlink(folder / JOURNAL)


def _is_ours(line: str) -> bool:
    """Return whether a line may be followed: a journal from a checkout must not name other files."""
    *parents, name = line.removesuffix("/").split("/")
    if any(part in ("", ".", "..") for part in (*parents, name)) or line.startswith("/"):
        return False
    return line.endswith("/") or is_staged(name)


def _is_file(place: Path) -> bool:
    try:
        return stat.S_ISREG(os.lstat(place).st_mode)
    except OSError:
        return False
