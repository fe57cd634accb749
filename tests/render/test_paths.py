"""Words in the paths of templates: entries of maps and lists, and single values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.findings import Span, has_errors
from generator.render.paths import outputs, place_of, same_entry
from generator.values.layers import Layer, Values
from generator.values.settings import Each, PathEntry, Settings
from generator.values.source import load
from generator.writer.paths import is_safe
from tests.conftest import Sandbox, examples, rows

EACH = {
    "service": Each("service", ("services",)),
    "region": Each("region", ("regions",)),
    "job": Each("job", ("service", "jobs")),
    "item": Each("item", ("a", "items")),
    "person": Each("person", ("people",)),
}
DATA: dict[str, Any] = {
    "name": "shop",
    "suffix": "-eu",
    "empty": "",
    "count": 3,
    "major": 1.5,
    "on": True,
    "nothing": None,
    "folder": "apps/web",
    "services": {"api": {"port": 80, "jobs": ["clean", "mail"]}, "web": {"port": 81, "jobs": []}},
    "regions": ["eu", "us"],
    "people": [{"name": "a", "mail": "x"}, {"name": "b", "mail": "y"}],
    "a": {"items": {"x": 1, "y": 2}},
}


def values_of(data: dict[str, Any]) -> Values:
    text = json.dumps(data)
    return Values(
        "prod", data, (Layer("environments/prod.yaml", load(text, "environments/prod.yaml"), text),)
    )


PLANNED = {
    "a.txt.j2": ["a.txt"],
    "{service}.txt.j2": ["api.txt", "web.txt"],
    "{service}": ["api", "web"],
    "{region}/{service}{suffix}.j2": ["eu/api-eu", "eu/web-eu", "us/api-eu", "us/web-eu"],
    "{service}/{job}.j2": ["api/clean", "api/mail"],
    "{job}.j2": ["clean", "mail"],
    "{service}-{service.port}.j2": ["api-80", "web-81"],
    "{service.name}.j2": ["api", "web"],
    "{item}.j2": ["x", "y"],
    "{item.value}.j2": ["1", "2"],
    "{person}.j2": ["a", "b"],
    "{person.mail}.j2": ["x", "y"],
    "{name}-{count}-{major}-{on}{empty}.j2": ["shop-3-1.5-true"],
    "{environment}/{a.items.x}.j2": ["prod/1"],
    "{folder}/Dockerfile.j2": ["apps/web/Dockerfile"],
}


@rows("template", PLANNED)
def test_paths(template: str) -> None:
    planned, findings = outputs(template, values_of(DATA), Settings(each=EACH))
    assert not findings
    assert [each.path for each in planned] == PLANNED[template]


WRONG = {
    "{servce}.j2": 'did you mean "service"?',
    "{}.j2": "found {} in the path",
    "{nmae}.j2": 'did you mean "name"?',
    "{service.prot}.j2": "found {service.prot}",
    "{nothing}.j2": "found null, expected one value",
    "{services}.j2": "found a map, expected one value",
    "{regions}.j2": "found a list, expected one value",
    "{empty}/a.j2": "found '', which cannot be part of a file name",
}


@rows("template", WRONG)
def test_wrong_words(template: str) -> None:
    planned, findings = outputs(template, values_of(DATA), Settings(each=EACH))
    assert not planned and has_errors(findings)
    assert WRONG[template] in f"{findings[0].message} {findings[0].hint}"


@rows("found", [None, 3, "a", True, [["x"]], [{"port": 1}], [None]])
def test_what_is_no_map_or_list_of_entries_is_a_finding(found: Any) -> None:
    planned, findings = outputs("{service}.j2", values_of({"services": found}), Settings(each=EACH))
    assert not planned and [each.code for each in findings] == ["render/unsafe-path"]


@pytest.mark.parametrize("none", [{}, []])
def test_no_entries_are_no_files(none: Any) -> None:
    assert outputs("{service}.j2", values_of({"services": none}), Settings(each=EACH)) == ([], [])


def test_a_missing_map_is_a_finding(small: Sandbox) -> None:
    small.write("oetgen.yaml", "each: {zone: zones}\n")
    small.write("templates/{zone}.txt.j2", "a\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1 and "prod has no zones" in result.err and "oetgen.yaml:1:8" in result.err


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=6))
keys = st.sampled_from(["a", "b", "service", "name", "..", "x/y", "A b", "\u00e9", ""]) | st.text(max_size=4)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
names = st.lists(
    st.sampled_from(["{a}", "{b.a}", "{service}", "{service.a}", "x", "/", "-", "{item}", "{", "}", "{a b}"]),
    min_size=1,
).map("".join)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(names, st.dictionaries(keys, trees, max_size=4))
def test_any_values_give_safe_paths_or_findings(template: str, data: dict[str, Any]) -> None:
    if not is_safe(template):
        return
    values = Values("prod", data, (Layer("environments/prod.yaml", load("{}", "x"), "{}"),))
    planned, findings = outputs(template, values, Settings(each=EACH))
    assert all(is_safe(each.path) or each.path.split("/")[0].startswith("~") for each in planned)
    assert planned or findings or any(word in template for word in ("{service", "{item", "{a}"))


def test_the_same_file_of_two_environments_is_found_by_its_entries() -> None:
    other = values_of({**DATA, "suffix": "-us", "name": "store"})
    for template in ("{region}/{service}{suffix}.j2", "{name}.j2", "{environment}/{job}.j2"):
        old, new = (outputs(template, each, Settings(each=EACH))[0] for each in (values_of(DATA), other))
        assert [same_entry(template, each.path, values_of(DATA)) for each in old] == [
            same_entry(template, each.path, other) for each in new
        ]


@rows(
    "template, path, expected",
    [
        (".github/a.yml.j2", ".github/a.yml", ".github/a.yml"),
        ("{service}/Dockerfile.j2", "api/Dockerfile", "apps/api/Dockerfile"),
        ("{service}/x/{job}.sh.j2", "api/x/clean.sh", "apps/api/x/clean.sh"),
        ("{service}/README.md", "api/README.md", "docs/api.md"),
        ("k8s/a.yaml.j2", "k8s/a.yaml", None),
        ("deploy/a.yaml.j2", "deploy/a.yaml", "a.yaml"),
    ],
)
def test_places_of_copies(template: str, path: str, expected: str | None) -> None:
    sync = {
        ".github": ".github",
        "{service}": "apps/{service}",
        "{service}/README.md": "docs/{service}.md",
        "deploy": ".",
    }
    entries = tuple(PathEntry(key, place, Span("oetgen.yaml", 1)) for key, place in sync.items())
    assert place_of(template, path, entries) == expected


def test_sync_copies_to_the_places_of_the_settings(small: Sandbox) -> None:
    small.write(
        "oetgen.yaml", 'sync: {"{service}/Dockerfile": "apps/{service}/Dockerfile", k8s: deploy/k8s}\n'
    )
    (small.root / "repository").mkdir()
    assert small.oetgen("render", "prod").status == 0
    result = small.oetgen("sync", "prod", "--to", "repository")
    assert result.status == 0, result.err
    assert {"apps/api/Dockerfile", "deploy/k8s/config.yaml"} <= small.snapshot("repository").keys()
    assert not (small.root / "repository/api").exists()
    assert small.oetgen("sync", "prod", "--to", "repository").out.strip().endswith("unchanged")


def test_entries_are_checked_and_explained(small: Sandbox) -> None:
    small.write("oetgen.yaml", "each: {region: regions}\n")
    small.write("templates/regions/{region}-{service}.txt.j2", "{{ region }} {{ service.prot }}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1 and 'did you mean "port"' in result.err
    small.write("templates/regions/{region}-{service}.txt.j2", "{{ region }} {{ service.name }}\n")
    assert small.oetgen("render", "prod").status == 0
    assert small.read("out/prod/regions/eu-west-1-api.txt").endswith("eu-west-1 api\n")
    shown = small.oetgen("blame", "out/prod/regions/eu-west-1-api.txt:1").out
    assert "regions[0]" in shown and "services.api" in shown
    assert "regions/eu-west-1-api.txt" in small.oetgen("impact", "regions[0]").out
    assert "typecheck/unread-value" not in small.oetgen("check", "prod", "--no-tools").out


def test_two_entries_with_one_path_are_an_error(small: Sandbox) -> None:
    small.write("oetgen.yaml", "each: {region: regions}\n")
    small.write("templates/{region}.txt.j2", "a\n")
    small.replace("environments/prod.yaml", "[eu-west-1, us-east-1]", "[eu-west-1, eu-west-1]")
    result = small.oetgen("render", "prod")
    assert result.status == 1 and "generates eu-west-1.txt twice" in result.err


@pytest.mark.parametrize(
    ("out", "folder"),
    [
        ("deploy/{environment}", "deploy/prod"),
        ("{environment}-out", "prod-out"),
        ("deploy/x{suffix}/{environment}", "deploy/x/prod"),
        ("all/{regions}", ""),
        ("{nothing}/x", ""),
        ("templates/{environment}", ""),
        ("x/.git/{environment}", ""),
    ],
)
def test_out_is_where_everything_is(out: str, folder: str, small: Sandbox) -> None:
    small.write("oetgen.yaml", f'out: "{out}"\n')
    result = small.oetgen("render", "prod")
    assert (result.status == 0) == bool(folder), result.err
    assert not (small.root / "out").exists()
    if not folder:
        assert "oetgen.yaml:1:" in result.err
        return
    assert f"{folder}: " in result.out
    assert (small.root / folder / "k8s/config.yaml").is_file()
    again = small.oetgen("render", "prod").out
    assert again.startswith(f"{folder}: ") and "unchanged" in again
    assert "templates/k8s/config.yaml.j2" in small.oetgen("blame", f"{folder}/k8s/config.yaml:5").out
    small.replace(f"{folder}/k8s/config.yaml", "apiVersion", "apiVersoin")
    assert f"{folder}/k8s/config.yaml" in small.oetgen("check", "prod", "--no-tools").out
    assert f"{folder}/k8s/config.yaml" in small.oetgen("diff", "prod").out


def test_two_environments_cannot_have_one_folder(small: Sandbox) -> None:
    small.write("oetgen.yaml", "out: deploy/{name}\n")
    small.replace("environments/base.yaml", 'suffix: ""', 'suffix: ""\nname: a')
    small.replace("environments/schema.json", '"suffix": {', '"name": {"type": "string"}, "suffix": {')
    result = small.oetgen("render", "--all")
    assert result.status == 1 and "have the same output folder deploy/a" in result.err
    small.replace("environments/test.yaml", "suffix: -test", "suffix: -test\nname: a/b")
    result = small.oetgen("render", "--all")
    assert result.status == 1 and "is in that of prod" in result.err
    small.replace("environments/test.yaml", "name: a/b", "name: b")
    assert small.oetgen("render", "--all").status == 0
    assert "committed/" not in small.oetgen("check", "--no-tools").out


def test_plan_reads_the_folder_of_the_settings(small: Sandbox) -> None:
    small.write("oetgen.yaml", 'out: "deploy/{environment}"\n')
    small.oetgen("render", "prod")
    small.replace("environments/prod.yaml", "replicas: 3", "replicas: 4")
    shown = small.oetgen("plan", "prod").out
    assert "replicas" in shown and "all of it is new" not in shown
