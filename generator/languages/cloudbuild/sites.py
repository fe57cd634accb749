"""Cloud Build's configurations: YAML in which `$NAME` and `${NAME}` are substituted, but for a `script:`.

Source: cloud.google.com/build/docs, "Substituting variable values".
"""

from __future__ import annotations

import re

from generator.languages.embedded import Path
from generator.languages.site import MARK, EncodeError, Scalar, Site, text_of
from generator.languages.yaml import dialect

_SUBSTITUTION = re.compile(r"\$(?:\$|\{[^{}]*\}|[A-Z_][A-Z0-9_]*)")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "cloudbuild", _own, _visible)


def encode(site: Site, value: Scalar) -> str:
    """Write `value`; `$$` stands for one dollar sign."""
    text = text_of(value)
    if site.before == "$" and (not text or text[0] in "${_" or text[0].isupper()):
        raise EncodeError("the value would begin a substitution", "write two dollar signs before it")
    return text.replace("$", "$$")


def _own(text: str, path: Path) -> list[Site] | None:
    if path[-1:] in (("script",), (None,)):
        return None
    return [
        Site("cloudbuild", "text", before="$" if _is_open(text[:index]) else "")
        for index, char in enumerate(text)
        if char == MARK
    ]


def _is_open(text: str) -> bool:
    """Return whether a dollar sign that begins a substitution ends `text`, or a name or brace after one does."""
    rest = _SUBSTITUTION.sub(lambda match: "" if match[0] == "$$" else match[0], text)
    return bool(re.search(r"\$(?:\{[^}]*|[A-Z_][A-Z0-9_]*)?\Z", rest))


def _visible(text: str, path: Path) -> str:
    """Return `text` as it is once its substitutions are made; a substituted value counts as a word."""
    if path[-1:] == ("script",):
        return text
    return _SUBSTITUTION.sub(
        lambda match: "$" if match[0] == "$$" else "x" + MARK * match[0].count(MARK) + "x", text
    )
