"""Compose files: YAML in which `$NAME` and `${NAME}` are interpolated everywhere."""

from __future__ import annotations

from generator.formats import shell, yaml
from generator.formats.site import MARK, CannotEncode, Scalar, Site, text_of

comment = yaml.comment


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    return yaml.sites(shape, _inner)


def encode(site: Site, value: Scalar) -> str:
    """Write `value`; `$$` stands for one dollar sign (Compose specification, "Interpolation")."""
    if site.before == "$":
        raise CannotEncode("a value cannot stand behind a dollar sign here", "write two dollar signs")
    return text_of(value).replace("$", "$$")


def _inner(place: yaml.Place) -> list[Site]:
    own = [
        Site("compose", "interpolated", place.text[:index][-1:], place.text[index + 1 :][:1])
        for index, char in enumerate(place.text)
        if char == MARK
    ]
    is_shell = place.previous == "CMD-SHELL" or place.path[-1:] == ("command",)
    if not is_shell:
        return own
    return [word.within(site) for word, site in zip(shell.sites(place.text), own, strict=True)]
