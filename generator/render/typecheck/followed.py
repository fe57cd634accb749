"""Follow every template, and take from the cache of this process what following one found before.

An editor checks the templates after each keystroke, and a keystroke changes what few of them mean. What following a
template found still holds while the templates that it used have the same texts, and the same keys are always set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType

from jinja2 import nodes

from generator.findings import Finding, Span
from generator.findings.record import record
from generator.project import is_partial
from generator.project.cache import Cache, digest
from generator.render.engine import AccessPath, Engine, Sources
from generator.render.engine.outline import LATEST
from generator.render.tokens import Position
from generator.render.typecheck import entries_of, template_names
from generator.render.typecheck.macros import Macro
from generator.render.typecheck.reporter import Read
from generator.render.typecheck.schema_types import SchemaTypes
from generator.render.typecheck.scope import Scope
from generator.render.typecheck.statements import Defined, Statements
from generator.render.typecheck.value_type import Path, Type
from generator.values.schema import Schema

IsAlwaysSet = Callable[[Path], bool]
Place = tuple[int, int, int, bool]  # line, column and length of a name, and whether it is an attribute
_KIND, _UNCALLED = "followed", ""


class Notes:
    """The types of the names in each template, by place, and the names that are visible from a line on."""

    def __init__(self, engine: Engine) -> None:
        self.names: dict[str, dict[int, dict[str, Type]]] = {}
        self._uses: dict[str, dict[Place, list[Type]]] = {}
        self._new: list[tuple[str, nodes.Node, Type]] = []  # no keystroke waits until their places are known
        self._sources = engine.sources

    def add(self, template: str, node: nodes.Node, value: Type, scope: Scope) -> None:
        """Add the type of an expression."""
        self.names.setdefault(template, {}).setdefault(int(node.lineno), scope.names)
        self._new.append((template, node, value))

    def uses(self, template: str) -> Mapping[Place, list[Type]]:
        """Return the types of the names in a template."""
        for each, node, value in self._new:
            if place := _word(self._sources, each, node):
                kept = self._uses.setdefault(each, {}).setdefault(place, [])
                if value not in kept:
                    kept.append(value)
        self._new.clear()
        return self._uses.get(template, {})


@record
class Followed:
    """What following one template found: a key for each template that it used, and the answers about set keys.

    `outlines` are the templates that it used without their literal text, which nothing here depends on. `named` are
    the values that these can name.
    `defined` are the macros that it met, `called` those of them that something calls.
    """

    sources: Mapping[str, str]
    outlines: Mapping[str, str]
    named: tuple[AccessPath, ...]
    asked: Mapping[Path, bool]
    reads: frozenset[Read]
    findings: Mapping[tuple[str, Span, str], Finding]
    failures: tuple[Finding, ...]
    uses_any: bool
    defined: Mapping[Defined, Macro]
    called: frozenset[Defined]
    notes: Notes | None

    @cached_property
    def key(self) -> str:
        """A digest of the templates that it used, or might use."""
        return (
            "" if self.uses_any else digest(*(part for each in sorted(self.sources.items()) for part in each))
        )

    def now(self, engine: Engine, is_always_set: IsAlwaysSet) -> Followed | None:
        """Return what following the template again would find, if that is known: the same, of the sources of now."""
        sources = {name: engine.sources.key(name) for name in self.sources}
        changed = [name for name, key in self.sources.items() if sources[name] != key]
        if any(is_always_set(path) != answer for path, answer in self.asked.items()):
            return None
        if not changed:
            return self
        is_shown = self.findings or self.failures  # with the lines as they were
        if is_shown or not all(self.outlines[name] == engine.outline(name) != "" for name in changed):
            return None
        return replace(self, sources=sources)


def in_(always: Set[Path] | None) -> IsAlwaysSet:
    """Return whether a path is one of these; always without an environment, so that no key is reported as missing."""
    return (lambda path: True) if always is None else always.__contains__


class _Asked:
    """Answers whether a key is always set, and notes the answers."""

    def __init__(self, is_always_set: IsAlwaysSet) -> None:
        self._answer = is_always_set
        self.answers: dict[Path, bool] = {}
        self.every: dict[Path, bool] = {}  # also of the templates before

    def __call__(self, path: Path) -> bool:
        answer = self.answers[path] = self.every[path] = self._answer(path)
        return answer


def _word(sources: Sources, template: str, node: nodes.Node) -> Place | None:
    """Return the place of the last name of an expression such as `a.b.c` or `a["c"]`."""
    at = node.lineno
    if not isinstance(at, Position):
        return None
    if isinstance(node, nodes.Name):
        word, column = node.name, at.column
    elif isinstance(node, nodes.Getattr):
        word, column = node.attr, at.column + 1
    elif (
        isinstance(node, nodes.Getitem)
        and isinstance(node.arg, nodes.Const)
        and isinstance(node.arg.value, str)
    ):
        word, column = node.arg.value, at.column + 2
    else:
        return None
    text = sources.written(template, at)
    is_attribute = not isinstance(node, nodes.Name)
    return (int(at), column, len(word), is_attribute) if text[column - 1 :].startswith(word) else None


def _shortest(paths: Iterable[AccessPath]) -> Iterator[AccessPath]:
    """Yield paths, sorted, without those that another one is the beginning of."""
    last: AccessPath | None = None
    for path in sorted(set(paths)):
        if last is None or path[: len(last)] != last:
            last = path
            yield path


class Follower:
    """Follows the templates of one engine; with a cache that keeps objects, it notes what editors show."""

    def __init__(self, engine: Engine, schema: Schema, always: Set[Path] | None, cache: Cache) -> None:
        self.template = ""  # the one that is being followed
        self._engine = engine
        self._is_always_set = in_(always)
        self._asked = _Asked(self._is_always_set)
        self._types = SchemaTypes(schema, self._asked)
        self._cache = cache
        self._key = ""
        if cache.keeps_objects:
            self._key = digest(schema.text, repr(engine.settings.each), *engine.names())
        self._names: dict[str, Type] = {}

    @property
    def answers(self) -> Mapping[Path, bool]:
        """The answers about keys that are always set."""
        return self._asked.every

    def follow(self) -> dict[str, Followed]:
        """Return what is found for each template that is no partial, and ("") for macros that nothing calls."""
        self._names, self._common = self._known_names()
        names = [name for name in self._engine.names() if not is_partial(name)]
        found = {name: self._earlier(name) or self._new(name) for name in names}
        rest = self._uncalled(found)
        return found | ({_UNCALLED: rest} if rest else {})

    def _known_names(self) -> tuple[dict[str, Type], dict[Path, bool]]:
        """Return the values that every template sees, and which of them are always set."""
        known: tuple[dict[str, Type], dict[Path, bool]] | None = self._cache.recall("names", "", self._key)
        if known is None or any(self._is_always_set(path) != answer for path, answer in known[1].items()):
            known = template_names(self._types), self._asked.answers
            self._cache.keep("names", "", self._key, known)
        return known

    def _earlier(self, name: str) -> Followed | None:
        known = self._latest(name)
        for number, each in enumerate(known):
            now = each.now(self._engine, self._is_always_set)
            if now:
                if now is not known[0]:
                    self._keep(name, now, known[:number] + known[number + 1 :])
                return now
        return None

    def _latest(self, name: str) -> tuple[Followed, ...]:
        """Return what following a template found for its last outlines, the last one first."""
        return self._cache.recall(_KIND, name, self._key) or ()

    def _keep(self, name: str, followed: Followed, others: tuple[Followed, ...]) -> None:
        self._cache.keep(_KIND, name, self._key, (followed, *others)[:LATEST])

    def _new(self, name: str) -> Followed:
        self.template = name
        names = self._names | entries_of(name, self._engine.settings, self._types)
        return self._followed(name, lambda statements: statements.template(name, names))

    def _uncalled(self, found: dict[str, Followed]) -> Followed | None:
        """Follow the macros that nothing calls; those met by an earlier engine may have been compiled since."""
        called = frozenset[Defined]().union(*(each.called for each in found.values()))
        holders: dict[Defined, str] = {}
        for name, each in found.items():
            for key in each.defined:
                holders.setdefault(key, name)
        left = [key for key in holders if key not in called]
        if not left:
            return None
        earlier = self._earlier(_UNCALLED)
        if earlier and set(earlier.defined) == set(left):
            return earlier
        if self._cache.keeps_objects:
            found |= {name: self._new(name) for name in dict.fromkeys(holders[key] for key in left)}
        macros = {key: found[holders[key]].defined[key] for key in left}
        above = [found[holders[key]] for key in left]
        return self._followed(_UNCALLED, lambda statements: statements.uncalled(macros), above, macros)

    def _followed(
        self,
        name: str,
        run: Callable[[Statements], None],
        above: Iterable[Followed] = (),
        macros: Mapping[Defined, Macro] = MappingProxyType({}),
    ) -> Followed:
        """Return what `run` finds; what it starts with was found `above`."""
        notes = Notes(self._engine) if self._cache.keeps_objects else None
        self._asked.answers = dict(self._common)
        statements = Statements(self._engine, self._types, notes.add if notes else None)
        run(statements)
        used = statements.used.union(*(each.sources for each in above))
        asked = [self._asked.answers, *(each.asked for each in above)]
        followed = Followed(
            {each: self._engine.sources.key(each) if notes else "" for each in used},
            {each: self._engine.outline(each) for each in used},
            tuple(_shortest(path for each in used for path in self._engine.named(each)) if notes else ()),
            {path: answer for answers in asked for path, answer in answers.items()},
            frozenset(statements.reporter.reads),
            statements.reporter.findings,
            tuple(statements.failures),
            statements.uses_any,
            statements.defined | dict(macros),
            frozenset(statements.called),
            notes,
        )
        self._keep(name, followed, self._latest(name))
        return followed
