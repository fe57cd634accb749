"""The manifest of a folder, `.oetgen`: the list of the files that oetgen owns there.

Its lines are `sha256  path`, sorted by path. A path may have several hashes: the old and the new one while files are
replaced, and those of both sides after a merge. In a folder that `oetgen sync` writes to, a line `synced  ENV` names
each environment whose files are there. Other lines, such as the markers of a merge conflict, are ignored.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from generator.findings import OetgenError
from generator.project.files import NotRegularError, read_bytes
from generator.writer.paths import is_safe

MANIFEST = ".oetgen"
_FILE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_SYNCED = re.compile(r"synced  ([A-Za-z0-9_][A-Za-z0-9._-]*)")

Owned = dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of a manifest; `unsafe` has number and text of each line whose path leaves the folder."""

    owned: Owned = field(default_factory=dict)
    synced: frozenset[str] = frozenset()
    unsafe: tuple[tuple[int, str], ...] = ()
    text: str = ""

    def write(self) -> str:
        """Return the manifest as text, sorted."""
        files = sorted((path, found) for path, hashes in self.owned.items() for found in hashes)
        return "".join([f"synced  {env}\n" for env in sorted(self.synced)] + _lines(files))


def _lines(files: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{found}  {path}\n" for path, found in files]


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file's content, the same for CRLF and LF line endings."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def load(folder: Path) -> Manifest:
    """Read the manifest of `folder`; without one, oetgen owns no file there.

    Raises OetgenError when it cannot be read, or is not a regular file.
    """
    place = folder / MANIFEST
    try:
        text = read_bytes(str(folder), MANIFEST).decode("utf-8", "replace").replace("\r\n", "\n")
    except (FileNotFoundError, NotADirectoryError):
        return Manifest()
    except NotRegularError:
        raise OetgenError(
            f"{place} is not a regular file", "move it away: it is the path of the manifest"
        ) from None
    except OSError as problem:
        raise OetgenError(
            f"cannot read {place}: {problem.strerror}", "restore the file or its permissions"
        ) from None
    owned: dict[str, set[str]] = {}
    unsafe: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        found = _FILE.fullmatch(line)
        if found and not is_safe(found[2]):
            unsafe.append((number, line))
        elif found:
            owned.setdefault(found[2], set()).add(found[1])
    synced = frozenset(found[1] for found in map(_SYNCED.fullmatch, text.split("\n")) if found)
    return Manifest({path: frozenset(hashes) for path, hashes in owned.items()}, synced, tuple(unsafe), text)


def read_manifest(folder: Path) -> Owned:
    """Return the hashes of each owned path in `folder`. Raises OetgenError as `load` does."""
    return load(folder).owned


def synced(folder: Path) -> frozenset[str]:
    """Return the environments whose files `oetgen sync` wrote to `folder`. Raises OetgenError as `load` does."""
    return load(folder).synced
