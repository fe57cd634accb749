"""CircleCI's configurations: YAML whose texts hold `<< … >>` expressions, and whose `run:` steps are shell.

Source: circleci.com/docs, "Pipeline values and parameters".
"""

from __future__ import annotations

from generator.languages.embedded import Path
from generator.languages.site import MARK, EncodeError, Scalar, Site, text_of
from generator.languages.yaml import dialect


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "circleci", _own)


def encode(site: Site, value: Scalar) -> str:
    """Write `value`. No value can begin an expression."""
    text = text_of(value)
    joined = (site.before in ("<", MARK) and text[:1] == "<") or (
        site.behind in ("<", MARK) and text[-1:] == "<"
    )
    if "<<" in text or joined or (not text and site.before == "<" and site.behind == "<"):
        raise EncodeError("CircleCI would read << as an expression", "no value may hold it")
    return text


def _own(text: str, path: Path) -> list[Site]:
    return [
        Site("circleci", "text", text[max(index - 1, 0) : index], text[index + 1 : index + 2])
        for index, char in enumerate(text)
        if char == MARK
    ]
