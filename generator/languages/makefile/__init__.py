"""Makefiles of GNU make.

Source: gnu.org, "GNU make", chapters "How to Use Variables" and "Writing Recipes in Rules".
"""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file has one of the names that make looks for, or ends as its parts do."""
    name = path.rpartition("/")[2]
    return (
        name in ("Makefile", "makefile", "GNUmakefile")
        or name.endswith((".mk", ".mak", ".makefile"))
        or (name.startswith("Makefile."))
    )


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
