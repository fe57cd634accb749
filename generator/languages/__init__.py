"""The languages of the output: a package for each, with everything that oetgen knows about it.

A package `languages/<name>/` has up to three modules, of which each is imported when it is first needed:

- `__init__` with `recognise(path, text)` and, where the language has comments, `comment(text)`. A dialect names the
  language that it is written in as `BASE`, and is asked first whether a file is its own.
- `sites` with `sites(shape)` and `encode(site, value)`: where a value may stand, and how it is written there. It may
  have `holds(site, form)`, where whole lists and maps may stand, and `is_verbatim(site)`, where text means nothing.
- `read` with `read(source)`: the syntax tree. A dialect without one is read as its base.

An installed package adds a language through the entry point `oetgen.languages` (docs/languages.md).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from generator.findings import OetgenError
from generator.languages import installed
from generator.languages.site import EncodeError, HclCode, Scalar, Site, text_of

if TYPE_CHECKING:  # reading is not on the path of a render
    from generator.languages.node import ReadResult
    from generator.languages.source import Source

_SURROGATE = re.compile("[\ud800-\udfff]")


class Language:
    """A language by its name; its modules are imported when they are needed."""

    def __init__(self, name: str, package: str = "") -> None:
        self.name = name
        self.is_installed = bool(package)
        self._package = import_module(package or f"{__name__}.{name}")
        self.base: str | None = getattr(self._package, "BASE", None)
        self.recognise: Callable[[str, str], bool] = self._package.recognise

    def comment(self, text: str) -> str:
        """Return a comment line with `text`, or nothing where the language has no comments."""
        write: Callable[[str], str] | None = getattr(self._package, "comment", None)
        return write(text) if write else ""

    @cached_property
    def _sites(self) -> ModuleType:
        return import_module(f"{self._package.__name__}.sites")

    def sites(self, shape: str) -> list[Site]:
        """Return the site of each mark in `shape`, in order. Raises ShapeError when it is not of the language."""
        sites: list[Site] = self._sites.sites(shape)
        return sites

    def encode(self, site: Site, value: Scalar) -> str:
        """Write `value` for `site`. Raises EncodeError when the site cannot hold it."""
        return str(self._sites.encode(site, value))

    def holds(self, site: Site, form: str) -> bool:
        """Return whether a whole list or map, as the filter `form` writes it, may stand at `site` as it is."""
        check: Callable[[Site, str], bool] | None = getattr(self._sites, "holds", None)
        return check(site, form) if check else False

    def is_verbatim(self, site: Site) -> bool:
        """Return whether the text around a value at `site`, on its line, means nothing to the language."""
        check: Callable[[Site], bool] | None = getattr(self._sites, "is_verbatim", None)
        return check(site) if check else False

    @cached_property
    def _reader(self) -> Any:
        """The module with the reader, or None. Kept: a search in vain takes as long as reading a small file."""
        own = f"{self._package.__name__}.read"
        try:
            return import_module(own)
        except ModuleNotFoundError as problem:
            if problem.name != own:
                raise
            return None

    def read(self, source: Source) -> ReadResult | None:
        """Return the syntax tree of a file, or None for a language that has no reader."""
        if self._reader is None:
            return LANGUAGES[self.base].read(source) if self.base else None
        result: ReadResult = self._reader.read(source)
        return result


class _Languages(Mapping[str, Language]):
    """The languages by name: one for each package beside this module, and those of installed packages.

    Those of installed packages come first, and dialects before their bases.
    """

    @cached_property
    def _known(self) -> dict[str, Language]:
        names = sorted(
            entry.name
            for folder in __path__
            for entry in os.scandir(folder)
            if entry.is_dir() and not entry.name.startswith("_")
        )
        languages = [Language(name) for name in names]
        languages += [_added(name, package, names) for name, package in installed.packages().items()]
        return {each.name: each for each in sorted(languages, key=_rank)}

    def __getitem__(self, name: str) -> Language:
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _rank(language: Language) -> tuple[bool, bool]:
    return not language.is_installed, language.base is None


def _added(name: str, package: str, own: Sequence[str]) -> Language:
    """Return the language of an installed package. Raises OetgenError when it is not one."""
    what = f'the package {package} adds the language "{name}"'
    if name in own:
        raise OetgenError(f"{what}, which oetgen has itself", "rename it in the package's entry point")
    try:
        return Language(name, package)
    except (ImportError, AttributeError) as problem:
        hint = "update or uninstall the package; docs/languages.md describes what it must have"
        raise OetgenError(f"{what}, but {problem}", hint) from None


LANGUAGES: Mapping[str, Language] = _Languages()


def language_of(path: str, text: str = "") -> str:
    """Return the name of the language of the file at `path` that holds `text`; `text` when none recognises it.

    A final `.example` does not count.
    """
    path = path.removesuffix(".example")
    return next((name for name, each in LANGUAGES.items() if each.recognise(path, text)), "text")


def dialects_of(*names: str) -> frozenset[str]:
    """Return these languages and the languages that are written in them."""
    return frozenset(name for name, each in LANGUAGES.items() if (each.base or name) in names)


def read(source: Source) -> ReadResult | None:
    """Return the syntax tree of a file, or None when its language has no reader."""
    return LANGUAGES[source.language].read(source) if source.language in LANGUAGES else None


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site` and every site around it. Raises EncodeError when one cannot hold it."""
    if isinstance(value, float):
        return _encode.__wrapped__(site, value)  # 0.0 and -0.0 are equal, and would share one result
    return _encode(site, value)


@lru_cache(maxsize=8192, typed=True)  # environments share most values and places: half the time of a render
def _encode(site: Site, value: Scalar) -> str:
    outermost = site.outermost()
    is_text = isinstance(value, str) and not isinstance(value, HclCode)
    if outermost.position in ("plain", "scalar", "key", "bare", "code") and not is_text:
        return LANGUAGES[outermost.language].encode(outermost, value)
    sites = [site]
    while sites[-1].outer:
        sites.append(sites[-1].outer)
    return encode_through(sites, value)


def encode_through(sites: Sequence[Site], value: Scalar) -> str:
    """Write `value` for each of `sites`, from the inside out. Raises EncodeError when one cannot hold it."""
    if isinstance(value, str) and not value.isascii() and _SURROGATE.search(value):
        raise EncodeError("a lone surrogate cannot be written as UTF-8", "write the whole character")
    for site in sites:
        value = LANGUAGES[site.language].encode(site, value)
    return text_of(value)


__all__ = [
    "LANGUAGES",
    "EncodeError",
    "Language",
    "Scalar",
    "Site",
    "dialects_of",
    "encode",
    "encode_through",
    "language_of",
    "read",
    "text_of",
]
