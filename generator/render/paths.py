"""The paths of the files that a template renders: `{word}` is an entry of a map or list of values, or one value.

Which words stand for entries is in `oetgen.yaml` (`each`). A template with such a word is rendered for every entry,
and sees it under that name; with several words, for every combination. Any other word is the path of one value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import lru_cache
from typing import Any, NamedTuple

from generator.findings import Finding, FindingError, Note, Span, error
from generator.findings.record import record
from generator.findings.suggest import nearest
from generator.project import SUFFIX
from generator.project.names import is_repository
from generator.values.layers import Values, value_at
from generator.values.settings import ENVIRONMENT, PLACEHOLDER, Each, PathEntry, Settings
from generator.values.source import KeyPath, format_path, leaves, parse_path

_PART = re.compile(r"[A-Za-z0-9._@+=~-]*(?:/[A-Za-z0-9._@+=~-]+)*")
_SCALARS = (str, int, float)
_NOTHING = object()
_PLAIN = "use letters, digits and . _ -"


@record
class Output:
    """A file that a template is to render, and the values that the template sees.

    `entries` has the path of the entry that each word stands for, `decides` those of the values in the file's path
    and of those that the settings name for it. `crlf` is whether its lines end in CRLF; None is as in its template.
    """

    template: str
    path: str
    context: Mapping[str, Any]
    entries: Mapping[str, KeyPath] = field(default_factory=dict)
    decides: frozenset[KeyPath] = frozenset()
    crlf: bool | None = None


class _Bound(NamedTuple):
    """Entries that were chosen for some words: what the template sees of each, its name, and its path."""

    seen: Mapping[str, Any]
    names: Mapping[str, str]
    entries: Mapping[str, KeyPath]

    def absolute(self, path: KeyPath) -> KeyPath:
        """Return a path in the values; one that begins with a chosen word leads from its entry."""
        return (*self.entries[str(path[0])], *path[1:]) if path[0] in self.entries else path


_UNBOUND = _Bound({}, {}, {})


@lru_cache(maxsize=4096)
def words_of(template: str) -> tuple[str, ...]:
    """Return the words in braces in the path of a template, each once."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(template.removesuffix(SUFFIX))))


def loops_of(template: str, settings: Settings) -> list[Each]:
    """Return the maps and lists whose entries a template is rendered for, those inside of others last."""
    loops: dict[str, Each] = {}

    def add(word: str, above: frozenset[str] = frozenset()) -> None:
        each = settings.each.get(word)
        if each and word not in loops and word not in above:
            add(each.path[0], above | {word})
            loops[word] = each

    for text in words_of(template):
        add(text.partition(".")[0])
    return list(loops.values())


def outputs(template: str, values: Values, settings: Settings) -> tuple[list[Output], list[Finding]]:
    """Return the files that `template` is to render: one, or one for each entry."""
    words = words_of(template)
    only, crlf = settings.decisions_of(template.removesuffix(SUFFIX))
    if only or crlf:
        return _decided(template, values, settings, only, crlf)
    if not words:
        return [Output(template, template.removesuffix(SUFFIX), values.context)], []
    place = _Place(template, values, settings)
    bound = [_UNBOUND]
    planned: list[Output] = []
    findings: list[Finding] = []
    try:
        for each in loops_of(template, settings):
            bound = [further for known in bound for further in place.entries(each, known)]
    except FindingError as problem:
        return [], list(problem.findings)
    for known in bound:
        try:
            planned.append(place.output(known))
        except FindingError as problem:
            findings += problem.findings
    return planned, findings


def _decided(
    template: str, values: Values, settings: Settings, only: PathEntry | None, crlf: PathEntry | None
) -> tuple[list[Output], list[Finding]]:
    """Return the files of a template that the settings name values for, which decide whether and how they are."""
    entries = [each for each in (only, crlf) if each]
    found = {each: value_at(values.data, _parts(each.value), _NOTHING) for each in entries}
    wrong = [_undecided(each, value, values) for each, value in found.items() if not isinstance(value, bool)]
    if wrong or (only and not found[only]):
        return [], wrong
    planned, findings = outputs(template, values, replace(settings, only=(), crlf=()))
    own = frozenset(_parts(each.value) for each in entries)
    crlf_here = found[crlf] if crlf else None
    return [replace(each, decides=each.decides | own, crlf=crlf_here) for each in planned], findings


def _undecided(entry: PathEntry, value: Any, values: Values) -> Finding:
    """Return the finding for a value of the settings that is no boolean."""
    path = entry.value
    if value is _NOTHING:
        message = f"found {path}, expected a value of {values.env} that is true or false"
        known = [format_path(path) for path, found in leaves(values.data) if isinstance(found, bool)]
        hint = nearest(path, known) or "add the value, or name another one"
        return error("settings/not-a-boolean", message, entry.at, hint=hint)
    at = values.at(_parts(path)) or entry.at
    message = f"found {json.dumps(value, default=str)}, expected true or false"
    notes = (Note(f'what decides the files "{entry.pattern}"', entry.at),)
    return error(
        "settings/not-a-boolean", message, at, notes=notes, hint="write true or false, or name another value"
    )


