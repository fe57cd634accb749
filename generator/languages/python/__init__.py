"""Python: configuration files and scripts.

Source: docs.python.org, "Lexical analysis", "String and Bytes literals".
"""

from __future__ import annotations

import re

_INTERPRETER = r"#![^\n]*\bpython[0-9.]*(?=\s|$)"  # compiled when a file needs it


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as Python does, or its first line names Python."""
    if text.startswith("#!"):
        return bool(re.match(_INTERPRETER, text))
    return path.endswith((".py", ".pyi"))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
