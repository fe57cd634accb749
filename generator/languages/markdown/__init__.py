"""Markdown files (CommonMark, and the extensions of GitHub)."""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as Markdown files do."""
    return path.endswith((".md", ".markdown"))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"<!-- {text} -->\n"
