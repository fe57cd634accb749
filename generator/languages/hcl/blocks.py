"""The top-level blocks of an HCL file as text, byte for byte, with the type and the name of each.

It finds them by lines at the left margin: a block that is written in another style has neither.
"""

from __future__ import annotations

import re

DIVIDER = "\n"
_START = r'(?:resource|module|data)[ ]+"'
_BLOCK = re.compile(rf'^({_START}[\w-]+)"(?:[ ]+"([\w-]+)")?[ ]*\{{', re.MULTILINE)
_DIVIDED = re.compile(rf"^(?=\n(?:(?:#|//).*\n)*{_START})|^(?=\n(?:(?:#|//).*\n)*[a-z])", re.MULTILINE)


def split(text: str) -> list[str]:
    """Return the blocks of a text with the comments above them, each but the first with the blank line before it."""
    return [each for each in _DIVIDED.split(text) if each]


def kinds(text: str) -> list[str]:
    """Return what each resource, data source and module of a text is: `resource aws_subnet`, `module`."""
    return [
        head.replace('"', "") if label else "module"
        for head, label in (each.groups() for each in _BLOCK.finditer(text))
    ]


def kind(block: str) -> str:
    """Return what a block is, or ""."""
    return next(iter(kinds(block)), "")


def name(block: str) -> str:
    """Return the name of a block, or ""."""
    found = _BLOCK.search(block)
    return (found[2] or found[1].rpartition('"')[2]) if found else ""
