"""Prometheus and Alertmanager: a value stands in PromQL, or in a text that is a Go template."""

from __future__ import annotations

import re

from generator.languages.embedded import Path
from generator.languages.json.sites import string
from generator.languages.lexer import ESCAPE, ESCAPED, LONE_ESCAPE, POP, Marked, marks, mode
from generator.languages.site import (
    EncodeError,
    Scalar,
    Site,
    escaped,
    one_line,
    only,
    text_of,
    typed,
)
from generator.languages.yaml import dialect

_MODES = {
    "code": mode(
        {"double": "double", "single": "single", "raw": "raw", "comment": "comment"},
        double='"',
        single="'",
        raw="`",
        comment="#",
    ),
    "double": mode({"end": POP}, "a string is not closed", lone=LONE_ESCAPE, escape=ESCAPE, end='"'),
    "single": mode({"end": POP}, "a string is not closed", lone=LONE_ESCAPE, escape=ESCAPE, end="'"),
    "raw": mode({"end": POP}, "a string is not closed", end="`"),
    "comment": mode({"end": POP}, end="$"),
}
# A text is a Go template, in whose actions a value may not be more than a word.
_TEXTS = {"text": mode({"open": "action"}, open=r"\{\{"), "action": mode({"close": POP}, close=r"\}\}")}
_OPENING = {"double": '"', "single": "'", "raw": "`"}
_PATTERN = re.compile(r"[=!]~\s*\Z")
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*|(?:[0-9]+(?:ms|[smhdwy]))+")
_IN_ACTION = re.compile(r"[A-Za-z0-9_./:@-]+")
_RAW = re.compile(r"[^`\r]*")
_IN_PATTERN = re.compile(r"[A-Za-z0-9_/:@%, -]*")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "prometheus", _own)


def _own(text: str, path: Path) -> list[Site] | None:
    return None if path[-1:] == ("expr",) else texts(text)


def texts(text: str) -> list[Site]:
    """Return the sites in a text that Prometheus or Alertmanager reads as a template."""
    return [marked.site("prometheus") for marked in marks(text, _TEXTS, "text")]


def promql(text: str) -> list[Site]:
    """Return the sites in an expression of PromQL. Raises ShapeError."""
    return [_site(text, marked) for marked in marks(text, _MODES, "code")]


def _site(text: str, marked: Marked) -> Site:
    if marked.mode in _OPENING:
        start = text.rfind(_OPENING[marked.mode], 0, marked.offset)
        if _PATTERN.search(text[:start]):
            return marked.site("prometheus", "pattern")
    return marked.site("prometheus")


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "code":
        if isinstance(value, int | float) and not isinstance(value, bool):
            return typed(value)
        return only(_WORD, text, "PromQL outside of quotes", "put double quotes around it")
    if site.position == ESCAPED:
        return escaped(site, text)
    if site.position == "comment":
        return one_line(text, "a comment")
    if site.position == "pattern":
        return only(
            _IN_PATTERN, text, "a regular expression", "use letters, digits, blanks and _ / : @ % , -"
        )
    if site.position == "action":
        return only(_IN_ACTION, text, "an action of a Go template", "use letters, digits and _ . / : @ -")
    if site.position == "text":
        return _template(site, text)
    if site.position == "raw":
        return only(_RAW, text, "a string between back quotes", "use double quotes")
    quote = _OPENING[site.position]
    return string(text)[1:-1].replace('\\"', '"').replace(quote, f"\\{quote}")


def _template(site: Site, text: str) -> str:
    if dialect.doubles(site, text, "{"):
        raise EncodeError("Prometheus and Alertmanager would read {{ as a template", "no value may hold it")
    return text
