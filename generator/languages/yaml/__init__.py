"""YAML files that no dialect recognises."""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as YAML files do."""
    return path.endswith((".yaml", ".yml"))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
