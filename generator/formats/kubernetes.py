"""Kubernetes manifests: YAML in which `$(NAME)` is expanded in commands and environment variables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from generator.formats import commands, json, shell, yaml
from generator.formats.lexer import NOWHERE, POP, Marked, marks, mode
from generator.formats.site import MARK, CannotEncode, Scalar, Site, only, text_of

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

comment = yaml.comment


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return yaml.sites(shape, _inner)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` where the kubelet expands `$(NAME)`; `$$` stands for one dollar sign there."""
    if site.position == NOWHERE:
        raise CannotEncode("a value cannot stand behind a dollar sign here", "write two dollar signs")
    if site.position == "reference":
        return only(_NAME, text_of(value), "the name of a variable", "use letters, digits, _ . and -")
    return text_of(value).replace("$", "$$")


def _inner(place: yaml.Place, texts: Mapping[yaml.Path, str]) -> Sequence[Site] | None:
    *parents, last = place.path
    if isinstance(last, str) and last.endswith(".json"):
        return json.sites(place.text)
    if isinstance(last, str) and last.endswith(".sh"):
        return shell.sites(place.text)
    is_command = len(parents) > 1 and parents[-1] in _COMMANDS and isinstance(last, int)
    expanded = _is_expanded(place.path)
    if not is_command:
        return (
            [marked.site("kubernetes", _position(marked)) for marked in _marks(place.text)]
            if expanded
            else None
        )
    words, index = _command(place.path, texts)
    if not expanded:
        return commands.program_sites(words, index)
    return _expanded(place.text, words, index)


def _expanded(text: str, words: list[str], index: int) -> list[Site]:
    """Return the sites in a word of a command that the kubelet expands before a shell may read it."""
    own = [marked.site("kubernetes", _position(marked)) for marked in _marks(text)]
    program = commands.program_sites([_expand(word) for word in words], index)
    if program is None:
        return own
    return [
        inner.within(site) if site.position == "expanded" else site
        for inner, site in zip(program, own, strict=True)
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


def _command(path: yaml.Path, texts: Mapping[yaml.Path, str]) -> tuple[list[str], int]:
    """Return the words of the command that `path` leads into, and which of them it is."""
    *parents, part, index = path
    words: list[str] = []
    while part == "args" and (*parents, "command", len(words)) in texts:
        words.append(texts[(*parents, "command", len(words))])
    before = len(words)
    words += [texts.get((*parents, part, number), "") for number in range(index + 1)]
    return words, before + index
