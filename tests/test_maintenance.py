"""The scripts that a maintainer runs, on sources of this machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from generator.checks.data import table
from tests.conftest import ROOT, Sandbox
from tests.test_stack import add_values, rendered

SCRIPTS = ROOT / "tests" / "consumers"
COMMIT = ("-c", "user.name=test", "-c", "user.email=test@example.com")


def ran(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", **variables}
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, env=environment)


def pinned(folder: Path, tag: str, commit: str = "") -> subprocess.CompletedProcess[str]:
    """Return what is said of a workflow that pins an action whose only release is v7.0.1."""
    action = folder / "server" / "actions" / "checkout"
    git = ("git", "-C", str(action))
    if not action.exists():
        action.mkdir(parents=True)
        for words in (("init", "-q"), (*COMMIT, "commit", "-q", "--allow-empty", "-m", "first")):
            subprocess.run([*git, *words], check=True)
        subprocess.run([*git, *COMMIT, "tag", "-a", "v7.0.1", "-m", "v7.0.1"], check=True)
    commit = commit or ran(*git, "rev-parse", "HEAD").stdout.strip()
    (folder / "one.yml").write_text(f"- uses: actions/checkout@{commit} # {tag}\n", "utf-8")
    return ran(SCRIPTS / "actions", folder, ACTIONS_SERVER=str(folder / "server"))


def test_a_commit_is_compared_with_its_tag(tmp_path: Path) -> None:
    good = pinned(tmp_path, "v7.0.1")
    assert (good.returncode, good.stderr) == (0, "")
    assert "is v7.0.1; the newest release is v7.0.1" in good.stdout
    other = pinned(tmp_path, "v7.0.1", "0" * 40)
    assert other.returncode == 1
    assert "names v7.0.1, which is " in other.stderr
    unknown = pinned(tmp_path, "v9.9.9")
    assert unknown.returncode == 1
    assert "names v9.9.9, which is no tag" in unknown.stderr


PRODUCTS = {
    "node": "nodejs",
    "postgresql": "postgresql",
    "redis": "redis",
    "eks": "amazon-eks",
    "rds-postgres": "amazon-rds-postgresql",
    "elasticache-redis": "amazon-elasticache-redis",
}


def sources(folder: Path) -> None:
    """Write what endoflife.date would say if nothing had changed."""
    for subject, product in PRODUCTS.items():
        known = table("support")["tables"][subject]
        said = [
            {"cycle": version, "eol": str(day) if day else False}
            | (
                {"extendedSupport": str(known["extended"][version])}
                if version in known.get("extended", {})
                else {}
            )
            for version, day in known["until"].items()
        ]
        (folder / f"{product}.json").write_text(json.dumps(said), "utf-8")


def test_the_days_of_support_are_taken_over_from_their_source(tmp_path: Path) -> None:
    sources(tmp_path)
    words = (SCRIPTS / "support", "--from", tmp_path, "--today")
    assert ran(*words, str(table("support")["read"])).stdout == "no change\n"
    eks = json.loads((tmp_path / "amazon-eks.json").read_text("utf-8"))
    eks = [{**each, "eol": "2027-04-30"} if each["cycle"] == "1.35" else each for each in eks]
    eks += [{"cycle": "1.99", "eol": "2040-01-01"}, {"cycle": "1.2", "eol": "2017-01-01"}]
    (tmp_path / "amazon-eks.json").write_text(json.dumps(eks), "utf-8")
    said = ran(*words, "2027-01-31").stdout
    assert "read: 2027-01-31" in said
    assert '"1.35": 2027-04-30' in said
    assert '"1.99": 2040-01-01' in said
    assert '"1.2"' not in said


# A stand-in for Docker: it prints the digest of an image, or fails if the image has no digest.
DOCKER = """#!/bin/sh
[ "$1 $2 $3 $5 $6" = "buildx imagetools inspect --format {{.Manifest.Digest}}" ] || exit 2
case $4 in *19*) echo "ERROR: $4: not found" >&2; exit 1 ;; esac
printf 'sha256:%s\\n' "$(printf %s "$4" | sha256sum | cut -d' ' -f1)"
"""


def digests(project: Sandbox, *words: str) -> subprocess.CompletedProcess[str]:
    program = project.root / "bin" / "docker"
    program.parent.mkdir(exist_ok=True)
    program.write_text(DOCKER, "utf-8")
    program.chmod(0o755)
    path = f"{program.parent}:{Path(sys.executable).parent}:/usr/bin:/bin"
    return ran(SCRIPTS / "digests", "--root", project.root, *words, PATH=path)


def images(folder: Path) -> set[str]:
    """Return the images of others in the files of an environment."""
    texts = [path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()]
    found = {name for text in texts for name in re.findall(r"(?m)(?:^FROM|\bimage:)\s+(\S+:\S+)", text)}
    return {name for name in found if "oet-" not in name}


def test_the_digests_of_all_images_are_found_written_and_removed(project: Sandbox) -> None:
    add_values(project, "dev", "workflows: true")
    out = rendered(project, "dev")
    base = project.root / "environments" / "base.yaml"
    values, tags = base.read_text("utf-8"), images(out)
    assert tags == {"node:24-alpine", "postgres:15-alpine", "redis:7-alpine", "postgres:15", "redis:7"}
    shown = digests(project)
    assert shown.stdout.count(": new\n") == len(tags), shown.stderr
    assert base.read_text("utf-8") == values
    digests(project, "--write")
    found = images(rendered(project, "dev"))
    assert {name.partition("@")[0] for name in found} == tags
    assert all(re.fullmatch(r"\S+@sha256:[0-9a-f]{64}", name) for name in found)
    checked = project.oetgen(
        "check", "dev", "--no-tools", "--strict", "--today", str(table("support")["read"])
    )
    assert checked.status == 0, checked.out
    assert digests(project).stdout.count(": as before\n") == len(tags)
    digests(project, "--remove")
    assert base.read_text("utf-8") == values


def test_an_image_that_does_not_exist_writes_nothing(project: Sandbox) -> None:
    add_values(project, "dev", "node: {version: '19'}")
    rendered(project, "dev")
    base = project.root / "environments" / "base.yaml"
    values = base.read_text("utf-8")
    done = digests(project, "--write")
    assert (done.returncode, done.stderr) == (1, "node:19-alpine: ERROR: node:19-alpine: not found\n")
    assert base.read_text("utf-8") == values
