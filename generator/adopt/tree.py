"""Read the folder of an environment, or some files of one: regular files only, as bytes."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
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


def read_folder(environment: str, sources: Sequence[Path]) -> Folder:
    """Read every file below a folder, or some files and folders. What is no regular file is left, with a finding.

    Raises OetgenError when a folder cannot be listed, has no file, or is too large.
    """
    folder = _common_folder(sources)
    found: dict[str, Original] = {}
    findings: list[Finding] = []
    total = 0
    for path, kind in _every(environment, sources, folder):
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


def _common_folder(sources: Sequence[Path]) -> Path:
    """Return the folder that paths are relative to: the one that is named, or that of all that are."""
    if len(sources) == 1 and not _is_file(sources[0]):
        return sources[0]
    return Path(os.path.commonpath([os.path.abspath(each.parent) for each in sources]))


def _is_file(path: Path) -> bool:
    return os.path.lexists(path) and not path.is_dir()


def _every(environment: str, sources: Sequence[Path], folder: Path) -> Iterator[tuple[str, str]]:
    """Yield path and kind of what an environment has, each once."""
    seen: set[str] = set()
    for source in sources:
        below = os.path.relpath(os.path.abspath(source), os.path.abspath(folder)).replace(os.sep, "/")
        if _is_file(source):
            found = [(below, files.kind_of(source.lstat().st_mode))]
        else:
            inside = "" if below == "." else f"{below}/"
            found = [(f"{inside}{path}", kind) for path, kind in _entries(environment, source)]
        yield from (each for each in found if each[0] not in seen)
        seen |= {path for path, _ in found}


def _entries(environment: str, folder: Path) -> list[tuple[str, str]]:
    if not folder.is_dir():
        raise OetgenError(
            f"{environment}={folder} is not a folder or a file",
            "name a folder that exists, or files with commas: prod=compose.yaml,compose.prod.yaml",
        )
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
