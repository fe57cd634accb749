"""src/health.ts: answers the probes, and tells strangers nothing. Whether it compiles, `tests/consumers` says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Sandbox
from tests.test_stack import WORKER, add_values, rendered

FILES = sorted((ROOT / "out").glob("*/*/src/health.ts"))
EACH = pytest.mark.parametrize("path", FILES, ids=lambda path: path.parts[-4])
BASE: dict[str, Any] = yaml.load((ROOT / "environments/base.yaml").read_text("utf-8"), yaml.CSafeLoader)


def code(path: Path) -> str:
    """Return the file without its comments."""
    return re.sub(r"^\s*//.*\n", "", path.read_text("utf-8"), flags=re.M)


def routes(text: str) -> dict[str, str]:
    """Return the code of each route."""
    _, *parts = re.split(r"^  '(/.*)': ", text, flags=re.M)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_each_environment_has_one_and_the_same() -> None:
    assert [path.parts[-4] for path in FILES] == ["dev", "prod", "spec", "staging"]
    assert len({path.read_bytes() for path in FILES}) == 1


@EACH
def test_it_answers_the_paths_that_are_probed(path: Path) -> None:
    probes = BASE["services"]["backend"]["probes"]
    assert list(routes(code(path))) == [probes["liveness"]["path"], probes["readiness"]["path"]]


@EACH
def test_it_imports_types_and_the_connections_and_nothing_else(path: Path) -> None:
    imports = re.findall(r"^import (.*) from '(.*)'$", code(path), re.M)
    assert imports == [
        ("type { Request, Response }", "express"),
        ("{ db }", "./db"),
        ("{ redis }", "./redis"),
    ]


@EACH
def test_each_dependency_has_a_time_to_answer_in(path: Path) -> None:
    ready = routes(code(path))["/ready"]
    assert re.findall(r"await (.*)", ready) == ["inTime(db.raw('SELECT 1'))", "inTime(redis.ping())"]
    assert "const TIMEOUT_MS = 2000\n" in code(path)


@EACH
def test_the_reason_is_logged_and_not_told(path: Path) -> None:
    ready = routes(code(path))["/ready"]
    _, _, failed = ready.partition("catch (error) {")
    assert re.findall(r".*\berror\b[^:].*", failed) == ["      console.error(`${req.path}:`, error)"]
    assert "error: 'a dependency does not answer'" in failed


@EACH
def test_being_alive_depends_on_nothing(path: Path) -> None:
    """A database that is down is no reason to restart every container."""
    assert "await" not in routes(code(path))["/health"]


def test_where_the_connections_are_and_what_is_probed_are_values(project: Sandbox) -> None:
    add_values(
        project,
        "prod",
        "services: {backend: {health_module: {database: ../lib/data, cache: '@org/cache'},"
        " probes: {readiness: {path: /readyz}}}}",
    )
    text = code(rendered(project) / "backend/src/health.ts")
    assert "import { db } from '../lib/data'\n" in text
    assert "import { redis } from '@org/cache'\n" in text
    assert list(routes(text)) == ["/health", "/readyz"]


def test_a_service_that_does_not_want_it_gets_none(project: Sandbox) -> None:
    add_values(project, "prod", WORKER)
    add_values(project, "prod", "services: {backend: {health_module: null}}")
    out = rendered(project)
    assert not (out / "worker/src").exists()
    assert not (out / "backend/src").exists()
