"""RUNBOOK.md: its blocks are good shell and run to their end, and it names what the environment has and nothing else.

Each chapter is run by bash with stand-ins for the programs that it calls, and what it calls is compared with the
other rendered files.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT, Sandbox, breadth
from tests.output import linters, manifests, runbook
from tests.output.runbook import NEW, OLD, TYPED, Page, Session
from tests.output.standins import REGISTRY, SHA, Github, StandIns, checkout, run_job
from tests.output.test_terraform import module, values
from tests.test_stack import NO_CACHE, NO_DATABASE, WORKER, add_values, merged, rendered

OUT = ROOT / "out"
ENVS = ("dev", "prod", "spec", "staging")
EACH = pytest.mark.parametrize("env", ENVS)
WITH_WORKFLOWS = pytest.mark.parametrize("env", ["prod", "spec", "staging"])
WITH_TOKEN = ("prod", "staging")
WITH_RDS = pytest.mark.parametrize("env", ["prod", "spec", "staging"])
IN_CLUSTER = pytest.mark.parametrize("env", ["dev", "spec"])

Perform = Callable[[str, Path, str], Session]


def page(env: str) -> Page:
    return runbook.page(OUT / env)


@pytest.fixture(scope="session")
def perform(tmp_path_factory: pytest.TempPathFactory) -> Perform:
    """Runs a chapter of a page in an environment's rendered files, each only once."""
    done: dict[tuple[str, Path, str], Session] = {}

    def run(text: str, root: Path, chapter: str) -> Session:
        key = (Page(text).script(chapter), root, chapter)
        if key not in done:
            done[key] = runbook.run_chapter(text, chapter, root, tmp_path_factory.mktemp("chapter"))
        return done[key]

    return run


def disagreements(text: str, root: Path, perform: Perform) -> Iterator[str]:
    """Yield what the page and the files do not agree about; a chapter runs when its turn comes."""
    sessions = ((chapter, perform(text, root, chapter)) for chapter in Page(text).chapters)
    return runbook.disagreements(text, root, sessions)


def chapter(env: str, name: str, perform: Perform) -> Session:
    session = perform(page(env).text, OUT / env, name)
    assert session.run.ok, session.run.said
    return session


# Good shell


def not_bash(text: str) -> list[str]:
    """Return the blocks that bash cannot read by themselves, or that are empty."""
    found = []
    for block in Page(text).blocks:
        done = subprocess.run(["bash", "-n"], input=block.code, capture_output=True, text=True, check=False)
        if done.returncode or done.stderr or not block.code.strip():
            found.append(f"{block.heading}: {done.stderr or 'nothing is in the block'}")
    return found


def said_by_shellcheck(pages: dict[str, str], folder: Path) -> list[linters.Said]:
    """Check each chapter with nothing in front but the log-in: a variable that neither of them sets is noticed."""
    files = {}
    for name, text in pages.items():
        for chapter in Page(text).chapters:
            file = folder / f"{name}-{chapter.replace(' ', '-')}.sh"
            file.write_text(f"#!/bin/bash\nset -eu\n{Page(text).script(chapter)}", "utf-8")
            files[str(file)] = f"{name}/RUNBOOK.md"
    return linters.shellcheck([Path(file) for file in files], files.__getitem__)


@EACH
def test_every_block_can_be_pasted_by_itself(env: str) -> None:
    assert not_bash(page(env).text) == []
    assert len(page(env).blocks) > 50


def test_shellcheck_has_nothing_to_say(tmp_path: Path) -> None:
    assert said_by_shellcheck({env: page(env).text for env in ENVS}, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('--restore-time "$moment"', "--restore-time $moment", "SC2086"),
        ('--restore-time "$moment"', '--restore-time "$time"', "SC2154"),
        ('lock\n```\n\n```bash\nterraform -chdir=out/prod/terraform force-unlock "$lock"', "l\n", "SC2034"),
    ],
)
def test_shellcheck_notices_a_mistake(old: str, new: str, rule: str, tmp_path: Path) -> None:
    broken = changed(page("prod").text, old, new)
    assert rule in {said.rule for said in said_by_shellcheck({"prod": broken}, tmp_path)}


def test_a_block_without_its_end_is_noticed() -> None:
    broken = changed(page("prod").text, "\ngit log --oneline", "\nif git log --oneline")
    assert len(not_bash(broken)) == 1


@EACH
def test_what_asks_a_person_is_the_last_line_of_its_block(env: str) -> None:
    """Else it would read the line that was pasted behind it."""
    for block in page(env).blocks:
        lines = block.code.strip().split("\n")
        asking = [
            line
            for line in lines
            if re.search(r"\bread -rs?p\b|\bapply( -var .*)?$|\bdestroy$|^gh secret set", line)
        ]
        assert asking in ([], [lines[-1]]), block.code


