"""The drawing: links that cross everything are left out, and many services are folded, so that it stays readable."""

from __future__ import annotations

import re

import pytest

from generator.findings import Span
from generator.report.drawing import svg
from generator.report.overview import MOST, is_large, overview
from generator.system import System
from generator.system.graph import Graph, Item, Link, graph_of


def shop(services: int) -> Graph:
    """Return a system whose services have a host, a Service, a job, a pipeline, a registry and a database."""
    items = [Item("internet", "internet", "Internet"), Item("db", "database", "data")]
    links = []
    for number in reversed(range(services)):
        name = f"s{number:02}"
        at = Span(f"k8s/{name} a.yaml", 7)
        items += [
            Item(f"host/{name}", "host", f"{name}.example.com"),
            Item(f"service/{name}", "service", name),
            Item(f"work/{name}", "workload", name, ("Deployment", "2 replicas", f"{name}:1"), at=at),
            Item(f"job/{name}", "workload", f"{name}-job", ("Job", f"{name}:1")),
            Item(f"pipe/{name}", "pipeline", f"{name} CI"),
            Item(f"reg/{name}", "registry", name),
        ]
        links += [
            Link("internet", f"host/{name}", "asks for"),
            Link(f"host/{name}", f"service/{name}", "routes"),
            Link(f"service/{name}", f"work/{name}", "selects"),
            Link(f"work/{name}", "db", "connects"),
            Link(f"pipe/{name}", f"reg/{name}", "pushes"),
            Link(f"reg/{name}", f"work/{name}", "image"),
        ]
    return Graph("e", tuple(items), (), tuple(links))


def test_a_few_services_keep_all_links_but_those_of_images() -> None:
    graph = shop(2)
    drawn = overview(graph)
    assert set(drawn.links) == {link for link in graph.links if link.does != "image"}
    assert {item.key for item in drawn.items} == {item.key for item in graph.items}
    names = [item.name for item in drawn.items if item.kind == "host"]
    assert names == sorted(names)


def test_many_services_are_folded_into_boxes_with_marks() -> None:
    drawn = overview(shop(25))
    by_name = {item.name: item for item in drawn.items}
    assert {"25 hosts", "25 pipelines", "25 registries", "25 jobs"} <= set(by_name)
    assert not [item for item in drawn.items if item.kind == "service"]
    assert by_name["s07"].lines == ("Deployment · 2 replicas", "s07:1", "at s07.example.com", "uses database")
    assert by_name["25 hosts"].lines == (
        "s00.example.com",
        "s01.example.com",
        "s02.example.com",
        "and 22 more",
    )
    does = {(link.source, link.target): link.does for link in drawn.links}
    assert does == {
        ("internet", "folded/host/"): "asks for",
        ("folded/pipeline/", "folded/registry/"): "pushes",
    }


@pytest.mark.parametrize("services", [MOST // 2, MOST // 2 + 1])
def test_it_folds_above_eight_workloads(services: int) -> None:
    assert is_large(shop(services)) == (2 * services > MOST)


def test_a_service_of_two_workloads_stays() -> None:
    graph = shop(25)
    drawn = overview(Graph("e", graph.items, (), (*graph.links, Link("service/s00", "work/s01", "selects"))))
    assert [item.key for item in drawn.items if item.kind == "service"] == ["service/s00"]


def test_twenty_five_services_take_less_than_two_screens_in_the_order_of_their_names() -> None:
    text = svg(shop(25))
    height = re.search(r'height="([\d.]+)"', text)
    assert height and float(height[1]) < 1800
    places = {
        name: (float(y), float(x))
        for x, y, name in re.findall(r'<text class="name" x="([\d.]+)" y="([\d.]+)">(s\d\d)<', text)
    }
    read = sorted(places, key=lambda name: (round(places[name][0] / 40), places[name][1]))
    assert read == sorted(places)
    assert len(read) == 25


def test_a_box_in_a_page_is_a_link_to_its_line_and_knows_its_own_lines() -> None:
    text = svg(shop(2), alone=False)
    assert '<a href="#/e/file/k8s%2Fs01%20a.yaml/7" aria-label="workload · s01 ·' in text
    assert "<a " not in svg(shop(2)), "a file of its own has no page to link to"
    boxes = set(re.findall(r'data-item="(n\d+)"', text))
    ends = {end for both in re.findall(r'data-ends="([^"]+)"', text) for end in both.split()}
    assert ends <= boxes


def test_the_label_of_a_box_names_what_it_uses_and_what_uses_it_where_that_is_short() -> None:
    label = "workload · s01 · Deployment · 2 replicas · s01:1 · uses data · used by s01"
    assert f'aria-label="{label}"' in svg(shop(2), alone=False)
    graph = shop(1)
    many = [Item(f"db/{number}", "database", f"d{number}") for number in range(4)]
    links = [Link("work/s00", each.key, "connects") for each in many]
    crowded = svg(Graph("e", (*graph.items, *many), (), (*graph.links, *links)), alone=False)
    assert 'aria-label="workload · s00 · Deployment · 2 replicas · s00:1 · used by s00"' in crowded


def test_a_workload_uses_the_registry_of_its_image() -> None:
    uses = {key: [each.key for each in used] for key, used in shop(1).uses().items()}
    assert uses["work/s00"] == ["db", "reg/s00"]
    assert uses["pipe/s00"] == ["reg/s00"]
    assert uses["reg/s00"] == []


MANIFESTS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: a.example.com
    http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
        envFrom:
        - secretRef: {name: keys}
        - configMapRef: {name: settings}
      volumes:
      - name: data
        persistentVolumeClaim: {claimName: data}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: b}
"""
COMPOSE = """
services:
  api:
    image: api:1
    ports: ["80:80"]
    volumes: ["files:/data"]
volumes:
  files: {}
"""


def test_every_box_of_a_page_is_a_link() -> None:
    """Also the internet, hosts, what workloads read, and what Compose files declare."""
    files = {"k8s/web.yaml": MANIFESTS, "compose.yaml": COMPOSE}
    graph = graph_of("prod", System.of_files(files))
    lines = {(item.kind, item.name): item.at.line if item.at else 0 for item in graph.items}
    assert lines == {
        ("internet", "Internet"): 3,
        ("host", "a.example.com"): 7,
        ("service", "web"): 12,
        ("workload", "web"): 17,
        ("secret", "keys"): 27,
        ("config", "settings"): 35,
        ("volume", "data"): 31,
        ("workload", "api"): 3,
        ("volume", "files"): 8,
    }
    for drawn in (graph, shop(25)):
        text = svg(drawn, alone=False)
        assert text.count("<a ") == text.count("data-item=") == len(overview(drawn).items)


def test_a_box_for_many_is_a_link_to_their_list() -> None:
    text = svg(shop(25), alone=False)
    assert 'href="#/e/system/pipeline"' in text
