"""A file that takes no values."""

from __future__ import annotations

from generator.languages.site import MARK, EncodeError, Scalar, Site


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return [Site("verbatim", "text")] * shape.count(MARK)


def encode(site: Site, value: Scalar) -> str:
    """Refuse every value."""
    hint = "remove the expression, put literal braces into {% raw %}, or map the path to a language in oetgen.yaml"
    raise EncodeError("a file that oetgen.yaml maps to verbatim takes no values", hint)
