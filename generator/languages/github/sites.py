"""GitHub workflows: YAML whose texts hold `${{ … }}` expressions, and whose `run:` blocks are shell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from generator.languages import commands
from generator.languages.lexer import POP, marks, mode, placed, rule
from generator.languages.shell import sites as shell
from generator.languages.site import MARK, EncodeError, Scalar, Site, one_line, only, text_of
from generator.languages.yaml import sites as yaml

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
    return yaml.sites(shape, _inner)


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
    if site.position == "string":
        if "}}" in text:
            raise EncodeError("an expression cannot hold }} in a string", "compare with a value from env")
        return one_line(text, "an expression").replace("'", "''")
    return text


def _name(site: Site, text: str) -> str:
    """Return a name; only behind a dot may it be one of the language's own words."""
    goes_on = re.match(rf"[A-Za-z0-9_{MARK}-]", site.before)
    only(_NAME_PART if goes_on else _NAME, text, "a name in an expression", _QUOTE)
    if not goes_on and site.before != "." and text.lower() in _KEYWORDS:
        raise EncodeError(f"{text} is no name in an expression", _QUOTE)
    return text


def _refuse_opening(site: Site, text: str) -> None:
    """Refuse `${{`, also where only a part of it is the value's."""
    around = (site.before in ("$", "{", MARK), site.behind in ("{", MARK))
    joined = (around[0] and text.startswith("{")) or (around[1] and text.endswith(("$", "${")))
    if _OPENING in text or joined or (not text and all(around)):
        raise EncodeError("GitHub would take ${{ for an expression", "no value may hold it")


def _inner(place: yaml.Place, texts: Mapping[yaml.Path, str]) -> Sequence[Site]:
    is_condition = place.path[-1:] == ("if",) and _OPENING not in place.text
    own = [
        marked.site(
            "github",
            placed(place.text, marked.offset, _RULES) or "expression"
            if marked.mode in ("expression", "condition")
            else None,
        )
        for marked in marks(place.text, _MODES, "condition" if is_condition else "text")
    ]
    match place.path:
        case (*_, "steps", int(), "run"):
            program = _is_shell(place.path, texts)
        case (*_, "steps", int(), "with", "script"):
            program = False  # of an action's own language
        case _:
            return own
    code = _EXPRESSION.sub(lambda found: re.sub(f"[^{MARK}\n]", "x", found[0]), place.text)
    inner = shell.sites(code) if program else shell.inert(code)
    return [
        word.within(site) if site.position == "text" else site for word, site in zip(inner, own, strict=True)
    ]


def _is_shell(path: yaml.Path, texts: Mapping[yaml.Path, str]) -> bool:
    """Say whether a step runs in sh or bash, the default but on Windows.

    Source: docs.github.com, "Workflow syntax", jobs.<job_id>.steps[*].shell.
    """
    job = path[:3]
    named = (
        texts.get(where)
        for where in (
            (*path[:-1], "shell"),
            (*job, "defaults", "run", "shell"),
            (path[0], "defaults", "run", "shell"),
        )
    )
    default = "pwsh" if "windows" in texts.get((*job, "runs-on"), "") else "bash"
    name = next(filter(None, named), default)
    return commands.is_shell(name.split(" ")[0])