# What it calls, and what it names


@EACH
def test_every_chapter_runs_to_its_end_and_names_what_there_is(env: str, perform: Perform) -> None:
    assert list(disagreements(page(env).text, OUT / env, perform)) == []


def test_every_kind_of_name_is_looked_at(perform: Perform) -> None:
    seen = {
        kind
        for env in ENVS
        for name in page(env).chapters
        for call in chapter(env, name, perform).calls
        for kind, _ in runbook.claims(call)
    }
    assert seen == runbook.kinds()


def changed(text: str, old: str, new: str) -> str:
    assert old in text, f"there is no {old!r}"
    return text.replace(old, new)


MISTAKES_OF_THE_PAGE = [
    ("prod", "AWS_REGION=us-east-1", "AWS_REGION=us-east-2"),
    ("prod", "--region us-east-1 --name", "--region us-east-2 --name"),
    ("prod", "--name oet-cluster", "--name praxis"),
    ("prod", "--namespace oet deployment", "--namespace default deployment"),
    ("prod", "undo --namespace oet deployment/oet-backend", "undo --namespace oet deployment/backend"),
    ("prod", "job/oet-backend-migration", "job/oet-migration"),
    ("prod", "--selector app=oet-backend", "--selector app=backend"),
    ("prod", "secret oet-secrets", "secret secrets"),
    ("prod", "{.data.jwt-secret}", "{.data.jwt}"),
    ("prod", "output -raw redis_url", "output -raw redis"),
    ("prod", "import aws_db_instance.postgres", "import aws_db_instance.main"),
    ("prod", "--db-subnet-group-name oet-postgres", "--db-subnet-group-name postgres"),
    ("prod", "--db-parameter-group-name oet-postgres15", "--db-parameter-group-name default.postgres15"),
    ("prod", "import aws_db_instance.postgres oet-postgres", "import aws_db_instance.postgres oet-database"),
    (
        "prod",
        "--new-db-instance-identifier oet-postgres-old",
        "--new-db-instance-identifier oet-postgres-gone",
    ),
    ("prod", "--source-db-snapshot-identifier oet-postgres-final", "--source-db-snapshot-identifier last"),
    ("prod", "Values=oet-rds-sg", "Values=rds-sg"),
    ("prod", "--replication-group-id oet-redis", "--replication-group-id redis"),
    ("prod", "--repository-name oet-backend", "--repository-name backend"),
    ("prod", "/aws/containerinsights/oet-cluster/", "/aws/containerinsights/cluster/"),
    ("prod", "set AWS_ROLE_ARN", "set AWS_ROLE"),
    ("prod", "gh secret set STRIPE_SECRET_KEY", "gh secret set STRIPE_KEY"),
    ("prod", "gh workflow run backend.yml", "gh workflow run api.yml"),
    ("prod", "--env production", "--env prod"),
    ("prod", "--repo oetpraxis/oet-praxis", "--repo oetpraxis/praxis"),
    ("prod", "git push origin main", "git push origin master"),
    ("prod", "https://api.oetpraxis.com", "https://oetpraxis.com"),
    ("prod", "--key oet/terraform.tfstate", "--key terraform.tfstate"),
    ("prod", "out/prod/scripts/bootstrap-state.sh", "out/prod/scripts/bootstrap.sh"),
    ("prod", "-chdir=out/prod/terraform", "-chdir=terraform"),
    ("prod", "`environments/prod.yaml`", "`environments/production.yaml`"),
    ("prod", "`backend/src/health.ts`", "`backend/health.ts`"),
    ("prod", "the secret `oet-secrets`", "the secret `oet-secret`"),
    ("spec", "--user-name oet-deploy", "--user-name deploy"),
    ("dev", "-f out/dev/k8s/backend-migration.yaml", "-f out/dev/k8s/migration.yaml"),
    ("dev", "-k out/dev/release", "-k out/dev/releases"),
    ("dev", "mkdir -p out/dev/release", "true"),
    ("dev", "--selector app.kubernetes.io/name=backend,", "--selector app.kubernetes.io/name=api,"),
    ("dev", "pvc/postgres-pvc", "pvc/postgres"),
    ("dev", "psql --username postgres", "psql --username admin"),
    ("dev", '"$ECR_REGISTRY/oet-backend-dev:', '"$ECR_REGISTRY/backend-dev:'),
    ("dev", "cp out/dev/.env.example", "cp out/dev/.env"),
]


@breadth("env, old, new", MISTAKES_OF_THE_PAGE, 6)
def test_a_name_that_the_files_do_not_have_is_noticed(env: str, old: str, new: str, perform: Perform) -> None:
    assert any(disagreements(changed(page(env).text, old, new), OUT / env, perform))


