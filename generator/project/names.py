"""Names of environments and paths of files, which are checked before anything is read or written at them.

Imports almost nothing, because it is loaded before everything else.
"""

from __future__ import annotations

from generator.project import BASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST = 100  # characters
_MARKS = "._-"
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file: devices, with any ending.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))]
)


def environment_problem(name: str) -> str:
    """Return why an environment cannot have this name, or "".

    The name becomes a folder in `out/`, and an argument of commands.
    """
    if not name:
        return "the name is empty"
    if len(name) > _MOST:
        return f"the name has {len(name)} characters, expected at most {_MOST}"
    if not name.isascii() or not all(each.isalnum() or each in _MARKS for each in name):
        return "expected only letters (a-z), digits and . _ -"
    if not (name[0].isalnum() or name[0] == "_"):
        return "expected a letter or a digit first"
    if name[-1] == ".":
        return "the name ends with a dot, which Windows removes"
    if name.partition(".")[0].lower() in _DEVICES:
        return "the name is that of a device on Windows"
    return ""


def environment_problems(names: Iterable[str]) -> dict[str, str]:
    """Return each name that an environment cannot have, with the reason; of two that differ in case, the second."""
    problems = {}
    seen = {BASE: BASE}
    for name in sorted(names):
        other = seen.setdefault(name.lower(), name)
        reason = environment_problem(name)
        if not reason and other != name:
            reason = f"{other} is the same name on a case-insensitive file system (macOS, Windows)"
        if reason:
            problems[name] = reason
    return problems


def is_repository(part: str) -> bool:
    """Return whether git or Windows may take a part of a path for `.git`: nothing is written into a repository."""
    # Windows removes final dots and blanks, and opens streams after a colon; NTFS has short names.
    name = part.partition(":")[0].rstrip(". ").lower()
    return name in (".git", "git~1")
