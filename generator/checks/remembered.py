"""Results of earlier checks, by the content that they are about: of the rules, and of each tool, for an environment.

They are only there for speed. A record that does not have the form of a result counts as missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from generator.checks.rule import Context, NotApplicableError, Rule
from generator.findings import Finding, Note, Severity, Span
from generator.project.cache import NO_CACHE, Cache, digest
from generator.render.tree import Tree
from generator.system import System
from generator.system.files_read import FilesRead
from generator.system.tracked import Part, Simple, Tracked

_RULES, _APPLIED, _ANSWERS, _TOOL, _VERSION = "checked", "applied", "answers", "tool", "version"
_CLEAN = "clean"
_MOST_CLEAN = 20_000  # digests for each tool; with more, only those of the last run are kept


class Clean:
    """What a tool examined before without a finding, which need not be examined again."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = frozenset(known)
        self._now: set[str] = set()

    def has(self, *parts: str) -> bool:
        """Return whether there was no finding in what these parts decide."""
        key = digest(*parts)
        if key not in self._known:
            return False
        self._now.add(key)
        return True

    def add(self, *parts: str) -> None:
        """Note that the tool has no finding in what these parts decide."""
        self._now.add(digest(*parts))

    @property
    def news(self) -> frozenset[str] | None:
        """What to keep, or None when nothing was added."""
        if self._now <= self._known:
            return None
        return frozenset(self._now if len(self._known) > _MOST_CLEAN else self._known | self._now)


class Remembered:
    """The results of the rules and tools for the environments of the project in `root`."""

    def __init__(self, cache: Cache, root: str) -> None:
        self._cache = cache
        self._root = root
        self._earlier: dict[str, dict[str, Any]] = {}  # what earlier runs know of each rule, by environment
        self._applied: dict[str, tuple[Tracked, dict[str, _Applied]]] = {}  # and what this one does

    def rules(self, env: str, key: str) -> tuple[list[Finding], list[tuple[str, str]]] | None:
        """Return the findings of the rules, and the rules that do not apply with the reason, or None."""
        record = self._cache.get(_RULES, self._place(env), key)
        try:
            findings, inapplicable = record
            pairs = [(_text(code), _text(reason)) for code, reason in inapplicable]
            return [_finding(each) for each in findings], pairs
        except (TypeError, ValueError):
            return None

    def keep_rules(
        self, env: str, key: str, findings: Iterable[Finding], inapplicable: Iterable[tuple[str, str]]
    ) -> None:
        """Keep the result of the rules, and of each rule alone."""
        self._cache.put(
            _RULES, self._place(env), key, ([_plain(each) for each in findings], list(inapplicable))
        )
        if env in self._applied:
            system, applied = self._applied.pop(env)
            records = {name: each.plain() for name, each in applied.items()}
            answers = {name: (value, list(parts.items())) for name, value, parts in system.simple_answers()}
            self._cache.put(_APPLIED, self._place(env), rule_set(), records)
            self._cache.put(_ANSWERS, self._place(env), rule_set(), answers)
            if isinstance(system.reads, FilesRead):
                system.reads.remember(system.files)

    def system(self, tree: Tree) -> System:
        """Return the system of a tree; what an earlier one of the environment has read is not read again."""
        if self._cache is NO_CACHE:
            return System.of_tree(tree)
        system = Tracked.of_tree(tree)
        if not self._cache.keeps_objects:
            system.know(self._answers(tree.env))
            system.reads = FilesRead(self._cache, self._root, tree.env)
            return system
        earlier: Tracked | None = self._cache.recall("system", tree.env, "")
        if earlier:
            system.take_over(earlier)
        self._cache.keep("system", tree.env, "", system)
        return system

    def rule(self, name: str, rule: Rule, context: Context) -> tuple[Finding, ...]:
        """Return what a rule finds; what it asked for before decides whether it is applied again.

        Raises NotApplicableError.
        """
        system = context.system
        if not isinstance(system, Tracked):
            return tuple(rule.check(context))
        key = repr((context.repository, context.today, sorted(context.public), system.folder))
        earlier = self._recall(name, system.env, key)
        if earlier is None or not system.holds(earlier.parts):
            earlier = _applied(rule, context, system, key)
        if self._cache.keeps_objects:
            self._cache.keep("rule", f"{system.env}\0{name}", key, earlier)
        else:
            self._applied.setdefault(system.env, (system, {}))[1][name] = earlier
        if earlier.inapplicable is not None:
            raise NotApplicableError(earlier.inapplicable)
        return earlier.findings

    def _answers(self, env: str) -> dict[str, tuple[Simple, Mapping[Part, str]]]:
        """Return the simple answers about an environment in an earlier run."""
        records = self._cache.get(_ANSWERS, self._place(env), rule_set()) or {}
        try:
            return {_text(name): (_simple(value), _parts(parts)) for name, (value, parts) in records.items()}
        except (TypeError, ValueError):
            return {}

    def _recall(self, name: str, env: str, key: str) -> _Applied | None:
        """Return what is known of a rule that was applied to an environment."""
        if self._cache.keeps_objects:
            known: _Applied | None = self._cache.recall("rule", f"{env}\0{name}", key)
            return known
        if env not in self._earlier:
            self._earlier = {env: self._cache.get(_APPLIED, self._place(env), rule_set()) or {}}
        try:
            earlier = _Applied.of_plain(self._earlier[env][name])
        except (KeyError, TypeError, ValueError):
            return None
        return earlier if earlier.key == key else None

    def tool(self, name: str, env: str, key: str) -> list[Finding] | None:
        """Return the findings of a tool, or None."""
        record = self._cache.get(_TOOL, self._place(f"{name}\0{env}"), key)
        try:
            return None if record is None else [_finding(each) for each in record]
        except (TypeError, ValueError):
            return None

    def keep_tool(self, name: str, env: str, key: str, findings: Iterable[Finding]) -> None:
        """Keep the findings of a tool."""
        self._cache.put(_TOOL, self._place(f"{name}\0{env}"), key, [_plain(each) for each in findings])

    def clean(self, name: str, key: str) -> Clean:
        """Return what a tool examined without a finding."""
        return Clean(self._cache.get(_CLEAN, self._place(name), key) or ())

    def keep_clean(self, name: str, key: str, clean: Clean) -> None:
        """Keep what a tool examined without a finding."""
        if clean.news is not None:
            self._cache.put(_CLEAN, self._place(name), key, clean.news)

    def version(self, path: str, key: str) -> str | None:
        """Return the version of the program at a path, or None."""
        record = self._cache.get(_VERSION, path, key)
        return record if type(record) is str else None

    def keep_version(self, path: str, key: str, version: str) -> None:
        """Keep the version of a program."""
        self._cache.put(_VERSION, path, key, version)

    def _place(self, name: str) -> str:
        return f"{self._root}\0{name}"


