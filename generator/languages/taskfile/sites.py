"""Taskfiles: YAML whose texts are Go templates, and whose commands are shell.

Source: taskfile.dev, "Templating Reference".
"""

from __future__ import annotations

from generator.languages.site import EncodeError, Scalar, Site, text_of
from generator.languages.yaml import dialect


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "taskfile", dialect.texts_of("taskfile"))


def encode(site: Site, value: Scalar) -> str:
    """Write `value`. No value can begin an action of a template."""
    text = text_of(value)
    if dialect.doubles(site, text, "{"):
        raise EncodeError("Task would read {{ as a template", "no value may hold it")
    return text
