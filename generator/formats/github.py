"""GitHub workflows: YAML whose texts hold `${{ … }}` expressions, and whose `run:` blocks are shell."""

from __future__ import annotations

import re

from generator.formats import shell, yaml
from generator.formats.lexer import POP, marks, mode
from generator.formats.site import MARK, CannotEncode, Scalar, Site, one_line, only, text_of

_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9_-]+")

_MODES = {
    "text": mode({"open": "expression"}, open=r"\$\{\{"),
    "expression": mode({"quote": "string", "close": POP}, quote="'", close=r"\}\}"),
    "string": mode({"quote": POP}, quote="'"),
}

comment = yaml.comment


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return yaml.sites(shape, _inner)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`. No value can begin an expression or leave one."""
    text = text_of(value)
    if site.position == "expression":
        return only(
            _NAME, text, "an expression", "use letters, digits, _ and -, or put single quotes around it"
        )
    opens = "${{" in text or (site.before in ("$", "{", MARK) and text.startswith("{"))
    if opens or (site.behind in ("{", MARK) and text.endswith(("$", "${"))):
        raise CannotEncode("GitHub would take ${{ for an expression", "no value may hold it")
    if site.position == "string":
        if "}}" in text:
            raise CannotEncode("an expression cannot hold }} in a string")
        return one_line(text, "an expression").replace("'", "''")
    return text


def _inner(place: yaml.Place) -> list[Site]:
    own = [Site("github", *mark) for mark in marks(place.text, _MODES, "text")]
    if place.path[-1:] != ("run",):
        return own
    code = _EXPRESSION.sub(lambda found: re.sub(f"[^{MARK}\n]", "x", found[0]), place.text)
    return [
        word.within(site) if site.position == "text" else site
        for word, site in zip(shell.sites(code), own, strict=True)
    ]
