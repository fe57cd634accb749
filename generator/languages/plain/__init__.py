"""Files with one plain word or path on each line, such as .dockerignore."""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file is a list of patterns to ignore."""
    name = path.rpartition("/")[2]
    return name.endswith(".dockerignore") or (name.startswith(".") and name.endswith("ignore"))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
