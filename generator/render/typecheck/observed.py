"""What typecheck knows of every expression: its place, its type and the value it names; for editors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from jinja2 import nodes

from generator.findings import Span
from generator.findings.record import record
from generator.project.limits import EXCEEDED
from generator.render.engine import Engine
from generator.render.tokens import Position
from generator.render.typecheck import always_set, follow, template_names
from generator.render.typecheck.macros import Macro
from generator.render.typecheck.schema_types import SchemaTypes
from generator.render.typecheck.scope import Scope
from generator.render.typecheck.statements import Statements
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


def observe(engine: Engine, schema: Schema, values: Iterable[Values]) -> Observations:
    """Follow every template, and return what is known of its expressions."""
    always = always_set(values)
    types = SchemaTypes(schema, always.__contains__ if always is not None else lambda path: True)
    seen: dict[str, dict[_Place, list[Type]]] = {}
    names: dict[str, dict[int, dict[str, Type]]] = {}

    def note(template: str, node: nodes.Node, value: Type, scope: Scope) -> None:
        names.setdefault(template, {}).setdefault(int(node.lineno), scope.names)
        if place := _word(engine, template, node):
            kept = seen.setdefault(template, {}).setdefault(place, [])
            if value not in kept:
                kept.append(value)

    statements = Statements(engine, types, note)
    with suppress(*EXCEEDED):
        follow(engine, types, statements)
    uses = {
        template: [
            Use(_span(engine, template, *place), is_attribute, tuple(found))
            for (*place, is_attribute), found in sorted(places.items())
        ]
        for template, places in seen.items()
    }
    reads = frozenset(path for path, _ in statements.reporter.reads)
    return Observations(types, uses, names, template_names(types), reads)


_Place = tuple[int, int, int, bool]  # line, column and length of a name, and whether it is an attribute


def _word(engine: Engine, template: str, node: nodes.Node) -> _Place | None:
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
    text = _span(engine, template, int(at), column, len(word)).text
    is_attribute = not isinstance(node, nodes.Name)
    return (int(at), column, len(word), is_attribute) if text[column - 1 :].startswith(word) else None


def _span(engine: Engine, template: str, line: int, column: int, length: int) -> Span:
    return Span(engine.sources.path(template), line, column, length, engine.sources.line(template, line).text)
