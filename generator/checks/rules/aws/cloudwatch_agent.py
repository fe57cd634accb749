"""The configuration of the CloudWatch agent must use known sections and a log group of its own.

Why: the agent rejects an unknown section or collects nothing for it; the section for memory is `mem`, not
`memory`. The log group `/aws/eks/NAME/cluster` belongs to the control plane; EKS creates it.

Bad:

    "metrics_collected": {"memory": {"measurement": ["mem_used_percent"]}}

Good:

    "metrics_collected": {"mem": {"measurement": ["mem_used_percent"]}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Span, error
from generator.findings.record import record
from generator.findings.suggest import nearest
from generator.languages.node import Leaf, Map, Node, Seq
from generator.languages.source import Source
from generator.system import System

CODE = "checks/cloudwatch-agent"
_CONTROL_PLANE = re.compile(r"/aws/eks/[^/\"]+/cluster")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    configured = [*_config_maps(system), *_locals(system)]
    if not configured:
        raise NotApplicableError("no file configures the CloudWatch agent")
    for found in configured:
        if isinstance(found, Finding):
            yield found
        else:
            yield from _sections(found.data, (), found.source, found.line)


@record
class _Configured:
    """A configuration of the agent, and its first line."""

    data: Any
    source: Source
    line: int


def _config_maps(system: System) -> Iterator[_Configured | Finding]:
    for each in system.kind("ConfigMap"):
        data = each.node.map("data")
        for key in data:
            if not key.endswith(".json"):
                continue
            text = data.leaf(key) or Leaf()
            try:
                parsed = json.loads(text.text)
            except ValueError as problem:
                at = text.place(text.offset(getattr(problem, "lineno", 1)))
                message = f"{key} is not JSON: {getattr(problem, 'msg', problem)}"
                yield error(CODE, message, at, hint="check brackets, commas and quotes")
                continue
            if _is_agent(parsed):
                yield _Configured(parsed, each.source, data.key_place(key).line)


def _locals(system: System) -> Iterator[_Configured]:
    for module in system.terraform.modules.values():
        for node in module.locals.values():
            data = _data(node)
            if _is_agent(data):
                yield _Configured(data, node.source, node.line)


def _data(node: Node) -> Any:
    if isinstance(node, Map):
        return {key: _data(value) for key, value in node.entries.items()}
    return [_data(item) for item in node] if isinstance(node, Seq) else node.value


def _is_agent(data: Any) -> bool:
    return isinstance(data, dict) and bool({"logs", "metrics", "agent"} & set(data)) and _depth(data)


def _depth(data: dict[str, Any]) -> bool:
    inner = [value for key, value in data.items() if key in ("logs", "metrics") and isinstance(value, dict)]
    return any(key.endswith("_collected") for value in inner for key in value)


def _sections(data: Any, path: tuple[str, ...], source: Source, line: int) -> Iterator[Finding]:
    if not isinstance(data, dict):
        return
    known = table("cloudwatch-agent")["sections"].get(".".join(path))
    for key, value in data.items():
        at = _find(source, key, line)
        if known is not None and key not in words(known):
            where = f" in {'.'.join(path)}" if path else ""
            hint = nearest(key, sorted(words(known))) or f"use {' or '.join(sorted(words(known)))}"
            yield error(CODE, f"the agent has no section {key}{where}", at, hint=hint)
        if isinstance(value, str) and _CONTROL_PLANE.fullmatch(value):
            message = f"{value} is the log group of the control plane, expected one for applications"
            hint = "use /aws/containerinsights/NAME/application"
            yield error(CODE, message, _find(source, value, line), hint=hint)
        yield from _sections(value, (*path, key), source, line)


def _find(source: Source, text: str, line: int) -> Span:
    """Return the place of a quoted text at or after a line, or else that line."""
    for number in range(line, len(source.lines) + 1):
        column = source.lines[number - 1].find(f'"{text}"')
        if column >= 0:
            return source.span(number, column + 2, len(text))
    return source.span(line)
