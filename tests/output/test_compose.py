"""compose.yaml and .env.example: the whole system on one machine, from the same values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.conftest import ROOT, Sandbox
from tests.output import linters
from tests.test_stack import WORKER, add_values, rendered

DEV = ROOT / "out" / "dev"


def load(folder: Path) -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((folder / "compose.yaml").read_text("utf-8"))["services"]
    return services


def example(folder: Path) -> dict[str, str]:
    lines = (folder / ".env.example").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_it_is_a_compose_file() -> None:
    assert linters.against_schema("compose-spec", [DEV / "compose.yaml"]) == ""


def test_the_schema_notices_a_mistake(tmp_path: Path) -> None:
    broken = tmp_path / "compose.yaml"
    broken.write_text(
        (DEV / "compose.yaml").read_text("utf-8").replace("healthcheck:", "healtcheck:"), "utf-8"
    )
    assert "healtcheck" in linters.against_schema("compose-spec", [broken])


def test_only_dev_has_it() -> None:
    assert [path.parent.name for path in sorted((ROOT / "out").glob("*/compose.yaml"))] == ["dev"]
    assert [path.parent.name for path in sorted((ROOT / "out").glob("*/.env.example"))] == ["dev"]


def test_it_says_how_it_is_started() -> None:
    text = (DEV / "compose.yaml").read_text("utf-8")
    assert "cp out/dev/.env.example .env\n" in text
    assert "docker compose --project-directory . -f out/dev/compose.yaml up --build\n" in text


def test_every_part_of_the_system_is_there() -> None:
    services = load(DEV)
    assert list(services) == ["frontend", "backend", "backend-migration", "postgres", "redis"]
    assert services["frontend"]["build"]["context"] == "./frontend"
    assert services["frontend"]["ports"] == ["127.0.0.1:3000:3000"]
    assert services["backend"]["ports"] == ["127.0.0.1:8000:8000"]
    assert services["postgres"]["image"] == "postgres:15-alpine"
    assert services["redis"]["image"] == "redis:7-alpine"


def test_the_browser_finds_the_backend() -> None:
    services = load(DEV)
    address = urlsplit(services["frontend"]["build"]["args"]["NEXT_PUBLIC_API_URL"])
    assert f"127.0.0.1:{address.port}:" in services["backend"]["ports"][0]
    assert address.hostname == "localhost"


def test_a_service_waits_for_what_it_needs_to_be_there() -> None:
    services = load(DEV)
    assert services["backend"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
        "backend-migration": {"condition": "service_completed_successfully"},
    }
    for service in services.values():
        for name, needed in service.get("depends_on", {}).items():
            healthy = needed["condition"] == "service_healthy"
            assert ("healthcheck" in services[name]) == healthy


def test_migrations_run_in_the_stage_that_can_and_with_what_the_service_has() -> None:
    services = load(DEV)
    migration = services["backend-migration"]
    assert migration["build"] == {"context": "./backend", "target": "builder"}
    assert migration["command"] == ["npm", "run", "migrate"]
    assert migration["environment"] == services["backend"]["environment"]


def test_health_is_what_the_cluster_asks_for_too() -> None:
    for name, path in (("frontend", "3000/"), ("backend", "8000/ready")):
        assert load(DEV)[name]["healthcheck"]["test"][-1] == f"http://127.0.0.1:{path}"


def test_every_variable_has_a_line_in_the_example_and_no_secret_is_in_the_file() -> None:
    text = (DEV / "compose.yaml").read_text("utf-8")
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    assert asked == set(example(DEV))
    for service in load(DEV).values():
        for name in asked & set(service.get("environment", {})):
            assert re.fullmatch(rf"\$\{{{name}:?\?.+\}}", service["environment"][name])


def test_the_example_connects_to_what_is_started() -> None:
    services, variables = load(DEV), example(DEV)
    database = urlsplit(variables["DATABASE_URL"])
    started = services[str(database.hostname)]["environment"]
    assert database.scheme == "postgresql"
    assert database.username == started["POSTGRES_USER"]
    assert database.password == variables["POSTGRES_PASSWORD"]
    assert database.path == f"/{started['POSTGRES_DB']}"
    assert str(database.port) == started["PGPORT"]
    cache = urlsplit(variables["REDIS_URL"])
    assert str(cache.port) in services[str(cache.hostname)]["command"]
    assert [name for name, value in variables.items() if not value] == [
        "JWT_SECRET",
        "HUGGINGFACE_API_KEY",
        "STRIPE_SECRET_KEY",
    ]


def test_other_ports_and_names_reach_both_files(project: Sandbox) -> None:
    add_values(project, "dev", "database: {port: 5433, name: other, user: someone}\ncache: {port: 6380}")
    out = rendered(project, "dev")
    assert example(out)["DATABASE_URL"] == "postgresql://someone:postgres@postgres:5433/other"
    assert example(out)["REDIS_URL"] == "redis://redis:6380"
    assert load(out)["postgres"]["environment"]["PGPORT"] == "5433"
    assert load(out)["redis"]["command"] == ["redis-server", "--port", "6380"]


def test_a_service_that_has_next_to_nothing_is_started_too(project: Sandbox) -> None:
    bare = WORKER.replace("{QUEUE: mails}", "{}").replace("    secrets: {database-url: true}\n", "")
    add_values(project, "dev", bare)
    out = rendered(project, "dev")
    assert load(out)["worker"] == {"build": {"context": "./worker"}}
    assert linters.against_schema("compose-spec", [out / "compose.yaml"]) == ""


@pytest.mark.parametrize("env", ["prod", "dev"])
def test_it_is_a_value(project: Sandbox, env: str) -> None:
    wanted = env == "prod"
    add_values(project, env, f"compose: {str(wanted).lower()}")
    out = rendered(project, env)
    assert (out / "compose.yaml").exists() == (out / ".env.example").exists() == wanted
    if wanted:
        assert linters.against_schema("compose-spec", [out / "compose.yaml"]) == ""
        assert "sslmode" not in example(out)["DATABASE_URL"]  # this database knows no encryption
