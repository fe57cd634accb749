"""Taskfiles: YAML whose texts are Go templates, and whose commands are shell.

Source: taskfile.dev, "Templating Reference".
"""

from __future__ import annotations

from generator.languages.embedded import Path
from generator.languages.site import MARK, EncodeError, Scalar, Site, text_of
from generator.languages.yaml import dialect


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "taskfile", _own)


def encode(site: Site, value: Scalar) -> str:
    """Write `value`. No value can begin an action of a template."""
    text = text_of(value)
    joined = (site.before in ("{", MARK) and text[:1] == "{") or (
        site.behind in ("{", MARK) and text[-1:] == "{"
    )
    if "{{" in text or joined or (not text and site.before == "{" and site.behind == "{"):
        raise EncodeError("Task would read {{ as a template", "no value may hold it")
    return text


def _own(text: str, path: Path) -> list[Site]:
    return [
        Site("taskfile", "text", text[max(index - 1, 0) : index], text[index + 1 : index + 2])
        for index, char in enumerate(text)
        if char == MARK
    ]
