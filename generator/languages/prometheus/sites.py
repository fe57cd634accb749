"""Prometheus and Alertmanager: a value stands in PromQL, or in a text that is a Go template."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

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
_TEXTS = {
    "text": mode({"comment": "action_comment", "open": "action"}, comment=r"\{\{(?:- )?/\*", open=r"\{\{"),
    "action": mode(
        {"double": "action_double", "char": "action_char", "raw": "action_raw", "close": POP},
        "a {{ has no }}",
        double='"',
        char="'",
        raw="`",
        close=r"\}\}",
    ),
    "action_double": mode({"end": POP}, "a string is not closed", escape=ESCAPE, end='"'),
    "action_char": mode({"end": POP}, "a string is not closed", escape=ESCAPE, end="'"),
    "action_raw": mode({"end": POP}, "a string is not closed", end="`"),
    "action_comment": mode({"end": POP}, "a comment is not closed", end=r"\*/(?: -)?\}\}"),
}
# A matcher of Alertmanager, which has strings in double quotes alone.
_MATCHERS = {
    "bare": mode({"double": "double"}, double='"'),
    "double": mode({"end": POP}, "a string is not closed", lone=LONE_ESCAPE, escape=ESCAPE, end='"'),
}
_IS_MATCHER = frozenset(["matchers", "source_matchers", "target_matchers"])
_OPENING = {"double": '"', "single": "'", "raw": "`"}
_TOKEN = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)|\#[^\n]*|[=!]~|[A-Za-z_:][\w:]*|\S""",
    re.DOTALL,
)
# Strings that are more than text: by the operator before them, or by their place among the arguments of a function.
_OPERATORS = {"=~": "pattern", "!~": "pattern"}
_ARGUMENTS = {("label_replace", 2): "replacement", ("label_replace", 4): "pattern"}
_KEYWORDS = frozenset(
    "and or unless by without on ignoring group_left group_right offset bool atan2 inf nan start end".split()
)
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*|(?:[0-9]+(?:ms|[smhdwy]))+")
_IN_ACTION = re.compile(r"[A-Za-z0-9_./:@-]+")
_RAW = re.compile(r"[^`\r]*")
_IN_PATTERN = re.compile(r"[A-Za-z0-9_/:@%, -]*")
_REPLACEMENT = re.compile(r"[A-Za-z0-9_./:@%, -]*")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "prometheus", _own)


def _own(text: str, path: Path) -> list[Site] | None:
    if path[-1:] == ("expr",):
        return None
    return matchers(text) if _IS_MATCHER.intersection(path[-2:]) else texts(text)


def texts(text: str) -> list[Site]:
    """Return the sites in a text that Prometheus or Alertmanager reads as a template."""
    return [
        marked.site("prometheus", "action" if marked.mode.startswith("action") else None)
        for marked in marks(text, _TEXTS, "text")
    ]


def matchers(text: str) -> list[Site]:
    """Return the sites in a matcher of Alertmanager. Raises ShapeError."""
    found = _in_strings(text, list(marks(text, _MATCHERS, "bare")))
    is_pattern = bool(re.search("[=!]~", text))
    return [
        replace(site, position="pattern") if is_pattern and site.position == "bare" else site
        for site in found
    ]


def promql(text: str) -> list[Site]:
    """Return the sites in an expression of PromQL. Raises ShapeError."""
    return _in_strings(text, list(marks(text, _MODES, "code")))


def _in_strings(text: str, found: list[Marked]) -> list[Site]:
    strings = list(_strings(text))
    starts = [start for start, _ in strings]
    return [
        marked.site("prometheus", _meaning(strings, starts, marked) if marked.mode in _OPENING else None)
        for marked in found
    ]


def _meaning(strings: list[tuple[int, str]], starts: list[int], marked: Marked) -> str | None:
    index = bisect_right(starts, marked.offset) - 1
    return (strings[index][1] if index >= 0 else "") or None


def _strings(text: str) -> Iterator[tuple[int, str]]:
    """Yield where each string begins, and what it is if it is more than text."""
    calls: list[tuple[str, int]] = []
    before = ""
    for found in _TOKEN.finditer(text):
        token = found[0]
        if found["string"]:
            yield found.start(), _OPERATORS.get(before) or _ARGUMENTS.get(calls[-1] if calls else ("", 0), "")
        elif token in "([{":
            calls.append((before.lower(), 0))
        elif token in ")]}":
            del calls[-1:]
        elif token == "," and calls:
            calls[-1] = (calls[-1][0], calls[-1][1] + 1)
        before = before if token.startswith("#") else token


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "code":
        if isinstance(value, int | float) and not isinstance(value, bool):
            return typed(value)
        if text.lower() in _KEYWORDS:
            raise EncodeError(f"{text} is a keyword of PromQL", "put double quotes around it")
        return only(_WORD, text, "PromQL outside of quotes", "put double quotes around it")
    if site.position == ESCAPED:
        return escaped(site, text)
    if site.position == "comment":
        return one_line(text, "a comment")
    if site.position in _ONLY:
        return _ONLY[site.position](text)
    if site.position == "text":
        return _template(site, text)
    quote = _OPENING[site.position]
    return string(text)[1:-1].replace('\\"', '"').replace(quote, f"\\{quote}")


_WORDS = "use letters, digits and _ . / : @ -"
_ONLY: Mapping[str, Callable[[str], str]] = {
    "pattern": lambda text: only(
        _IN_PATTERN, text, "a regular expression", "use letters, digits, blanks and _ / : @ % , -"
    ),
    "replacement": lambda text: only(
        _REPLACEMENT, text, "a replacement", "use letters, digits, blanks and _ . / : @ % , -"
    ),
    "action": lambda text: only(_IN_ACTION, text, "an action of a Go template", _WORDS),
    "bare": lambda text: only(_IN_ACTION, text, "a matcher without quotes", "put double quotes around it"),
    "raw": lambda text: only(_RAW, text, "a string between back quotes", "use double quotes"),
}


def _template(site: Site, text: str) -> str:
    if dialect.doubles(site, text, "{"):
        raise EncodeError("Prometheus and Alertmanager would read {{ as a template", "no value may hold it")
    return text
