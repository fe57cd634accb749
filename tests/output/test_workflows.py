"""GitHub's workflows: what they may do, when they run, and what each of their steps does.

Every `run:` block is read by shellcheck with exactly the variables that it gets, and run by bash with stand-ins for
the programs that it calls.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Sandbox, breadth
from tests.output import linters
from tests.output.standins import (
    REGISTRY,
    RUNNER,
    SHA,
    SHELLS,
    Call,
    Github,
    Run,
    StandIns,
    checkout,
    run_job,
)
from tests.test_stack import NO_CACHE, NO_DATABASE, WORKER, add_values, merged, rendered

OUT = ROOT / "out"
FILES = sorted(OUT.glob("*/.github/workflows/*.yml"))
EACH = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-4]}-{path.stem}")

NAMESPACES = {"prod": "oet", "spec": "oet", "staging": "oet-staging"}
SECRETS = {
    name: f"the {name}"
    for name in (
        "DATABASE_URL REDIS_URL JWT_SECRET HUGGINGFACE_API_KEY STRIPE_SECRET_KEY POSTGRES_PASSWORD REDIS_AUTH_TOKEN"
    ).split()
}
IMAGE = f"{REGISTRY}/oet-backend:{SHA}"


def load(path: Path) -> dict[str, Any]:
    workflow = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    return {"on": workflow.pop(True), **workflow}  # YAML 1.1 takes the word for a boolean


def env_of(path: Path) -> str:
    return path.parts[-4]


def service_of(path: Path) -> str:
    return path.stem.partition("-")[0]


def steps(workflow: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            yield job, step


def test_every_service_of_an_environment_with_workflows_has_one() -> None:
    assert [path.relative_to(OUT).as_posix() for path in FILES] == [
        f"{env}/.github/workflows/{service}{suffix}.yml"
        for env, suffix in (("prod", ""), ("spec", ""), ("staging", "-staging"))
        for service in ("backend", "frontend")
    ]


def test_they_are_workflows() -> None:
    assert linters.against_schema("github-workflows", FILES) == ""


def test_the_schema_notices_a_mistake(tmp_path: Path) -> None:
    broken = tmp_path / "workflow.yml"
    broken.write_text(FILES[0].read_text("utf-8").replace("runs-on:", "run-on:"), "utf-8")
    assert "run-on" in linters.against_schema("github-workflows", [broken])


def test_zizmor_says_nothing_of_staging_and_prod_and_only_what_is_accepted_of_spec() -> None:
    said = linters.zizmor([OUT / env / ".github" for env in ("staging", "prod", "spec")])
    assert {one for one in said if one.file.startswith(("staging/", "prod/"))} == set()
    assert linters.unexpected(said) == []
    assert linters.outdated("zizmor", said) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("      with:\n        persist-credentials: false\n", "", "artipacked"),
        ("permissions:\n  contents: read\n", "", "excessive-permissions"),
        ("run: kubectl rollout", "run: echo ${{ github.head_ref }} && kubectl rollout", "template-injection"),
    ],
)
def test_zizmor_notices_a_mistake(tmp_path: Path, old: str, new: str, rule: str) -> None:
    text = (OUT / "prod/.github/workflows/backend.yml").read_text("utf-8")
    assert old in text
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "backend.yml").write_text(text.replace(old, new), "utf-8")
    assert rule in {one.rule for one in linters.zizmor([tmp_path / ".github"])}


# What a workflow may do, and when


@EACH
def test_a_workflow_may_only_read_and_the_deploy_only_ask_for_a_token(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in workflow["jobs"]["test"]
    deploy = workflow["jobs"]["deploy"].get("permissions")
    assert deploy == (None if env_of(path) == "spec" else {"contents": "read", "id-token": "write"})


@EACH
def test_no_checkout_leaves_a_token_behind(path: Path) -> None:
    checkouts = [step for _, step in steps(load(path)) if "actions/checkout" in step.get("uses", "")]
    assert len(checkouts) == 2
    assert all(step["with"] == {"persist-credentials": False} for step in checkouts)


@EACH
def test_actions_are_pinned_by_commit_except_where_the_document_names_a_tag(path: Path) -> None:
    uses = re.findall(r"uses: (\S+)@(\S+)(?: # (\S+))?", path.read_text("utf-8"))
    assert len({name for name, *_ in uses}) == 4
    for _, ref, version in uses:
        if env_of(path) == "spec":
            assert re.fullmatch(r"v\d+", ref)
            assert not version
        else:
            assert re.fullmatch("[0-9a-f]{40}", ref)
            assert re.fullmatch(r"v\d+\.\d+\.\d+", version)


@EACH
def test_an_expression_reaches_no_shell_but_through_a_variable(path: Path) -> None:
    for _, step in steps(load(path)):
        assert "${{" not in step.get("run", "")


def test_the_login_is_a_value() -> None:
    def login(env: str) -> dict[str, str]:
        deploy = load(OUT / env / ".github/workflows/backend.yml")["jobs"]["deploy"]
        (step,) = [one for one in deploy["steps"] if "configure-aws" in one.get("uses", "")]
        inputs: dict[str, str] = step["with"]
        return inputs

    assert login("prod") == {"role-to-assume": "${{ vars.AWS_ROLE_ARN }}", "aws-region": "us-east-1"}
    assert login("spec") == {
        "aws-access-key-id": "${{ secrets.AWS_ACCESS_KEY_ID }}",
        "aws-secret-access-key": "${{ secrets.AWS_SECRET_ACCESS_KEY }}",
        "aws-region": "us-east-1",
    }


@EACH
def test_a_pull_request_cancels_its_older_run_and_a_deploy_waits(path: Path) -> None:
    assert load(path)["concurrency"] == {
        "group": "${{ github.workflow }}-${{ github.ref }}",
        "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
    }


@EACH
def test_a_deploy_belongs_to_its_github_environment_and_nothing_runs_for_ever(path: Path) -> None:
    jobs = load(path)["jobs"]
    assert jobs["deploy"]["environment"] == ("staging" if env_of(path) == "staging" else "production")
    assert jobs["deploy"]["needs"] == "test"
    assert [jobs[name]["timeout-minutes"] for name in ("test", "deploy")] == [15, 60]


def test_the_names_of_two_workflows_differ_so_that_their_runs_do_not_wait_for_each_other() -> None:
    names = [load(path)["name"] for path in FILES if env_of(path) != "spec"]
    assert len(set(names)) == len(names) == 4


def triggered(patterns: list[str], path: str) -> bool:
    """Say whether GitHub runs a workflow with these filters for a change of `path`: the last match decides."""
    result = False
    for pattern in patterns:
        words = {"**": ".*", "*": "[^/]*"}
        parts = re.split(r"(\*\*|\*)", pattern.removeprefix("!"))
        if re.fullmatch("".join(words.get(part, re.escape(part)) for part in parts), path):
            result = not pattern.startswith("!")
    return result


@EACH
def test_it_runs_for_every_file_that_matters_and_for_no_other_services(path: Path) -> None:
    workflow, env, service = load(path), env_of(path), service_of(path)
    patterns = workflow["on"]["push"]["paths"]
    assert workflow["on"]["pull_request"]["paths"] == patterns
    assert "workflow_dispatch" in workflow["on"]
    other = "frontend" if service == "backend" else "backend"
    assert triggered(patterns, f"{service}/src/index.ts")
    assert triggered(patterns, f".github/workflows/{path.name}")
    assert triggered(patterns, f"out/{env}/scripts/create-secrets.sh") == (service == "backend")
    assert not triggered(patterns, f"{other}/src/index.ts")
    assert not triggered(patterns, f"out/{env}/terraform/main.tf")
    for file in (OUT / env / "k8s").rglob("*.yaml"):
        name = file.relative_to(ROOT).as_posix()
        assert triggered(patterns, name) != file.name.startswith(f"{other}-"), name


def test_a_service_whose_name_begins_with_anothers_still_sees_its_own_manifests(project: Sandbox) -> None:
    add_values(project, "prod", WORKER.replace("worker", "backend-jobs"))
    out = rendered(project)
    for service in ("backend", "backend-jobs"):
        patterns = load(out / f".github/workflows/{service}.yml")["on"]["push"]["paths"]
        assert triggered(patterns, f"out/prod/k8s/{service}-deployment.yaml")


# What the shell of each block makes of it


def write_block(job: dict[str, Any], step: dict[str, Any], target: Path) -> Path:
    """Write a `run:` block with all that it is given in front, and nothing else."""
    names = [*RUNNER, *job.get("env", {}), *step.get("env", {})]
    strict = "set -eo pipefail" if "pipefail" in SHELLS[step.get("shell")] else "set -e"
    given = [f"export {name}=given" for name in dict.fromkeys(names)]
    target.write_text("\n".join(["#!/bin/bash", strict, *given, step["run"]]) + "\n", "utf-8")
    return target


def check_blocks(workflows: dict[str, dict[str, Any]], folder: Path) -> list[linters.Said]:
    names = {}
    for name, workflow in workflows.items():
        for number, (job, step) in enumerate(steps(workflow)):
            if "run" in step:
                file = folder / f"{name.replace('/', '-')}-{number}.sh"
                names[str(write_block(job, step, file))] = name
    return linters.shellcheck([Path(name) for name in names], names.__getitem__)


def test_every_block_is_good_shell_with_the_variables_that_it_is_given(tmp_path: Path) -> None:
    said = check_blocks({path.relative_to(OUT).as_posix(): load(path) for path in FILES}, tmp_path)
    assert said == []


@pytest.mark.parametrize(
    ("step", "variable"),
    [
        ("Build and push Docker image", "ECR_REGISTRY"),
        ("Migrate the database", "IMAGE_TAG"),
        ("Deploy to EKS", "ECR_REGISTRY"),
        ("Deploy to EKS", "ECR_REPOSITORY"),
        ("Deploy to EKS", "IMAGE_TAG"),
        ("Go back to the version before", "REVISION"),
    ],
)
def test_a_variable_that_a_block_is_not_given_is_noticed(tmp_path: Path, step: str, variable: str) -> None:
    """In the document, three of them are missing where it deploys: the image was called `/:`."""
    workflow = load(OUT / "prod/.github/workflows/backend.yml")
    (found,) = [one for _, one in steps(workflow) if one.get("name") == step]
    del found["env"][variable]
    assert {one.rule for one in check_blocks({"a": workflow}, tmp_path)} == {"SC2154"}


def test_the_documents_own_block_is_noticed(tmp_path: Path) -> None:
    workflow = load(ROOT / "tests/spec/document/.github/workflows/backend.yml")
    said = check_blocks({"document": workflow}, tmp_path)
    assert "SC2154" in {one.rule for one in said}


# What a deploy does


@pytest.fixture
def stand_ins(tmp_path: Path) -> StandIns:
    return StandIns(tmp_path / "stand-ins")


def deploy(path: Path, stand_ins: StandIns, folder: Path, *, secrets: dict[str, str] | None = None) -> Run:
    """Run the deploy job in a fresh checkout."""
    out = path.parents[2]
    root = folder / "repository"
    if not root.exists():
        checkout(out, f"out/{env_of(path)}", ("backend", "frontend", "worker"), root)
    github = Github(secrets=SECRETS if secrets is None else secrets)
    return run_job(load(path)["jobs"]["deploy"], root, stand_ins, github)


def own_apply(path: Path) -> tuple[str, ...]:
    """Return words of the one call that changes the service's workload."""
    return ("kubectl", "apply", "-k", "*/release", "--selector", own_selector(service_of(path)))


