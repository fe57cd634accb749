"""A program of unknown grammar: a value may hold only characters that mean nothing in any language."""

from __future__ import annotations

import re

from generator.languages.site import Scalar, Site, only, text_of, touching

_WORD = re.compile(r"[A-Za-z0-9_./:@-]+")
_ARGUMENT = "pass it as an argument or in an environment variable: sh -c '… \"$1\" …' sh {{ … }}"
_WAY_OUT = (
    "read it from an argument or an environment variable; map the path to text or another language in oetgen.yaml; "
    "or write one raw line on your own word with {{ … | line }}"
)


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return touching("code", "program", shape)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    if site.outer:
        return only(_WORD, text_of(value), "a program inside a string", _ARGUMENT)
    return only(_WORD, text_of(value), "a program of unknown language", _WAY_OUT)


def holds(site: Site, form: str) -> bool:
    """Return whether what the filter `form` writes may stand at `site`: a raw line, in a file of its own."""
    return form == "line" and site.outer is None
