"""Only files that may read a value are traced for it: none that it reaches is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.pipeline import Pipeline
from generator.project.folder import find
from generator.provenance.impact import Index
from generator.provenance.trace import Readers, Trace
from tests.conftest import ROOT, Sandbox

# The templates of a project, the value, and the files that may read it.
CASES = {
    "by its name": ({"a.txt": "{{ port }}", "b.txt": "{{ host }}"}, ("port",), ["a.txt"]),
    "in a condition": ({"a.txt": "{% if port %}x{% endif %}"}, ("port",), ["a.txt"]),
    "not as a part of a word": ({"a.txt": "{{ host }} import"}, ("port",), []),
    "in what it includes": ({"a.txt": '{% include "_p.j2" %}', "_p.j2": "{{ port }}"}, ("port",), ["a.txt"]),
    "in what that imports": (
        {
            "a.txt": '{%- include "_p.j2" -%}',
            "_p.j2": '{% import "_m.j2" as m with context %}{{ m.x() }}',
            "_m.j2": "{% macro x() %}{{ port }}{% endmacro %}",
        },
        ("port",),
        ["a.txt"],
    ),
    "in one of a library": (
        {"a.txt": '{% from "_m.j2" import x %}{{ x() }}', "_m.j2": "{% macro x() %}{{ port }}{% endmacro %}"},
        ("port",),
        ["a.txt"],
    ),
    "not in what others include": ({"a.txt": "x{{ host }}", "_p.j2": "{{ port }}"}, ("port",), []),
    "in a computed name": (
        {"a.txt": "{% include ['_p.j2', host] %}", "_p.j2": "{{ port }}"},
        ("port",),
        ["a.txt"],
    ),
    "in the path": ({"{host}.txt": "x"}, ("host",), ["h.txt"]),
    "an entry of the path": (
        {"{service}.txt": "{{ service.name }}"},
        ("services", "api", "port"),
        ["api.txt"],
    ),
    "all entries of the path": ({"{service}.txt": "x"}, ("services",), ["api.txt", "web.txt"]),
}
VALUES = "port: 1\nhost: h\nservices: {api: {port: 2}, web: {port: 3}}\n"


def trace(root: Path, env: str) -> Trace:
    pipeline = Pipeline(find(root))
    (validated,) = pipeline.validate([env])
    return pipeline.trace(validated.values)


@pytest.mark.parametrize("name", CASES)
def test_the_files_that_may_read_a_value(name: str, tmp_path: Path) -> None:
    templates, path, expected = CASES[name]
    project = Sandbox(tmp_path)
    project.write("environments/schema.json", "{}\n")
    project.write("environments/base.yaml", "{}\n")
    project.write("environments/e.yaml", VALUES)
    for file, text in templates.items():
        project.write(f"templates/{file.removesuffix('.j2')}.j2", text)
    found = trace(tmp_path, "e")
    assert found.may_read(Readers(found.tracer.uses, path)) == expected


def test_every_file_that_a_value_of_the_project_reaches_may_read_it() -> None:
    found = trace(ROOT, "staging")
    readers: dict[object, set[str]] = {}
    missing = []
    for file in found.files():
        for path in Index(file).paths:
            if path not in readers:
                readers[path] = set(found.may_read(Readers(found.tracer.uses, path)))
            if file.path not in readers[path]:
                missing.append((file.path, path))
    assert len(readers) > 200
    assert missing == []
    assert min(map(len, readers.values())) < len(found.paths()) / 3


@pytest.mark.parametrize("options", [("--jobs", "2"), ("--shard", "1/1")])
def test_impact_does_not_depend_on_how_the_work_is_split(options: tuple[str, ...], small: Sandbox) -> None:
    small.write("environments/second.yaml", small.read("environments/prod.yaml"))
    for form in ("text", "json"):
        whole = small.oetgen("impact", "greeting", "--format", form)
        assert small.oetgen("impact", "greeting", "--format", form, *options).out == whole.out


def test_a_share_has_only_its_environments(small: Sandbox) -> None:
    small.write("environments/second.yaml", small.read("environments/prod.yaml"))
    first, second = (small.oetgen("impact", "greeting", "--shard", f"{number}/2").out for number in (1, 2))
    assert "prod:" in first
    assert "second:" not in first
    assert "second:" in second
