"""Kubernetes manifests: YAML in which `$(NAME)` is expanded in commands and environment variables."""

from __future__ import annotations

import re

from generator.languages.embedded import Path
from generator.languages.lexer import NOWHERE, POP, marks, mode
from generator.languages.site import MARK, EncodeError, Scalar, Site, only, text_of, touching
from generator.languages.yaml import dialect

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_FILE = re.compile(r"[A-Za-z0-9_./-]+")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")

# Source: k8s.io/kubernetes/third_party/forked/golang/expansion.
_MODES = {
    "text": mode(
        {"open": "reference"}, pair=r"\$\$", open=r"\$\(", dollar=rf"\$(?={MARK})", other=rf"\$[^{MARK}]"
    ),
    "reference": mode({"close": POP}, close=r"\)"),
}


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "kubernetes", _own, _visible, _is_scalar)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` where the kubelet expands `$(NAME)`; `$$` stands for one dollar sign there."""
    if site.position == NOWHERE:
        raise EncodeError("a value cannot stand after a dollar sign here", "write two dollar signs")
    if site.position == "reference":
        return only(_NAME, text_of(value), "the name of a variable", "use letters, digits, _ . and -")
    if site.position in ("literal", "file"):
        return _generated(site, text_of(value))
    return text_of(value).replace("$", "$$")


def literals(text: str) -> list[Site]:
    """Return the sites in `NAME=value` or `NAME=path` of kustomize's generators."""
    first = text.partition("=")[0]
    names = touching("kubernetes", "file", text, 0, len(first))
    return [*names, *touching("kubernetes", "literal", text, len(first))]


def _generated(site: Site, text: str) -> str:
    """Write a part of a literal, off which kustomize takes the quotes when it begins and ends with one."""
    if site.position == "file":
        return only(_FILE, text, "the name of an entry", "use letters, digits and _ . / -")
    if site.before == "=" and not site.behind and len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return f'"{text}"' if text[0] == "'" else f"'{text}'"
    beside = (site.before == "=" and text[:1] in ('"', "'")) or (not site.behind and text[-1:] in ('"', "'"))
    if beside and (site.before != "=" or site.behind):
        raise EncodeError("kustomize takes quotes off a literal", "begin and end it with other text")
    return text


def _own(text: str, path: Path) -> list[Site] | None:
    if not _is_expanded(path):
        return None
    return [
        marked.site("kubernetes", NOWHERE if marked.token == "dollar" else marked.mode)
        for marked in marks(text, _MODES, "text")
    ]


def _visible(text: str, path: Path) -> str:
    """Return `text` as it is once the kubelet has expanded it; an expanded value counts as a word."""
    if not _is_expanded(path):
        return text
    return _REFERENCE.sub(
        lambda match: "$" if match[1] is None else "x" + MARK * match[1].count(MARK) + "x", text
    )


def _is_scalar(path: Path) -> bool:
    """Return whether the API server accepts nothing but text at `path`."""
    match path:
        case ("data" | "stringData", _) | (*_, "metadata", "annotations" | "labels", _):
            return True
        case (*_, "env", int(), "value"):
            return True
    return False


def _is_expanded(path: Path) -> bool:
    """Return whether the kubelet expands the text at `path`; in lifecycle hooks, for one, it does not."""
    match path:
        case (*_, containers, int(), "env", int(), "value"):
            return containers in _CONTAINERS
        case (*_, containers, int(), "command" | "args", int()):
            return containers in _CONTAINERS
        case (*_, containers, int(), probe, "exec", "command", int()):
            return containers in _CONTAINERS and probe in _PROBES
    return False