CHANGES_OF_THE_FILES = [
    ("prod", "terraform/main.tf", 'cluster_name    = "oet-cluster"', 'cluster_name    = "praxis"'),
    ("prod", "terraform/main.tf", 'identifier = "oet-postgres"', 'identifier = "oet-database"'),
    ("prod", "terraform/main.tf", '"aws_db_instance" "postgres"', '"aws_db_instance" "main"'),
    ("prod", "terraform/main.tf", 'Project     = "oet"', 'Project     = "praxis"'),
    ("prod", "terraform/database.tf", 'name   = "oet-postgres15"', 'name   = "oet-postgres"'),
    ("prod", "terraform/security.tf", 'Name = "oet-rds-sg"', 'Name = "oet-rds"'),
    (
        "prod",
        "terraform/cache.tf",
        'replication_group_id = "oet-redis"',
        'replication_group_id = "oet-cache"',
    ),
    ("prod", "terraform/outputs.tf", 'output "redis_url"', 'output "cache_url"'),
    ("prod", "terraform/ecr.tf", 'name = "oet-backend"', 'name = "oet-api"'),
    ("prod", "terraform/iam.tf", "repo:oetpraxis/oet-praxis:", "repo:oetpraxis/praxis:"),
    ("prod", "terraform/addons.tf", "/aws/containerinsights/", "/aws/insights/"),
    ("prod", "terraform/backend.tf", "oet/terraform.tfstate", "oet/prod.tfstate"),
    ("prod", "terraform/terraform.tfvars", 'aws_region  = "us-east-1"', 'aws_region  = "us-east-2"'),
    ("prod", "k8s/cluster/namespace.yaml", "name: oet\n", "name: praxis\n"),
    ("prod", "k8s/backend-deployment.yaml", "  name: oet-backend\n", "  name: oet-api\n"),
    ("prod", "k8s/backend-migration.yaml", "name: oet-backend-migration", "name: oet-backend-migrate"),
    ("prod", "k8s/ingress.yaml", "api.oetpraxis.com", "www.oetpraxis.com"),
    ("prod", "k8s/secrets.yaml.example", "name: oet-secrets", "name: oet-secret"),
    ("prod", "k8s/secrets.yaml.example", "  jwt-secret:", "  token-secret:"),
    ("prod", ".github/workflows/backend.yml", "secrets.STRIPE_SECRET_KEY", "secrets.STRIPE_KEY"),
    ("prod", ".github/workflows/backend.yml", "environment: production", "environment: prod"),
    ("prod", "scripts/bootstrap-state.sh", 'bucket="oet-terraform', 'bucket="oet-state'),
    ("prod", "scripts/create-secrets.sh", '"${JWT_SECRET:?', '"${TOKEN_SECRET:?'),
    ("spec", "terraform/iam.tf", 'name = "oet-deploy"', 'name = "oet-pipelines"'),
    ("dev", "k8s/postgres-deployment.yaml", "name: postgres-pvc", "name: postgres-data"),
    ("dev", "k8s/postgres-deployment.yaml", 'value: "oet_praxis"', 'value: "praxis"'),
]


@breadth("env, path, old, new", CHANGES_OF_THE_FILES, 6)
def test_a_file_that_no_longer_has_the_name_is_noticed(
    env: str, path: str, old: str, new: str, tmp_path: Path, perform: Perform
) -> None:
    root = tmp_path / env
    shutil.copytree(OUT / env, root)
    (root / path).write_text(changed((root / path).read_text("utf-8"), old, new), "utf-8")
    text = page(env).text
    in_script = path.startswith("scripts/")
    sessions = ((name, perform(text, root if in_script else OUT / env, name)) for name in page(env).chapters)
    assert any(runbook.disagreements(text, root, sessions))


GONE = ["scripts/bootstrap-cluster.sh", "k8s/backend-migration.yaml", "compose.yaml"]


@pytest.mark.parametrize("path", GONE)
def test_a_file_that_is_gone_is_noticed(path: str, tmp_path: Path, perform: Perform) -> None:
    root = tmp_path / "dev"
    shutil.copytree(OUT / "dev", root)
    (root / path).unlink()
    sessions = (perform(page("dev").text, root, name) for name in page("dev").chapters)
    assert any(not each.run.ok or any(runbook.missing_paths(each)) for each in sessions)