def own_selector(service: str) -> str:
    return f"app.kubernetes.io/name={service},app.kubernetes.io/component=service"


KUBECTL = "https://dl.k8s.io/release/v1.35.4/bin/linux/amd64/kubectl"
REVISIONS = (
    "-o jsonpath={range .items[*]}{.status.availableReplicas}"
    ' {.metadata.annotations.deployment\\.kubernetes\\.io/revision}{"\\n"}{end}'
)


def test_what_a_deploy_does_in_this_order(tmp_path: Path, stand_ins: StandIns) -> None:
    stand_ins.answer("stable-1.35.txt", "v1.35.4")
    run = deploy(OUT / "prod/.github/workflows/backend.yml", stand_ins, tmp_path)
    assert run.ok, run.said
    pipes = " ".join(f"--from-file={name.lower().replace('_', '-')}=PIPE" for name in SECRETS)
    expected = f"""
        uses actions/checkout persist-credentials=False
        uses aws-actions/configure-aws-credentials role-to-assume= aws-region=us-east-1
        curl -fsSL --retry 3 https://dl.k8s.io/release/stable-1.35.txt
        curl -fsSL --retry 3 -o {tmp_path}/repository/.runner/kubectl {KUBECTL}
        curl -fsSL --retry 3 {KUBECTL}.sha256
        aws eks update-kubeconfig --region us-east-1 --name oet-cluster
        kubectl create secret generic oet-secrets --namespace oet {pipes} --dry-run=client -o yaml
        kubectl apply --namespace oet --server-side --force-conflicts -f -
        uses aws-actions/amazon-ecr-login
        docker build --build-arg APP_VERSION={SHA} -t {IMAGE} .
        docker push {IMAGE}
        docker build --target builder -t {IMAGE}-migration .
        docker push {IMAGE}-migration
        docker tag {IMAGE} {REGISTRY}/oet-backend:latest
        docker push {REGISTRY}/oet-backend:latest
        kubectl apply --namespace oet -k out/prod/k8s --selector app.kubernetes.io/component=shared
        kubectl delete --namespace oet job/oet-backend-migration --ignore-not-found --wait
        kubectl set image --local -f out/prod/k8s/backend-migration.yaml migration={IMAGE}-migration -o yaml
        kubectl apply --namespace oet -f -
        kubectl logs --namespace oet job/oet-backend-migration --follow
        kubectl wait --namespace oet job/oet-backend-migration
            --for=jsonpath={{.status.conditions[0].status}}=True --timeout=900s
        kubectl get --namespace oet job/oet-backend-migration -o jsonpath={{.status.conditions[0].type}}
        kubectl get --namespace oet replicasets --selector app=oet-backend {REVISIONS}
        kubectl apply --namespace oet -k out/prod/release
            --selector app.kubernetes.io/name=backend,app.kubernetes.io/component=service
        kubectl rollout status --namespace oet deployment/oet-backend --timeout=900s
    """
    assert lines(run) == [
        line.strip() for line in expected.replace("\n            ", " ").strip().split("\n")
    ]


