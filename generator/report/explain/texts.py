"""Read the explanations of oetgen's own codes from the Markdown files of this package, one for each area."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

_HEADING = re.compile(r"^## (\S+)\n", re.MULTILINE)


def documentation() -> Iterator[tuple[str, str]]:
    """Yield each code with its text."""
    for file in sorted(files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".md"):
            _, *parts = _HEADING.split(file.read_text("utf-8"))
            yield from ((code, text.strip()) for code, text in zip(parts[::2], parts[1::2], strict=True))
