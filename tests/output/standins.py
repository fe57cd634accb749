"""Runs the shell code of the output with stand-ins for every program that would reach something outside.

A stand-in notes what it was called with and what it read, and answers as it is told to. `run_job` runs the steps of
a workflow's job as GitHub's runner does, `run_script` a script as its first line says.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAMS = "aws corepack curl docker gh helm kubectl npm npx pnpm sleep terraform yarn".split()

# What GitHub's runner sets for every step.
RUNNER = (
    "CI GITHUB_ACTION GITHUB_ACTIONS GITHUB_ACTOR GITHUB_API_URL GITHUB_BASE_REF GITHUB_ENV GITHUB_EVENT_NAME"
    " GITHUB_EVENT_PATH GITHUB_GRAPHQL_URL GITHUB_HEAD_REF GITHUB_JOB GITHUB_OUTPUT GITHUB_PATH GITHUB_REF"
    " GITHUB_REF_NAME GITHUB_REF_TYPE GITHUB_REPOSITORY GITHUB_REPOSITORY_OWNER GITHUB_RUN_ATTEMPT GITHUB_RUN_ID"
    " GITHUB_RUN_NUMBER GITHUB_SERVER_URL GITHUB_SHA GITHUB_STEP_SUMMARY GITHUB_WORKFLOW GITHUB_WORKSPACE HOME PATH"
    " RUNNER_ARCH RUNNER_DEBUG RUNNER_NAME RUNNER_OS RUNNER_TEMP RUNNER_TOOL_CACHE"
).split()

# Without `shell`, GitHub runs `bash -e {0}`; with `shell: bash`, a pipe fails as well when its first part does.
SHELLS = {None: ("bash", "-e"), "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail")}

# The checksum of an empty file, which is what a stand-in of curl downloads.
EMPTY = hashlib.sha256().hexdigest()

# The commit that is deployed, and what the actions of a job put out.
SHA = "0f5c2e8e4a1b7d3f6a9c0b1d2e3f405162738495"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
ACTIONS: Mapping[str, Mapping[str, str]] = {"aws-actions/amazon-ecr-login": {"registry": REGISTRY}}

_UNIT, _RECORD = "\x1f", "\x1e"

_STAND_IN = """#!/bin/sh
# Every stand-in is this file, under the name of the program that it stands in for.
folder={folder}
line=${{0##*/}} record=$$ reads= previous=
for word in "${{0##*/}}" "$@"; do record="$record{unit}$word"; done
for word; do
  line="$line $word"
  case $word in
    - | /dev/stdin | *=/dev/stdin | *-stdin) reads=yes; cat > "$folder/$$.stdin" ;;
    /dev/fd/* | *=/dev/fd/*) cat "${{word##*=}}" > "$folder/$$.${{word##*/}}" ;;
  esac
done
read -r number < "$folder/count"
number=$((number + 1))
echo "$number" > "$folder/count"
printf '%s{record}' "$record" >> "$folder/log"
if [ -n "$reads" ] && [ ! -s "$folder/$$.stdin" ]; then echo "$line: nothing to read" >&2; exit 1; fi
text= status=0
. "$folder/answers"
for word; do
  [ "$previous" != -o ] || [ "${{0##*/}}" != curl ] || : > "$word"
  previous=$word
done
printf '%s' "$text"
exit "$status"
"""


@dataclass(frozen=True)
class Call:
    """A program that was called: its arguments, what it read, and what its `/dev/fd` arguments held."""

    words: tuple[str, ...]
    stdin: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def line(self) -> str:
        return " ".join(self.words)

    def says(self, *words: str) -> bool:
        """Say whether these words are there, in this order, whatever stands between them."""
        rest = iter(self.words)
        return all(any(fnmatch.fnmatchcase(word, wanted) for word in rest) for wanted in words)

    def option(self, name: str) -> str:
        """Return the value of `--name value` or `--name=value`."""
        for word, following in zip(self.words, (*self.words[1:], ""), strict=True):
            if word == name:
                return following
            if word.startswith(f"{name}="):
                return word.partition("=")[2]
        return ""

    @property
    def changes(self) -> bool:
        """Say whether it would change something outside of the machine that it runs on."""
        if "-" in self.words and not self.stdin:
            return False  # it was to read what a call before it failed to write
        return not any(self.says(*question) for question in _QUESTIONS)


# Calls that only ask, or that change nothing but this machine.
_QUESTIONS = tuple(
    tuple(line.split())
    for line in """