@EACH
def test_a_deploy_changes_its_own_workload_once_and_no_other(
    path: Path, tmp_path: Path, stand_ins: StandIns
) -> None:
    run = deploy(path, stand_ins, tmp_path)
    assert run.ok, run.said
    run.only(*own_apply(path))
    applied = [
        call for call in run.changes if call.words[0] == "kubectl" and call not in run.all(*own_apply(path))
    ]
    for call in applied:
        assert (
            call.says("kubectl", "apply", "*/k8s", "--selector", "app.kubernetes.io/component=shared")
            or call.says("kubectl", "apply", "--server-side", "-f", "-")
            or call.says("kubectl", "delete", "job/oet-*-migration")
            or call.says("kubectl", "apply", "-f", "-")
        ), call.line
    repositories = {call.words[-1].rpartition(":")[0] for call in run.all("docker", "push")}
    suffix = "-staging" if env_of(path) == "staging" else ""
    assert repositories == {f"{REGISTRY}/oet-{service_of(path)}{suffix}"}


@EACH
def test_the_release_names_the_image_that_was_pushed(path: Path, tmp_path: Path, stand_ins: StandIns) -> None:
    run = deploy(path, stand_ins, tmp_path)
    release = tmp_path / "repository" / "out" / env_of(path) / "release" / "kustomization.yaml"
    written = yaml.load(release.read_text("utf-8"), yaml.CSafeLoader)
    (image,) = written["images"]
    assert written["resources"] == ["../k8s"]
    assert image["name"] == f"oet-{service_of(path)}"
    assert run.all("docker", "push")[0].words[-1] == f"{image['newName']}:{image['newTag']}"
    deployment = OUT / env_of(path) / f"k8s/{service_of(path)}-deployment.yaml"
    (container,) = next(yaml.load_all(deployment.read_text("utf-8"), yaml.CSafeLoader))["spec"]["template"][
        "spec"
    ]["containers"]
    assert container["image"].partition(":")[0] == image["name"]


