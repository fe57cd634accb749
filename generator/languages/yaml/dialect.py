"""The sites of a language that is written in YAML, and of the languages that its texts hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from generator.languages.embedded import Embedded, Path
from generator.languages.environment import RESTRICTED
from generator.languages.site import MARK, Site, touching
from generator.languages.yaml import sites as yaml


def sites(
    shape: str,
    host: str,
    own: Callable[[str, Path], list[Site] | None] = lambda text, path: None,
    visible: Callable[[str, Path], str] = lambda text, path: text,
    is_scalar: Callable[[Path], bool] = lambda path: False,
) -> list[Site]:
    """Return the site of each mark in `shape`, which is of the language `host`. Raises ShapeError.

    `own` returns the sites of the host's own grammar in a scalar, if it has one there, and `visible` what the
    embedded language gets of it. Only where the host takes the text as it is, at its position `text`, does the
    embedded language decide what a value may be; what only restricts it holds everywhere. At the paths of `is_scalar`
    the consumer accepts no list or map.
    """
    documents: dict[int, Embedded] = {}

    def inner(place: yaml.Place, texts: Mapping[Path, str]) -> Sequence[Site] | None:
        if not documents:
            for where, text in texts.items():
                documents.setdefault(where[0], Embedded(host, {}, visible)).texts[where[1:]] = text
        path = place.path[1:]
        outer = own(place.text, path)
        finder = None if place.is_key else documents[place.path[0]].finder(path)
        if finder is None:
            return outer
        found = finder(visible(place.text, path))
        if outer is None:
            return found
        return [
            site.within(at) if at.position in ("text", "variable") or site.position in RESTRICTED else at
            for site, at in zip(found, outer, strict=True)
        ]

    return yaml.sites(shape, inner, lambda place: is_scalar(place.path[1:]))


def texts_of(language: str) -> Callable[[str, Path], list[Site]]:
    """Return the `own` of a language that reads all texts: a site for each mark, with the characters beside it."""
    return lambda text, path: touching(language, "text", text)


def doubles(site: Site, text: str, char: str) -> bool:
    """Return whether a value has, or makes with what it touches, two of a character in a row."""
    joined = (site.before in (char, MARK) and text[:1] == char) or (
        site.behind in (char, MARK) and text[-1:] == char
    )
    return char * 2 in text or joined or (not text and site.before == char and site.behind == char)
