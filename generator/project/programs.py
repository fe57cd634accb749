"""Programs outside of the project, and the environment they get: nothing that a project contains is ever run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

# Variables that programs get; every other one could change what they read or run.
_KEPT = ("TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT")


def find(root: Path, name: str) -> str | None:
    """Return the path of a program on `PATH` that lies outside of the repository of the project at `root`."""
    found = shutil.which(name, path=search_path(root))
    return found if found and is_outside(root, found) else None


def search_path(root: Path) -> str:
    """Return `PATH` without empty and relative folders and without those inside the repository of `root`.

    It is never empty, because an empty `PATH` means the current folder.
    """
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    ground = _ground(root)
    kept = [folder for folder in folders if os.path.isabs(folder) and not _lies_in(ground, folder)]
    return os.pathsep.join(kept) or os.devnull


def is_outside(root: Path, place: str) -> bool:
    """Return whether `place`, and what it links to, lie outside of the repository that holds `root`."""
    return not _lies_in(_ground(root), place)


def environment(root: Path, home: str, more: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a program: the essential ones, and `more`; `home` is a folder without settings."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    own = {"PATH": search_path(root), "HOME": home, "USERPROFILE": home, "XDG_CONFIG_HOME": home}
    return {**kept, **own, "LC_ALL": "C.UTF-8", **more}


def _ground(root: Path) -> tuple[str, str]:
    """Return the repository that holds `root`, else `root`; as it is named, and without links."""
    top = next((each for each in (root, *root.parents) if os.path.lexists(each / ".git")), root)
    return os.path.abspath(top), os.path.realpath(top)


def _lies_in(ground: tuple[str, str], place: str) -> bool:
    """Return whether `place`, as it is named or without links, is one of these folders or lies in one."""
    places = (os.path.abspath(place), os.path.realpath(place))
    return any(each == own or each.startswith(os.path.join(own, "")) for each in places for own in ground)
