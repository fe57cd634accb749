"""Read `oetgen.yaml`, the settings of a project: languages by path, and what looks like a secret but is not."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from generator.findings import Finding, Span, error, warning
from generator.project import SETTINGS
from generator.project.cache import NO_CACHE, Cache, digest
from generator.project.folder import Project, read
from generator.project.globs import matches
from generator.values.layers import Layer, Values
from generator.values.source import Located, load

if TYPE_CHECKING:  # 10 ms, and the schema only for a file that is new
    from generator.values.schema.rules import Schema
    from generator.values.secrets import Secret


@dataclass(frozen=True, slots=True)
class LanguageEntry:
    """The language of the files whose path in the output matches `pattern`."""

    pattern: str
    language: str
    at: Span


@dataclass(frozen=True, slots=True)
class SecretEntry:
    """Something that looks like a secret but is not: this `value`, or all in the files that match `path`."""

    value: str | None
    path: str | None
    at: Span

    def covers(self, secret: Secret) -> bool:
        """Return whether the entry is for this text at this place."""
        is_there = self.path is None or matches(self.path, secret.at.path)
        return is_there and (self.value is None or self.value == secret.text)


@dataclass(frozen=True)
class Settings:
    """The settings of a project, each with its place in `oetgen.yaml`."""

    languages: tuple[LanguageEntry, ...] = ()
    secrets: tuple[SecretEntry, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    def language_of(self, path: str, text: str = "") -> str:
        """Return the name of the language of a file of the output: that of the last pattern that matches it."""
        for entry in reversed(self.languages):
            if matches(entry.pattern, path):
                return entry.language
        from generator.languages import language_of

        return language_of(path, text)

    def unused(self, paths: Iterable[str], used: Iterable[SecretEntry]) -> Iterator[Finding]:
        """Yield a warning for each entry that nothing needs; `paths` are those of all files of all environments."""
        paths = list(paths)
        for each in self.languages:
            if not any(matches(each.pattern, path) for path in paths):
                hint = "fix the pattern: it is relative to the folder of an environment in out/; or remove the line"
                yield warning("settings/unused", f'no file matches "{each.pattern}"', each.at, hint=hint)
        used = set(used)
        for entry in self.secrets:
            if entry not in used:
                message = "nothing that looks like a secret needs this entry"
                yield warning("settings/unused", message, entry.at, hint="remove the entry")


NO_SETTINGS = Settings()


def load_settings(project: Project, cache: Cache = NO_CACHE) -> Settings:
    """Read `oetgen.yaml`. With findings, there are no settings."""
    if not os.path.lexists(project.root / SETTINGS):
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
    findings = _findings(project, cache, text, located)
    return Settings(findings=findings) if findings else _settings(located)


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


def _findings(project: Project, cache: Cache, text: str, located: Located) -> tuple[Finding, ...]:
    """Validate the file against its schema; a file that was accepted before is not validated again."""
    key = digest(text)
    if cache.get("settings", str(project.root), key):
        return ()
    from generator.values.schema import findings_of

    values = Values("", located.data, (Layer(SETTINGS, located, text),))
    found = tuple(findings_of(settings_schema(), values))
    if not found:
        cache.put("settings", str(project.root), key, True)
    return found


def _settings(located: Located) -> Settings:
    data: dict[str, Any] = located.data
    nowhere = Span(SETTINGS, 1)
    languages = tuple(
        LanguageEntry(pattern, language, located.at(("languages", pattern)) or nowhere)
        for pattern, language in (data.get("languages") or {}).items()
    )
    secrets = tuple(
        SecretEntry(entry.get("value"), entry.get("path"), located.values.get(("secrets", index)) or nowhere)
        for index, entry in enumerate(data.get("secrets") or ())
    )
    return Settings(languages, secrets)
