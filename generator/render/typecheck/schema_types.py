"""The types that the schema declares for values, and the optional values that exist anyway."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from generator.findings import Note
from generator.render.typecheck.value_type import (
    EACH,
    LIST,
    MAP,
    STRING,
    Path,
    Subschema,
    Type,
    list_of,
    of_kind,
    tuple_of,
    unknown,
)
from generator.values.schema import Schema, pointer
from generator.values.source import KeyPath

_KINDS = {"object": MAP, "array": LIST, "integer": "number"}
_TYPES: dict[type, str] = {str: STRING, bool: "boolean", int: "number", float: "number", type(None): "null"}
OPTIONAL = "it is optional"


class SchemaTypes:
    """The types by the schema; `always` returns whether every environment sets a path, required or not."""

    def __init__(self, schema: Schema, always: Callable[[Path], bool]) -> None:
        self._schema = schema
        self._always = always
        self.top = Type(frozenset({MAP}), self._resolved(schema.data, ())[0], ())

    def declared(self, subschema: Subschema, path: Path, declared: KeyPath = ()) -> Type:
        """Return the type of the value at `path`; `declared` is the path of its subschema in the schema."""
        subschema, declared = self._resolved(subschema, declared)
        kinds = frozenset(_kinds(self._schema, subschema))
        if "anyOf" in subschema or "oneOf" in subschema:
            return Type(kinds, path=path, declared=declared)
        texts = _allowed(subschema)
        is_text = bool(texts) and all(isinstance(each, str) for each in texts)
        choices = {text: frozenset({(path, text)}) for text in texts} if is_text else None
        return Type(kinds, subschema, path, choices=choices, declared=declared)

    def key(self, container: Type, name: str) -> Type | None:
        """Return the type of the key `name` of a map, or None when it cannot have one."""
        if name in container.fields:
            return container.fields[name]
        path = (*container.path, name) if container.path is not None else None
        declaration = self._declaration(container.schema, name)
        if declaration is None and container.schema.get("additionalProperties") is False:
            return None
        if declaration is None or path is None:
            return Type(path=path, holds=container.holds)
        subschema, inside = declaration
        missing = "" if self._exists(container, name, path) else OPTIONAL
        return replace(self.declared(subschema, path, (*container.declared, *inside)), missing=missing)

    def keys(self, container: Type) -> list[str]:
        """Return the names of the known keys of a map."""
        return [*container.fields, *container.schema.get("properties", {})]

    def each(self, container: Type) -> Type:
        """Return the type of every value of a map, or of every item of a list."""
        if container.item is not None:
            return container.item
        if container.path is None or not container.schema:
            return unknown(container)
        keyword = "items" if container.is_only(LIST) else "additionalProperties"
        others = ("prefixItems",) if container.is_only(LIST) else ("properties", "patternProperties")
        subschema = container.schema.get(keyword)
        path = (*container.path, EACH)
        if not isinstance(subschema, Mapping) or any(container.schema.get(other) for other in others):
            return Type(path=path)
        return self.declared(subschema, path, (*container.declared, keyword))

    def entries(self, container: Type, method: str) -> Type:
        """Return the type of the items, keys or values of a map."""
        each, key = self.each(container), of_kind(STRING)
        entries = {"items": tuple_of((key, each)), "keys": key, "values": each}
        return list_of(entries[method]) if method in entries else unknown(container)

    def flags(self, container: Type) -> Iterator[Type]:
        """Yield the types of the keys of a map that have only one possible value."""
        if container.path is None or not container.is_only(MAP):
            return
        entries = {
            EACH: container.schema.get("additionalProperties"),
            **container.schema.get("properties", {}),
        }
        for name, subschema in entries.items():
            if isinstance(subschema, Mapping) and "const" in self._resolved(subschema, ())[0]:
                yield self.declared(subschema, (*container.path, name))

    def implied(self, container: Type, name: str) -> Iterator[str]:
        """Yield the keys that exist whenever the key `name` does."""
        seen: list[str] = [name]
        for key in seen:
            yield key
            required = container.schema.get("dependentRequired", {}).get(key, ())
            seen += [other for other in required if other not in seen]

    def note(self, value: Type, what: str) -> tuple[Note, ...]:
        """Return a note with the line of the schema that declares a value."""
        path = (*value.declared, "properties") if value.is_only(MAP) else value.declared
        at = self._schema.located.at(path) if value.declared else None
        return (Note(f"{self._schema.path}:{at.line} {what}"),) if at else ()

    def _declaration(self, subschema: Subschema, name: str) -> tuple[Subschema, KeyPath] | None:
        """Return the subschema of a key of a map, and its path inside the map's."""
        candidates: list[tuple[Any, KeyPath]] = [
            (subschema.get("properties", {}).get(name), ("properties", name)),
            *(
                (inner, ("patternProperties", pattern))
                for pattern, inner in subschema.get("patternProperties", {}).items()
                if re.search(pattern, name)
            ),
            (subschema.get("additionalProperties"), ("additionalProperties",)),
        ]
        return next(((inner, path) for inner, path in candidates if isinstance(inner, Mapping)), None)

    def _exists(self, container: Type, name: str, path: Path) -> bool:
        if name in container.present:
            return True
        required = name in container.schema.get("required", ()) or _may_require(container.schema, name)
        return not container.weak and (required or self._always(path))

    def _resolved(self, subschema: Subschema, declared: KeyPath) -> tuple[Subschema, KeyPath]:
        """Return `subschema` merged with its `$ref` and `allOf`, and where the keys of a map are declared."""
        while "$ref" in subschema:
            path, target = pointer(self._schema.data, subschema["$ref"])
            declared = path if isinstance(target, Mapping) and "properties" in target else declared or path
            own = {key: value for key, value in subschema.items() if key != "$ref"}
            subschema = {**target, **own} if isinstance(target, Mapping) else own
        for part in subschema.get("allOf", ()):
            inner = self._resolved(part, declared)[0] if isinstance(part, Mapping) else {}
            subschema = _merged(subschema, inner)
        return subschema, declared


