"""TOML files.

Source: toml.io, "TOML v1.0.0".
"""

from __future__ import annotations

_NAMES = frozenset(["Pipfile", "Cargo.lock", "poetry.lock", "uv.lock", "Gopkg.lock"])


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as TOML files do."""
    return path.endswith(".toml") or path.rpartition("/")[2] in _NAMES


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
