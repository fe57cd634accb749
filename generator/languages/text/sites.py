"""Text of an unknown language: a value may hold only characters that no language gives a meaning."""

from __future__ import annotations

import re

from generator.languages.site import MARK, Scalar, Site, only, text_of

_SAFE = re.compile(r"[A-Za-z0-9_./:@+,=-]+(?: [A-Za-z0-9_./:@+,=-]+)*")
_WAY_OUT = (
    "use letters, digits and _ . / : @ + , = - with single blanks between them; or map the path to its language in "
    "oetgen.yaml, write one raw line on your own word with {{ … | line }}, or a list or map with | json or | yaml"
)


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return [Site("text", "text")] * shape.count(MARK)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`; a list or map is written by a filter, which the template chose for the language."""
    if site.position == "raw":
        return text_of(value)
    return only(_SAFE, text_of(value), "a file of unknown language", _WAY_OUT)


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list or map, as the filter `form` writes it, may stand at `site`."""
    return True
