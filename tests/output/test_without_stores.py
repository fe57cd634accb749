"""Environments without a database or a cache: no file mentions them, and no script asks for their secrets."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Sandbox, copy_project
from tests.output import linters
from tests.output.test_compose import example, load
from tests.test_stack import NO_CACHE, NO_DATABASE, add_values, merged, rendered

# What each choice leaves out: words that occur in no file, and the variables that nothing asks for.
DATABASE = r"(?i)postgres|DATABASE_URL|PGSSLMODE|pg_|knex|\bdb\b|\brds\b|aws_db|npm run migrate|uses-database"
CACHE = r"(?i)redis|elasticache|uses-cache"
CHOICES = {
    "no database": (NO_DATABASE, DATABASE, {"DATABASE_URL", "POSTGRES_PASSWORD"}),
    "no cache": (NO_CACHE, CACHE, {"REDIS_URL", "REDIS_AUTH_TOKEN"}),
    "neither": (
        merged(NO_DATABASE, NO_CACHE),
        f"{DATABASE}|{CACHE[4:]}",
        {"DATABASE_URL", "POSTGRES_PASSWORD", "REDIS_URL", "REDIS_AUTH_TOKEN"},
    ),
}
SECRETS = {
    "DATABASE_URL",
    "REDIS_URL",
    "JWT_SECRET",
    "HUGGINGFACE_API_KEY",
    "STRIPE_SECRET_KEY",
    "POSTGRES_PASSWORD",
    "REDIS_AUTH_TOKEN",
}
EACH = pytest.mark.parametrize(("values", "words", "gone"), CHOICES.values(), ids=list(CHOICES))
ENVS = pytest.mark.parametrize("env", ["dev", "staging"])


Made = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Renders an environment with other values and everything that is optional, each only once."""

    @cache
    def make(env: str, values: str) -> Path:
        project = copy_project(ROOT, tmp_path_factory.mktemp("project"))
        add_values(project, env, values)
        add_values(project, env, "compose: true\nworkflows: true")
        return rendered(project, env)

    return make


@EACH
@ENVS
def test_no_file_mentions_it(made: Made, env: str, values: str, words: str, gone: set[str]) -> None:
    out = made(env, values)
    files = [path for path in out.rglob("*") if path.is_file()]
    found = {
        f"{path.relative_to(out)}: {line}"
        for path in files
        for line in path.read_text("utf-8").splitlines()
        if re.search(words, line)
    }
    assert len(files) > 35
    assert found == set()


@EACH
@ENVS
def test_nothing_asks_for_its_secrets(made: Made, env: str, values: str, words: str, gone: set[str]) -> None:
    out = made(env, values)
    wanted = SECRETS - gone - ({"REDIS_AUTH_TOKEN"} if env == "dev" else set())  # its cache is in the cluster
    script = (out / "scripts/create-secrets.sh").read_text("utf-8")
    assert set(re.findall(r"^: \"\$\{(\w+):", script, re.M)) == wanted
    assert set(re.findall(r"printf %s \"\$\{(\w+)\}", script)) == wanted
    keys = yaml.load((out / "k8s/secrets.yaml.example").read_text("utf-8"), yaml.CSafeLoader)["data"]
    assert len(keys) == len(wanted)
    (workflow,) = (out / ".github/workflows").glob("backend*")
    steps = yaml.load(workflow.read_text("utf-8"), yaml.CSafeLoader)["jobs"]["deploy"]["steps"]
    (env_of_secrets,) = (step["env"] for step in steps if step.get("name") == "Create secrets")
    assert set(env_of_secrets) == wanted
    runbook = (out / "RUNBOOK.md").read_text("utf-8")
    assert set(re.findall(r"gh secret set ([A-Z_]+)", runbook)) == wanted
    assert set(example(out)) == wanted - {"REDIS_AUTH_TOKEN"}  # the cache of compose.yaml has no token


@EACH
def test_compose_starts_the_rest(made: Made, values: str, words: str, gone: set[str]) -> None:
    out = made("dev", values)
    stores = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}
    left = {name for name, variable in stores.items() if variable not in gone}
    services = load(out)
    data: dict[str, Any] = yaml.load((out / "compose.yaml").read_text("utf-8"), yaml.CSafeLoader)
    assert linters.against_schema("compose-spec", [out / "compose.yaml"]) == ""
    assert set(services) - {"frontend", "backend", "backend-migration"} == left
    assert ("volumes" in data) == ("postgres" in left)
    needed = {name for each in services.values() for name in each.get("depends_on", {})}
    assert needed - {"backend-migration"} == left
    asked = set(re.findall(r"\$\{([A-Z_]+)", (out / "compose.yaml").read_text("utf-8")))
    assert asked == set(example(out))


@EACH
def test_the_tests_of_a_workflow_start_the_rest(made: Made, values: str, words: str, gone: set[str]) -> None:
    out = made("dev", values)
    path = out / ".github/workflows/backend-dev.yml"
    assert linters.against_schema("github-workflows", [path]) == ""
    job = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["jobs"]["test"]
    left = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}
    started = {name for name, variable in left.items() if variable not in gone}
    assert set(job.get("services", {})) == started
    addresses = {name for step in job["steps"] for name in step.get("env", {}) if name.endswith("_URL")}
    assert addresses == {left[name] for name in started}


@EACH
def test_the_health_module_asks_the_rest(made: Made, values: str, words: str, gone: set[str]) -> None:
    text = (made("dev", values) / "backend/src/health.ts").read_text("utf-8")
    asked = {"db.raw('SELECT 1')": "DATABASE_URL", "redis.ping()": "REDIS_URL"}
    left = [call for call, variable in asked.items() if variable not in gone]
    assert re.findall(r"await inTime\((.*)\)", text) == left
    assert len(re.findall(r"^import \{", text, re.M)) == len(left)


CONTRADICTIONS = [
    ("database: {runs_in: none}", ["services.backend.migration", "services.backend.uses.database"]),
    ("cache: {runs_in: none}", ["services.backend.uses.cache"]),
]


@pytest.mark.parametrize(("values", "places"), CONTRADICTIONS)
def test_a_service_cannot_use_what_runs_nowhere(project: Sandbox, values: str, places: list[str]) -> None:
    add_values(project, "dev", values)
    result = project.oetgen("render", "dev")
    assert result.status == 1
    assert sorted(re.findall(r"declares (services\.\S+): A service cannot", result.err)) == places
    assert "runs_in is none" in result.err
