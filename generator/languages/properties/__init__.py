"""Java's property files.

Source: docs.oracle.com, java.util.Properties, `load(Reader)`.
"""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as property files do."""
    return path.endswith(".properties")


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
