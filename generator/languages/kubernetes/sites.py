"""Kubernetes manifests: YAML in which `$(NAME)` is expanded in commands and environment variables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from generator.languages import commands
from generator.languages.json import sites as json
from generator.languages.lexer import NOWHERE, POP, Marked, marks, mode
from generator.languages.shell import sites as shell
from generator.languages.site import MARK, EncodeError, Scalar, Site, only, text_of
from generator.languages.yaml import sites as yaml

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_COMMANDS = ("command", "args")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")

# Source: k8s.io/kubernetes/third_party/forked/golang/expansion.
_MODES = {
    "expanded": mode(
        {"open": "reference"}, pair=r"\$\$", open=r"\$\(", dollar=rf"\$(?={MARK})", other=rf"\$[^{MARK}]"
    ),
    "reference": mode({"close": POP}, close=r"\)"),
}


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    known: dict[yaml.Path, commands.Programs] = {}
    return yaml.sites(shape, lambda place, texts: _inner(place, texts, known))


def encode(site: Site, value: Scalar) -> str:
    """Write `value` where the kubelet expands `$(NAME)`; `$$` stands for one dollar sign there."""
    if site.position == NOWHERE:
        raise EncodeError("a value cannot stand behind a dollar sign here", "write two dollar signs")
    if site.position == "reference":
        return only(_NAME, text_of(value), "the name of a variable", "use letters, digits, _ . and -")
    return text_of(value).replace("$", "$$")


def _inner(
    place: yaml.Place, texts: Mapping[yaml.Path, str], known: dict[yaml.Path, commands.Programs]
) -> Sequence[Site] | None:
    """Return the sites in a scalar; `known` keeps what the words of a command are."""
    *parents, last = place.path
    if isinstance(last, str) and last.endswith(".json"):
        return json.sites(place.text)
    if isinstance(last, str) and last.endswith(".sh"):
        return shell.sites(place.text)
    expanded = _is_expanded(place.path)
    own = (
        [marked.site("kubernetes", _position(marked)) for marked in _marks(place.text)] if expanded else None
    )
    if not isinstance(last, int) or parents[-1:] not in (["command"], ["args"]):
        return own
    command = tuple(parents)
    if command not in known:
        known[command] = _programs(command, texts, expanded)
    program = known[command].get(last)
    if program is None or own is None:
        return program(place.text) if program else own
    return [
        inner.within(site) if site.position == "expanded" else site
        for inner, site in zip(program(_expand(place.text)), own, strict=True)
    ]


def _marks(text: str) -> list[Marked]:
    return list(marks(text, _MODES, "expanded"))


def _position(marked: Marked) -> str:
    return NOWHERE if marked.token == "dollar" else marked.mode


def _expand(text: str) -> str:
    """Return `text` as it is once the kubelet has expanded it; what it puts in is taken for a word."""
    return _REFERENCE.sub(
        lambda found: "$" if found[1] is None else "x" + MARK * found[1].count(MARK) + "x", text
    )


def _is_expanded(path: yaml.Path) -> bool:
    """Say whether the kubelet expands the text at `path`; in lifecycle hooks, for one, it does not."""
    match path:
        case (*_, containers, int(), "env", int(), "value"):
            return containers in _CONTAINERS
        case (*_, containers, int(), part, int()):
            return containers in _CONTAINERS and part in _COMMANDS
        case (*_, containers, int(), probe, "exec", "command", int()):
            return containers in _CONTAINERS and probe in _PROBES
    return False


def _programs(path: yaml.Path, texts: Mapping[yaml.Path, str], expanded: bool) -> commands.Programs:
    """Return which items of the list at `path` are programs; the words of `command` are before `args`."""
    before = yaml.items((*path[:-1], "command"), texts) if path[-1] == "args" else []
    words = before + yaml.items(path, texts)
    found = commands.programs([_expand(word) for word in words] if expanded else words)
    return {index - len(before): program for index, program in found.items()}
