"""Dockerfiles, under each name that builders and their users give them."""

from __future__ import annotations

_NAMES = ("Dockerfile", "Containerfile")


def recognise(path: str, text: str) -> bool:
    """Return whether the file is called `Dockerfile` or `Containerfile`, alone or with a word before or after it."""
    name = path.rpartition("/")[2]
    if name.endswith(".dockerignore"):
        return False
    return name.endswith((*_NAMES, ".dockerfile")) or name.startswith(("Dockerfile.", "Containerfile."))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
