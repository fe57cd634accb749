"""The documents of a file of manifests as text, byte for byte, with the kind and the name of each object.

It finds them by lines at the left margin: a document that is written in another style has neither.
"""

from __future__ import annotations

import re

DIVIDER = "---\n"
_KIND = re.compile(r"^kind:\s*(\w+)", re.MULTILINE)
_NAME = re.compile(r"^metadata:\s*\n(?:[ ]+.*\n)*?[ ]+name:[ ]*[\"']?([\w.-]+)", re.MULTILINE)


def split(text: str) -> list[str]:
    """Return the documents of a text, each but the first with the divider before it."""
    return [each for each in re.split(r"^(?=---\n)", text, flags=re.MULTILINE) if each]


def kinds(text: str) -> list[str]:
    """Return the kind of each object of a text."""
    return _KIND.findall(text)


def kind(document: str) -> str:
    """Return the kind of the object of a document, or ""."""
    return next(iter(kinds(document)), "")


def name(document: str) -> str:
    """Return the name of the object of a document, or ""."""
    found = _NAME.search(document)
    return found[1] if found else ""
