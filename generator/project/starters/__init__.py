"""Starters: small projects in the package, one of which `oetgen init` copies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

from generator.findings import OetgenError
from generator.findings.suggest import nearest
from generator.project import files

DEFAULT = "minimal"

_FOLDER = Path(__file__).parent
_REPOSITORY = _FOLDER.parents[2]  # the checkout that the package is installed from in place
_INDEX = "index.json"


class Starter(TypedDict, total=False):
    """An entry of the index; `from_repository` lists what setup.py copies into the package."""

    summary: str
    from_repository: list[str]


def starters() -> dict[str, Starter]:
    """Return the starters by name, the smallest first."""
    found: dict[str, Starter] = json.loads(files.read_bytes(str(_FOLDER), _INDEX))
    return found


def starter_files(name: str) -> dict[str, bytes]:
    """Return the content of each file of a starter by its path. Raises OetgenError for an unknown name."""
    known = starters()
    if name not in known:
        hint = nearest(name, list(known)) or f"name one of {', '.join(known)}"
        raise OetgenError(f'no starter "{name}"', hint)
    found = dict(files.read_below(str(_FOLDER), name))
    for path in known[name].get("from_repository", ()):
        # An installed package has a copy of its own; in a checkout, the stack is there once.
        if not (_FOLDER / name / path).exists():
            found |= _read(_REPOSITORY, path)
    return dict(sorted(found.items()))


def _read(root: Path, path: str) -> dict[str, bytes]:
    if (root / path).is_dir():
        return {f"{path}/{inner}": data for inner, data in files.read_below(str(root), path)}
    return {path: files.read_bytes(str(root), path)}
