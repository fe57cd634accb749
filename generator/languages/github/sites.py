"""GitHub workflows: YAML whose texts hold `${{ … }}` expressions, and whose `run:` blocks are programs."""

from __future__ import annotations

import re

from generator.languages.embedded import Path
from generator.languages.lexer import POP, Marked, marks, mode, placed, rule
from generator.languages.site import MARK, EncodeError, Scalar, Site, one_line, only, text_of
from generator.languages.yaml import dialect

_EXPRESSION = re.compile(r"\$\{\{(?:'[^']*'|[^'])*?\}\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NAME_PART = re.compile(r"[A-Za-z0-9_-]+")
_NUMBER_OR_BOOLEAN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?|true|false")
_KEYWORDS = frozenset(["true", "false", "null", "nan", "infinity"])
_OPENING = "${{"
_QUOTE = "use letters, digits, _ and -, or put single quotes around it"

_MODES = {
    "text": mode({"open": "expression"}, open=r"\$\{\{"),
    "expression": mode({"quote": "string", "close": POP}, "a ${{ has no }}", quote="'", close=r"\}\}"),
    "condition": mode({"quote": "string"}, quote="'"),
    "string": mode({"quote": POP}, "a ' in an expression is not closed", quote="'"),
}
_RULES = (rule("name", rf"[A-Za-z0-9_.{MARK}-]"), rule("name", "", rf"[A-Za-z0-9_.({MARK}-]"))


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "github", _own, _visible, _is_scalar)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`. No value can begin an expression or leave one."""
    text = text_of(value)
    if site.position == "name":
        return _name(site, text)
    if site.position == "expression":
        if not isinstance(value, str):
            return only(_NUMBER_OR_BOOLEAN, text, "an expression", _QUOTE)
        return _name(site, text)
    _refuse_opening(site, text)
    if site.position == "runner" and "windows" in text.lower():
        raise EncodeError("a job on Windows runs its steps in PowerShell", "write the runner in the template")
    if site.position == "string":
        if "}}" in text:
            raise EncodeError("an expression cannot hold }} in a string", "compare with a value from env")
        return one_line(text, "an expression").replace("'", "''")
    return text


def _name(site: Site, text: str) -> str:
    """Return a name; only after a dot may it be one of the language's own words."""
    goes_on = re.match(rf"[A-Za-z0-9_{MARK}-]", site.before)
    only(_NAME_PART if goes_on else _NAME, text, "a name in an expression", _QUOTE)
    if not goes_on and site.before != "." and text.lower() in _KEYWORDS:
        raise EncodeError(f"{text} is not a name in an expression", _QUOTE)
    return text


def _refuse_opening(site: Site, text: str) -> None:
    """Refuse `${{`, also where only a part of it is the value's."""
    around = (site.before in ("$", "{", MARK), site.behind in ("{", MARK))
    joined = (around[0] and text.startswith("{")) or (around[1] and text.endswith(("$", "${")))
    if _OPENING in text or joined or (not text and all(around)):
        raise EncodeError("GitHub would read ${{ as an expression", "no value may hold it")


def _own(text: str, path: Path) -> list[Site]:
    is_condition = path[-1:] == ("if",) and _OPENING not in text
    is_runner = path[2:3] == ("runs-on",)
    return [
        marked.site("github", _position(text, marked, is_runner=is_runner))
        for marked in marks(text, _MODES, "condition" if is_condition else "text")
    ]


def _position(text: str, marked: Marked, *, is_runner: bool) -> str:
    if marked.mode in ("expression", "condition"):
        return placed(text, marked.offset, _RULES) or "expression"
    return "runner" if is_runner and marked.mode == "text" else marked.mode


def _is_scalar(path: Path) -> bool:
    """Return whether GitHub accepts nothing but text at `path`."""
    return path[-1:] == ("run",) or path[-2:-1] in (("env",), ("with",))


def _visible(text: str, path: Path) -> str:
    """Return `text` with each expression as one word of the same length; its lines stay where they are."""
    return _EXPRESSION.sub(lambda match: re.sub(f"[^{MARK}\n]", "x", match[0]), text)