uses *
aws * describe-*
aws * get-*
aws * head-*
aws * list-*
aws * wait *
aws configure
aws eks update-kubeconfig
corepack
curl -fsSL
docker build
docker login
docker tag
helm repo
helm show
helm template
kubectl * --dry-run=client
kubectl * --dry-run=server
kubectl auth
kubectl cluster-info
kubectl config
kubectl describe
kubectl diff
kubectl get
kubectl kustomize
kubectl logs
kubectl rollout history
kubectl rollout status
kubectl set image --local
kubectl version
kubectl wait
npm
npx
pnpm
sleep
terraform fmt
terraform init
terraform output
terraform plan
terraform validate
yarn
""".strip().splitlines()
)


class StandIns:
    """A folder of stand-ins, and what became of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir(parents=True)
        names = {"folder": shlex.quote(str(folder)), "unit": _UNIT, "record": "\\036"}
        stand_in = folder / "stand-in"
        stand_in.write_text(_STAND_IN.format(**names), "utf-8")
        stand_in.chmod(0o755)
        for name in PROGRAMS:
            (self.programs / name).symlink_to(stand_in)
        self._answers: list[str] = []
        self._failing = 0
        self.forget()

    def forget(self) -> None:
        """Take back what was noted, and stop failing."""
        (self._folder / "count").write_text("0\n", "utf-8")
        (self._folder / "log").write_text("", "utf-8")
        self.fail(0)

    def fail(self, number: int) -> None:
        """Let the call with this number fail."""
        self._failing = number
        self._write()

    def answer(self, words: str, text: str = "", status: int = 0) -> None:
        """Let each call in which these words stand next to each other print `text` and end with `status`."""
        self._answers.append(f"*{shlex.quote(words)}*) text={shlex.quote(text)} status={status} ;;")
        self._write()

    def _write(self) -> None:
        lines = [
            f'if [ "$number" = {self._failing} ]; then echo "$line: told to fail" >&2; exit 1; fi',
            "case $line in",
            *self._answers,
            "*' -o yaml'*) text='kind: StandIn' ;;",
            f"*.sha256) text={EMPTY} ;;",
            "*'{.status.conditions[0].type}'*) text=Complete ;;",
            "esac",
        ]
        (self._folder / "answers").write_text("\n".join(lines) + "\n", "utf-8")

    def note(self, *words: str) -> bool:
        """Note a call that no shell makes, and say whether it was told to fail."""
        number = int((self._folder / "count").read_text("utf-8")) + 1
        (self._folder / "count").write_text(f"{number}\n", "utf-8")
        with (self._folder / "log").open("a", encoding="utf-8") as log:
            log.write(_UNIT.join(("0", *words)) + _RECORD)
        return number == self._failing

    @property
    def calls(self) -> list[Call]:
        """Return every call, in order."""
        return list(self._read())

    def _read(self) -> Iterator[Call]:
        for record in (self._folder / "log").read_text("utf-8", "surrogateescape").split(_RECORD)[:-1]:
            process, *words = record.split(_UNIT)
            stdin = self._folder / f"{process}.stdin"
            files = {
                word: (self._folder / f"{process}.{word.rpartition('/')[2]}").read_bytes()
                for word in words
                if "/dev/fd/" in word
            }
            yield Call(tuple(words), stdin.read_bytes() if stdin.exists() else b"", files)


@dataclass(frozen=True)
class Run:
    """How a job or script ended, what it called, and what it said."""

    ok: bool
    calls: list[Call]
    steps: list[str] = field(default_factory=list)
    said: str = ""

    def only(self, *words: str) -> Call:
        """Return the one call that says this."""
        (call,) = self.all(*words)
        return call

    def all(self, *words: str) -> list[Call]:
        return [call for call in self.calls if call.says(*words)]

    @property
    def changes(self) -> list[Call]:
        return [call for call in self.calls if call.changes]


def environment(stand_ins: StandIns, **variables: str) -> dict[str, str]:
    """Return these variables, and what a shell needs to find programs; nothing of the test's own surroundings."""
    return {"PATH": f"{stand_ins.programs}:/usr/bin:/bin", "HOME": "/nowhere", **variables}