@EACH
def test_every_call_says_where_it_works(env: str, perform: Perform) -> None:
    """Nobody changes another cluster or region because of what they worked on before."""
    option = {"aws": "--region", "kubectl": "--namespace", "gh": "--repo", "terraform": "-chdir"}
    everywhere = (
        "aws --version|aws iam|aws sts|gh api|gh auth|kubectl version|terraform version"
        "|kubectl delete namespace|kubectl get persistentvolumes|kubectl set image --local"
        "|aws s3api head-bucket|aws s3api put-|kubectl apply -k k8s/cluster|kubectl apply --server-side -f -"
    )
    for name in page(env).chapters:
        for call in chapter(env, name, perform).calls:
            if call.words[0] in option and not re.match(everywhere, call.line):
                assert call.option(option[call.words[0]]), call.line


def of_others(env: str) -> set[str]:
    """Return every name that only other environments have."""
    kinds = (
        "cluster|namespace|host|image repository|database|parameter group|security group|cache|user|log group"
        "|state|workflow|GitHub environment|output folder|environment"
    )
    found: dict[str, set[str]] = {
        name: {each for kind in kinds.split("|") for each in runbook.names(OUT / name)[kind]} for name in ENVS
    }
    return set().union(*found.values()).difference(*runbook.names(OUT / env).values(), {"oet"})


@EACH
def test_it_names_nothing_of_another_environment(env: str) -> None:
    text = page(env).text
    others = of_others(env)
    assert f"out/{'prod' if env != 'prod' else 'spec'}" in others
    assert [name for name in others if re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w-])", text)] == []


@EACH
def test_it_has_no_word_of_what_the_environment_does_not_have(env: str) -> None:
    text, given = page(env).text, values(env)
    words = {
        "RDS|aws rds|db_password": "rds" in given["database"]["runs_in"],
        "pg_dump|postgres-pvc": "cluster" in given["database"]["runs_in"],
        "ElastiCache|elasticache": given["cache"]["runs_in"] == "elasticache",
        "deployment/redis": given["cache"]["runs_in"] == "cluster",
        r"GitHub|\bgh ": given["workflows"],
        "AWS_ROLE_ARN": given["workflows"] and given["aws_login"] == "oidc",
        "access-key": given["workflows"] and given["aws_login"] == "keys",
        "docker compose": given["compose"],
        "docker build": not given["workflows"],
        "no-deletion-protection": "rds" in given["database"]["runs_in"],
        "-final`": "rds" in given["database"]["runs_in"] and given["environment"] == "production",
        "ecr delete-repository": given["environment"] == "production",
    }
    assert {word: bool(re.search(word, text)) for word in words} == {
        word: bool(has) for word, has in words.items()
    }


@EACH
def test_its_links_lead_to_its_headings_and_every_chapter_is_in_its_table(env: str) -> None:
    def anchor(heading: str) -> str:
        return "#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")

    headings = page(env).headings
    assert set(page(env).links) <= {anchor(text) for _, text in headings}
    top = page(env).text.partition("\n## ")[0]
    chapters = [text for level, text in headings if level == 2]
    assert [text for text in chapters if f"({anchor(text)})" not in top] in (
        ["Names"],
        ["Names", "Run it on this machine"],
    )


# Set up


@EACH
def test_the_bucket_is_the_one_that_the_script_prints(env: str, perform: Perform) -> None:
    session = chapter(env, "Set up", perform)
    printed = [line for line in session.run.said.splitlines() if line.startswith("terraform -chdir=")]
    assert [shlex.split(line) for line in printed] == [list(session.run.all("terraform", "init")[-1].words)]


@EACH
def test_a_system_is_set_up_in_this_order(env: str, perform: Perform) -> None:
    session = chapter(env, "Set up", perform)
    steps = [
        ("aws", "s3api", "put-bucket-policy"),
        ("terraform", "*", "apply"),
        ("aws", "acm", "wait", "certificate-validated"),
        ("kubectl", "apply", "-k", "k8s/cluster"),
        ("helm", "upgrade", "aws-load-balancer-controller"),
        ("kubectl", "create", "secret"),
        ("oetgen", "sync", env),
        ("git", "commit"),
        ("curl",),
    ]
    order = [session.first(*step) for step in steps]
    assert order == sorted(order)


@EACH
def test_the_secret_that_is_set_up_holds_what_each_part_needs(env: str, perform: Perform) -> None:
    session = chapter(env, "Set up", perform)
    made = created(session, 0)
    assert made["POSTGRES_PASSWORD"] == NEW
    name = "oet_praxis"
    if env == "dev":
        assert (
            made["DATABASE_URL"]
            == f"postgresql://postgres:{NEW}@postgres-service:5432/{name}?sslmode=disable"
        )
    else:
        assert (
            made["DATABASE_URL"]
            == f"postgresql://postgres:{NEW}@database.example:5432/{name}?sslmode=require"
        )
        assert runbook.names(OUT / env)["database name"] == {name}
        assert given_to(session, "apply") == {NEW}
    assert made["REDIS_URL"] == ("put-out" if env in WITH_TOKEN else "redis://redis-service:6379")
    assert made.get("REDIS_AUTH_TOKEN") == (NEW if env in WITH_TOKEN else None)
    assert tokens_given_to(session, "apply") <= {made.get("REDIS_AUTH_TOKEN", "")}
    assert {made[variable] for variable in ("JWT_SECRET", "HUGGINGFACE_API_KEY", "STRIPE_SECRET_KEY")} == {
        TYPED
    }


