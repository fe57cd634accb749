"""JSON (RFC 8259): a bare place keeps the value's type, a string escapes."""

from __future__ import annotations

import json
import re

from generator.languages.lexer import ESCAPE, ESCAPED, LONE_ESCAPE, POP, marks, mode, placed, rule
from generator.languages.site import (
    EncodeError,
    Scalar,
    Site,
    escaped,
    is_apart,
    safe_integer,
    text_of,
    typed,
)

_MODES = {
    "bare": mode({"quote": "string"}, quote='"'),
    "string": mode(
        {"quote": POP}, "a string is not closed", lone=LONE_ESCAPE, escape=ESCAPE, quote='"', broken=r"\n"
    ),
}
_RULES = (rule("key", "", r"\s*:"),)
_APART = re.compile(r"[\s,:{}\[\]]?")
# What JSON may hold as it is, but the place of a string may not: YAML blocks, lines of Dockerfiles.
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    found = own_sites(shape)
    if not any(site.position in ("string", "bare") for site in found):
        return found
    from generator.languages.hcl.literals import (
        with_embedded,  # a render that knows the shape needs none of it
    )

    return with_embedded("json", shape, found, has_templates=False)


def own_sites(shape: str) -> list[Site]:
    """Return the site of each mark in JSON alone, whatever its strings hold. Raises ShapeError."""
    return [
        marked.site("json", placed(shape, marked.offset, _RULES) if marked.mode == "bare" else None)
        for marked in marks(shape, _MODES, "bare")
    ]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    if site.position == ESCAPED:
        return escaped(site, "")
    if site.position == "string":
        return string(text_of(value))[1:-1]
    if site.position == "key" and not isinstance(value, str):
        raise EncodeError(f"a key cannot be {value}", 'put double quotes around it: "{{ … }}"')
    if not is_apart(site, _APART):
        raise EncodeError("the value would run into what stands beside it", "put double quotes around it all")
    if isinstance(value, str):
        return string(value)
    safe_integer(value)
    return typed(value)


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list or map, as the filter `form` writes it, may stand at `site`."""
    return site.position == "bare" and form == "json" and is_apart(site, _APART)


def string(text: str) -> str:
    """Return `text` as a JSON string."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