def run_script(path: Path, stand_ins: StandIns, folder: Path, **variables: str) -> Run:
    """Run a script in `folder` with exactly these variables."""
    done = subprocess.run(
        [str(path)],
        cwd=folder,
        env=environment(stand_ins, **variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Run(done.returncode == 0, stand_ins.calls, said=done.stdout.decode("utf-8", "replace"))


@dataclass
class Github:
    """The contexts that expressions see."""

    secrets: Mapping[str, str] = field(default_factory=dict)
    vars: Mapping[str, str] = field(default_factory=dict)
    github: Mapping[str, str] = field(default_factory=lambda: {"sha": SHA, "ref": "refs/heads/main"})
    actions: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: ACTIONS)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    failed: bool = False
    cancelled: bool = False

    def text(self, text: str) -> str:
        """Return a text with the value of each `${{ … }}` in it."""
        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda found: self._look_up(found[1]), text)

    def holds(self, condition: str) -> bool:
        """Say whether a step with this condition runs; unless it asks for it, not after a failure."""
        terms = [term.strip() for term in condition.split("&&")]
        asks = any(status in condition for status in ("failure()", "cancelled()", "always()"))
        ends = self.failed or self.cancelled
        return (asks or not ends) and all(self._holds_one(term) for term in terms if term)

    def _holds_one(self, term: str) -> bool:
        """Say whether one of the alternatives of a term holds."""
        alternatives = term.removeprefix("(").removesuffix(")").split("||") if "||" in term else [term]
        return any(self._is_true(each.strip()) for each in alternatives)

    def _is_true(self, term: str) -> bool:
        functions = {
            "failure()": self.failed,
            "cancelled()": self.cancelled,
            "success()": not (self.failed or self.cancelled),
            "always()": True,
        }
        return functions[term] if term in functions else bool(self._look_up(term))

    def _look_up(self, path: str) -> str:
        assert re.fullmatch(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)+", path), f"this test knows no {path}"
        value: Any = self.__dict__
        for part in path.split("."):
            value = value.get(part, {})
        return value if isinstance(value, str) else ""


def run_job(job: Mapping[str, Any], root: Path, stand_ins: StandIns, github: Github) -> Run:
    """Run the steps of a job in the checked out repository `root`."""
    said = ""
    names = []
    for step in job["steps"]:
        if not github.holds(step.get("if", "")):
            continue
        names.append(str(step.get("name", step.get("uses"))))
        if "uses" in step:
            failed = _use(step, stand_ins, github)
        else:
            failed, text = _run_step(job, step, root, stand_ins, github)
            said += text
        github.failed |= failed
    return Run(not github.failed, stand_ins.calls, names, said)


def _use(step: Mapping[str, Any], stand_ins: StandIns, github: Github) -> bool:
    action = step["uses"].partition("@")[0]
    inputs = [f"{name}={github.text(str(value))}" for name, value in step.get("with", {}).items()]
    failed = stand_ins.note("uses", action, *inputs)
    if "id" in step and not failed:
        github.steps[step["id"]] = {"outputs": dict(github.actions.get(action, {}))}
    return failed


def _run_step(
    job: Mapping[str, Any], step: Mapping[str, Any], root: Path, stand_ins: StandIns, github: Github
) -> tuple[bool, str]:
    scratch = root / ".runner"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    block, outputs = scratch / "block.sh", scratch / "outputs"
    block.write_text(github.text(step["run"]), "utf-8")
    outputs.touch()
    given = {**job.get("env", {}), **step.get("env", {})}
    variables = {name: github.text(str(value)) for name, value in given.items()}
    runner = dict.fromkeys(RUNNER, "") | {
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_PATH": str(scratch / "path"),
        "GITHUB_WORKSPACE": str(root),
        "RUNNER_TEMP": str(scratch),
    }
    done = subprocess.run(
        [*SHELLS[step.get("shell")], str(block)],
        cwd=root / step.get("working-directory", "."),
        env=runner | environment(stand_ins, **variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if "id" in step:
        lines = outputs.read_text("utf-8").splitlines()
        github.steps[step["id"]] = {"outputs": dict(line.split("=", 1) for line in lines)}
    return done.returncode != 0, done.stdout.decode("utf-8", "replace")


def checkout(out: Path, output: str, services: Sequence[str], target: Path) -> Path:
    """Lay out a repository: an environment's rendered files at `output`, and a folder for each service."""
    shutil.copytree(out, target / output)
    for name in services:
        os.makedirs(target / name)
    return target