def created(session: Session, number: int) -> dict[str, str]:
    """Return the secret that the call with this number of `kubectl create secret` makes, by variable."""
    call = session.run.all("kubectl", "create", "secret")[number]
    return {
        word.removeprefix("--from-file=").partition("=")[0].upper().replace("-", "_"): content.decode()
        for word, content in call.files.items()
    }


def given_to(session: Session, command: str) -> set[str]:
    """Return the passwords that runs of this command of Terraform were given."""
    return {password for line, password, _ in session.terraform if f" {command}" in line}


def tokens_given_to(session: Session, command: str) -> set[str]:
    """Return the tokens of the cache that runs of this command of Terraform were given."""
    return {token for line, _, token in session.terraform if f" {command}" in line}


@WITH_RDS
def test_terraform_is_given_a_password_whenever_it_asks_for_one(env: str, perform: Perform) -> None:
    for name in page(env).chapters:
        session = chapter(env, name, perform)
        for command in ("apply", "destroy", "import"):
            assert "" not in given_to(session, command)
            assert env == "spec" or "" not in tokens_given_to(session, command)


@WITH_WORKFLOWS
def test_github_gets_every_secret_and_variable_that_the_workflows_read(env: str, perform: Perform) -> None:
    session = chapter(env, "Set up", perform)
    known = runbook.names(OUT / env)
    assert {call.words[3] for call in session.run.all("gh", "secret", "set")} == known["GitHub secret"]
    assert {call.words[3] for call in session.run.all("gh", "variable", "set")} == known["GitHub variable"]
    made = created(session, 0)
    keys = (
        {"AWS_ACCESS_KEY_ID": "the-key-id", "AWS_SECRET_ACCESS_KEY": "the-access-key"}
        if env == "spec"
        else {}
    )
    assert session.piped == {**made, **keys}
    policy = session.run.only("gh", "api", "PUT", "--input", "-")
    assert (
        yaml.load(policy.stdin, yaml.CSafeLoader)["deployment_branch_policy"]["custom_branch_policies"]
        is True
    )


@pytest.mark.parametrize("env", ["prod", "staging"])
def test_it_looks_for_the_oidc_provider_before_it_applies(env: str, perform: Perform) -> None:
    session = chapter(env, "Set up", perform)
    assert session.first("aws", "iam", "list-open-id-connect-providers") < session.first(
        "terraform", "*", "apply"
    )
    says = "must print nothing" if env == "prod" else "must print something"
    assert says in page(env).text.partition("### The certificate")[0]


@EACH
def test_the_versions_are_those_that_the_files_ask_for(env: str) -> None:
    text = page(env).text
    _, needed = sorted(
        body["required_version"] for body in module(env).settings if "required_version" in body
    )
    assert f"| Terraform | \\{needed} |" in text
    assert f"| kubectl | {module(env).calls['eks']['cluster_version']}," in text


# Deploy and go back


def test_a_deploy_by_hand_is_what_a_workflow_does(project: Sandbox, tmp_path: Path, perform: Perform) -> None:
    add_values(project, "dev", "workflows: true")
    out = rendered(project, "dev")
    by_hand = [normal(call.line) for call in chapter("dev", "Deploy", perform).calls]
    for service in ("frontend", "backend"):
        root = checkout(out, "out/dev", ("backend", "frontend"), tmp_path / service)
        workflow = yaml.load(
            (out / f".github/workflows/{service}-dev.yml").read_text("utf-8"), yaml.CSafeLoader
        )
        github = Github(secrets=dict.fromkeys(runbook.names(OUT / "dev")["variable"], "secret"))
        job = run_job(workflow["jobs"]["deploy"], root, StandIns(tmp_path / f"{service}-stand-ins"), github)
        assert job.ok, job.said
        lines = [normal(call.line) for call in job.calls if call.words[0] in ("docker", "kubectl")]
        lines = [line for line in lines if "secret" not in line and "--server-side" not in line]
        # What the step after it goes back to
        lines = [line for line in lines if "replicasets" not in line]
        assert len(lines) > 6
        start = by_hand.index(lines[0])
        assert by_hand[start : start + len(lines)] == lines


def normal(line: str) -> str:
    """A workflow builds in the service's folder, a person in the repository's root."""
    return re.sub(r"^(docker build .*) (?:\.|backend|frontend)$", r"\1 FOLDER", line)


