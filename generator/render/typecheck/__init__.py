"""Templates against the schema, before any render: every expression of every branch, also of those not taken.

What cannot be known is silent: a template that renders for every valid set of values has no finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from generator.findings import Finding, Severity, Span
from generator.project import ENVIRONMENTS, TEMPLATES, is_partial
from generator.project.cache import NO_CACHE, Cache, digest
from generator.render.engine import Engine
from generator.render.typecheck.kinds import ALWAYS, BELOW, EACH, MAP, STRING, Known, Path
from generator.values.defaults import entry_path
from generator.values.layers import FILE_KEYS, Layer, Values
from generator.values.schema import Schema
from generator.values.source import KeyPath, format_path, leaves

if TYPE_CHECKING:
    from generator.render.typecheck.reporter import Read
    from generator.render.typecheck.rules import Rules


@dataclass(frozen=True)
class Checked:
    """What the type checker found, and the paths of values that some template reads, with what that depends on."""

    findings: tuple[Finding, ...]
    reads: frozenset[Read]
    known: dict[KeyPath, list[Read]] = field(default_factory=dict)
    unread: dict[str, list[Finding]] = field(default_factory=dict)  # by the path of a layer that many share

    def reads_of(self, path: KeyPath) -> list[Read]:
        """Return the reads of the value at `path`; environments mostly ask for the same ones."""
        if path not in self.known:
            near = [
                *self._by_first.get(path[0], ()),
                *self._by_first.get(EACH, ()),
                *self._by_first.get(BELOW, ()),
            ]
            self.known[path] = [read for read in near if _covers(read[0], path)]
        return self.known[path]

    @cached_property
    def _by_first(self) -> dict[str | int, list[Read]]:
        found: dict[str | int, list[Read]] = {}
        for read in self.reads:
            found.setdefault(read[0][0] if read[0] else BELOW, []).append(read)
        return found


def check_templates(
    engine: Engine, schema: Schema, values: Iterable[Values], cache: Cache = NO_CACHE
) -> Checked:
    """Check every template against the schema; `values` are those of the environments that nothing is wrong with.

    What all of them have is there; without any, nothing is known to be missing. What was checked and found right is
    not checked again; it depends on which keys are set, not on their values.
    """
    always = _always(values)
    sources = (part for name in engine.names() for part in (name, engine.source(name)))
    key = digest(repr(schema.data), *sources, repr(always if always is None else sorted(always)))
    known = cache.get("typecheck", engine.sources.root, key)
    if known is not None:
        return Checked((), frozenset(known))
    checked = _check(engine, schema, always.__contains__ if always is not None else lambda path: True)
    if not checked.findings:
        cache.put("typecheck", engine.sources.root, key, list(checked.reads))
    return checked


def _always(values: Iterable[Values]) -> set[Path] | None:
    """Return the paths of the keys that all of these environments set, or None when there are none to look at."""
    common: Mapping[str, Any] | None = None
    for each in values:
        common = each.data if common is None else _common(common, each.data)
    return None if common is None else set(_keys(common))


def _common(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a map of the keys that two maps have; environments share most of theirs, which are not looked at."""
    if one is other:
        return one
    return {
        key: _common(value, other[key]) if isinstance(value, dict) and isinstance(other[key], dict) else None
        for key, value in one.items()
        if key in other
    }


def _check(engine: Engine, schema: Schema, is_always_set: Callable[[Path], bool]) -> Checked:
    from generator.render.typecheck.rules import Rules
    from generator.render.typecheck.statements import Statements

    rules = Rules(schema, is_always_set)
    statements = Statements(engine, rules)
    names = _names(rules)
    for name in engine.names():
        if not is_partial(name):
            service = {"service": _service(rules)} if "{service}" in name else {}
            statements.template(name, names | service)
    statements.uncalled()
    used = set(statements.used)
    unused = [name for name in engine.names() if is_partial(name) and name not in used]
    for name in unused:  # a mistake in their syntax is one all the same
        statements.tree(name)
    findings = [*statements.failures, *statements.reporter.findings]
    if not statements.uses_any and not statements.failures and not any(map(_names_no_template, findings)):
        findings += map(_unused, unused)
    reads = statements.reporter.reads | {(("suffix",), ALWAYS), (("services", EACH), ALWAYS)}
    return Checked(tuple(dict.fromkeys(findings)), frozenset(reads))


