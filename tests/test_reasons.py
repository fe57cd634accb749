"""Every value in which an environment differs from the document has a reason that a reader finds beside it.

The reason is the comment on the line that sets the value, in the environment's own layers or in spec.yaml, or the
comment line right above it.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from generator.project.folder import Project
from generator.values.layers import Values, load_values
from generator.values.source import KeyPath, format_path, leaves
from tests.conftest import ROOT

_REASON = re.compile(r"#\s+(\S+\s+){2,}\S+")


def merged(env: str) -> Values:
    values, findings = load_values(Project(ROOT), env)
    assert findings == []
    return values


def differences(first: Values, second: Values) -> list[KeyPath]:
    """Return the paths of leaves that differ, or that only one side has."""
    left, right = dict(leaves(first.data)), dict(leaves(second.data))
    return sorted((path for path in {*left, *right} if left.get(path, ...) != right.get(path, ...)), key=str)


def reasons(values: Values, path: KeyPath) -> list[str]:
    """Return the comments on or above the line that sets or removes the value, or above a group of an overlay."""
    found = []
    for layer in values.layers:
        lines = ["", *layer.text.split("\n")]
        for end in range(1, len(path) + 1):
            span = layer.located.keys.get(path[:end]) or layer.located.values.get(path[:end])
            sets = end == len(path) or _at(layer.data, path[:end]) is None
            if span and (sets or not layer.path.endswith("base.yaml")):  # base.yaml says what a group is for
                above = lines[span.line - 1].lstrip()
                found += [above if above.startswith("#") else "", span.text if sets else ""]
    return [text for text in found if _REASON.search(text)]


def _at(data: Any, path: KeyPath) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else ...  # what is in a list is there
    return data


def unexplained(env: Any, spec: Any) -> list[str]:
    return [
        format_path(path) for path in differences(env, spec) if not reasons(env, path) + reasons(spec, path)
    ]


@pytest.mark.parametrize("env", ["prod", "staging", "dev"])
def test_no_difference_from_the_document_is_without_its_reason(env: str) -> None:
    assert unexplained(merged(env), merged("spec")) == []


def test_a_difference_without_a_reason_is_noticed() -> None:
    changed, _ = load_values(Project(ROOT), "prod", ("database.name=other",))
    assert "database.name" in unexplained(changed, merged("spec"))
