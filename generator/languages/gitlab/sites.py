"""GitLab's pipelines: YAML in whose `variables:` `$NAME` is expanded, and whose scripts are shell.

Source: docs.gitlab.com, "Where variables can be used".
"""

from __future__ import annotations

from generator.languages.embedded import Path
from generator.languages.site import MARK, Scalar, Site, text_of
from generator.languages.yaml import dialect


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "gitlab", _own)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for a variable; `$$` stands for one dollar sign."""
    return text_of(value).replace("$", "$$")


def _own(text: str, path: Path) -> list[Site] | None:
    is_variable = "variables" in path[-3:-1] and path[-1:] != (None,)
    return [Site("gitlab", "variable")] * text.count(MARK) if is_variable else None
