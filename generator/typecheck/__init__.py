"""Templates against the schema, before any render: every expression of every branch, also of those not taken.

What cannot be known is silent: a template that renders for every valid set of values has no finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from generator.cache import NO_CACHE, Cache, digest
from generator.engine import Engine
from generator.findings import Finding, Severity, Span
from generator.located import KeyPath, format_path, leaves
from generator.project import TEMPLATES, is_partial
from generator.schema import Schema
from generator.typecheck.kinds import BELOW, EACH, MAP, STRING, Known, Path, Rules
from generator.typecheck.statements import Statements
from generator.values import FILE_KEYS, Layer, Values


@dataclass(frozen=True, slots=True)
class Checked:
    """What the type checker found, and the paths of values that some template reads."""

    findings: tuple[Finding, ...]
    reads: frozenset[Path]
    known: dict[KeyPath, bool] = field(
        default_factory=dict
    )  # whether paths that were looked at before are read


def check_templates(
    engine: Engine, schema: Schema, values: Iterable[Values], cache: Cache = NO_CACHE
) -> Checked:
    """Check every template against the schema; `values` are those of the environments that are looked at.

    What was checked and found right is not checked again; it depends on which keys are set, not on their values.
    """
    environments = list(values)
    always = sorted(set.intersection(*(set(_keys(each.data)) for each in environments)))
    sources = (part for name in engine.names() for part in (name, engine.source(name)))
    key = digest(repr(schema.data), *sources, *("/".join(path) for path in always))
    known = cache.get("typecheck", engine.place, key)
    if known is not None:
        return Checked((), frozenset(known))
    checked = _check(engine, schema, set(always))
    if not checked.findings:
        cache.put("typecheck", engine.place, key, list(checked.reads))
    return checked


def _check(engine: Engine, schema: Schema, always: set[Path]) -> Checked:
    rules = Rules(schema.data, always.__contains__)
    statements = Statements(engine, rules)
    names = _names(rules)
    for name in engine.names():
        if not is_partial(name):
            service = {"service": _service(rules)} if "{service}" in name else {}
            statements.template(name, names | service)
    unused = [name for name in engine.names() if is_partial(name) and name not in statements.used]
    findings = [*statements.failures, *statements.reporter.findings, *map(_unused, unused)]
    reads = statements.reporter.reads | {("suffix",), ("services", EACH)}
    return Checked(tuple(dict.fromkeys(findings)), frozenset(reads))


def unread_values(checked: Checked, values: Values) -> list[Finding]:
    """Return a warning for each value that no template can read."""
    return [finding for layer in values.layers for finding in _unread(checked, layer)]


def _unread(checked: Checked, layer: Layer) -> list[Finding]:
    hint = "take it out, or use it in a template"
    return [
        Finding(
            "typecheck/unread-value",
            Severity.WARNING,
            f"no template reads {format_path(path)}",
            at,
            hint=hint,
        )
        for path, _ in leaves(layer.data)
        if not _is_read(checked, path) and (at := layer.located.at(path))
    ]


def _is_read(checked: Checked, path: KeyPath) -> bool:
    if path not in checked.known:  # environments mostly have the same paths
        checked.known[path] = any(_covers(read, path) for read in checked.reads)
    return checked.known[path]


def _names(rules: Rules) -> dict[str, Known]:
    """Return what every template sees: the values, and Jinja's own `range`."""
    top = Known(frozenset({MAP}), rules.schema, ())
    known = {name: rules.key(top, name) for name in rules.schema.get("properties", {})}
    return {name: value for name, value in known.items() if value and name not in FILE_KEYS} | {
        "range": Known()
    }


def _service(rules: Rules) -> Known:
    services = rules.key(Known(frozenset({MAP}), rules.schema, ()), "services")
    each = rules.each(services) if services else Known()
    return Known(frozenset({MAP}), each.rule, ("services", EACH), fields={"name": Known(frozenset({STRING}))})


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


def _unused(name: str) -> Finding:
    at = Span(f"{TEMPLATES}/{name}", 1)
    hint = "include or import it, or delete it"
    return Finding(
        "typecheck/unused-template", Severity.WARNING, "no other template uses this one", at, hint=hint
    )
