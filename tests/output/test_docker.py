"""Images: they build from the lock file, run as a number, and hold what runs and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import dockerfile
import pytest

from tests.conftest import ROOT, Sandbox
from tests.output import linters
from tests.test_stack import WORKER, add_values, rendered

ENVIRONMENTS = ("dev", "prod", "spec", "staging")
FILES = sorted((ROOT / "out").glob("*/*/Dockerfile"))
EACH = pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT / "out").as_posix())

LOCK_FILES = {
    "npm": ("package-lock.json", "npm ci", "npm ci --omit=dev"),
    "yarn": (
        "yarn.lock",
        "yarn install --frozen-lockfile",
        "yarn install --frozen-lockfile --production",
    ),
    "pnpm": ("pnpm-lock.yaml", "pnpm install --frozen-lockfile", "pnpm install --frozen-lockfile --prod"),
}


def stages(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the instructions of each stage: keyword and arguments."""
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for command in dockerfile.parse_file(str(path)):
        if command.cmd.upper() == "FROM":
            name = command.value[-1]
        words = " ".join((*command.flags, *command.value))
        found.setdefault(name, []).append((command.cmd.upper(), words))
    return found


def test_there_is_one_for_each_service_of_each_environment() -> None:
    assert [path.relative_to(ROOT / "out").as_posix() for path in FILES] == [
        f"{env}/{service}/Dockerfile" for env in ENVIRONMENTS for service in ("backend", "frontend")
    ]


def test_hadolint_says_only_what_is_accepted() -> None:
    said = linters.hadolint(FILES)
    assert linters.unexpected(said) == []
    assert linters.outdated("hadolint", said) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("USER 1001:1001", "USER root", "DL3002"),
        ("--no-cache", "", "DL3019"),
        ("WORKDIR /app", "WORKDIR app", "DL3000"),
    ],
)
def test_hadolint_notices_a_mistake(tmp_path: Path, old: str, new: str, rule: str) -> None:
    text = FILES[0].read_text("utf-8")
    assert old in text
    broken = tmp_path / "Dockerfile"
    broken.write_text(text.replace(old, new), "utf-8")
    assert rule in {one.rule for one in linters.unexpected(linters.hadolint([broken]))}


@EACH
def test_the_user_is_a_number_that_exists(path: Path) -> None:
    """The kubelet cannot tell whether a name is root."""
    runner = stages(path)["runner"]
    ((user, group),) = [words.split(":") for keyword, words in runner if keyword == "USER"]
    assert user == group == "1001"
    made = [words for _, words in runner]
    assert any(re.fullmatch(rf"addgroup --system --gid {group} \w+", words) for words in made)
    assert any(re.fullmatch(rf"adduser --system --uid {user} \w+", words) for words in made)


def test_the_user_is_one_value(project: Sandbox) -> None:
    project.replace("environments/base.yaml", "uid: 1001", "uid: 1234")
    for service in ("backend", "frontend"):
        text = (rendered(project) / service / "Dockerfile").read_text("utf-8")
        assert text.count("1234") == 4
        assert "1001" not in text


@EACH
def test_stages_copy_only_from_stages_above_and_the_last_one_is_what_runs(path: Path) -> None:
    found = stages(path)
    names = list(found)
    assert names == ["base", "deps", "builder", "runner"]
    for number, name in enumerate(names):
        for keyword, words in found[name]:
            for source in re.findall(r"--from=(\S+)", words if keyword == "COPY" else ""):
                assert source in names[:number]
    assert found["runner"][-1][0] == "CMD"


@EACH
def test_what_is_copied_out_of_a_stage_was_made_there(path: Path) -> None:
    makes = {
        "node_modules": "npm ci",
        "public": "mkdir -p public",
        ".next/standalone": "npm run build",
        ".next/static": "npm run build",
        "dist": "npm run build",
        "package*.json": "package*.json ./",
    }
    found = stages(path)
    copies = [
        re.search(r"--from=(\S+) .*?/app/(\S+)", words)
        for words in dict.fromkeys(w for _, w in found["runner"])
    ]
    assert any(copies)
    for copy in filter(None, copies):
        assert any(makes[copy[2]] in words for _, words in found[copy[1]]), copy[0]


def test_the_runtime_of_a_node_service_has_no_packages_for_development() -> None:
    found = stages(ROOT / "out/prod/backend/Dockerfile")
    assert ("RUN", "npm ci --omit=dev") in found["deps"]
    assert any("--from=deps" in words and "node_modules" in words for _, words in found["runner"])


