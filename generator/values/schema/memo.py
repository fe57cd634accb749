"""Split values into parts, so that jsonschema validates only those that it has not accepted before.

It is only there for speed: environments share most of their values, and validation takes longer than the rest of a
render. It is here because it follows the keywords of a schema; the cache that keeps its keys is injected. Where a
schema has only the keywords below, its rules for a map can be split into those for the names of its keys, for the
value of each key, and for the whole map. A part is such a set of names, or a value with its content, at one place of
the schema.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from generator.findings.record import record
from generator.values.schema.references import pointer

_ANNOTATIONS = frozenset("$schema $id $defs $comment title description examples default".split())
_BY_NAME = frozenset("type required minProperties maxProperties propertyNames dependentRequired".split())
_BY_KEY = _BY_NAME | {"properties", "additionalProperties"}
_CHOICES = frozenset("if then else allOf anyOf oneOf not dependentSchemas".split())  # apply to the whole map
_DEFS = "#/$defs/"
_ELSEWHERE = frozenset("$anchor $dynamicRef $dynamicAnchor $recursiveRef".split())


@record
class Part:
    """A value and its rule; `place` identifies the rule in the schema."""

    place: str
    rule: Any
    value: Any

    @property
    def key(self) -> bytes:
        """The key of the accepted value."""
        return _digest(self.place, self.value)


class Form:
    """A variant of the schema, and the parts of values that it can be split into."""

    def __init__(self, kind: str, rules: Mapping[str, Any]) -> None:
        self.rules = rules
        self._kind = kind
        self._is_splittable = _is_closed(rules, is_top=True)

    def left(self, data: Any, accepted: set[bytes]) -> list[Part] | None:
        """Return the parts of `data` that were not accepted before; None when the schema cannot be split.

        Where all were, the whole of `data` counts as accepted from now on.
        """
        if not self._is_splittable:
            return None
        whole = Part(self._kind, self.rules, data)
        left = list(self._left(whole, accepted))
        if not left:
            accepted.add(whole.key)
        return left

    def question(self, parts: list[Part]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return one schema and its data for all of `parts` together."""
        rules = {
            "properties": {str(number): part.rule for number, part in enumerate(parts)},
            "$defs": self.rules.get("$defs", {}),
        }
        return rules, {str(number): part.value for number, part in enumerate(parts)}

    def keys(self, part: Part) -> Iterator[bytes]:
        """Yield the keys of an accepted part, and of every part in it."""
        yield part.key
        inner = self._inner(part)
        if inner is not None:
            yield _names(part)
            for each in inner:
                yield from self.keys(each)

    def _left(self, part: Part, accepted: set[bytes]) -> Iterator[Part]:
        if part.key in accepted:
            return
        inner = self._inner(part)
        if inner is None or _names(part) not in accepted:
            yield part
        else:
            for each in inner:
                yield from self._left(each, accepted)

    def _inner(self, part: Part) -> list[Part] | None:
        """Return the parts of `part`, without the names of its keys; None when it has none."""
        if not isinstance(part.value, dict):
            return None
        place, rule = part.place, part.rule
        while isinstance(rule, dict) and "$ref" in rule and set(rule) - {"$ref"} <= _ANNOTATIONS:
            place = f"{self._kind}{rule['$ref']!r}"
            rule = pointer(self.rules, rule["$ref"])[1]
        if (
            not isinstance(rule, dict)
            or rule.keys() - _BY_KEY - _CHOICES - _ANNOTATIONS
            or not rule.keys() & _BY_KEY
        ):
            return None
        named, others = rule.get("properties", {}), rule.get("additionalProperties", True)
        choices = {word: rule[word] for word in rule if word in _CHOICES}
        parts = [Part(f"{place}?", choices, part.value)] if choices else []
        for key, value in part.value.items():
            if key in named:
                parts.append(Part(f"{place}{key!r}", named[key], value))
            else:
                parts.append(Part(f"{place}*", others, value))
        return parts


def _digest(place: str, value: Any) -> bytes:
    data = f"{place}\0{value!r}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16).digest()


def _names(part: Part) -> bytes:
    return _digest(f"{part.place}\0", sorted(part.value))


def _is_closed(rule: Any, *, is_top: bool = False) -> bool:
    """Return whether a part of a schema can be moved anywhere beside the schema's `$defs`."""
    if isinstance(rule, list):
        return all(map(_is_closed, rule))
    if not isinstance(rule, dict):
        return True
    target = rule.get("$ref", _DEFS)
    return (
        isinstance(target, str)
        and target.startswith(_DEFS)
        and not _ELSEWHERE & rule.keys()
        and (is_top or not {"$id", "$defs"} & rule.keys())
        and all(map(_is_closed, rule.values()))
    )
