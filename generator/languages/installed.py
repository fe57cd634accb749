"""The languages of installed packages, by their entry points `oetgen.languages`.

Only distributions with `oetgen` in their name are looked at, in the folders that Python installs packages to: reading
the entry points of all of them would take longer than a render, and a project may not add one.
"""

from __future__ import annotations

import os
import site
from collections.abc import Iterator, Mapping

GROUP = "oetgen.languages"


def folders() -> list[str]:
    """Return the folders of installed packages."""
    own = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return [*site.getsitepackages(), *own]


def distributions() -> Iterator[str]:
    """Yield the folder of what is known of each distribution with `oetgen` in its name."""
    for folder in folders():
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if "oetgen" in name.lower() and name.endswith(".dist-info"):
                yield f"{folder}/{name}"


def packages() -> Mapping[str, str]:
    """Return the packages that have a language, by its name."""
    found: dict[str, str] = {}
    for folder in distributions():
        try:
            with open(f"{folder}/entry_points.txt", encoding="utf-8") as file:
                found |= dict(_entries(file.read()))
        except FileNotFoundError:
            continue
    return found


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield the entries of the group in a file of entry points.

    Source: packaging.python.org, "Entry points specification", "File format".
    """
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.strip("[] ")
        elif group == GROUP and "=" in line and not line.startswith(("#", ";")):
            name, _, package = line.partition("=")
            yield name.strip(), package.strip()
