"""Values that the schema allows, made at random: no template is blamed for one, or fails with one."""

from __future__ import annotations

import functools
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.findings import has_errors
from generator.project.folder import Project
from generator.render.engine import Engine
from generator.render.outputs import render_tree
from generator.render.typecheck import check_templates
from generator.values.layers import Values, load_values
from generator.values.schema import Schema, load_schema, validate
from generator.values.source import KeyPath
from tests.conftest import ROOT
from tests.languages.helpers import LOOKALIKES, PIECES

_POOL = 30  # texts of each pattern
_REFUSALS = (
    "render/cannot-encode",
    "leaks/secret",
)  # a long text made at random looks like a secret, as it should


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the sets of values: `refused` counts values that a place could not hold, by the message."""

    made: int
    changed: int
    blamed: int
    failed: tuple[str, ...]
    refused: Mapping[str, int]

    def __str__(self) -> str:
        told = sum(self.refused.values())
        return (
            f"{self.made} sets of schema-valid values, {self.changed} values of them made at random: "
            f"{self.blamed} findings of the template checker, {len(self.failed)} templates that failed, "
            f"{told} values that their place refused"
        )


def prove(count: int, seed: int = 0) -> Outcome:
    """Make `count` sets of values from those of the environments, and render each."""
    project = Project(ROOT)
    engine, schema = Engine(project), load_schema(project)
    starts = [load_values(project, name)[0] for name in project.environment_names()]
    blamed = len(check_templates(engine, schema, starts)[1])
    maker = Maker(schema, random.Random(seed), starts)
    failed: list[str] = []
    refused: Counter[str] = Counter()
    for number in range(count):
        values = maker.values(starts[number % len(starts)])
        for finding in render_tree(engine, values)[1]:
            if finding.code in _REFUSALS:
                refused[finding.message] += 1
            else:
                at = finding.at
                failed.append(f"{at.path}:{at.line}: {finding.message}" if at else finding.message)
    return Outcome(count, maker.changed, blamed, tuple(failed), refused)


class Maker:
    """Makes values that the schema allows. A key that base.yaml sets, and nobody takes away, stays."""

    def __init__(self, schema: Schema, chance: random.Random, starts: list[Values]) -> None:
        self._schema = schema
        self._chance = chance
        base = starts[0].layers[0].data
        self._kept = {path for path in _keys(base) if all(_holds(each.data, path) for each in starts)}
        self.changed = 0

    def values(self, start: Values) -> Values:
        """Return a set of values that begins with those of an environment and differs at random."""
        while True:
            rule = self._schema.data
            data = self._map(rule, start.data, (), rate=self._chance.choice((0.02, 0.1, 0.4)))
            self._agree(data)
            values = replace(start, data=data, layers=(replace(start.layers[-1], text="", path="--set"),))
            if not has_errors([each for each in validate(self._schema, values) if each.environment]):
                return values

    def _agree(self, data: dict[str, Any]) -> None:
        """Let values that name a service or a secret name one that is there: no schema can say that."""
        secrets, services = data["secrets"], data["services"]
        reached = [name for name, each in services.items() if "host" in each and "port" in each]
        for named, key in (("database", "password"), ("cache", "auth_token")):
            if data[named][key] not in secrets:
                data[named][key] = self._chance.choice(list(secrets))
        for service in services.values():
            if "urls" in service:
                service["urls"] = {key: self._chance.choice(reached) for key in service["urls"] if reached}
            if "secrets" in service:
                service["secrets"] = {
                    key: value for key, value in service["secrets"].items() if key in secrets
                }

    def _map(self, rule: Any, old: Any, path: KeyPath, rate: float) -> dict[str, Any]:
        """Return a map like `old`: keys go that need not be there, others come, and values change."""
        made: dict[str, Any] = {}
        known: dict[str, Any] = rule.get("properties", {})
        others = rule.get("additionalProperties")
        needed = set(rule.get("required", ()))
        for key, value in (old or {}).items():
            may_go = key not in needed and (*path, key) not in self._kept
            if may_go and self._chance.random() < rate:
                continue
            made[key] = self._value(known.get(key, others), value, (*path, key), rate)
        for key, inner in known.items():
            missing = key not in made and key not in ("extends", "checks")
            if (missing and (key in needed or (old is None and (*path, key) in self._kept))) or (
                missing and self._chance.random() < rate
            ):
                made[key] = self._new(inner)
        if isinstance(others, dict) and self._chance.random() < rate:
            made[self._text(rule.get("propertyNames", {}))] = self._new(others)
        for key, needs in rule.get("dependentRequired", {}).items():
            if key in made and any(need not in made for need in needs):
                made.pop(key)
        return made

    def _value(self, rule: Any, old: Any, path: KeyPath, rate: float) -> Any:
        rule = self._schema.resolved(rule)
        if isinstance(old, dict) and isinstance(rule, dict):
            return self._map(rule, old, path, rate)
        return self._new(rule) if self._chance.random() < rate else old

    def _new(self, rule: Any) -> Any:
        """Return any value that `rule` allows."""
        rule = self._schema.resolved(rule)
        self.changed += 1
        if not isinstance(rule, dict) or not rule:
            return self._text({})
        if "const" in rule:
            return rule["const"]
        if "enum" in rule:
            return self._chance.choice(rule["enum"])
        kind = rule.get("type", "string")
        kind = self._chance.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            made = self._map(rule, None, (), rate=0.5)
            while len(made) < rule.get("minProperties", 0):
                made[self._text(rule.get("propertyNames", {}))] = self._new(rule["additionalProperties"])
            return made
        if kind == "array":
            size = self._chance.randint(rule.get("minItems", 0), rule.get("minItems", 0) + 3)
            items = [self._new(rule.get("items", {})) for _ in range(size)]
            return list({str(item): item for item in items}.values()) if rule.get("uniqueItems") else items
        if kind in ("integer", "number"):
            low = rule.get("minimum", -9)
            high = rule.get("maximum", low + 10_000)
            return self._chance.choice((low, high, self._chance.randint(low, high)))
        return self._chance.random() < 0.5 if kind == "boolean" else self._text(rule)

    def _text(self, rule: Any) -> str:
        rule = self._schema.resolved(rule)
        rule = rule if isinstance(rule, dict) else {}
        if "pattern" in rule:
            texts = _matching(rule["pattern"], rule.get("maxLength", 255))
        else:
            pieces = (self._chance.choice(PIECES) for _ in range(self._chance.randint(0, 6)))
            texts = (self._chance.choice(LOOKALIKES), "".join(pieces))
        return self._chance.choice(texts)


@functools.cache
def _matching(pattern: str, longest: int) -> tuple[str, ...]:
    """Return texts of a pattern, the odd ones too: what hypothesis finds."""
    found: set[str] = set()
    strategy = st.from_regex(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)

    @settings(
        max_examples=_POOL,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy.filter(lambda text: len(text) <= longest))
    def collect(text: str) -> None:
        found.add(text)

    collect()
    return tuple(sorted(found))


def _keys(data: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*path, key)
            yield from _keys(value, (*path, key))


def _holds(data: Any, path: KeyPath) -> bool:
    for part in path:
        if not isinstance(data, dict) or part not in data:
            return False
        data = data[part]
    return True