def test_the_release_finds_the_image_under_the_name_that_the_manifests_give_it(
    project: Sandbox, tmp_path: Path, stand_ins: StandIns
) -> None:
    """With `account`, the kustomization that the release builds on has put the registry in front of it already."""
    add_values(project, "staging", "account: '123456789012'")
    path = rendered(project, "staging") / ".github/workflows/backend-staging.yml"
    assert deploy(path, stand_ins, tmp_path / "with account").ok
    release = tmp_path / "with account/repository/out/staging/release/kustomization.yaml"
    (image,) = yaml.load(release.read_text("utf-8"), yaml.CSafeLoader)["images"]
    assert image["name"] == image["newName"] == f"{REGISTRY}/oet-backend-staging"


def test_a_commit_of_digits_alone_is_still_a_text(tmp_path: Path, stand_ins: StandIns) -> None:
    path = OUT / "prod/.github/workflows/frontend.yml"
    root = checkout(OUT / "prod", "out/prod", ("frontend",), tmp_path / "repository")
    number = "1234567890123456789012345678901234567e90"
    assert run_job(load(path)["jobs"]["deploy"], root, stand_ins, Github(github={"sha": number})).ok
    written = yaml.load((root / "out/prod/release/kustomization.yaml").read_text("utf-8"), yaml.CSafeLoader)
    assert written["images"][0]["newTag"] == number


@EACH
def test_every_call_to_the_cluster_names_the_namespace(
    path: Path, tmp_path: Path, stand_ins: StandIns
) -> None:
    run = deploy(path, stand_ins, tmp_path)
    for call in run.all("kubectl"):
        if not call.says("kubectl", "set", "image", "--local"):
            assert call.option("--namespace") == NAMESPACES[env_of(path)], call.line