def test_migrations_can_run_in_the_builder() -> None:
    """It has the source, and every package."""
    builder = stages(ROOT / "out/prod/backend/Dockerfile")["builder"]
    assert ("RUN", "npm ci") in builder
    assert ("COPY", ". .") in builder


def test_a_public_address_is_an_argument_of_the_build_and_known_before_it() -> None:
    builder = stages(ROOT / "out/prod/frontend/Dockerfile")["builder"]
    argument = builder.index(("ARG", "NEXT_PUBLIC_API_URL"))
    variable = builder.index(("ENV", "NEXT_PUBLIC_API_URL ${NEXT_PUBLIC_API_URL}"))
    assert argument < variable < builder.index(("RUN", "npm run build"))


def test_only_public_addresses_become_part_of_an_image(project: Sandbox) -> None:
    add_values(project, "prod", "services: {frontend: {urls: {BACKEND_URL: backend}}}")
    text = (rendered(project) / "frontend/Dockerfile").read_text("utf-8")
    assert "ARG NEXT_PUBLIC_API_URL" in text
    assert "BACKEND_URL" not in text


@EACH
def test_the_image_knows_its_version(path: Path) -> None:
    runner = stages(path)["runner"]
    assert ("ARG", "APP_VERSION") in runner
    assert ("ENV", "APP_VERSION ${APP_VERSION}") in runner


@EACH
def test_only_what_uses_the_database_trusts_amazons_own_authorities(path: Path) -> None:
    base = dict(stages(path)["base"])
    if path.parent.name == "frontend":
        assert not {"ADD", "ENV"} & set(base)
        return
    flag, source, target = base["ADD"].split()
    assert flag == "--chmod=644"  # what ADD downloads, only root may read
    assert source == "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
    assert base["ENV"] == f"NODE_EXTRA_CA_CERTS {target}"


def test_the_authorities_have_a_checksum_where_it_is_a_value(project: Sandbox) -> None:
    add_values(project, "prod", f"rds: {{ca_sha256: {'ab' * 32}}}")
    base = dict(stages(rendered(project) / "backend/Dockerfile")["base"])
    assert base["ADD"].startswith(f"--checksum=sha256:{'ab' * 32} --chmod=644 https://truststore.pki.rds")


@EACH
def test_the_secrets_of_a_developer_stay_out_of_the_image(path: Path) -> None:
    lines = (path.parent / ".dockerignore").read_text("utf-8").split("\n")
    assert {"node_modules", ".git", "**/.env", "**/.env.*", "**/.npmrc"} <= set(lines)
    assert not any(line.startswith("!") for line in lines)


@pytest.mark.parametrize("manager", LOCK_FILES)
def test_the_package_manager_is_one_choice_for_image_and_workflow(project: Sandbox, manager: str) -> None:
    project.replace("environments/base.yaml", "package_manager: npm", f"package_manager: {manager}")
    lock_file, install, production = LOCK_FILES[manager]
    out = rendered(project)
    for service in ("backend", "frontend"):
        instructions = [one for stage in stages(out / service / "Dockerfile").values() for one in stage]
        (copied, *_) = [words for keyword, words in instructions if words.startswith("package")]
        assert manager == "npm" or lock_file in copied.split()
        runs = [words for keyword, words in instructions if keyword == "RUN"]
        installs = [words for words in runs if words in (install, production)]
        assert installs == ([production, install] if service == "backend" else [install])
        assert f"{manager} run build" in runs
        others = set(LOCK_FILES) - {manager, "npm"}
        workflow = (out / f".github/workflows/{service}.yml").read_text("utf-8")
        assert f"cache: {manager}\n" in workflow
        assert f"cache-dependency-path: {service}/{lock_file}\n" in workflow
        assert f"run: {install}\n" in workflow
        assert f"run: {manager} run lint\n" in workflow
        assert not any(re.search(rf"\b{other}\b", workflow) for other in others)


def test_pnpm_is_there_before_anything_asks_for_it(project: Sandbox) -> None:
    project.replace("environments/base.yaml", "package_manager: npm", "package_manager: pnpm")
    out = rendered(project)
    assert ("RUN", "corepack enable pnpm") in stages(out / "backend/Dockerfile")["base"]
    workflow = (out / ".github/workflows/backend.yml").read_text("utf-8")
    assert 0 < workflow.index("run: corepack enable pnpm") < workflow.index("actions/setup-node")


def test_a_service_without_a_port_exposes_none(project: Sandbox) -> None:
    add_values(project, "prod", WORKER)
    runner = stages(rendered(project) / "worker/Dockerfile")["runner"]
    assert "EXPOSE" not in dict(runner)
    assert not any("PORT" in words for _, words in runner)
    assert runner[-1] == ("CMD", "node dist/index.js")