def test_the_release_made_by_hand_is_the_one_of_the_workflow(perform: Perform) -> None:
    folder = chapter("dev", "Deploy", perform).folder
    release = yaml.load((folder / "out/dev/release/kustomization.yaml").read_text("utf-8"), yaml.CSafeLoader)
    assert release == {
        "resources": ["../k8s"],
        "images": [{"name": "oet-backend", "newName": f"{REGISTRY}/oet-backend-dev", "newTag": SHA}],
    }


@WITH_WORKFLOWS
def test_a_workflow_is_started_for_the_branch_that_it_deploys(env: str, perform: Perform) -> None:
    session = chapter(env, "Deploy", perform)
    started = {call.words[3] for call in session.run.all("gh", "workflow", "run")}
    assert started == runbook.names(OUT / env)["workflow"]


@EACH
def test_every_service_can_go_back(env: str, perform: Perform) -> None:
    session = chapter(env, "Roll back to the previous version", perform)
    undone = {call.words[-1] for call in session.run.all("kubectl", "rollout", "undo")}
    assert undone == {"deployment/oet-frontend", "deployment/oet-backend"}
    assert session.run.only("git", "revert").words[-1] == TYPED


# Secrets


@EACH
def test_a_new_password_reaches_everybody_who_needs_it(env: str, perform: Perform) -> None:
    session = chapter(env, "Change a secret", perform)
    made = created(session, -2 if env in WITH_TOKEN else -1)  # the last secret is the one with the new token
    assert made["POSTGRES_PASSWORD"] == NEW
    assert f":{NEW}@" in made["DATABASE_URL"]
    kept = {name: value for name, value in made.items() if name not in ("POSTGRES_PASSWORD", "DATABASE_URL")}
    assert set(kept.values()) == {OLD}
    if env != "dev":
        assert next(password for line, password, _ in session.terraform if " apply" in line) == NEW
        assert session.first("terraform", "*", "apply") < session.first("kubectl", "create", "secret")
        assert session.piped["POSTGRES_PASSWORD"] == NEW
        assert session.piped["DATABASE_URL"] == made["DATABASE_URL"]
    if env in ("dev", "spec"):
        altered = session.run.only("kubectl", "exec", "psql")
        assert altered.stdin == f"ALTER ROLE postgres PASSWORD '{NEW}';\n".encode()
    assert session.last("kubectl", "create", "secret") < session.last("kubectl", "rollout", "restart")


@pytest.mark.parametrize("env", WITH_TOKEN)
def test_both_tokens_are_valid_until_the_pods_have_the_new_one(env: str, perform: Perform) -> None:
    session = chapter(env, "Change a secret", perform)
    made = created(session, -1)
    assert made["REDIS_AUTH_TOKEN"] == NEW
    assert made["REDIS_URL"] == "put-out"  # the address of Terraform, which knows the new token by then
    kept = {name: value for name, value in made.items() if name not in ("REDIS_AUTH_TOKEN", "REDIS_URL")}
    assert set(kept.values()) == {OLD}
    assert session.piped["REDIS_AUTH_TOKEN"] == NEW
    assert session.piped["REDIS_URL"] == made["REDIS_URL"]
    applied = [(line, token) for line, _, token in session.terraform if " apply" in line]
    folder = f"-chdir=out/{env}/terraform apply"
    assert applied == [(folder, OLD), (f"{folder} -var redis_auth_token_update=ROTATE", NEW), (folder, NEW)]
    order = [
        session.first("terraform", "*", "apply", "-var"),
        session.last("terraform", "*", "output", "-raw", "redis_url"),
        session.last("kubectl", "create", "secret"),
        session.last("kubectl", "rollout", "restart"),
        session.last("terraform", "*", "apply"),
    ]
    assert order == sorted(order)


def test_the_version_of_a_write_only_password_is_raised_before_it_is_applied(perform: Perform) -> None:
    for env in ("prod", "staging"):
        session = chapter(env, "Change a secret", perform)
        assert session.first("oetgen", "render", "--all") < session.first("terraform", "*", "apply")
        assert f"Increase `rds.password_version` in `environments/{env}.yaml`" in page(env).text
    assert "password_version" not in page("spec").text  # Terraform sees that one in its state
    assert "password_version" not in page("dev").text


@EACH
@pytest.mark.parametrize("name", ["Set up", "Change a secret"])
def test_no_command_line_shows_a_secret(env: str, name: str, perform: Perform) -> None:
    secrets = (NEW, OLD, TYPED, "the-access-key", "the-login")
    for call in chapter(env, name, perform).calls:
        assert not [secret for secret in secrets if secret in call.line], call.line


