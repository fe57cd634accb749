"""Kubernetes manifests: YAML in which `$(NAME)` is expanded in commands and environment variables."""

from __future__ import annotations

from generator.formats import json, shell, yaml
from generator.formats.site import MARK, CannotEncode, Scalar, Site, text_of

comment = yaml.comment


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return yaml.sites(shape, _inner)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` where the kubelet expands `$(NAME)`; `$$` stands for one dollar sign there.

    Source: k8s.io/kubernetes/third_party/forked/golang/expansion.
    """
    if site.before == "$":
        raise CannotEncode("a value cannot stand behind a dollar sign here", "write two dollar signs")
    return text_of(value).replace("$", "$$")


def _inner(place: yaml.Place) -> list[Site] | None:
    path = place.path
    if path and isinstance(path[-1], str) and path[-1].endswith(".json"):
        return json.sites(place.text)
    in_command = len(path) > 1 and path[-2] in ("command", "args")
    if not in_command and not (path[-1:] == ("value",) and "env" in path):
        return None
    own = [
        Site("kubernetes", "expanded", place.text[:index][-1:], place.text[index + 1 :][:1])
        for index, char in enumerate(place.text)
        if char == MARK
    ]
    if in_command and place.previous.startswith("-") and place.previous.endswith("c"):
        return [word.within(site) for word, site in zip(shell.sites(place.text), own, strict=True)]
    return own