@breadth("path", FILES, 6, ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_when_a_call_fails_nothing_is_changed_after_it(
    path: Path, tmp_path: Path, stand_ins: StandIns
) -> None:
    """On a running cluster, so that there is a version to go back to."""
    # An update that never became available, and the version before it
    stand_ins.answer("replicasets", " 8\n3 7\n 6\n")
    good = deploy(path, stand_ins, tmp_path)
    assert good.ok
    undo = ("kubectl", "rollout", "undo", f"deployment/oet-{service_of(path)}", "--to-revision=7")
    rollout = good.calls.index(good.only(*own_apply(path)))
    for number, call in enumerate(good.calls, start=1):
        stand_ins.forget()
        stand_ins.fail(number)
        run = deploy(path, stand_ins, tmp_path)
        if call.says("kubectl", "logs"):
            assert run.ok  # the container did not run yet, and the log is asked for again
            continue
        assert not run.ok, call.line
        later = [one for one in run.calls[number:] if one.changes]
        assert later == run.all(*undo), call.line
        assert len(later) == (number > rollout), call.line


@EACH
def test_on_an_empty_cluster_a_failed_rollout_is_not_undone(
    path: Path, tmp_path: Path, stand_ins: StandIns
) -> None:
    stand_ins.answer("kubectl rollout status --namespace", status=1)
    stand_ins.answer(f"deployment/oet-{service_of(path)} --timeout", status=1)
    run = deploy(path, stand_ins, tmp_path)
    assert not run.ok
    assert not run.all("kubectl", "rollout", "undo")


@EACH
def test_a_deploy_that_is_cancelled_goes_back_as_one_that_fails(
    path: Path, tmp_path: Path, stand_ins: StandIns
) -> None:
    """GitHub cancels a job that takes too long as well, in the middle of a step."""
    stand_ins.answer("replicasets", "3 7\n")
    job = load(path)["jobs"]["deploy"]
    root = checkout(
        OUT / env_of(path), f"out/{env_of(path)}", ("backend", "frontend"), tmp_path / "repository"
    )
    github = Github(secrets=dict.fromkeys(SECRETS, "secret"))
    index = next(number for number, step in enumerate(job["steps"]) if step.get("id") == "deploy")
    assert run_job({**job, "steps": job["steps"][: index + 1]}, root, stand_ins, github).ok
    stand_ins.forget()
    github.cancelled = True
    run = run_job({**job, "steps": job["steps"][index + 1 :]}, root, stand_ins, github)
    assert run.only("kubectl", "rollout", "undo", "--to-revision=7")


@EACH
def test_a_download_that_differs_from_its_checksum_stops_the_deploy(
    path: Path, tmp_path: Path, stand_ins: StandIns
) -> None:
    stand_ins.answer(".sha256", "0" * 64)
    run = deploy(path, stand_ins, tmp_path)
    assert not run.ok
    assert run.steps[-1] == "Install kubectl"
    assert not run.changes


@EACH
def test_a_second_deploy_does_what_the_first_one_did(path: Path, tmp_path: Path, stand_ins: StandIns) -> None:
    first = deploy(path, stand_ins, tmp_path)
    stand_ins.forget()
    stand_ins.answer("replicasets", "3 1\n")
    second = deploy(path, stand_ins, tmp_path)
    assert second.ok, second.said
    assert lines(second) == lines(first)


def lines(run: Run) -> list[str]:
    return [re.sub(r"/dev/fd/\d+", "PIPE", call.line) for call in run.calls]


BACKENDS = [path for path in FILES if service_of(path) == "backend"]


@pytest.mark.parametrize("path", BACKENDS, ids=env_of)
@pytest.mark.parametrize("missing", list(SECRETS)[:-1])
def test_a_missing_secret_stops_before_anything_is_touched(
    path: Path, missing: str, tmp_path: Path, stand_ins: StandIns
) -> None:
    """GitHub gives an empty text for a secret that its environment does not have."""
    secrets = {name: value for name, value in SECRETS.items() if name != missing}
    run = deploy(path, stand_ins, tmp_path, secrets=secrets)
    assert not run.ok
    assert run.steps[-1] == "Create secrets"
    assert f"{missing}: is not set, or is empty" in run.said
    assert run.changes == []
    assert not run.all("docker")


def test_the_token_of_a_cache_in_the_cluster_is_not_asked_for(tmp_path: Path, stand_ins: StandIns) -> None:
    secrets = {name: value for name, value in SECRETS.items() if name != "REDIS_AUTH_TOKEN"}
    asked = {
        env_of(path): not deploy(path, stand_ins, tmp_path / env_of(path), secrets=secrets).ok
        for path in BACKENDS
    }
    assert asked == {"prod": True, "spec": False, "staging": True}


def test_only_a_service_that_has_secrets_creates_them(tmp_path: Path, stand_ins: StandIns) -> None:
    path = OUT / "prod/.github/workflows/frontend.yml"
    run = deploy(path, stand_ins, tmp_path, secrets={})
    assert run.ok
    assert not run.all("kubectl", "create")
    assert "secrets." not in path.read_text("utf-8")


@pytest.mark.parametrize("path", BACKENDS, ids=env_of)
def test_no_command_line_shows_a_secret(path: Path, tmp_path: Path, stand_ins: StandIns) -> None:
    run = deploy(path, stand_ins, tmp_path)
    created = run.only("kubectl", "create", "secret")
    given = [value for name, value in SECRETS.items() if name != "REDIS_AUTH_TOKEN" or env_of(path) != "spec"]
    assert sorted(created.files.values()) == sorted(value.encode() for value in given)
    assert not [call.line for call in run.calls for value in SECRETS.values() if value in call.line]


# What a deploy names, and what the manifests hold


def objects(env: str) -> list[dict[str, Any]]:
    """Return every object that `kubectl apply -k` of an environment applies."""
    folder = OUT / env / "k8s"
    files = yaml.load((folder / "kustomization.yaml").read_text("utf-8"), yaml.CSafeLoader)["resources"]
    return [
        each
        for file in files
        for each in yaml.load_all((folder / file).read_text("utf-8"), yaml.CSafeLoader)
        if each
    ]


def selected(call: Call, env: str) -> list[dict[str, Any]]:
    wanted = dict(part.split("=") for part in call.option("--selector").split(","))
    return [each for each in objects(env) if wanted.items() <= each["metadata"].get("labels", {}).items()]


@EACH
def test_each_object_is_applied_by_its_own_service_or_by_every_service(
    path: Path, tmp_path: Path, stand_ins: StandIns
) -> None:
    env, service = env_of(path), service_of(path)
    run = deploy(path, stand_ins, tmp_path)
    shared = selected(run.only("kubectl", "apply", "app.kubernetes.io/component=shared"), env)
    own = selected(run.only(*own_apply(path)), env)
    other = "frontend" if service == "backend" else "backend"
    others = selected(Call(("kubectl", "--selector", own_selector(other))), env)
    assert len(shared) + len(own) + len(others) == len(objects(env))
    assert all(each not in shared for each in own)
    deployments = [each["metadata"]["name"] for each in own if each["kind"] == "Deployment"]
    assert deployments == [f"oet-{service}"]
    in_cluster = ["postgres", "redis"] if env == "spec" else []
    assert [each["metadata"]["name"] for each in shared if each["kind"] == "Deployment"] == in_cluster


@pytest.mark.parametrize("path", BACKENDS, ids=env_of)
def test_the_migration_is_the_one_of_the_manifests(path: Path, tmp_path: Path, stand_ins: StandIns) -> None:
    run = deploy(path, stand_ins, tmp_path)
    file = run.only("kubectl", "set", "image", "--local").option("-f")
    (job,) = yaml.load_all((ROOT / file).read_text("utf-8"), yaml.CSafeLoader)
    assert [container["name"] for container in job["spec"]["template"]["spec"]["containers"]] == ["migration"]
    for call in run.all("kubectl", "job/*"):
        assert f"job/{job['metadata']['name']}" in call.words
    assert job not in objects(env_of(path))


# Migrations


def test_a_migration_that_fails_stops_the_deploy_and_shows_its_log(
    tmp_path: Path, stand_ins: StandIns
) -> None:
    path = OUT / "prod/.github/workflows/backend.yml"
    stand_ins.answer("replicasets", "3 7\n")
    stand_ins.answer("kubectl logs", "relation already exists")
    stand_ins.answer("{.status.conditions[0].type}", "FailureTarget")
    run = deploy(path, stand_ins, tmp_path)
    assert not run.ok
    assert run.steps[-1] == "Migrate the database"
    assert "relation already exists" in run.said
    assert not run.all(*own_apply(path))
    assert not run.all("kubectl", "rollout", "undo")


def test_a_migration_that_never_ends_is_given_up(tmp_path: Path, stand_ins: StandIns) -> None:
    stand_ins.answer("--for=jsonpath", status=1)
    run = deploy(OUT / "prod/.github/workflows/backend.yml", stand_ins, tmp_path)
    assert not run.ok
    assert run.calls[-1].says("kubectl", "wait", "job/oet-backend-migration", "--timeout=900s")


def test_the_log_is_asked_for_until_there_is_one(tmp_path: Path, stand_ins: StandIns) -> None:
    path = OUT / "prod/.github/workflows/backend.yml"
    good = deploy(path, stand_ins, tmp_path)
    stand_ins.forget()
    stand_ins.fail(good.calls.index(good.only("kubectl", "logs", "--follow")) + 1)
    run = deploy(path, stand_ins, tmp_path)
    assert run.ok
    first, second = run.all("kubectl", "logs", "--follow")
    assert first == second
    assert run.only("sleep", "5")


def test_the_migration_runs_in_the_image_that_was_built_for_it(tmp_path: Path, stand_ins: StandIns) -> None:
    run = deploy(OUT / "prod/.github/workflows/backend.yml", stand_ins, tmp_path)
    image = f"{IMAGE}-migration"
    assert run.only("docker", "build", "--target", "builder").option("-t") == image
    assert f"migration={image}" in run.only("kubectl", "set", "image").words
    assert run.calls.index(run.only("docker", "push", image)) < run.calls.index(
        run.only("kubectl", "set", "image")
    )


def test_what_runs_in_the_cluster_is_waited_for(tmp_path: Path, stand_ins: StandIns) -> None:
    run = deploy(OUT / "spec/.github/workflows/backend.yml", stand_ins, tmp_path)
    order = [
        run.calls.index(run.only(*words))
        for words in (
            ("kubectl", "apply", "app.kubernetes.io/component=shared"),
            ("kubectl", "rollout", "status", "deployment/postgres", "--timeout=900s"),
            ("kubectl", "rollout", "status", "deployment/redis", "--timeout=900s"),
            ("kubectl", "set", "image", "--local"),
        )
    ]
    assert order == sorted(order)


def test_what_amazon_runs_is_not_waited_for(tmp_path: Path, stand_ins: StandIns) -> None:
    run = deploy(OUT / "prod/.github/workflows/backend.yml", stand_ins, tmp_path)
    assert len(run.all("kubectl", "rollout", "status")) == 1


# Images


def test_the_image_is_built_with_the_addresses_that_become_part_of_it(
    tmp_path: Path, stand_ins: StandIns
) -> None:
    def arguments(env: str, suffix: str = "") -> list[str]:
        folder = tmp_path / env
        one = StandIns(folder / "stand-ins")
        run = deploy(OUT / env / f".github/workflows/frontend{suffix}.yml", one, folder)
        words = run.only("docker", "build").words
        return [word for before, word in pairwise(words) if before == "--build-arg"]

    version = f"APP_VERSION={SHA}"
    assert arguments("prod") == [version, "NEXT_PUBLIC_API_URL=https://api.oetpraxis.com"]
    assert arguments("staging", "-staging") == [
        version,
        "NEXT_PUBLIC_API_URL=https://api.staging.oetpraxis.com",
    ]


@EACH
def test_an_image_is_built_with_every_argument_that_its_dockerfile_takes(
    path: Path, tmp_path: Path, stand_ins: StandIns
) -> None:
    run = deploy(path, stand_ins, tmp_path)
    text = (OUT / env_of(path) / service_of(path) / "Dockerfile").read_text("utf-8")
    given = re.findall(r"--build-arg (\w+)=", run.all("docker", "build")[0].line)
    assert sorted(given) == sorted(re.findall(r"^ARG (\w+)$", text, re.M))


# Tests of the application


@EACH
def test_the_test_job_runs_the_scripts_in_order_and_stops_at_the_first_that_fails(
    path: Path, tmp_path: Path, stand_ins: StandIns
) -> None:
    job = load(path)["jobs"]["test"]
    root = checkout(OUT / env_of(path), f"out/{env_of(path)}", (service_of(path),), tmp_path / "repository")
    run = run_job(job, root, stand_ins, Github())
    assert run.ok, run.said
    scripts = {
        "frontend": ["type-check", "lint", "test:coverage", "build"],
        "backend": ["type-check", "lint", "migrate", "test:coverage", "build"],
    }
    expected = ["npm ci", *(f"npm run {script}" for script in scripts[service_of(path)])]
    assert [call.line for call in run.calls if call.words[0] == "npm"] == expected
    for number in range(1, len(run.calls) + 1):
        stand_ins.forget()
        stand_ins.fail(number)
        failed = run_job(job, root, stand_ins, Github())
        assert not failed.ok
        assert len(failed.calls) == number


@pytest.mark.parametrize("path", BACKENDS, ids=env_of)
def test_a_step_that_needs_the_database_reaches_the_one_that_the_job_starts(path: Path) -> None:
    job = load(path)["jobs"]["test"]
    postgres, redis = job["services"]["postgres"], job["services"]["redis"]
    user, password, name = (postgres["env"][f"POSTGRES_{key}"] for key in ("USER", "PASSWORD", "DB"))
    (port,) = (mapping.partition(":")[0] for mapping in postgres["ports"])
    (cache_port,) = (mapping.partition(":")[0] for mapping in redis["ports"])
    with_database = [step for step in job["steps"] if "DATABASE_URL" in step.get("env", {})]
    assert [step["run"] for step in with_database] == ["npm run migrate", "npm run test:coverage"]
    for step in with_database:
        assert step["env"]["DATABASE_URL"] == f"postgresql://{user}:{password}@localhost:{port}/{name}"
        assert step["env"]["REDIS_URL"] == f"redis://localhost:{cache_port}"


# Other values


def test_a_service_that_has_next_to_nothing_is_deployed_all_the_same(
    project: Sandbox, tmp_path: Path, stand_ins: StandIns
) -> None:
    worker = yaml.load(WORKER, yaml.CSafeLoader)
    del worker["services"]["worker"]["secrets"]
    add_values(project, "prod", yaml.safe_dump(worker))
    path = rendered(project) / ".github/workflows/worker.yml"
    assert linters.against_schema("github-workflows", [path]) == ""
    assert check_blocks({"worker": load(path)}, tmp_path) == []
    run = deploy(path, stand_ins, tmp_path / "worker")
    assert run.ok, run.said
    assert [
        call.line.partition(" --namespace")[0] for call in run.calls if call.words[0] not in ("uses", "curl")
    ] == [
        "aws eks update-kubeconfig --region us-east-1 --name oet-cluster",
        f"docker build --build-arg APP_VERSION={SHA} -t {REGISTRY}/oet-worker:{SHA} .",
        f"docker push {REGISTRY}/oet-worker:{SHA}",
        f"docker tag {REGISTRY}/oet-worker:{SHA} {REGISTRY}/oet-worker:latest",
        f"docker push {REGISTRY}/oet-worker:latest",
        "kubectl apply",
        "kubectl get",
        "kubectl apply",
        "kubectl rollout status",
    ]


OTHER_VALUES = {
    "in the cluster": "database: {runs_in: cluster}\ncache: {runs_in: cluster}",
    "both databases": "database: {runs_in: cluster and rds}\ncache: {runs_in: cluster}",
    "no database": NO_DATABASE,
    "no cache": NO_CACHE,
    "neither database nor cache": merged(NO_DATABASE, NO_CACHE),
    "keys": "aws_login: keys",
    "region": "region: eu-west-3",
    "account": "account: '123456789012'",
    "no host": "services: {frontend: {host: null, urls: null}, backend: {host: null}}",
    "pnpm": "node: {package_manager: pnpm}",
    "yarn": "node: {package_manager: yarn}",
    "migration of a service with addresses": (
        "services: {frontend: {migration: migrate, uses: {database: true}, urls: {NEXT_PUBLIC_API_URL: backend}}}"
    ),
}


@breadth("name", OTHER_VALUES, 6)
def test_other_values_make_workflows_that_run(project: Sandbox, name: str, tmp_path: Path) -> None:
    add_values(project, "prod", OTHER_VALUES[name])
    files = sorted((rendered(project) / ".github/workflows").glob("*.yml"))
    assert linters.against_schema("github-workflows", files) == ""
    blocks = {path.stem: load(path) for path in files}
    assert check_blocks(blocks, tmp_path) == []
    for path in files:
        folder = tmp_path / path.stem
        run = deploy(path, StandIns(folder / "stand-ins"), folder)
        assert run.ok, run.said


def test_there_are_none_without_workflows(project: Sandbox) -> None:
    add_values(project, "prod", "workflows: false")
    assert not (rendered(project) / ".github").exists()


def test_a_stand_in_notes_what_it_reads_and_can_be_told_to_fail(tmp_path: Path, stand_ins: StandIns) -> None:
    root = checkout(OUT / "prod", "out/prod", (), tmp_path / "repository")
    code = "echo hello | kubectl apply -f - --kept <(printf there)\naws s3 ls\nkubectl delete job/x"
    job = {"steps": [{"run": code}, {"run": "echo never"}]}
    stand_ins.answer("s3 ls", "bucket", 3)
    run = run_job(job, root, stand_ins, Github())
    assert not run.ok
    assert [shlex.split(call.line)[0] for call in run.calls] == ["kubectl", "aws"]
    assert run.calls[0].stdin == b"hello\n"
    assert list(run.calls[0].files.values()) == [b"there"]
    assert "bucket" in run.said
    assert [
        Call(tuple(words.split())).changes
        for words in ("kubectl wait", "kubectl set image --local", "kubectl scale")
    ] == [
        False,
        False,
        True,
    ]