@WITH_WORKFLOWS
def test_a_changed_secret_goes_through_github_and_then_the_pods_start_again(
    env: str, perform: Perform
) -> None:
    session = chapter(env, "Change a secret", perform)
    changed = {call.words[3] for call in session.run.all("gh", "secret", "set")}
    assert changed == runbook.names(OUT / env)["GitHub secret"]
    assert session.first("gh", "workflow", "run", "backend*") < session.first("kubectl", "rollout", "restart")


def test_an_access_key_is_deleted_when_the_new_one_is_in_use(perform: Perform) -> None:
    session = chapter("spec", "Change a secret", perform)
    deleted = session.run.only("aws", "iam", "delete-access-key")
    assert deleted.option("--access-key-id") == "the-old-key-id"
    assert session.first("aws", "iam", "list-access-keys") < session.first("aws", "iam", "create-access-key")
    assert session.piped["AWS_SECRET_ACCESS_KEY"] == "the-access-key"


@EACH
def test_every_workload_that_receives_a_secret_starts_again(env: str, perform: Perform) -> None:
    restarted = {
        call.words[-1]
        for call in chapter(env, "Change a secret", perform).run.all("kubectl", "rollout", "restart")
    }
    receiving = {
        f"deployment/{each['metadata']['name']}"
        for each in manifests.committed(env).all("Deployment")
        for container in manifests.containers(each)
        if "secretKeyRef" in str(container.get("env"))
    }
    assert restarted == receiving - {"deployment/postgres"}  # which reads its password when its volume is new


# The database


@WITH_RDS
def test_a_restored_instance_takes_the_name_and_terraform_knows_it(env: str, perform: Perform) -> None:
    session = chapter(env, "Back up and restore", perform)
    (identifier,) = runbook.names(OUT / env)["database"]
    steps = [
        ("aws", "rds", "restore-db-instance-to-point-in-time"),
        ("aws", "rds", "wait", "db-instance-available", f"{identifier}-restored"),
        ("kubectl", "scale", "deployment/oet-backend", "--replicas=0"),
        ("aws", "rds", "modify-db-instance", "--new-db-instance-identifier", f"{identifier}-old"),
        ("aws", "rds", "modify-db-instance", "--new-db-instance-identifier", identifier),
        ("terraform", "*", "state", "rm", "aws_db_instance.postgres"),
        ("terraform", "*", "import", "aws_db_instance.postgres", identifier),
        ("terraform", "*", "apply"),
        ("kubectl", "scale", "deployment/oet-backend", f"--replicas={replicas(env)}"),
        ("aws", "rds", "delete-db-instance", f"{identifier}-old"),
    ]
    order = [session.first(*step) for step in steps]
    assert order == sorted(order)
    assert given_to(session, "import") == given_to(session, "apply") == {OLD}
    for call in session.run.all("aws", "rds", "restore-db-instance-*"):
        assert ("--multi-az" in call.words) == module(env).resources["aws_db_instance.postgres"]["multi_az"]
        assert call.option("--vpc-security-group-ids") == "sg-0123"


def replicas(env: str) -> int:
    kubernetes = manifests.committed(env)
    for each in kubernetes.all("HorizontalPodAutoscaler"):
        if each["metadata"]["name"] == "oet-backend":
            return int(each["spec"]["minReplicas"])
    return int(manifests.named(kubernetes.objects, "Deployment", "oet-backend")["spec"]["replicas"])


@IN_CLUSTER
def test_a_dump_is_loaded_while_nobody_writes(env: str, perform: Perform) -> None:
    session = chapter(env, "Back up and restore", perform)
    steps = [
        ("kubectl", "exec", "deployment/postgres", "pg_dump"),
        ("kubectl", "scale", "deployment/oet-backend", "--replicas=0"),
        ("kubectl", "exec", "deployment/postgres", "pg_restore"),
        ("kubectl", "scale", "deployment/oet-backend", f"--replicas={replicas(env)}"),
    ]
    order = [session.last(*step) for step in steps]
    assert order == sorted(order)
    assert session.run.only("kubectl", "exec", "pg_restore").stdin == b"the-dump"


@IN_CLUSTER
def test_before_the_volume_is_deleted_its_data_are_dumped(env: str, perform: Perform) -> None:
    session = chapter(env, "Upgrade", perform)
    steps = [
        ("kubectl", "scale", "--replicas=0"),
        ("kubectl", "exec", "pg_dump"),
        ("kubectl", "delete", "deployment/postgres", "pvc/postgres-pvc"),
        ("kubectl", "apply", "app.kubernetes.io/name=postgres*"),
        ("kubectl", "exec", "pg_restore"),
    ]
    order = [session.last(*step) for step in steps]
    assert order == sorted(order)


