"""The languages of the output: where a value may stand in each, and how it is written there."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Protocol

from generator.languages.site import CannotEncode, Scalar, Site, text_of


class Format(Protocol):
    """What a module of this package offers."""

    def comment(self, text: str) -> str:
        """Return a comment line with `text`, or nothing where the language has no comments."""

    def sites(self, shape: str) -> list[Site]:
        """Return the site of each mark in `shape`, in order. Raises ShapeError when it is not of the format."""

    def encode(self, site: Site, value: Scalar) -> str:
        """Write `value` for `site`. Raises CannotEncode when the site cannot hold it."""


class _Formats(Mapping[str, Format]):
    """The formats by name, each imported when first asked for: their grammars take a tenth of a render's time."""

    _NAMES = (
        (
            "compose dockerfile github hcl json kubernetes markdown plain shell typescript yaml"  # the modules here
        ).split()
    )

    def __init__(self) -> None:
        self._imported: dict[str, Format] = {}

    def __getitem__(self, name: str) -> Format:
        if name not in self._imported:
            if name not in self._NAMES:
                raise KeyError(name)
            self._imported[name] = import_module(f"{__name__}.{name}.sites")
        return self._imported[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._NAMES)

    def __len__(self) -> int:
        return len(self._NAMES)


FORMATS: Mapping[str, Format] = _Formats()
_SURROGATE = re.compile("[\ud800-\udfff]")

# The first pattern that matches an output path (without a final `.example`) tells its format.
_PATHS = (
    (".github/workflows/*.yml", "github"),
    ("k8s/*.yaml", "kubernetes"),
    ("compose*.yaml", "compose"),
    ("*.yaml", "yaml"),
    ("*.yml", "yaml"),
    ("*.json", "json"),
    ("*.tf", "hcl"),
    ("*.tfvars", "hcl"),
    ("*.hcl", "hcl"),
    ("*.sh", "shell"),
    ("*.ts", "typescript"),
    ("*.md", "markdown"),
    ("*Dockerfile", "dockerfile"),
    ("*.dockerignore", "plain"),
    ("*.gitignore", "plain"),
    ("*.env", "plain"),
)


@lru_cache(maxsize=4096)
def format_of(path: str) -> str | None:
    """Return the name of the format of the output file `path`, or None when its ending is not known."""
    path = path.removesuffix(".example")
    return next((name for pattern, name in _PATHS if fnmatch.fnmatchcase(path, pattern)), None)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site` and every site around it. Raises CannotEncode when one cannot hold it."""
    if isinstance(value, float):
        return _encode.__wrapped__(site, value)  # 0.0 and -0.0 are equal, and would be found for each other
    return _encode(site, value)


@lru_cache(maxsize=8192, typed=True)  # environments share most values and places: half the time of a render
def _encode(site: Site, value: Scalar) -> str:
    outermost = site.outermost()
    if outermost.position in ("plain", "key") and not isinstance(value, str):
        return FORMATS[outermost.language].encode(outermost, value)
    if isinstance(value, str) and not value.isascii() and _SURROGATE.search(value):
        raise CannotEncode("half of a surrogate pair cannot be written as UTF-8", "write the whole character")
    text = FORMATS[site.language].encode(site, value)
    while site.outer:
        site = site.outer
        text = FORMATS[site.language].encode(site, text)
    return text


__all__ = ["FORMATS", "CannotEncode", "Format", "Scalar", "Site", "encode", "format_of", "text_of"]
