"""Compose files: YAML in whose values `$NAME` and `${NAME}` are interpolated.

Source: the Compose specification, "Interpolation".
"""

from __future__ import annotations

import re

from generator.languages.embedded import Path
from generator.languages.lexer import DOLLAR, NOWHERE, POP, VARIABLE, Marked, marks, mode
from generator.languages.site import MARK, EncodeError, Scalar, Site, apart, only, text_of
from generator.languages.yaml import dialect

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEFAULT = re.compile(r"[A-Za-z0-9_./:@%+=, -]*")
_BESIDE_NAME = re.compile(rf"[A-Za-z0-9_{MARK}]")
_TOKENS = {"pair": r"\$\$", "parameter": r"\$\{", "variable": VARIABLE, "dollar": DOLLAR}
_IN_BRACES = mode({"parameter": "parameter", "close": POP}, "a ${ has no }", **_TOKENS, close=r"\}")
_MODES = {
    "text": mode({"parameter": "parameter"}, **_TOKENS),
    "parameter": mode(
        {"operator": "=default", "other": "=opaque", "close": POP},
        "a ${ has no }",
        operator=r":?[-?+]",
        other=rf"[^A-Za-z0-9_}}{MARK}]",
        close=r"\}",
    ),
    "default": _IN_BRACES,
    "opaque": _IN_BRACES,
}
_INTERPOLATION = re.compile(r"\$(?:\$|\{[^{}]*\}|[A-Za-z_][A-Za-z0-9_]*)")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "compose", _own, _visible, _is_scalar)


def encode(site: Site, value: Scalar) -> str:
    """Write `value`; `$$` stands for one dollar sign."""
    text = apart(site, text_of(value))
    if site.position == "name":
        return only(_NAME, text, "the name of a variable", "use letters, digits and _")
    if site.position == "default":
        return only(_DEFAULT, text, "the text in ${…}", "use plain words")
    if site.position == NOWHERE:
        raise EncodeError(
            "a value cannot stand here, after a dollar sign", "write two dollar signs, or ${NAME}"
        )
    return text.replace("$", "$$")


def _own(text: str, path: Path) -> list[Site] | None:
    """Return the sites in a value; keys are not interpolated."""
    if path[-1:] == (None,):
        return None
    return [marked.site("compose", _position(marked)) for marked in marks(text, _MODES, "text")]


def _is_scalar(path: Path) -> bool:
    """Return whether Compose accepts nothing but text at `path`."""
    return path[-2:-1] in (("environment",), ("labels",))


def _position(marked: Marked) -> str:
    if marked.token == "dollar" or marked.mode == "parameter":
        is_name = marked.token == "dollar" or marked.before == "{"
        return "name" if is_name and not _BESIDE_NAME.match(marked.behind) else NOWHERE
    return NOWHERE if marked.mode == "opaque" else marked.mode


def _visible(text: str, path: Path) -> str:
    """Return `text` as it is once Compose has interpolated it; an interpolated value counts as a word."""
    return _INTERPOLATION.sub(
        lambda match: "$" if match[0] == "$$" else "x" + MARK * match[0].count(MARK) + "x", text
    )