def output_folder(values: Values, settings: Settings) -> str:
    """Return the folder of the output of an environment, relative to the project. Raises FindingError."""
    if settings.out is None:
        return values.folder
    at, text = settings.out.at, settings.out.value
    place = _Place("", values, Settings(folders=settings.folders), (Note("the folder of the output", at),))
    written = {word: place.text(word, _UNBOUND)[0] for word in PLACEHOLDER.findall(text)}
    folder = PLACEHOLDER.sub(lambda found: written[found[1]], text)
    parts = folder.split("/")
    if any(part in ("", ".", "..") or part.startswith(".oetgen") or is_repository(part) for part in parts):
        raise FindingError(
            error("settings/out", f"{folder!r} is not a folder of the project", at, hint=_PLAIN)
        )
    for each in settings.folders:
        if _is_inside(folder, each) or _is_inside(each, folder):
            hint = "name a folder that holds nothing else"
            message = f"the output would be written into {min(folder, each, key=len)}/"
            raise FindingError(error("settings/out", message, at, hint=hint))
    return folder


def _is_inside(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder}/")


def shared_folders(folders: Mapping[str, str], at: Span) -> list[Finding]:
    """Return an error for each environment whose output is in the folder of another one; `folders` are by name."""
    findings: list[Finding] = []
    seen: list[tuple[str, str]] = []
    for folder, env in sorted((f"{folder}/", env) for env, folder in folders.items()):
        while seen and not folder.startswith(seen[-1][0]):
            seen.pop()
        if seen:
            message = f"{seen[-1][1]} and {env} have the same output folder {folder[:-1]}"
            if seen[-1][0] != folder:
                message = f"the output of {env}, {folder[:-1]}, is in that of {seen[-1][1]}"
            findings.append(error("settings/out", message, at, hint="add {environment} to out"))
        seen.append((folder, env))
    return findings


def same_entry(template: str, path: str, values: Values) -> tuple[str, ...]:
    """Return the names of the entries that a file is for, which are the same in every environment."""
    pattern = ""
    for number, part in enumerate(PLACEHOLDER.split(template.removesuffix(SUFFIX))):
        value = values.env if part == ENVIRONMENT else value_at(values.data, _parts(part), _NOTHING)
        is_literal = number % 2 == 0 or isinstance(value, _SCALARS)
        pattern += re.escape(part if number % 2 == 0 else _written(value)) if is_literal else "(.+)"
    found = re.fullmatch(pattern, path)
    return found.groups() if found else (path,)


def place_of(template: str, path: str, sync: Iterable[PathEntry]) -> str | None:
    """Return where `oetgen sync` copies a file of `template` to; None for a file that stays where it is."""
    name = template.removesuffix(SUFFIX)
    found = [each for each in sync if each.pattern == "." or f"{name}/".startswith(f"{each.pattern}/")]
    if not found:
        return None
    entry = max(found, key=lambda each: len(each.pattern) if each.pattern != "." else 0)
    if entry.value == entry.pattern:
        return path
    inside = name if entry.pattern == "." else name[len(entry.pattern) + 1 :]
    target = "/".join(part for part in (entry.value, inside) if part not in ("", "."))
    words = _written_words(name, path)
    return PLACEHOLDER.sub(lambda word: words.get(word[1], word[0]), target)


def _written_words(name: str, path: str) -> Mapping[str, str]:
    """Return what stands in the path of a file for each word in the path of its template."""
    pattern, groups = "", dict[str, str]()
    for number, part in enumerate(PLACEHOLDER.split(name)):
        if number % 2 == 0:
            pattern += re.escape(part)
        elif part in groups:
            pattern += f"(?P={groups[part]})"
        else:
            groups[part] = f"w{number}"
            pattern += f"(?P<w{number}>.*?)"
    found = re.fullmatch(pattern, path)
    return {word: found[group] for word, group in groups.items()} if found else {}


