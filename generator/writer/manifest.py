"""The manifest of a folder, `.oetgen`: the list of the files that oetgen owns there.

Its lines are `sha256  path`, sorted by path. A path may have several hashes: the old and the new one while files are
replaced, and those of both sides after a merge. In a folder that `oetgen sync` writes to, a line `synced  ENV` names
each environment whose files are there, and each line ends with a tab and the project that wrote it, by its path from
the folder: several projects may share a folder. Lines without a project are of an older version. Other lines, such as
the markers of a merge conflict, are ignored.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path

from generator.findings import OetgenError
from generator.findings.record import record
from generator.project.files import NotRegularError, read_bytes
from generator.writer.paths import is_safe

MANIFEST = ".oetgen"
_FILE = re.compile(r"([0-9a-f]{64})  (\S[^\t]*)(?:\t(\S+))?")
_SYNCED = re.compile(r"synced  ([A-Za-z0-9_][A-Za-z0-9._-]*)(?:\t(\S+))?")

Owned = dict[str, frozenset[str]]


@record
class Manifest:
    """The content of a manifest; `unsafe` has number and text of each line whose path leaves the folder.

    In a folder that several projects share, it is the content for the project `owner`: `unclaimed` are the paths and
    environments without a project, `others` the projects of the other paths, and `kept` the lines of those projects.
    """

    owned: Owned = field(default_factory=dict)
    synced: frozenset[str] = frozenset()
    unsafe: tuple[tuple[int, str], ...] = ()
    text: str = ""
    owner: str | None = None
    unclaimed: frozenset[str] = frozenset()
    others: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    def write(self) -> str:
        """Return the manifest as text, sorted."""
        end = "" if self.owner is None else f"\t{self.owner}"
        synced = [f"synced  {env}{end}\n" for env in self.synced]
        files = [
            (path, f"{found}  {path}{'' if path in self.unclaimed else end}\n")
            for path, hashes in self.owned.items()
            for found in hashes
        ]
        kept = [(match[2], f"{line}\n") for line in self.kept if (match := _FILE.fullmatch(line))]
        synced += [f"{line}\n" for line in self.kept if not _FILE.fullmatch(line)]
        return "".join(sorted(synced) + [line for _, line in sorted([*files, *kept])])

    def changed_to(self, owned: Owned, synced: frozenset[str]) -> Manifest:
        """Return the manifest with other files and environments; the lines of other projects stay."""
        return Manifest(owned, synced, (), "", self.owner, self.unclaimed, self.others, self.kept)


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file's content, the same for CRLF and LF line endings."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def load(
    folder: Path, owner: str | None = None, exists: Callable[[str], bool] = lambda owner: True
) -> Manifest:
    """Read the manifest of `folder`, for the project `owner` where several share it; it may be missing.

    Lines of a project that does not exist are as those without a project. Raises OetgenError when it cannot be read,
    or is not a regular file.
    """
    place = folder / MANIFEST
    try:
        text = read_bytes(str(folder), MANIFEST).decode("utf-8", "replace").replace("\r\n", "\n")
    except (FileNotFoundError, NotADirectoryError):
        return Manifest(owner=owner)
    except NotRegularError:
        raise OetgenError(
            f"{place} is not a regular file", "move it away: it is the path of the manifest"
        ) from None
    except OSError as problem:
        raise OetgenError(
            f"cannot read {place}: {problem.strerror}", "restore the file or its permissions"
        ) from None
    return parsed(text, owner, exists)


def parsed(
    text: str, owner: str | None = None, exists: Callable[[str], bool] = lambda owner: True
) -> Manifest:
    """Return the manifest with this text, which has LF line endings, as `load` does."""
    reader = _Reader(owner, exists)
    for number, line in enumerate(text.split("\n"), start=1):
        reader.read(number, line)
    owned = {path: frozenset(hashes) for path, hashes in reader.owned.items()}
    return Manifest(
        owned,
        frozenset(reader.synced),
        tuple(reader.unsafe),
        text,
        owner,
        frozenset(reader.unclaimed),
        reader.others,
        tuple(reader.kept),
    )


class _Reader:
    """Collects the lines of a manifest for one project."""

    def __init__(self, owner: str | None, exists: Callable[[str], bool]) -> None:
        self.owned: dict[str, set[str]] = {}
        self.synced: set[str] = set()
        self.unsafe: list[tuple[int, str]] = []
        self.unclaimed: set[str] = set()
        self.others: dict[str, str] = {}
        self.kept: list[str] = []
        self._owner, self._exists = owner, exists
        self._known: dict[str, bool] = {}

    def read(self, number: int, line: str) -> None:
        """Read one line."""
        if found := _SYNCED.fullmatch(line):
            if self._is_ours(line, found[2]):
                self.synced.add(found[1])
        elif found := _FILE.fullmatch(line):
            if not is_safe(found[2]) or (found[3] and self._owner is None):
                self.unsafe.append((number, line))
            elif self._is_ours(line, found[3]):
                self.owned.setdefault(found[2], set()).add(found[1])
                if self._owner and found[3] != self._owner:
                    self.unclaimed.add(found[2])
            else:
                self.others[found[2]] = found[3]

    def _is_ours(self, line: str, owner: str | None) -> bool:
        """Return whether a line is of the project; else keep it."""
        if self._owner is None or owner in (None, self._owner):
            return True
        if owner not in self._known:
            self._known[owner] = self._exists(owner)
        if self._known[owner]:
            self.kept.append(line)
        return not self._known[owner]


def read_manifest(folder: Path) -> Owned:
    """Return the hashes of each owned path in `folder`. Raises OetgenError as `load` does."""
    return load(folder).owned
