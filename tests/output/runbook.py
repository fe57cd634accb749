"""Reads a RUNBOOK.md, runs its blocks with stand-ins, and says what in it the rendered files know nothing of."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

from tests.conftest import ROOT
from tests.output import manifests
from tests.output.standins import SHA, Call, Run, StandIns, checkout, environment
from tests.output.test_scripts import needs
from tests.output.test_terraform import Module, values
from tests.output.test_terraform import read as read_module

LOG_IN = "Log in"
ACCOUNT = "123456789012"

# Every key of the secret in the cluster, what openssl makes, and what a person types in.
OLD, NEW, TYPED = "the-old-secret", "the-new-password", "typed-in"
ANSWERS = {
    "get-caller-identity --query Account": ACCOUNT,
    "kubectl get secret": base64.b64encode(OLD.encode()).decode(),
    "output -raw database_endpoint": "database.example:5432",
    "output -raw": "put-out",
    "describe-security-groups": "sg-0123",
    "get-login-password": "the-login",
    "create-access-key": "the-key-id\tthe-access-key",
    "list-access-keys": "the-old-key-id",
    "list-object-versions": '{"Objects": []}',
    "DBInstanceStatus,EngineVersion": f"available\t{TYPED}.4",
    "openssl rand": NEW,
    "git rev-parse HEAD": SHA,
    "helm show": "kind: StandIn",
    "pg_dump": "the-dump",
}

# What no call shows: the variables of a run of Terraform, and what is piped into GitHub's program.
_WRAPPERS = {
    "terraform": r'printf "%s\037%s\037%s\036" "$*" "${TF_VAR_db_password-}" "${TF_VAR_redis_auth_token-}"'
    r' >> "$noted/terraform"',
    "gh": 'if [ -p /dev/stdin ] && [ "$1 $2" = "secret set" ]; then cat > "$noted/$3"; fi',
}


# Reading


@dataclass(frozen=True)
class Block:
    """A block of shell code, and where it stands."""

    chapter: str
    heading: str
    code: str


@cache
def _parsed(text: str) -> list[Any]:
    return MarkdownIt("commonmark").enable("table").parse(text)


@dataclass(frozen=True)
class Page:
    """A page of Markdown: its headings, its blocks, its links and the rest of its code."""

    text: str

    @property
    def _tokens(self) -> list[Any]:
        return _parsed(self.text)

    @property
    def headings(self) -> list[tuple[int, str]]:
        return [
            (int(token.tag[1]), content.content)
            for token, content in zip(self._tokens, self._tokens[1:], strict=False)
            if token.type == "heading_open"
        ]

    @property
    def blocks(self) -> list[Block]:
        found: list[Block] = []
        chapter = heading = ""
        for token, content in zip(self._tokens, [*self._tokens[1:], None], strict=True):
            if token.type == "heading_open" and content:
                heading = content.content
                chapter = heading if token.tag == "h2" else chapter
            elif token.type == "fence":
                assert token.info == "bash", f"{heading}: a block of {token.info!r}"
                found.append(Block(chapter, heading, token.content))
        return found

    @property
    def chapters(self) -> list[str]:
        return list(dict.fromkeys(block.chapter for block in self.blocks))

    def script(self, chapter: str) -> str:
        """Return what a person has pasted at the end of a chapter: its blocks, behind those of the log-in."""
        chosen = [block for name in dict.fromkeys((LOG_IN, chapter)) for block in self.of(name)]
        return "\n".join(block.code for block in chosen)

    def of(self, chapter: str) -> list[Block]:
        return [block for block in self.blocks if block.chapter == chapter]

    @property
    def links(self) -> list[str]:
        return [
            str(child.attrs["href"])
            for token in self._tokens
            for child in token.children or ()
            if child.type == "link_open"
        ]

    @property
    def code(self) -> list[str]:
        """Every piece of code that stands in a sentence or a table."""
        return [
            child.content
            for token in self._tokens
            for child in token.children or ()
            if child.type == "code_inline"
        ]


def page(root: Path) -> Page:
    return Page((root / "RUNBOOK.md").read_text("utf-8"))


# Running


@dataclass(frozen=True)
class Session:
    """What running a chapter did: the calls, the files, and what only the called program sees.

    `terraform` has the arguments of each run of Terraform, and the password and the token that it was given; `piped`
    what GitHub's program was given for each secret.
    """

    run: Run
    folder: Path
    terraform: list[tuple[str, str, str]]
    piped: Mapping[str, str]

    @property
    def calls(self) -> list[Call]:
        return self.run.calls

    def first(self, *words: str) -> int:
        return self.calls.index(self.run.all(*words)[0])

    def last(self, *words: str) -> int:
        found = self.run.all(*words)[-1]
        return max(number for number, call in enumerate(self.calls) if call == found)


def run_chapter(text: str, chapter: str, root: Path, folder: Path, fail: int = 0) -> Session:
    """Run a chapter as one person does who has just logged in; whatever fails ends it, as does an unset variable."""
    stand_ins = StandIns(folder / "stand-ins")
    noted = folder / "noted"
    noted.mkdir()
    for name in ("git", "oetgen", "openssl"):
        (stand_ins.programs / name).symlink_to(stand_ins.programs / "aws")
    for name, code in _WRAPPERS.items():
        original = folder / "originals" / name
        original.parent.mkdir(exist_ok=True)
        (stand_ins.programs / name).rename(original)
        wrapper = stand_ins.programs / name
        wrapper.write_text(f'#!/bin/sh\nnoted={noted}\n{code}\nexec {original} "$@"\n', "utf-8")
        wrapper.chmod(0o755)
    for words, answer in ANSWERS.items():
        stand_ins.answer(words, answer)
    stand_ins.fail(fail)
    repository = checkout(root, output(root), services(root), folder / "repository")
    script, typed = folder / "chapter.sh", folder / "typed"
    script.write_text(Page(text).script(chapter), "utf-8")
    typed.write_text(f"{TYPED}\n" * 50, "utf-8")
    with typed.open("rb") as terminal:
        done = subprocess.run(
            ["bash", "-eu", str(script)],
            cwd=repository,
            env=environment(stand_ins),
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    run = Run(done.returncode == 0, stand_ins.calls, said=done.stdout.decode("utf-8", "replace"))
    piped = {path.name: path.read_text("utf-8") for path in noted.iterdir()}
    terraform = [line.split("\x1f") for line in piped.pop("terraform", "").split("\x1e")[:-1]]
    return Session(run, repository, [(line, password, token) for line, password, token in terraform], piped)


def services(root: Path) -> list[str]:
    return sorted(path.parent.name for path in root.glob("*/Dockerfile"))


def output(root: Path) -> str:
    """Return the folder of a rendered environment as its own scripts name it."""
    script = (root / "scripts/bootstrap-state.sh").read_text("utf-8")
    found = re.search(r"^terraform -chdir=(\S+)/terraform", script, re.M)
    assert found
    return found[1]


# What an environment has


Names = Mapping[str, frozenset[str]]


@cache
def names(root: Path) -> Names:
    """Return what the rendered files of an environment name, by kind."""
    module = read_module(root / "terraform")
    found = {
        **_in_terraform(module),
        **_in_kubernetes(root),
        **_on_github(root, module),
        "variable": set(needs(root / "scripts/create-secrets.sh")),
        "output folder": {output(root)},
        "terraform folder": {f"{output(root)}/terraform"},
        "state": {module.backend["key"]},
        "bucket": {f"{prefix}{ACCOUNT}" for prefix in _bucket_prefixes(root)},
    }
    return {kind: frozenset(each) for kind, each in found.items()}


def _bucket_prefixes(root: Path) -> list[str]:
    return re.findall(
        r'^bucket="(\S+-)\$account"$', (root / "scripts/bootstrap-state.sh").read_text("utf-8"), re.M
    )


def _in_terraform(module: Module) -> dict[str, set[str]]:
    def each(kind: str, attribute: str) -> set[str]:
        return {str(body[attribute]) for body in module.of(kind).values()}

    return {
        "region": {module.tfvars["aws_region"]},
        "cluster": {module.calls["eks"]["cluster_name"]},
        "network": {module.calls["vpc"]["name"]},
        "output": set(module.outputs),
        "resource": set(module.resources),
        "image repository": each("aws_ecr_repository", "name"),
        "database": each("aws_db_instance", "identifier"),
        "database name": each("aws_db_instance", "db_name"),
        "database user": each("aws_db_instance", "username"),
        "last snapshot": each("aws_db_instance", "final_snapshot_identifier"),
        "subnet group": each("aws_db_subnet_group", "name"),
        "parameter group": each("aws_db_parameter_group", "name"),
        "security group": {body["tags"]["Name"] for body in module.of("aws_security_group").values()},
        "cache": each("aws_elasticache_replication_group", "replication_group_id"),
        "user": each("aws_iam_user", "name"),
        "log group": {
            body["name"].replace("each.key", key)
            for body in module.of("aws_cloudwatch_log_group").values()
            for key in re.findall(r"\w+", str(body["for_each"]))
        },
        "project": {module.provider["default_tags"]["tags"]["Project"]},
        "environment": {module.tfvars["environment"]},
    }


def _in_kubernetes(root: Path) -> dict[str, set[str]]:
    kubernetes = manifests.read(root)
    objects = kubernetes.objects
    (secret,) = manifests.load(root / "k8s/secrets.yaml.example")
    charts = re.findall(
        r"^helm upgrade --install (\S+)", (root / "scripts/bootstrap-cluster.sh").read_text(), re.M
    )
    variables = [
        variable
        for each in kubernetes.all("Deployment")
        for container in manifests.containers(each)
        for variable in container.get("env", [])
        if container["name"] == "postgres"
    ]
    return {
        "namespace": {kubernetes.namespace, "kube-system"},
        "object": {
            *(manifests.identity(each).replace("PersistentVolumeClaim", "pvc").lower() for each in objects),
            *(f"deployment/{chart}" for chart in charts),
        },
        "app": {
            manifests.pod(each)["metadata"]["labels"]["app"] for each in kubernetes.all("Deployment", "Job")
        },
        "selector": {
            f"{manifests.NAME}={name},{manifests.COMPONENT}={component}"
            for name, component in {
                (each["metadata"]["labels"][manifests.NAME], each["metadata"]["labels"][manifests.COMPONENT])
                for each in objects
            }
        },
        "secret": {secret["metadata"]["name"]},
        "key": set(secret["data"]),
        "host": {rule["host"] for each in kubernetes.all("Ingress") for rule in each["spec"]["rules"]},
        "name in the cluster": {
            variable["value"]
            for variable in variables
            if variable["name"] in ("POSTGRES_DB", "POSTGRES_USER")
        }
        | {"rehearsal"},  # a database that a chapter makes and deletes
    }


def _on_github(root: Path, module: Module) -> dict[str, set[str]]:
    files = sorted(root.glob(".github/workflows/*.yml"))
    texts = "\n".join(path.read_text("utf-8") for path in files)
    deploys = [yaml.safe_load(path.read_text("utf-8"))["jobs"]["deploy"] for path in files]
    roles = (root / "terraform/iam.tf").read_text("utf-8") if files else ""
    trusted = re.findall(r"repo:([^:@\"]+):environment:", roles)
    return {
        "workflow": {path.name for path in files},
        "branch": _agreed([deploy["if"].partition("refs/heads/")[2].strip("'") for deploy in deploys]),
        "GitHub environment": _agreed([deploy["environment"] for deploy in deploys]),
        "GitHub repository": set(trusted) or {values("spec")["repository"]},
        "GitHub secret": set(re.findall(r"\$\{\{ secrets\.(\w+)", texts)),
        "GitHub variable": set(re.findall(r"\$\{\{ vars\.(\w+)", texts)),
    }


def _agreed(said: list[str]) -> set[str]:
    """Return the one that all of them say, or nothing."""
    return set(said) if len(set(said)) == 1 else set()


# Where the page and the files do not agree

# Which kind of name stands behind an option of a command, or at this place of its line.
_OPTIONS = (
    ("aws", "--region", "region"),
    ("aws eks update-kubeconfig", "--name", "cluster"),
    ("aws eks list-insights", "--cluster-name", "cluster"),
    ("aws rds", "--db-subnet-group-name", "subnet group"),
    ("aws rds", "--db-parameter-group-name", "parameter group"),
    ("aws elasticache", "--replication-group-id", "cache"),
    ("aws ecr delete-repository", "--repository-name", "image repository"),
    ("aws iam", "--user-name", "user"),
    ("aws s3api", "--bucket", "bucket"),
    ("aws s3api", "--key", "state"),
    ("aws s3api", "--prefix", "state"),
    ("kubectl", "--namespace", "namespace"),
    ("terraform", "-chdir", "terraform folder"),
    ("gh", "--repo", "GitHub repository"),
    ("gh", "--env", "GitHub environment"),
    ("gh workflow run", "--ref", "branch"),
)
_PLACES = {
    r"(?<= )((?:deployment|ingress|job|pvc)/\S+)": "object",
    r"^kubectl .* --selector app=(\S+)": "app",
    r"^kubectl .* --selector (app\.kubernetes\.io/name=\w+,\S+)": "selector",
    r"^kubectl get secret (\S+)": "secret",
    r"^kubectl get secret .* jsonpath=\{\.data\.([^}]+)\}": "key",
    r"^kubectl delete namespace (\S+)": "namespace",
    r"^kubectl exec .* --username (\S+)": "name in the cluster",
    r"^kubectl exec .* psql .* --dbname (\S+)": "name in the cluster",
    r"^kubectl exec .* pg_dump .* (\S+)$": "name in the cluster",
    r"^terraform .* output (?:-raw )?(\S+)$": "output",
    r"^terraform .* (?:state rm|import) (\S+)": "resource",
    r"^terraform .* -backend-config=bucket=(\S+)": "bucket",
    r"^aws logs tail (\S+)": "log group",
    r"^aws s3 ls s3://(\S+)": "bucket",
    r"^aws .* Name=tag:Name,Values=(\S+)": "security group",
    r"^aws .* Key=elbv2.k8s.aws/cluster,Values=(\S+)": "cluster",
    r"^aws .* Key=Project,Values=(\S+)": "project",
    r"^aws .* Key=Environment,Values=(\S+)": "environment",
    r"^docker (?:build|push|tag) .*?\.amazonaws\.com/([^:]+):": "image repository",
    r"^gh secret set (\S+)": "GitHub secret",
    r"^gh variable set (\S+)": "GitHub variable",
    r"^gh workflow run (\S+)": "workflow",
    r"^gh api .* repos/([^/]+/[^/]+)/": "GitHub repository",
    r"^gh api .*/environments/([^/ ]+)": "GitHub environment",
    r"^gh api .* name=(\S+)": "branch",
    r"^git push origin (\S+)": "branch",
    r"^curl .* https://([^/]+)/": "host",
}


def claims(call: Call) -> tuple[tuple[str, str], ...]:
    """Return each name that a call takes for granted, behind its kind."""
    return _claims(call.words)


@cache
def _claims(words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    call = Call(words)
    behind = (
        (kind, call.option(option))
        for program, option, kind in _OPTIONS
        if f"{call.line} ".startswith(f"{program} ") and call.option(option)
    )
    inside = ((kind, name) for pattern, kind in _PLACES.items() for name in re.findall(pattern, call.line))
    return (*behind, *inside)


def kinds() -> set[str]:
    return {kind for *_, kind in _OPTIONS} | set(_PLACES.values())


def disagreements(text: str, root: Path, sessions: Iterable[tuple[str, Session]]) -> Iterator[str]:
    """Yield what the page names and the rendered files do not; `sessions` yields what each chapter did.

    Of the chapters, only those run that are needed for what is asked for.
    """
    known = names(root)
    yield from _unknown_words(text, known)
    ran = []
    for chapter, session in sessions:
        ran.append(session)
        if not session.run.ok:
            yield f"{chapter} fails: {session.run.said}"
        for call in session.calls:
            for kind, name in claims(call):
                if name not in known[kind] and TYPED not in name:
                    yield f"{call.line}: there is no {kind} {name}"
        yield from _unknown_databases(session.calls, known)
        yield from missing_paths(session)
    yield from _missing_code(text, root, ran)


def _unknown_databases(calls: list[Call], known: Names) -> Iterator[str]:
    """An instance or a snapshot is one of Terraform's, or a call before has made it, or a person has chosen it."""
    there = set(known["database"] | known["last snapshot"])
    for call in calls:
        restored = call.says("aws", "rds", "restore-db-instance-from-db-snapshot")
        makes = [
            "--target-db-instance-identifier",
            "--new-db-instance-identifier",
            "--target-db-snapshot-identifier",
        ]
        makes += ["--db-instance-identifier"] if restored else []
        makes += ["--db-snapshot-identifier"] if call.says("aws", "rds", "create-db-snapshot") else []
        for option in ("db-instance-identifier", "db-snapshot-identifier"):
            for name in (call.option(f"--{option}"), call.option(f"--source-{option}")):
                if name and name not in there | {TYPED} and f"--{option}" not in makes:
                    yield f"{call.line}: there is no database and no snapshot {name}"
        there |= {call.option(option) for option in makes}