class _Place:
    """The path of one template, with the values of one environment."""

    def __init__(
        self, template: str, values: Values, settings: Settings, notes: tuple[Note, ...] | None = None
    ) -> None:
        self._template = template
        self._values = values
        self._settings = settings
        at = Span(f"{settings.folders.templates}/{template}", 1)
        self._notes = (Note("in the path of this template", at),) if notes is None else notes

    def entries(self, each: Each, known: _Bound) -> Iterator[_Bound]:
        """Yield `known` with each entry of a map or list. Raises FindingError."""
        path = known.absolute(each.path)
        collection = value_at(self._values.context, path, _NOTHING)
        if not isinstance(collection, dict | list):
            raise FindingError(self._no_entries(each, path, collection))
        pairs = collection.items() if isinstance(collection, dict) else enumerate(collection)
        for key, value in pairs:
            own = (*path, key)
            name, seen = self._entry(each, own, key, value, is_map=isinstance(collection, dict))
            yield known._replace(
                seen={**known.seen, each.word: seen},
                names={**known.names, each.word: name},
                entries={**known.entries, each.word: own},
            )

    def output(self, known: _Bound) -> Output:
        """Return the file for these entries. Raises FindingError."""
        written: dict[str, str] = {}
        decides: set[KeyPath] = set(known.entries.values())
        for word in words_of(self._template):
            written[word], at = self.text(word, known)
            decides |= {at} if at else set()
        path = PLACEHOLDER.sub(lambda found: written[found[1]], self._template.removesuffix(SUFFIX))
        if any(part in ("", ".", "..") for part in path.split("/")):
            word = min(written, key=lambda each: len(written[each]))
            raise FindingError(self._unsafe(written[word], self._path(word, known), f" of {path}"))
        data = self._values.context
        context = {**data, **known.seen} if known.seen else data
        return Output(self._template, path, context, known.entries, frozenset(decides))

    def text(self, word: str, known: _Bound) -> tuple[str, KeyPath]:
        """Return what stands in the path for a word, and the path of that value. Raises FindingError."""
        path = self._path(word, known)
        if word in known.names:
            return self._safe(known.names[word], path), path
        if word == ENVIRONMENT:
            return self._values.env, ()
        value = value_at(self._values.data, path, _NOTHING) if path else _NOTHING
        first, _, rest = word.partition(".")
        if rest == "name" and value is _NOTHING and first in known.names:
            return self._safe(known.names[first], path[:-1]), path[:-1]
        if rest == "value" and value is _NOTHING and first in known.names:
            value = value_at(self._values.data, path[:-1])
        if value is _NOTHING:
            raise FindingError(self._unknown(word))
        if not isinstance(value, _SCALARS):
            found = "null" if value is None else f"a {'map' if isinstance(value, dict) else 'list'}"
            message = f"found {found}, expected one value for {{{word}}} in a path"
            raise FindingError(self._error(message, path, "write one value, or rename the template"))
        return self._safe(_written(value), path), path

    def _path(self, word: str, known: _Bound) -> KeyPath:
        """Return the path of the value that a word stands for, () for none."""
        path = _parts(word)
        return known.absolute(path) if path else ()

    def _entry(self, each: Each, path: KeyPath, key: Any, value: Any, *, is_map: bool) -> tuple[str, Any]:
        """Return the name of an entry, and what the template sees of it. Raises FindingError."""
        if is_map:
            return str(key), {"name": key} | (value if isinstance(value, dict) else {"value": value})
        name = value.get("name") if isinstance(value, dict) else value
        if not isinstance(name, _SCALARS):
            message = f"found an item without a name, expected one for {{{each.word}}} in a path"
            raise FindingError(self._error(message, path, 'write text, or maps with the key "name"'))
        return _written(name), value

    def _safe(self, text: str, path: KeyPath) -> str:
        if not _PART.fullmatch(text) or {".", ".."}.intersection(text.split("/")):
            raise FindingError(self._unsafe(text, path))
        return text

    def _no_entries(self, each: Each, path: KeyPath, found: Any) -> Finding:
        what = format_path(path)
        needs = f"{{{each.word}}} in the path of a template needs {what} to be a map or a list"
        if found is not _NOTHING and found is not None:
            return self._error(needs, path, f"write {what}: {{}} for none, or rename the template", each)
        message = f"{needs}, and {self._values.env} has no {what}"
        similar = nearest(what, [format_path(path) for path in _collections(self._values.data)])
        if similar and each.at:
            return error("render/unsafe-path", message, each.at, notes=self._notes, hint=similar)
        return self._error(message, path, f"write {what}: {{}} for none, or rename the template", each)

    def _unknown(self, word: str) -> Finding:
        every = [format_path(path) for path, _ in leaves(self._values.data)]
        known = [*self._settings.each, *every]
        hint = (
            nearest(word, known)
            or f"add {word} to {self._settings.folders.base}, or the map or list that it stands for to each in "
            "oetgen.yaml"
        )
        message = f"found {{{word}}} in the path of the template, expected a value or an entry of {self._values.env}"
        at = Span(f"{self._settings.folders.templates}/{self._template}", 1)
        if not self._template:
            return self._error(f"{{{word}}} is not a value of {self._values.env}", (), hint)
        return error("render/unknown-placeholder", message, at, hint=hint)

    def _unsafe(self, text: str, path: KeyPath, of: str = "") -> Finding:
        return self._error(f"found {text!r}, which cannot be part of a file name{of}", path, _PLAIN)

    def _error(self, message: str, path: KeyPath, hint: str, each: Each | None = None) -> Finding:
        notes = self._notes
        if each and each.at:
            notes = (*notes, Note(f"what {{{each.word}}} stands for", each.at))
        at = self._values.at(path) if path else None
        return error("render/unsafe-path", message, at or self._notes[0].at, notes=notes, hint=hint)


def _parts(word: str) -> KeyPath:
    return tuple(key for key, _ in parse_path(word) or ())


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _collections(data: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of each map and list in `data`."""
    for key, value in data.items() if isinstance(data, dict) else ():
        if isinstance(value, dict | list):
            yield (*path, key)
            yield from _collections(value, (*path, key))
