"""Procfiles: a name and a command a line.

Source: devcenter.heroku.com, "The Procfile".
"""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file has the name of Procfiles."""
    name = path.rpartition("/")[2]
    return name == "Procfile" or name.startswith("Procfile.")


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
