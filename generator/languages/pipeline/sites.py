"""Pipelines of many services: YAML whose commands are shell, and in whose texts `$(…)` or `${…}` may be expanded.

Sources: learn.microsoft.com, "Define variables"; buildkite.com/docs, "Environment variables"; docs.drone.io,
"Parameter substitution".
"""

from __future__ import annotations

import re

from generator.languages.site import MARK, EncodeError, Scalar, Site, text_of
from generator.languages.yaml import dialect

_EXPANDED = re.compile(r"\$[({\[]")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "pipeline", dialect.texts_of("pipeline"))


def encode(site: Site, value: Scalar) -> str:
    """Write `value`. No value can begin an expansion."""
    text = text_of(value)
    joined = f"{site.before[-1:]}{text}{site.behind[:1]}".replace(MARK, "$(" if "$" in text else "")
    begins = site.before in ("$", MARK) and text[:1] in ("(", "{", "[")
    if _EXPANDED.search(joined) or begins:
        raise EncodeError("the service may expand $( and ${ in a value", "use a variable of the pipeline")
    return text
