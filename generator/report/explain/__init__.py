"""Explain the codes of findings: the requirement, the reason, a bad and a good example.

Each module in `SOURCES` has a function `documentation() -> Iterator[tuple[str, str]]` that yields codes and texts.
A text is a paragraph with the requirement, then `Why:`, `Bad:` and `Good:`, the last two with an indented example. A
code that ends in `/*` stands for all codes with this prefix.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from importlib.resources import files

from generator.findings.record import record

SOURCES = ("generator.report.explain", "generator.checks.registry")

_HEADING = re.compile(r"^## (\S+)\n", re.MULTILINE)
_FORM = re.compile(
    r"(?P<what>.+?)\n\nWhy: (?P<why>.+?)\n\nBad:\n\n(?P<bad>.+?)\n\nGood:\n\n(?P<good>.+?)\s*", re.DOTALL
)


@record
class Explanation:
    """The explanation of a code; `bad` and `good` are indented lines of a file or of shell commands."""

    code: str
    what: str
    why: str
    bad: str
    good: str

    @property
    def short(self) -> str:
        """The first sentence of the requirement, on one line."""
        return re.split(r"(?<=\.)\s", " ".join(self.what.split()))[0]


def documentation() -> Iterator[tuple[str, str]]:
    """Yield oetgen's own codes, each with its text, from the Markdown files of this package."""
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".md"):
            _, *parts = _HEADING.split(file.read_text("utf-8"))
            yield from ((code, text.strip()) for code, text in zip(parts[::2], parts[1::2], strict=True))


def explanations() -> dict[str, Explanation]:
    """Return the explanation of each code, sorted by code."""
    texts = dict(text for source in SOURCES for text in importlib.import_module(source).documentation())
    return {code: explanation(code, texts[code]) for code in sorted(texts)}


def explanation(code: str, text: str) -> Explanation:
    """Return the parts of a text. Raise ValueError if a part is missing."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"the text of {code} is not of the form: what, Why:, Bad:, Good:")
    return Explanation(code, **match.groupdict())


def lookup(code: str, known: dict[str, Explanation]) -> Explanation | None:
    """Return the explanation of `code`, or None if the code is unknown."""
    if code in known:
        return known[code]
    prefixes = [each for each in known if each.endswith("/*") and code.startswith(each[:-1])]
    return known[max(prefixes, key=len)] if prefixes else None
