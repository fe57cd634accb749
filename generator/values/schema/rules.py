"""The schema as data: read it, find its lines, follow its references, describe its values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import field
from functools import cached_property
from typing import Any

from generator.findings import FindingError, OetgenError, Span, error
from generator.findings.record import record
from generator.project.folder import FOLDERS
from generator.project.limits import LIMIT
from generator.values.schema.layer_schema import without_demands, without_false
from generator.values.schema.memo import Form
from generator.values.schema.references import pointer, references
from generator.values.source import KeyPath, Located, load

FLATTER = 'reduce its nesting, with "$ref" and "$defs"'
# JSON writes a character beyond U+FFFF as two escapes; the YAML parser, which finds the lines, needs one.
_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)


@record
class Schema:
    """The schema for jsonschema, with its lines.

    `path` is where it is; oetgen's own schema (`is_own`) is in no file of the project.
    `accepted` are the keys of layers and parts of values that jsonschema has accepted, `accepted_before` those of
    earlier runs.
    """

    data: dict[str, Any]
    text: str
    accepted: set[bytes] = field(default_factory=set)
    accepted_before: frozenset[bytes] = frozenset()
    path: str = FOLDERS.schema
    is_own: bool = False

    @cached_property
    def located(self) -> Located:
        """The places of its lines, which only findings need: 12 ms."""
        return load(_PAIR.sub(_one_escape, self.text), self.path)

    @cached_property
    def whole(self) -> Form:
        """The schema for the merged values."""
        return Form("whole", without_false(self.data))

    @cached_property
    def layer(self) -> Form:
        """The schema for each layer by itself."""
        return Form("layer", without_demands(without_false(self.data)))

    def bad_references(self) -> Iterator[tuple[KeyPath, str]]:
        """Yield place and target of each reference that leaves the file, has no target, or refers to itself."""
        for place, target in references(self.data):
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
        """Return `rule` with the keys of what it refers to; its own keys take precedence."""
        while isinstance(rule, dict) and "$ref" in rule:
            _, target = pointer(self.data, rule["$ref"])
            own = {key: value for key, value in rule.items() if key != "$ref"}
            rule = {**target, **own} if isinstance(target, dict) else target
        return rule

    def rule(self, path: KeyPath) -> tuple[Span | None, str]:
        """Return the place of the rule at `path`, and the description of its values.

        jsonschema omits `$ref` from its paths; for the target of a reference, the description is that of the place
        which refers to it, followed by its own.
        """
        at: Span | None = None
        place: KeyPath = ()
        node: Any = self.data
        descriptions: list[str] = []
        for part in path:
            descriptions = []
            while isinstance(node, dict) and "$ref" in node and part not in node:
                descriptions.append(node.get("description", ""))
                place, node = pointer(self.data, node["$ref"])
            if isinstance(node, dict):
                descriptions.append(node.get("description", ""))
            inner = dict(enumerate(node)) if isinstance(node, list) else node
            if not isinstance(inner, dict) or part not in inner:
                break
            place, node = (*place, part), inner[part]
            at = self.located.keys.get(place) or self.located.values.get(place) or at
        return at, " ".join(dict.fromkeys(text.strip() for text in descriptions if text.strip()))


def read_schema(text: str, path: str = FOLDERS.schema) -> Schema:
    """Return the schema of `text`, the file at `path`. Raises OetgenError."""
    twice: list[bool] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        twice.extend([True] if len(found) < len(pairs) else [])
        return found

    try:
        data = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as problem:
        place = f"{path}:{problem.lineno}:{problem.colno}"
        raise OetgenError(f"{place}: not JSON: {problem.msg}", "fix this line or the one before") from None
    except RecursionError:
        raise FindingError(
            error(LIMIT, f"{path} is nested too deeply", Span(path, 1), hint=FLATTER)
        ) from None
    except ValueError as problem:  # a number of more than 4,300 digits
        why = str(problem).partition(";")[0]
        raise FindingError(error(LIMIT, why, Span(path, 1), hint="shorten the number")) from None
    if not isinstance(data, dict):
        raise OetgenError(f"{path}:1:1: not a JSON Schema: expected an object", "write {} for no rules")
    schema = Schema(data, text, path=path)
    for finding in schema.located.findings if twice else ():
        if finding.code == "located/duplicate-key" and finding.at:
            place = f"{path}:{finding.at.line}:{finding.at.column}"
            raise OetgenError(f"{place}: {finding.message}", "keep one of the two")
    return schema


def depth(data: Any) -> tuple[KeyPath, int]:
    """Return the path of the most deeply nested map or list, and its depth."""
    deepest: KeyPath = ()
    waiting: list[tuple[KeyPath, Any]] = [((), data)]
    while waiting:
        path, node = waiting.pop()
        deepest = max(deepest, path, key=len)
        inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        waiting += [((*path, key), each) for key, each in inner if isinstance(each, dict | list)]
    return deepest, len(deepest)


def _one_escape(pair: re.Match[str]) -> str:
    high, low = int(pair[1], 16), int(pair[2], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"
