"""The rule and the value at which validation was stopped, because it took too much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from generator.findings import Finding, Note
from generator.project.limits import EXCEEDED, LimitError, limit_finding, reason
from generator.values.layers import Values
from generator.values.schema.rules import Schema
from generator.values.source import KeyPath, format_path, leaves

STOPPING = ("pattern", "patternProperties", "$ref")  # keywords that can take any time
_HINTS = {
    "$ref": "let the schema refer to each of its parts once; a part that contains itself never ends",
    "pattern": "do not repeat what is repeated already: write ^a+$ instead of ^(a+)+$",
}


class StoppedError(LimitError):
    """Validation was stopped at the value `instance` by `rule`, the content of a keyword."""

    def __init__(self, problem: Exception, keyword: str, rule: Any, instance: Any) -> None:
        super().__init__(reason(problem), _HINTS.get(keyword, _HINTS["pattern"]))
        self.keyword, self.rule, self.instance = keyword, rule, instance


def stopping(keyword: str, check: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
    """Return the function of jsonschema for a keyword, which raises StoppedError when it is stopped."""

    def stopped(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[Any]:
        try:
            yield from check(validator, rule, instance, schema) or ()
        except StoppedError:
            raise
        except EXCEEDED as problem:
            raise StoppedError(problem, keyword, rule, instance) from None

    return stopped


def stopped_finding(schema: Schema, values: Values, stopped: StoppedError) -> Finding:
    """Return the finding at the value, or else at the rule."""
    path = next((path for path, value in leaves(values.data) if value == stopped.instance), ())
    rule = schema.located.at(next(_places(schema.data, stopped.keyword, stopped.rule), ()))
    if not path:
        return limit_finding(stopped, rule, f'cannot apply "{stopped.keyword}"')
    finding = limit_finding(
        stopped, values.at(path), f'cannot apply "{stopped.keyword}" to {format_path(path)}'
    )
    return replace(finding, notes=(Note("the rule is here", rule),))


def _places(node: Any, keyword: str, rule: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of each keyword of the schema with this content."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        if key == keyword and value == rule:
            yield (*path, key)
        yield from _places(value, keyword, rule, (*path, key))
