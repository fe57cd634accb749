"""Compose files: YAML in whose values `$NAME` and `${NAME}` are interpolated.

Source: the Compose specification, "Interpolation".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from generator.languages import commands
from generator.languages.lexer import DOLLAR, NOWHERE, POP, VARIABLE, Marked, marks, mode
from generator.languages.shell import sites as shell
from generator.languages.site import MARK, EncodeError, Scalar, Site, apart, only, text_of
from generator.languages.yaml import sites as yaml

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEFAULT = re.compile(r"[A-Za-z0-9_./:@%+=, -]*")
_BESIDE_NAME = re.compile(rf"[A-Za-z0-9_{MARK}]")
_TOKENS = {"pair": r"\$\$", "parameter": r"\$\{", "variable": VARIABLE, "dollar": DOLLAR}
_IN_BRACES = mode({"parameter": "parameter", "close": POP}, "a ${ has no }", **_TOKENS, close=r"\}")
_MODES = {
    "interpolated": mode({"parameter": "parameter"}, **_TOKENS),
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

_Known = dict[yaml.Path, commands.Programs]


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    known: _Known = {}
    return yaml.sites(shape, lambda place, texts: _inner(place, texts, known))


def encode(site: Site, value: Scalar) -> str:
    """Write `value`; `$$` stands for one dollar sign."""
    text = apart(site, text_of(value))
    if site.position == "name":
        return only(_NAME, text, "the name of a variable", "use letters, digits and _")
    if site.position == "default":
        return only(_DEFAULT, text, "the text in ${…}", "use plain words")
    if site.position == NOWHERE:
        raise EncodeError(
            "a value cannot stand here, behind a dollar sign", "write two dollar signs, or ${NAME}"
        )
    return text.replace("$", "$$")


def _inner(place: yaml.Place, texts: Mapping[yaml.Path, str], known: _Known) -> Sequence[Site] | None:
    """Return the sites in a value; keys are not interpolated. `known` keeps what the words of a command are."""
    if place.is_key:
        return None
    own = [marked.site("compose", _position(marked)) for marked in marks(place.text, _MODES, "interpolated")]
    program = _program(place.path, texts, known)
    if program is None:
        return own
    return [
        inner.within(site) if site.position == "interpolated" else site
        for inner, site in zip(program(_expand(place.text)), own, strict=True)
    ]


def _position(marked: Marked) -> str:
    if marked.token == "dollar" or marked.mode == "parameter":
        is_name = marked.token == "dollar" or marked.before == "{"
        return "name" if is_name and not _BESIDE_NAME.match(marked.behind) else NOWHERE
    return NOWHERE if marked.mode == "opaque" else marked.mode


def _program(path: yaml.Path, texts: Mapping[yaml.Path, str], known: _Known) -> commands.Program | None:
    """Return what finds the sites in a command: a text is split as by a shell, a list may hold a script."""
    match path:
        case (*_, "command" | "entrypoint") | (*_, "healthcheck", "test"):
            return shell.sites
        case (*parents, "command" | "entrypoint" | "test" as part, int(index)):
            command = (*parents, part)
            if command not in known:
                known[command] = _programs(command, texts)
            return known[command].get(index)
    return None


def _programs(path: yaml.Path, texts: Mapping[yaml.Path, str]) -> commands.Programs:
    """Return which items of the list at `path` are programs; the words of `entrypoint` are before `command`."""
    before = yaml.items((*path[:-1], "entrypoint"), texts) if path[-1] == "command" else []
    words = [_expand(word) for word in before + yaml.items(path, texts)]
    if path[-1] == "test" and words[:1] == ["CMD-SHELL"]:
        return {1: shell.sites}
    return {index - len(before): program for index, program in commands.programs(words).items()}


def _expand(text: str) -> str:
    """Return `text` as it is once Compose has interpolated it; what it puts in is taken for a word."""
    return _INTERPOLATION.sub(
        lambda found: "$" if found[0] == "$$" else "x" + MARK * found[0].count(MARK) + "x", text
    )