def _merged(subschema: Subschema, part: Subschema) -> Subschema:
    """Return `subschema` merged with one of its `allOf`, as far as it matters here."""
    maps = {
        key: {**part.get(key, {}), **subschema.get(key, {})}
        for key in ("properties", "patternProperties", "dependentRequired")
        if key in part
    }
    required = [*subschema.get("required", ()), *part.get("required", ())]
    return {**part, **subschema, **maps, "required": required}


def _allowed(subschema: Subschema) -> list[Any]:
    allowed: list[Any] = subschema.get("enum", [subschema["const"]] if "const" in subschema else [])
    return allowed


def _kinds(schema: Schema, subschema: Subschema) -> set[str]:
    """Return the kinds that a subschema allows; none when it does not restrict them."""
    types = subschema.get("type")
    if types is not None:
        return {_KINDS.get(name, name) for name in ([types] if isinstance(types, str) else types)}
    values = _allowed(subschema)
    if values and all(type(value) in _TYPES for value in values):
        return {_TYPES[type(value)] for value in values}
    branches = [schema.resolved(each) for each in subschema.get("oneOf", subschema.get("anyOf", ()))]
    kinds = [_kinds(schema, each) if isinstance(each, Mapping) else set() for each in branches]
    return set.union(*kinds) if kinds and all(kinds) else set()


def _may_require(subschema: Subschema, name: str) -> bool:
    """Return whether a subschema requires a key under a condition: then it may exist wherever a template reads it."""
    parts = [subschema[key] for key in ("then", "else") if key in subschema]
    parts += [part for key in ("oneOf", "anyOf", "allOf") for part in subschema.get(key, ())]
    parts += subschema.get("dependentSchemas", {}).values()
    return any(
        isinstance(part, Mapping) and (name in part.get("required", ()) or _may_require(part, name))
        for part in parts
    )
