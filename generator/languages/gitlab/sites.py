"""GitLab's pipelines: YAML in whose `variables:` `$NAME` is expanded, and whose scripts are shell.

Source: docs.gitlab.com, "Where variables can be used".
"""

from __future__ import annotations

import re

from generator.languages.embedded import Path
from generator.languages.site import MARK, Scalar, Site, only, text_of
from generator.languages.yaml import dialect

_WORD = re.compile(r"[A-Za-z0-9_.:@,-]+")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "gitlab", _own)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for a variable, where `$$` stands for one dollar sign, or as a word of an expression."""
    if site.position == "expression":
        hint = "use letters, digits and _ . : @ , -, or compare with a variable"
        return only(_WORD, text_of(value), "an expression of GitLab, which has no escapes,", hint)
    return text_of(value).replace("$", "$$")


def _own(text: str, path: Path) -> list[Site] | None:
    if path[-1:] == ("if",) or (path[-2:-1] == ("variables",) and isinstance(path[-1], int)):
        return [Site("gitlab", "expression")] * text.count(MARK)
    is_variable = "variables" in path[-3:-1] and path[-1:] != (None,)
    return [Site("gitlab", "variable")] * text.count(MARK) if is_variable else None
