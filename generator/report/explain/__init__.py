"""What each code of a finding stands for: what is wanted, why, a bad and a good example.

The texts are read from the modules in `SOURCES`, each with a function `documentation() -> Iterator[tuple[str, str]]`
that yields codes and texts. A text is a paragraph that says what is wanted, then `Why:`, `Bad:` and `Good:`, the last
two with an indented example. A code may end in `/*`: it stands for all that begin like it.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass

SOURCES = ("generator.report.explain.texts", "generator.checks.registry")

_FORM = re.compile(
    r"(?P<what>.+?)\n\nWhy: (?P<why>.+?)\n\nBad:\n\n(?P<bad>.+?)\n\nGood:\n\n(?P<good>.+?)\s*", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code stands for; `bad` and `good` are indented lines of a file or a shell."""

    code: str
    what: str
    why: str
    bad: str
    good: str

    @property
    def short(self) -> str:
        """The first sentence, on one line."""
        return re.split(r"(?<=\.)\s", " ".join(self.what.split()))[0]


def explanations() -> dict[str, Explanation]:
    """Return what each code stands for, sorted by code."""
    texts = dict(text for source in SOURCES for text in importlib.import_module(source).documentation())
    return {code: explanation(code, texts[code]) for code in sorted(texts)}


def explanation(code: str, text: str) -> Explanation:
    """Read one text. Raises ValueError when a part is missing."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"the text of {code} is not of the form: what, Why:, Bad:, Good:")
    return Explanation(code, **found.groupdict())


def lookup(code: str, known: dict[str, Explanation]) -> Explanation | None:
    """Return what `code` stands for, or None when nothing is known of it."""
    if code in known:
        return known[code]
    groups = [each for each in known if each.endswith("/*") and code.startswith(each[:-1])]
    return known[max(groups, key=len)] if groups else None
