"""CircleCI's configurations: YAML whose texts hold `<< … >>` expressions, and whose `run:` steps are shell.

Source: circleci.com/docs, "Pipeline values and parameters".
"""

from __future__ import annotations

from generator.languages.site import EncodeError, Scalar, Site, text_of
from generator.languages.yaml import dialect


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "circleci", dialect.texts_of("circleci"))


def encode(site: Site, value: Scalar) -> str:
    """Write `value`. No value can begin an expression."""
    text = text_of(value)
    if dialect.doubles(site, text, "<"):
        raise EncodeError("CircleCI would read << as an expression", "no value may hold it")
    return text
