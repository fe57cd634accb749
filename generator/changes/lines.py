"""Find the lines of the values and templates that changed since a revision."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher

from generator.project import SETTINGS
from generator.project.files import FILE, walk
from generator.project.folder import Project, read
from generator.project.git import Revision


def changed_lines(project: Project, revision: Revision) -> Mapping[str, frozenset[int]]:
    """Return the numbers of the lines that are new or changed, by file; those beside removed lines, too."""
    before = revision.files([*_folders(project), SETTINGS])
    found: dict[str, frozenset[int]] = {}
    for path in _paths(project):
        text, unreadable = read(project, path)
        if not unreadable and text != before.get(path):
            found[path] = frozenset(_changed(before.get(path, "").split("\n"), text.split("\n")))
    return found


def _folders(project: Project) -> tuple[str, str]:
    return project.folders.environments, project.folders.templates


def _paths(project: Project) -> list[str]:
    root = str(project.root)
    every = ((top, path, kind) for top in _folders(project) for path, kind in walk(root, top))
    found = [f"{top}/{path}" for top, path, kind in every if kind == FILE]
    return [*found, *([SETTINGS] if project.has(SETTINGS) else [])]


def _changed(old: list[str], new: list[str]) -> set[int]:
    changed: set[int] = set()
    for kind, _, _, start, end in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "delete":
            changed |= {start, start + 1}
        elif kind != "equal":
            changed.update(range(start + 1, end + 1))
    return changed
