"""What typecheck knows of every expression: its place, its type and the value it names; for editors."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from generator.findings import Span
from generator.findings.record import record
from generator.project.cache import Cache
from generator.render.engine import Engine
from generator.render.typecheck import always_set, template_names
from generator.render.typecheck.followed import Follower, Notes, Place, in_
from generator.render.typecheck.macros import Macro
from generator.render.typecheck.schema_types import SchemaTypes
from generator.render.typecheck.value_type import MACRO, Path, Type
from generator.values.layers import Values
from generator.values.schema import Schema


@record
class Use:
    """A name or an attribute in a template: its span, and the types that it has there in all calls and branches."""

    at: Span
    is_attribute: bool
    types: tuple[Type, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths of the values that it can name."""
        return tuple(dict.fromkeys(each.path for each in self.types if each.path))

    @property
    def macros(self) -> tuple[Macro, ...]:
        """The macros that it can name."""
        targets = (each.target for each in self.types if each.is_only(MACRO))
        return tuple(dict.fromkeys(each for target in targets for each in target if isinstance(each, Macro)))


@dataclass
class Observations:
    """The uses of names in each template, in order, and the names that are visible from a line on.

    `top` are the names that every template sees, `reads` the paths of the values that some template reads.
    """

    types: SchemaTypes
    uses: Mapping[str, list[Use]] = field(default_factory=dict)
    names: Mapping[str, dict[int, dict[str, Type]]] = field(default_factory=dict)
    top: Mapping[str, Type] = field(default_factory=dict)
    reads: frozenset[Path] = frozenset()

    def visible(self, template: str, line: int) -> Mapping[str, Type]:
        """Return the names that a line of a template sees, as far as a line at or above it shows."""
        by_line = self.names.get(template, {})
        above = [each for each in by_line if each <= line]
        return by_line[max(above)] if above else by_line[min(by_line)] if by_line else self.top

    def reading(self, path: Path) -> Iterator[tuple[str, Use]]:
        """Yield template and use of each place that can name the value at `path`, a path with `EACH`."""
        for template, uses in self.uses.items():
            yield from ((template, use) for use in uses if path in use.paths)


def observe(engine: Engine, schema: Schema, values: Iterable[Values], cache: Cache) -> Observations:
    """Follow every template, and return what is known of its expressions; `cache` keeps objects."""
    always = always_set(values)
    types = SchemaTypes(schema, in_(always))
    found = Follower(engine, schema, always, cache).follow().values()
    parts: dict[str, list[Notes]] = {}
    for notes in filter(None, (each.notes for each in found)):
        for template in notes.names:
            parts.setdefault(template, []).append(notes)
    joined = {template: _joined(engine, template, notes, cache) for template, notes in parts.items()}
    uses = {template: each.uses for template, each in joined.items()}
    names = {template: each.names for template, each in joined.items()}
    reads = frozenset(path for each in found for path, _ in each.reads)
    return Observations(types, uses, names, template_names(types), reads)


class _Joined(NamedTuple):
    """What is known of one template, from the notes of all that use it."""

    notes: Sequence[Notes]
    uses: list[Use]
    names: dict[int, dict[str, Type]]


def _joined(engine: Engine, template: str, notes: list[Notes], cache: Cache) -> _Joined:
    """Join notes about a template, unless these very ones were joined before."""
    earlier: _Joined | None = cache.recall("joined", template, "")
    if earlier and len(earlier.notes) == len(notes) and all(map(operator.is_, earlier.notes, notes)):
        return earlier
    seen: dict[Place, list[Type]] = {}
    names: dict[int, dict[str, Type]] = {}
    for each in notes:
        names = each.names[template] | names
        for place, types in each.uses(template).items():
            kept = seen.setdefault(place, [])
            kept += [value for value in types if value not in kept]
    path = engine.sources.path(template)
    uses = [
        Use(
            Span(path, line, column, length, engine.sources.line(template, line).text),
            is_attribute,
            tuple(found),
        )
        for (line, column, length, is_attribute), found in sorted(seen.items())
    ]
    joined = _Joined(notes, uses, names)
    cache.keep("joined", template, "", joined)
    return joined
