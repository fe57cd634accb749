"""Read the folder of an environment: regular files only, as bytes."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from generator.findings import Finding, OetgenError, Span, warning
from generator.findings.record import record
from generator.project import files
from generator.project.folder import unreadable
from generator.writer.paths import is_safe

MOST_FILES = 20_000
_MOST_BYTES = 4_000_000  # of one file, as for templates
_MOST_TOTAL = 400_000_000
# State of other tools, which no person writes, and the list of files that oetgen itself wrote.
_SKIPPED = frozenset([".git", ".terraform", "node_modules", "__pycache__"])
_OWN = ".oetgen"
_SURROGATE = re.compile("[\ud800-\udfff]")  # a byte of a name that is not UTF-8


@record
class Original:
    """A file as it was found: its content, and whether it may be executed."""

    data: bytes
    executable: bool = False


@record
class Folder:
    """The files of an environment by path, with forward slashes."""

    environment: str
    files: Mapping[str, Original]
    findings: tuple[Finding, ...] = field(default=())


def read_folder(environment: str, folder: Path) -> Folder:
    """Read every file below `folder`. What is no regular file is left, with a finding.

    Raises OetgenError when the folder cannot be listed, is empty, or is too large.
    """
    found: dict[str, Original] = {}
    findings: list[Finding] = []
    total = 0
    for path, kind in _entries(environment, folder):
        at = f"{folder}/{path}"
        if not _is_writable(path):
            findings.append(_left(at, "oetgen cannot write a file with such a path"))
            continue
        if kind != files.FILE:
            findings.append(_unreadable(at, files.NotRegularError(kind, at)))
            continue
        try:
            data, state = files.read_file(str(folder), path, _MOST_BYTES)
        except OSError as problem:
            findings.append(_unreadable(at, problem))
            continue
        total += len(data)
        if len(found) == MOST_FILES or total > _MOST_TOTAL:
            raise OetgenError(
                f"{environment}={folder} has more than {MOST_FILES:,} files or {_MOST_TOTAL // 10**6} MB",
                "name the folder that holds the deployment files alone",
            )
        found[path] = Original(data, bool(state.st_mode & stat.S_IXUSR))
    if not found:
        raise OetgenError(
            f"{environment}={folder} has no file that can be read", "name the folder that holds its files"
        )
    return Folder(environment, dict(sorted(found.items())), tuple(findings))


def _entries(environment: str, folder: Path) -> list[tuple[str, str]]:
    if not folder.is_dir():
        raise OetgenError(f"{environment}={folder} is not a folder", "name an existing folder")
    try:
        entries = list(files.walk(str(folder.parent), folder.name))
    except OSError as problem:
        raise OetgenError(
            f"cannot list {folder}: {problem.strerror}", "restore its permissions, or name another folder"
        ) from None
    return [
        (path, kind)
        for path, kind in entries
        if not _SKIPPED.intersection(path.split("/")) and path.rpartition("/")[2] != _OWN
    ]


def _is_writable(path: str) -> bool:
    """Return whether the output may have a file at `path`, whose name is UTF-8."""
    return is_safe(path) and not _SURROGATE.search(path)


def _unreadable(path: str, problem: OSError) -> Finding:
    return _left(path, unreadable(path, problem).message)


def _left(path: str, reason: str) -> Finding:
    hint = "it stays where it is; copy it by hand if it belongs to the environment"
    return warning("adopt/left", f"not adopted: {reason}", Span(path, 1), hint=hint)