class _Applied(NamedTuple):
    """What a rule found, or why it does not apply, and a digest of each part of the system that it asked for.

    `key` is what else decides it.
    """

    key: str
    parts: Mapping[Part, str]
    findings: tuple[Finding, ...] = ()
    inapplicable: str | None = None

    def plain(self) -> tuple[Any, ...]:
        """Return it as plain data."""
        return self.key, list(self.parts.items()), [_plain(each) for each in self.findings], self.inapplicable

    @classmethod
    def of_plain(cls, record: Any) -> _Applied:
        """Return what was plain data. Raises TypeError or ValueError for a record of another form."""
        key, parts, findings, inapplicable = record
        reason = None if inapplicable is None else _text(inapplicable)
        return cls(_text(key), _parts(parts), tuple(_finding(each) for each in findings), reason)


def _applied(rule: Rule, context: Context, system: Tracked, key: str) -> _Applied:
    with system.noting() as parts:
        try:
            findings, reason = tuple(rule.check(context)), None
        except NotApplicableError as problem:
            findings, reason = (), str(problem)
    return _Applied(key, {part: system.key(part) for part in parts}, findings, reason)


NOTHING = Remembered(NO_CACHE, "")


def content(tree: Tree, languages: Sequence[str] = ()) -> str:
    """Return a digest of the files of a tree, or only of those in these languages."""
    artifacts = [each for each in tree.artifacts if not languages or each.format in languages]
    return digest(
        tree.env, tree.folder, *(part for each in artifacts for part in (each.path, each.format, each.text))
    )


@lru_cache
def rule_set() -> str:
    """Return a digest of the code and data of the rules: the names, sizes and times of their files."""
    top = os.path.dirname(os.path.abspath(__file__))
    parts = []
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            found = os.stat(f"{folder}/{name}")
            parts.append(f"{folder}/{name} {found.st_size} {found.st_mtime_ns}")
    return digest(*parts)


def _plain(finding: Finding) -> tuple[Any, ...]:
    notes = [
        (
            note.message,
            _plain_span(note.at),
            note.label,
            note.value,
            _plain_span(note.set_at),
            note.environment,
        )
        for note in finding.notes
    ]
    at = _plain_span(finding.at)
    return finding.code, finding.severity.value, finding.message, at, notes, finding.hint, finding.environment


def _plain_span(span: Span | None) -> tuple[Any, ...] | None:
    return (span.path, span.line, span.column, span.length, span.text) if span else None


def _finding(record: Any) -> Finding:
    """Return a finding. Raises TypeError or ValueError for a record of another form."""
    code, severity, message, at, notes, hint, environment = record
    read = tuple(map(_note, notes))
    return Finding(
        _text(code), Severity(severity), _text(message), _span(at), read, _text(hint), _text(environment)
    )


def _note(record: Any) -> Note:
    message, at, label, value, set_at, environment = record
    return Note(_text(message), _span(at), _text(label), _text(value), _span(set_at), _text(environment))


def _span(record: Any) -> Span | None:
    if record is None:
        return None
    path, line, column, length, text = record
    if not all(type(each) is int for each in (line, column, length)):
        raise TypeError("a place has numbers")
    return Span(_text(path), line, column, length, _text(text))


def _parts(record: Any) -> dict[Part, str]:
    return {(_text(kind), _text(name)): _text(each) for (kind, name), each in record}


def _simple(value: Any) -> Simple:
    if value is not None and type(value) not in (bool, int, str):
        raise TypeError("a simple value expected")
    answer: Simple = value
    return answer


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("text expected")
    return value
