"""The order of the steps: each command takes every step once for each environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from generator.render import outputs
from generator.values import schema
from tests.conftest import Sandbox


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """How often the values of an environment were validated, and its tree was rendered."""
    found: Counter[tuple[str, str]] = Counter()

    def counted(step: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def count(shared: object, values: Any, *rest: Any) -> Any:
            found[step, values.env] += 1
            return call(shared, values, *rest)

        return count

    monkeypatch.setattr(schema, "validate", counted("validate", schema.validate))
    monkeypatch.setattr(outputs, "render_tree", counted("render", outputs.render_tree))
    return found


ONCE = {(step, env): 1 for step in ("validate", "render") for env in ("prod", "test")}


@pytest.mark.parametrize(
    "command",
    [
        "render --all",
        "check --no-tools --coverage",
        "check --no-tools",
        "diff prod test",
        "report prod -o page.html",
        "report -o page.html",
        "sync prod --to .",
        "impact greeting",
    ],
)
def test_nothing_is_validated_or_rendered_twice(
    small: Sandbox, counts: Counter[tuple[str, str]], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small.root)
    small.oetgen("--no-cache", *command.split())
    assert counts == ONCE


def test_the_places_of_hand_edits_take_no_second_render(
    small: Sandbox, counts: Counter[tuple[str, str]]
) -> None:
    small.oetgen("render", "--all")
    for env in ("prod", "test"):
        path = f"out/{env}/scripts/greet.sh"
        small.write(path, f"{small.read(path)}exit 3\n")
    counts.clear()
    result = small.oetgen("--no-cache", "render", "--all")
    assert (result.status, counts) == (1, ONCE)
    assert result.err.count("to keep the new line, add it after this line") == 2


def test_sync_validates_and_renders_conflicting_environments_once(
    small: Sandbox, counts: Counter[tuple[str, str]]
) -> None:
    result = small.oetgen("--no-cache", "sync", "prod", "test", "--to", str(small.root))
    assert "prod and test generate different content for api/Dockerfile" in result.err
    assert counts == ONCE
