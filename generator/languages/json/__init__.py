"""JSON files (RFC 8259), which have no comments; a few consumers accept them, `comments.py`."""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as JSON files do."""
    return path.endswith((".json", ".jsonc"))
