"""The schema as data: reading it, where its lines are, what its references lead to, what it says of a value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.findings import OetgenError, Span
from generator.located import KeyPath, Located, load
from generator.project import ENVIRONMENTS

SCHEMA = f"{ENVIRONMENTS}/schema.json"
# JSON writes a character beyond U+FFFF as two escapes; YAML's parser, which knows the lines, has one for it.
_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema as jsonschema takes it, and where its lines are.

    `accepted` has the layers and the parts of values that jsonschema has accepted, `accepted_before` those of them
    that other runs have shown to it.
    """

    data: dict[str, Any]
    located: Located
    text: str = ""
    accepted: set[tuple[str, ...]] = field(default_factory=set)
    accepted_before: frozenset[tuple[str, ...]] = frozenset()

    def bad_references(self) -> Iterator[tuple[KeyPath, str]]:
        """Yield place and target of each reference that leads out of the file, nowhere, or back to itself."""
        for place, target in _references(self.data, ()):
            seen: set[str] = set()
            node: Any = {"$ref": target}
            while isinstance(node, dict) and "$ref" in node:
                if node["$ref"] in seen:
                    yield place, target
                    break
                seen.add(node["$ref"])
                try:
                    _, node = pointer(self.data, node["$ref"])
                except LookupError:
                    yield place, target
                    break

    def resolved(self, rule: Any) -> Any:
        """Return `rule` with what it refers to; its own keys win."""
        while isinstance(rule, dict) and "$ref" in rule:
            _, target = pointer(self.data, rule["$ref"])
            own = {key: value for key, value in rule.items() if key != "$ref"}
            rule = {**target, **own} if isinstance(target, dict) else target
        return rule

    def rule(self, path: KeyPath) -> tuple[Span | None, str]:
        """Return the place of the rule at `path`, and the description of the values that it is for.

        jsonschema leaves `$ref` out of its paths; where the rule belongs to what a reference leads to, the
        description is that of the place which refers to it, and then that of the target.
        """
        at: Span | None = None
        place: KeyPath = ()
        node: Any = self.data
        said: list[str] = []
        for part in path:
            said = []
            while isinstance(node, dict) and "$ref" in node and part not in node:
                said.append(node.get("description", ""))
                place, node = pointer(self.data, node["$ref"])
            if isinstance(node, dict):
                said.append(node.get("description", ""))
            inner = dict(enumerate(node)) if isinstance(node, list) else node
            if not isinstance(inner, dict) or part not in inner:
                break
            place, node = (*place, part), inner[part]
            at = self.located.keys.get(place) or self.located.values.get(place) or at
        return at, " ".join(dict.fromkeys(text.strip() for text in said if text.strip()))


def read_schema(text: str) -> Schema:
    """Return the schema that is written in `text`. Raises OetgenError."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as problem:
        place = f"{SCHEMA}:{problem.lineno}:{problem.colno}"
        raise OetgenError(f"{place}: not JSON: {problem.msg}", "mend this line or the one before") from None
    except RecursionError:
        raise OetgenError(f"{SCHEMA} is nested too deeply", "write it flatter") from None
    located = load(_PAIR.sub(_one_escape, text), SCHEMA)
    for finding in located.findings:
        if finding.code == "located/duplicate-key" and finding.at:
            place = f"{SCHEMA}:{finding.at.line}:{finding.at.column}"
            raise OetgenError(f"{place}: {finding.message}", "keep one of the two")
    if not isinstance(data, dict):
        raise OetgenError(f"{SCHEMA}:1:1: no JSON Schema: found no map", "restore the file")
    return Schema(data, located)


def pointer(data: Any, target: str) -> tuple[KeyPath, Any]:
    """Return the path and the schema that a `$ref` names (RFC 6901). Raises LookupError when there is none."""
    if not re.match("#(/|$)", target):
        raise LookupError(target)
    path: KeyPath = ()
    for part in target.split("/")[1:]:
        key: Any = part.replace("~1", "/").replace("~0", "~")
        key = int(key) if isinstance(data, list) and key.isdecimal() else key
        if not isinstance(data, dict | list) or (isinstance(data, list) and not isinstance(key, int)):
            raise LookupError(target)
        data, path = data[key], (*path, key)
    if not isinstance(data, dict | bool):
        raise LookupError(target)
    return path, data


def _references(node: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(node, dict):
        target = node.get("$ref", node.get("$dynamicRef"))
        if isinstance(target, str):
            yield (*path, "$ref"), target
        for key, value in node.items():
            if key not in ("enum", "const", "examples", "default"):
                yield from _references(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _references(value, (*path, index))


def _one_escape(pair: re.Match[str]) -> str:
    high, low = int(pair[1], 16), int(pair[2], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"
