"""Answer `oetgen render` when nothing has changed, before anything else is imported.

It is only there for speed: such a run takes a third of the time that importing click alone would. It knows the plain
forms of the command; any other form, and every doubt, is left to the command itself.
"""

from __future__ import annotations

import os

from generator.incremental.cache import default_cache
from generator.incremental.inputs import CachedRecords
from generator.project import BASE, ENVIRONMENTS, find_root
from generator.project.files import list_folder
from generator.project.names import environment_problems
from generator.project.summary import unchanged_lines


def summary_if_unchanged(arguments: list[str]) -> str | None:
    """Return what a render with `arguments` would print if it would write nothing; None when that is unknown."""
    try:
        lines = _unchanged(arguments)
    except (OSError, ValueError):  # the command itself reports what is wrong
        return None
    return "\n".join(lines) if lines else None


def _unchanged(arguments: list[str]) -> list[str]:
    """Return the lines that such a render would print (an empty one for --quiet), or none when that is unknown."""
    command = _plain_render(arguments)
    if command is None:
        return []
    start, names, quiet = command
    root = find_root(start) if os.path.isdir(start) else None
    if root is None:
        return []
    if not names:
        files = [name for name, _ in list_folder(root, ENVIRONMENTS) if name.endswith(".yaml")]
        names = [name[:-5] for name in files if name != f"{BASE}.yaml"]
    if environment_problems(names):
        return []
    records = CachedRecords(default_cache(), root)
    counts: list[tuple[str, int]] = []
    for name in dict.fromkeys(names):
        found = records.unchanged(name)
        if found is None:
            return []
        counts.append(found)
    lines = unchanged_lines(counts)
    return [""] if quiet and lines else lines


def _plain_render(arguments: list[str]) -> tuple[str, list[str], bool] | None:
    """Return where to start, which environments (none: all) and whether to be quiet; None for another command."""
    start, quiet, rest = ".", False, list(arguments)
    while rest and rest[0] != "render":
        option = rest.pop(0)
        if option == "-C" and rest:
            start = rest.pop(0)
        elif option in ("-q", "--quiet"):
            quiet = True
        else:
            return None
    names = rest[1:]
    if not names or (names != ["--all"] and any(name.startswith("-") or "/" in name for name in names)):
        return None
    return start, [] if names == ["--all"] else names, quiet
