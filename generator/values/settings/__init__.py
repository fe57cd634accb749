"""Read `oetgen.yaml`, the settings of a project: languages by path, and what looks like a secret but is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.findings import Finding, Span, error, warning
from generator.findings.record import record
from generator.findings.suggest import nearest
from generator.project import OUT, SETTINGS, SUFFIX
from generator.project.cache import NO_CACHE, Cache, digest
from generator.project.folder import FOLDERS, Folders, Project, read
from generator.project.globs import matches
from generator.values.layers import Layer, Values
from generator.values.source import Located, load

if TYPE_CHECKING:  # 10 ms, and the schema only for a file that is new
    from generator.values.schema.rules import Schema
    from generator.values.secrets import Secret


CAREFUL, NEEDED = "careful", "needed"  # when a text of YAML gets quotes


class PathEntry(NamedTuple):
    """A setting, `value`, of the files whose path matches `pattern`."""

    pattern: str
    value: Any
    at: Span


class Each(NamedTuple):
    """A word in the paths of templates, and the path of the map or list of values whose entries it stands for.

    A path that begins with another word leads on from the entry that this one stands for.
    """

    word: str
    path: tuple[str, ...]
    at: Span | None = None


@record
class SecretEntry:
    """Something that looks like a secret but is not: this `value`, or all in the files that match `path`."""

    value: str | None
    path: str | None
    at: Span

    def covers(self, secret: Secret) -> bool:
        """Return whether the entry is for this text at this place."""
        is_there = self.path is None or matches(self.path, secret.at.path)
        return is_there and (self.value is None or self.value == secret.text)


@record
class Settings:
    """The settings of a project, each with its place in `oetgen.yaml`."""

    languages: tuple[PathEntry, ...] = ()
    secrets: tuple[SecretEntry, ...] = ()
    delimiters: tuple[PathEntry, ...] = ()
    header: tuple[PathEntry, ...] = ()
    only: tuple[PathEntry, ...] = ()
    crlf: tuple[PathEntry, ...] = ()
    each: Mapping[str, Each] = field(default_factory=lambda: _EACH)
    sync: tuple[PathEntry, ...] = field(default_factory=lambda: _SYNC)
    checks: Layer | None = None
    out: PathEntry | None = None
    matrix: Mapping[str, Each] = field(default_factory=dict)
    shared: tuple[PathEntry, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    quotes: str = CAREFUL
    folders: Folders = FOLDERS
    folders_at: Mapping[str, Span] = field(default_factory=dict, compare=False)

    def language_of(self, path: str, text: str = "") -> str:
        """Return the name of the language of a file of the output: that of the last pattern that matches it."""
        from generator.languages import language_of

        return str(_last(self.languages, path) or "") or language_of(path, text)

    def delimiters_of(self, path: str) -> str:
        """Return the delimiters of a template by its path without the ending; "" for the usual ones."""
        return str(_last(self.delimiters, path) or "")

    def decisions_of(self, path: str) -> tuple[PathEntry | None, PathEntry | None]:
        """Return what decides whether there is a file, and whether its lines end in CRLF.

        `path` is that of its template without the ending; each entry has the path of a boolean value.
        """
        only, crlf = (_last_entry(each, path) if each else None for each in (self.only, self.crlf))
        return only, crlf

    def has_header(self, path: str) -> bool:
        """Return whether the file at `path` of the output begins with the comment that names its template."""
        return _last(self.header, path) is not False

    @property
    def top(self) -> str:
        """The folder that holds a folder of output for each environment, or "" when there may be none."""
        folder, _, last = self.out.value.rpartition("/") if self.out else (OUT, "/", f"{{{ENVIRONMENT}}}")
        return "" if "{" in folder or last != f"{{{ENVIRONMENT}}}" else folder

    @property
    def needs_values(self) -> bool:
        """Whether the folder of the output depends on values."""
        return self.out is not None and set(PLACEHOLDER.findall(self.out.value)) != {ENVIRONMENT}

    def unused(
        self, paths: Iterable[str], templates: Iterable[str], used: Iterable[SecretEntry]
    ) -> Iterator[Finding]:
        """Yield a warning for each entry that nothing needs.

        `paths` are those of all files of all environments, `templates` the names of the templates.
        """
        files = list(paths)
        sources = [name.removesuffix(SUFFIX) for name in templates]
        in_out = "fix the pattern: it is relative to the folder of an environment in out/; or remove the line"
        folder = self.folders.templates
        in_templates = f"fix the pattern: it is relative to {folder}/, without .j2; or remove the line"
        for entry in (*self.languages, *self.header):
            if not any(matches(entry.pattern, path) for path in files):
                yield warning("settings/unused", f'no file matches "{entry.pattern}"', entry.at, hint=in_out)
        for entry in (*self.delimiters, *self.only, *self.crlf):
            if not any(matches(entry.pattern, name) for name in sources):
                message = f'no template matches "{entry.pattern}"'
                yield warning("settings/unused", message, entry.at, hint=in_templates)
        yield from self._unused_in_paths(sources)
        used = set(used)
        for secret in self.secrets:
            if secret not in used:
                message = "nothing that looks like a secret needs this entry"
                yield warning("settings/unused", message, secret.at, hint="remove the entry")

    def _unused_in_paths(self, names: list[str]) -> Iterator[Finding]:
        """Yield a warning for each word that is in no path, and each path of `sync` that there is not."""
        words = {word.partition(".")[0] for name in names for word in PLACEHOLDER.findall(name)}
        words |= {each.path[0] for each in self.each.values()}
        for each in self.each.values():
            if each.at and each.word not in words:
                message = f"no template has {{{each.word}}} in its path"
                yield warning("settings/unused", message, each.at, hint="use it, or remove the line")
        for entry in self.sync if self.sync is not _SYNC else ():
            if entry.pattern != "." and not any(f"{name}/".startswith(f"{entry.pattern}/") for name in names):
                message = f"no template is below {entry.pattern}"
                folder = self.folders.templates
                hint = f"fix the path: it is relative to {folder}/, without .j2; or remove the line"
                yield warning("settings/unused", message, entry.at, hint=hint)


_EACH: Mapping[str, Each] = MappingProxyType({"service": Each("service", ("services",))})
# Where GitHub and Docker look for files.
_SYNC: tuple[PathEntry, ...] = tuple(
    PathEntry(path, path, Span(SETTINGS, 1)) for path in (".github", "{service}")
)


def _last(entries: tuple[PathEntry, ...], path: str) -> Any:
    """Return the value of the last entry whose pattern matches `path`, or None."""
    entry = _last_entry(entries, path)
    return entry.value if entry else None


def _last_entry(entries: tuple[PathEntry, ...], path: str) -> PathEntry | None:
    return next((each for each in reversed(entries) if matches(each.pattern, path)), None)


ENVIRONMENT = "environment"  # the word for the name of the environment in a path
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")  # a word in a path
NO_SETTINGS = Settings()


def load_settings(project: Project, cache: Cache = NO_CACHE) -> Settings:
    """Read `oetgen.yaml`. With findings, there are no settings."""
    if not project.has(SETTINGS):
        return NO_SETTINGS
    text, unreadable = read(project, SETTINGS)
    if unreadable:
        return Settings(findings=(unreadable,))
    located = load(text, SETTINGS)
    if located.findings:
        return Settings(findings=located.findings)
    if located.data is None:
        return NO_SETTINGS
    if not isinstance(located.data, dict):
        at, hint = located.values.get(()), 'write one line "key: value" for each setting'
        return Settings(
            findings=(error("settings/not-a-map", "found no map at the top of the file", at, hint=hint),)
        )
    layer = Layer(SETTINGS, located, text)
    findings = _findings(project, cache, layer)
    if findings:
        return Settings(findings=findings)
    settings = _settings(layer)
    return Settings(findings=settings.findings) if settings.findings else settings


def schema_text() -> str:
    """Return the JSON Schema of `oetgen.yaml`."""
    from generator.languages import LANGUAGES

    schema = json.loads(files(__package__).joinpath("schema.json").read_text("utf-8"))
    schema["properties"]["languages"]["additionalProperties"]["enum"] = sorted(LANGUAGES)
    return json.dumps(schema, indent=2) + "\n"


def settings_schema() -> Schema:
    """Return the schema of `oetgen.yaml`."""
    from generator.values.schema.rules import Schema

    text = schema_text()
    return Schema(json.loads(text), text, path=f"the schema of {SETTINGS}", is_own=True)


def _findings(project: Project, cache: Cache, layer: Layer) -> tuple[Finding, ...]:
    """Validate the file against its schema; a file that was accepted before is not validated again."""
    key = digest(layer.text)
    if cache.get("settings", str(project.root), key):
        return ()
    from generator.values.schema import findings_of

    values = Values("", layer.located.data, (layer,))
    found = tuple(findings_of(settings_schema(), values))
    if not found:
        cache.put("settings", str(project.root), key, True)
    return found


def _settings(layer: Layer) -> Settings:
    located = layer.located
    data: dict[str, Any] = located.data
    nowhere = Span(SETTINGS, 1)
    secrets = tuple(
        SecretEntry(entry.get("value"), entry.get("path"), located.values.get(("secrets", index)) or nowhere)
        for index, entry in enumerate(data.get("secrets") or ())
    )
    header = data.get("header")
    if isinstance(header, bool):
        header = {"**": header}
    each = _words(located, "each")
    at = located.at(("out",)) or nowhere
    out = PathEntry("", data["out"], at) if data.get("out") is not None else None
    sync = _SYNC if data.get("sync") is None else _entries(located, "sync", data["sync"])
    return Settings(
        _entries(located, "languages", data.get("languages")),
        secrets,
        _entries(located, "delimiters", data.get("delimiters")),
        _entries(located, "header", header),
        _entries(located, "only", data.get("only")),
        _entries(located, "crlf", data.get("crlf")),
        {**_EACH, **each},
        sync,
        layer if "checks" in data else None,
        out,
        _words(located, "matrix"),
        tuple(_shared(located)),
        (*_circles(each), *_unknown_words(sync)),
        quotes=data.get("quotes", CAREFUL),
        folders=Folders(**data.get("folders") or {}),
        folders_at={
            name: place for name in Folders._fields if (place := located.values.get(("folders", name)))
        },
    )


def _shared(located: Located) -> Iterator[PathEntry]:
    """Yield each folder, and each package with the pattern "package"."""
    for index, entry in enumerate(located.data.get("shared") or ()):
        at = located.values.get(("shared", index)) or Span(SETTINGS, 1)
        is_package = isinstance(entry, dict)
        yield PathEntry("package" if is_package else "", entry["package"] if is_package else entry, at)


def _words(located: Located, name: str) -> dict[str, Each]:
    """Return the words of a setting with the paths of what they stand for."""
    return {
        word: Each(word, tuple(path.split(".")), located.at((name, word)))
        for word, path in (located.data.get(name) or {}).items()
    }


def _circles(each: Mapping[str, Each]) -> Iterator[Finding]:
    """Yield a finding for each word that stands for entries of an entry of itself."""
    for word, entry in each.items():
        seen, here = {word}, entry.path[0]
        while here in each and here not in seen:
            seen.add(here)
            here = each[here].path[0]
        if here == word and (len(seen) > 1 or len(entry.path) > 1):
            message = f"{{{word}}} stands for entries of an entry of itself"
            yield error(
                "settings/circle", message, entry.at, hint="begin the path with a value of the environment"
            )


def _unknown_words(sync: Iterable[PathEntry]) -> Iterator[Finding]:
    """Yield a finding for each word in a place of `sync` that is not in the path that it is for."""
    for entry in sync:
        known = [*PLACEHOLDER.findall(entry.pattern)]
        for word in PLACEHOLDER.findall(entry.value):
            if word not in known:
                message = f"found {{{word}}} in the place of {entry.pattern}, which has no such word"
                hint = nearest(word, known) or "use the words of the path before the colon"
                yield error("settings/unknown-word", message, entry.at, hint=hint)


def _entries(located: Located, name: str, data: dict[str, Any] | None) -> tuple[PathEntry, ...]:
    nowhere = Span(SETTINGS, 1)
    return tuple(
        PathEntry(pattern, value, located.at((name, pattern)) or located.at((name,)) or nowhere)
        for pattern, value in (data or {}).items()
    )