def _names_no_template(finding: Finding) -> bool:
    """Say whether a template is misspelt where it is used: it is not to be called unused as well."""
    return finding.code == "typecheck/unknown-template"


def unread_values(checked: Checked, values: Values) -> list[Finding]:
    """Return a warning for each value that no template can read.

    A value of base.yaml, or of a file that the environment extends, may be there for another environment: it is read
    when a template for any choice reads it. One of the environment's own file must be read with its own choices.
    """
    own = (f"{ENVIRONMENTS}/{values.env}.yaml", "--set")
    findings: list[Finding] = []
    for layer in values.layers:
        if layer.path in own:
            findings += _unread(checked, layer, values)
            continue
        if layer.path not in checked.unread:
            checked.unread[layer.path] = list(_unread(checked, layer, None))
        findings += checked.unread[layer.path]
    return findings


def _unread(checked: Checked, layer: Layer, values: Values | None) -> Iterator[Finding]:
    hint = "take it out, or use it in a template"
    for path, value in leaves(layer.data):
        reads = checked.reads_of((*entry_path(str(path[0])), *path[1:]))
        if value is None or any(values is None or _holds(read, path, values.data) for read in reads):
            continue
        at = layer.located.at(path)
        message = f"no template reads {format_path(path)}"
        if reads and values:
            message = f"no template that {values.env} uses reads {format_path(path)}"
        yield Finding("typecheck/unread-value", Severity.WARNING, message, at, hint=hint)


def _names(rules: Rules) -> dict[str, Known]:
    """Return the values that every template sees."""
    names = [name for name in rules.keys(rules.top) if name not in FILE_KEYS and entry_path(name) == (name,)]
    return {name: value for name in names if (value := rules.key(rules.top, name))}


def _service(rules: Rules) -> Known:
    """Return what `service` is in a template that is rendered for each of them."""
    services = rules.key(rules.top, "services")
    each = rules.each(services) if services else Known()
    name = {"name": Known(frozenset({STRING}))}
    return Known(frozenset({MAP}), each.rule, ("services", EACH), fields=name, declared=each.declared)


def _keys(data: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every key of a map, and of the maps in it."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield (*path, name)
            yield from _keys(value, (*path, name))


def _covers(read: Path, path: KeyPath) -> bool:
    if read[-1:] == (BELOW,):
        read, path = read[:-1], path[: len(read) - 1]
    return len(read) == len(path) and all(want in (EACH, part) for want, part in zip(read, path, strict=True))


def _holds(read: Read, path: KeyPath, data: Any) -> bool:
    """Say whether the values are such that the template which reads the value at `path` is used."""
    return all(_is_chosen(_bound(where, read[0], path), text, data) for where, text in read[1])


def _bound(where: Path, read: Path, path: KeyPath) -> KeyPath:
    """Return the path of what chooses a template, for the same entry of a map that `path` is in."""
    bound: KeyPath = ()
    for index, part in enumerate(where):
        if read[index : index + 1] != (part,) or index >= len(path):
            return (*bound, *where[index:])
        bound = (*bound, path[index])
    return bound


def _is_chosen(where: KeyPath, text: str, data: Any) -> bool:
    if not where:
        return bool(data == text)
    if not isinstance(data, dict):
        return True  # of what is not there, nothing can be said
    inner = data.values() if where[0] == EACH else [data[where[0]]] if where[0] in data else []
    return any(_is_chosen(where[1:], text, each) for each in inner) if inner else True


def _unused(name: str) -> Finding:
    at = Span(f"{TEMPLATES}/{name}", 1)
    hint = "include or import it, or delete it"
    message = "nothing that is rendered uses this template"
    return Finding("typecheck/unused-template", Severity.WARNING, message, at, hint=hint)
