"""Templates of Helm charts: a value is a plain word, since Helm reads the text before YAML does."""

from __future__ import annotations

from generator.languages.site import MARK, Scalar, Site
from generator.languages.text import sites as text


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return [Site("helm", "text")] * shape.count(MARK)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    return text.encode(site, value)


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list or map, as the filter `form` writes it, may stand at `site`."""
    return text.holds(site, form)
