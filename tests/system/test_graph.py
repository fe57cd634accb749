"""The graph of a system, against a reading of the manifests that knows nothing of it, and with hostile names."""

from __future__ import annotations

import re
import textwrap
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.report.drawing import svg
from generator.report.mermaid import mermaid
from generator.system import System
from generator.system.graph import Graph, graph_of
from generator.system.graph.model import Group, Item, Link
from tests.conftest import ROOT, Sandbox, rows
from tests.manifests import expected, manifests

ENVIRONMENTS = sorted(path.name for path in (ROOT / "out").iterdir())


def committed(env: str) -> Graph:
    folder = ROOT / "out" / env
    files = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".oetgen"
    }
    return graph_of(env, System.of_files(files))


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_graph_has_what_the_files_have_and_nothing_else(env: str) -> None:
    graph = committed(env)
    assert graph.unread == {}
    assert {(item.kind, item.name) for item in graph.items if item.kind != "role"} == expected(env)
    assert len({item.key for item in graph.items}) == len(graph.items)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_replicas_images_and_keys_are_those_of_the_manifests(env: str) -> None:
    lines = {(item.kind, item.name): item.lines for item in committed(env).items}
    objects = manifests(env)
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"]
        for each in objects
        if each["kind"] == "HorizontalPodAutoscaler"
    }
    for each in objects:
        if each["kind"] != "Deployment":
            continue
        name, spec = each["metadata"]["name"], each["spec"]
        if name in scaled:
            count = f"{scaled[name]['minReplicas']} to {scaled[name]['maxReplicas']} replicas"
        else:
            count = f"{spec['replicas']} replica{'s' if spec['replicas'] > 1 else ''}"
        containers = spec["template"]["spec"]["containers"]
        assert lines["workload", name] == (
            "Deployment",
            count,
            *(container["image"] for container in containers),
        )
        for container in containers:
            for variable in container.get("env", []):
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                if reference:
                    assert reference["key"] in lines["secret", reference["name"]]


def test_links_follow_routes_selectors_policies_and_logins() -> None:
    graph = committed("prod")
    names = {item.key: item.name for item in graph.items}
    found = {(names[link.source], link.does, names[link.target]) for link in graph.links}
    assert found >= {
        ("Internet", "asks for", "api.oetpraxis.com"),
        ("api.oetpraxis.com", "routes", "oet-backend-service"),
        ("oet-backend-service", "selects", "oet-backend"),
        ("oet-backend", "connects", "oet-postgres"),
        ("oet-backend", "connects", "oet-redis"),
        ("oet-backend", "reads", "oet-secrets"),
        ("oet-backend", "image", "oet-backend"),
        ("Backend CI/CD", "pushes", "oet-backend"),
        ("Backend CI/CD", "assumes", "oet-deploy"),
    }
    assert ("oet-frontend", "connects", "oet-postgres") not in found
    groups = {group.kind: (group.name, group.parent) for group in graph.groups}
    assert groups == {
        "network": ("oet-vpc", ""),
        "cluster": ("oet-cluster", "network"),
        "namespace": ("oet", "cluster"),
    }


SYSTEMS = yaml.safe_load((Path(__file__).parent / "graphs.yaml").read_text("utf-8"))


@rows("case", SYSTEMS)
def test_the_graph_of_a_system_outside_of_aws(case: dict[str, Any]) -> None:
    graph = graph_of("prod", System.of_files(case["files"]))
    names = {item.key: item.name for item in graph.items}
    found = {" | ".join((f"{item.kind} {item.name}", *item.lines)) for item in graph.items}
    assert found == set(case["items"])
    assert {f"{names[link.source]} {link.does} {names[link.target]}" for link in graph.links} == set(
        case["links"]
    )
    groups = {group.key: group for group in graph.groups}
    assert {f"{group.kind} {group.name}" for group in groups.values()} == set(case["groups"])
    holders = {(item.name, groups[item.group].name) for item in graph.items if item.group}
    assert holders >= set(case.get("inside", {}).items())
    shown = {tuple(group.lines) for group in groups.values()}
    assert shown >= {tuple(lines) for lines in case.get("lines", {}).values()}
    assert all(group.parent in groups for group in groups.values() if group.parent)
    assert ElementTree.fromstring(svg(graph)) is not None
    assert mermaid(graph).count("subgraph") == len(groups)


HOSTILE = '"</svg><script>alert(1)</script>` --> n2 %%{init}%% #quot; \\N \x01 <b>'


def hostile() -> Graph:
    items = (
        Item("a", "host", HOSTILE),
        Item("b", "workload", "end", (HOSTILE, "x" * 300), "g"),
        Item("c", "role", HOSTILE),
    )
    return Graph(HOSTILE, items, (Group("g", "cluster", HOSTILE, (HOSTILE,)),), (Link("a", "b", "routes"),))


def test_a_drawing_shows_hostile_names_as_text() -> None:
    root = ElementTree.fromstring(svg(hostile()))
    tags = {each.tag.rpartition("}")[2] for each in root.iter()}
    assert tags == {"svg", "title", "style", "rect", "g", "text", "path", "polygon"}
    assert any("<script>" in (each.text or "") for each in root.iter() if each.tag.endswith("title"))


def test_a_flowchart_has_no_character_of_a_name_that_means_something_there() -> None:
    lines = mermaid(hostile()).split("\n")
    texts = re.findall(r'"([^"]*)"', "\n".join(lines))
    assert len(texts) == 4
    for text in texts:
        assert not re.search(r'["<>`{}%\\\[\]]', text.replace("<br>", ""))


def test_ten_services_are_drawn(project: Sandbox) -> None:
    base = yaml.safe_load((ROOT / "environments" / "base.yaml").read_text("utf-8"))
    more = {
        f"service-{number}": {**base["services"]["frontend"], "host": f"s{number}.oetpraxis.com"}
        for number in range(8)
    }
    text = textwrap.indent(yaml.safe_dump(more), "  ")
    project.replace("environments/prod.yaml", "services:\n", f"services:\n{text}")
    result = project.oetgen("graph", "prod", "--format", "svg")
    assert result.status == 0, result.err
    root = ElementTree.fromstring(result.out)
    workloads = [each for each in root.iter() if each.get("class") == "item workload"]
    assert len(workloads) == 11
    assert float(root.get("width", 0)) < 2500


def test_the_same_graph_is_drawn_alike() -> None:
    assert svg(committed("prod")) == svg(committed("prod"))
    assert mermaid(committed("prod")) == mermaid(committed("prod"))


def test_the_command_prints_a_flowchart(project: Sandbox) -> None:
    result = project.oetgen("graph", "prod")
    assert (result.status, result.out, result.err) == (0, mermaid(committed("prod")), "")


def test_files_that_cannot_be_read_are_named_in_one_line(project: Sandbox) -> None:
    for number in range(10):
        project.write(f"templates/terraform/a{number}.tf.j2", "locals {\n")
    (said,) = project.oetgen("graph", "dev").err.splitlines()
    assert said.startswith("oetgen: not drawn: terraform/a0.tf, ")
    assert said.endswith(" more: expected }, found the end of the file (line 4)")
