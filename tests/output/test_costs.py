"""What costs money: the runbook lists what the files of its environment contain, and nothing more."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from generator.system import System
from generator.system.costs import Cost, costs, unknown_types
from tests.conftest import ROOT
from tests.output import runbook

OUT = ROOT / "out"
ENVIRONMENTS = ("dev", "prod", "spec", "staging")
EACH = pytest.mark.parametrize("env", ENVIRONMENTS)

# What no resource of the files is billed as: a script creates the bucket, and the data goes everywhere.
WITHOUT_A_RESOURCE = {"bucket of the Terraform state", "data that leaves a zone or the region"}


def system(env: str) -> System:
    paths = [path for path in (OUT / env).rglob("*") if path.is_file() and path.name != ".oetgen"]
    return System.of_files(
        {path.relative_to(OUT / env).as_posix(): path.read_text("utf-8") for path in paths}
    )


def rows(env: str) -> dict[str, str]:
    """Return the table of the runbook: the size of each resource, without the marks of code."""
    chapter = runbook.page(OUT / env).text.split("\n## Costs\n")[1].split("\n## ")[0]
    lines = [line.strip("|").split("|") for line in chapter.splitlines() if line.startswith("|")][2:]
    return {cells[0].strip().replace("`", ""): cells[1].strip().replace("`", "") for cells in lines}


def key(cost: Cost) -> str:
    """Return a name that the runbook has: of log groups, the part that says whose they are."""
    found = re.match(r"/aws/rds/instance/([\w-]+)/", cost.name)
    name = found[1] if found else cost.name
    return "amazon-cloudwatch-observability" if name.startswith("/aws/containerinsights/") else name


def row_of(cost: Cost, table: dict[str, str]) -> Iterator[str]:
    kind = {"Kubernetes cluster": "EKS cluster", "key": "EKS cluster", "logs": "logs", "monitoring": ""}
    words = f"{kind.get(cost.what, cost.what)} {key(cost)}".split()
    if "amazon-cloudwatch-observability" in words:
        words = words[-1:]
    return (name for name in table if all(word in name for word in words))


@EACH
def test_the_runbook_lists_each_resource_with_its_size(env: str) -> None:
    table, left = rows(env), set(rows(env)) - WITHOUT_A_RESOURCE
    for cost in costs(system(env)):
        names = list(row_of(cost, table))
        assert names, f"the runbook has no row for {cost.what} {cost.name}"
        left -= set(names)
        sizes = re.findall(r"[\w.]*\d[\w.]*", cost.size) if cost.what not in ("cache", "logs") else []
        assert [size for size in sizes if not any(size in table[name] for name in names)] == [], cost
    assert left == set(), "the runbook lists what the files do not have"


@EACH
def test_every_kind_of_resource_is_judged(env: str) -> None:
    assert unknown_types(system(env)) == {}