def missing_paths(session: Session) -> Iterator[str]:
    """Yield each path below out/ that a call names and that nobody has made."""
    for call in session.calls:
        for path in re.findall(r"\bout/[\w./-]*\w", call.line):
            if not (session.folder / path).exists():
                yield f"{call.line}: there is no {path}"


def _missing_code(text: str, root: Path, sessions: list[Session]) -> Iterator[str]:
    """A path in a sentence is there, or one of the chapters makes it."""
    own = tuple(f"{name}/" for name in services(root))
    for code in Page(text).code:
        places = [ROOT] if code.startswith("environments/") else []
        places += [session.folder for session in sessions if code.startswith("out/")]
        places += [root] if code.startswith(own) else []
        if places and not any((place / code).exists() for place in places):
            yield f"there is no {code}"


def _unknown_words(text: str, known: Names) -> Iterator[str]:
    """A word that begins as all our names do is one of them, or a part of one."""
    (project,) = known["project"]
    for region in set(re.findall(r"\bAWS_REGION=(\S+)", text)) - known["region"]:
        yield f"nothing is in the region {region}"
    named = {word for each in known.values() for name in each for word in _words(name, project)}
    made = {
        word
        for name in known["database"]
        for word in (f"{name}-restored", f"{name}-old", f"{name}-final", f"{name}-rehearsal")
    }
    made |= {name.removesuffix(f"-{ACCOUNT}") for name in known["bucket"]}
    for word in _words(text, project):
        if word.rstrip("-") not in named | made:  # behind a dash, a block puts a date or the account
            yield f"nothing is called {word}"


def _words(text: str, project: str) -> set[str]:
    return set(re.findall(rf"(?<![\w-]){re.escape(project)}(?:[-_][\w-]*)?(?![\w])", text))