@WITH_RDS
def test_a_major_version_comes_behind_a_snapshot_and_terraform_behind_it(env: str, perform: Perform) -> None:
    session = chapter(env, "Upgrade", perform)
    steps = [
        ("aws", "rds", "wait", "db-snapshot-available"),
        ("aws", "rds", "modify-db-instance", "--allow-major-version-upgrade"),
        ("terraform", "*", "apply"),
        ("aws", "rds", "reboot-db-instance"),
    ]
    order = [session.last(*step) for step in steps]
    assert order == sorted(order)


# The end


@EACH
def test_what_has_to_go_first_goes_first(env: str, perform: Perform) -> None:
    session = chapter(env, "Tear down", perform)
    steps = [
        ("kubectl", "delete", "ingress/oet-ingress"),
        ("kubectl", "delete", "namespace"),
        ("terraform", "*", "destroy"),
        ("aws", "s3api", "delete-bucket"),
    ]
    order = [session.first(*step) for step in steps]
    assert order == sorted(order)
    destroy = order[2]
    for before in (
        ("kubectl", "get", "secret"),
        ("kubectl", "exec", "pg_dump"),
        ("aws", "rds", "modify-db-instance", "--no-deletion-protection"),
        ("aws", "rds", "delete-db-snapshot"),
        ("aws", "ecr", "delete-repository"),
        ("aws", "iam", "delete-access-key"),
    ):
        assert all(session.calls.index(call) < destroy for call in session.run.all(*before))


def test_production_keeps_nothing_from_being_deleted(perform: Perform) -> None:
    session = chapter("prod", "Tear down", perform)
    assert session.run.only("aws", "rds", "modify-db-instance", "--no-deletion-protection")
    deleted = {
        call.option("--repository-name") for call in session.run.all("aws", "ecr", "delete-repository")
    }
    assert deleted == runbook.names(OUT / "prod")["image repository"]
    copied = session.run.only("aws", "rds", "copy-db-snapshot")
    assert copied.option("--source-db-snapshot-identifier") == "oet-postgres-final"
    assert re.fullmatch(r"oet-postgres-final-\d{8}-\d{6}", copied.option("--target-db-snapshot-identifier"))


# The application


@EACH
def test_a_program_has_the_time_that_the_manifests_give_it(env: str) -> None:
    for each in manifests.committed(env).all("Deployment"):
        spec = manifests.pod(each)["spec"]
        for container in spec["containers"]:
            if "lifecycle" in container:
                waits = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
                assert spec["terminationGracePeriodSeconds"] - waits == 30
    assert "within thirty seconds of SIGTERM" in page(env).text


@WITH_WORKFLOWS
def test_every_script_that_is_run_is_asked_of_the_application(env: str) -> None:
    text = page(env).text.partition("## Requirements for the application")[2]
    for path in sorted((OUT / env / ".github/workflows").glob("*.yml")):
        steps = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["jobs"]["test"]["steps"]
        scripts = re.findall(r"npm run (\S+)", " ".join(step.get("run", "") for step in steps))
        assert len(scripts) >= 4
        assert " ".join(f"`{script}`" for script in scripts) in text
    for service in ("frontend", "backend"):
        dockerfile = (OUT / env / service / "Dockerfile").read_text("utf-8")
        assert re.findall(r"RUN npm run (\S+)", dockerfile) == ["build"]
        assert f"`package.json` of {service} has the script `build`" in text


# Other values

OTHER_VALUES = {
    "a third service, keys, pnpm": ("prod", f"{WORKER}\naws_login: keys\nnode: {{package_manager: pnpm}}"),
    "no workflows, no host": (
        "prod",
        "workflows: false\nservices: {frontend: {host: null, urls: null}, backend: {host: null}}",
    ),
    "both databases": ("staging", "database: {runs_in: cluster and rds}\ncache: {runs_in: cluster}"),
    "no database": ("staging", NO_DATABASE),
    "no cache": ("staging", NO_CACHE),
    "neither, and no workflows": ("dev", merged(NO_DATABASE, NO_CACHE)),
    "an account in another region": ("dev", "account: '123456789012'\nregion: eu-west-3"),
    "workflows": ("dev", "workflows: true"),
    "nothing to migrate": ("dev", "services: {backend: {migration: null, uses: null}}"),
}


@breadth("name", OTHER_VALUES, 6)
def test_other_values_make_a_page_that_is_right_all_the_same(
    name: str, project: Sandbox, tmp_path: Path, perform: Perform
) -> None:
    env, given = OTHER_VALUES[name]
    add_values(project, env, given)
    root = rendered(project, env)
    text = runbook.page(root).text
    assert not_bash(text) == []
    assert said_by_shellcheck({env: text}, tmp_path) == []
    assert list(disagreements(text, root, perform)) == []
