"""Templates against the schema: what is found before any render, where, and what is rightly left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.findings import Finding
from generator.project.folder import Project
from generator.render.engine import Engine
from generator.render.typecheck import check_templates
from generator.values.layers import load_values
from generator.values.schema import load_schema
from tests.conftest import Sandbox

SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["image", "kind"],
    "properties": {
        "image": {"type": "string"},
        "kind": {"type": "string", "enum": ["web", "job"]},
        "port": {"type": "integer"},
        "probes": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"path": {"type": "string"}},
        },
        "env": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "dependentRequired": {"probes": ["port"]},
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "count", "on", "list", "services", "map"],
    "properties": {
        "name": {"type": "string"},
        "count": {"type": "integer"},
        "on": {"type": "boolean"},
        "list": {"type": "array", "items": {"type": "string"}},
        "ports": {"type": "array", "items": {"type": "integer"}},
        "services": {"type": "object", "additionalProperties": {"$ref": "#/$defs/service"}},
        "map": {
            "type": "object",
            "additionalProperties": False,
            "required": ["a"],
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}, "set": {"type": "string"}},
        },
        "open": {"type": "object"},
        "maybe": {"type": "string"},
    },
    "$defs": {"service": SERVICE},
}
BASE = """
name: x
count: 1
"on": true
list: [a]
services:
  api: {image: i, kind: web, port: 80}
map: {a: x, set: x}
open: {x: 1}
"""


def check(tmp_path: Path, templates: dict[str, str]) -> list[Finding]:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments/schema.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "environments/base.yaml").write_text(BASE)
    (tmp_path / "environments/prod.yaml").write_text("")
    for name, text in templates.items():
        path = tmp_path / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = Project(tmp_path)
    values, _ = load_values(project, "prod")
    return check_templates(Engine(project), load_schema(project), [values])[1]


GOOD = [
    "{{ name }} {{ count }} {{ on }}",
    "{{ name | upper }} {{ count | string | length }} {{ count | upper }}",
    "{% if maybe is defined %}{{ maybe }}{% endif %}",
    "{% if maybe is not defined %}none{% else %}{{ maybe }}{% endif %}",
    "{% if not (maybe is defined) %}{% else %}{{ maybe }}{% endif %}",
    "{% if maybe is defined and maybe == name %}{{ maybe | upper }}{% endif %}",
    "{% if maybe is undefined or maybe == name %}x{% endif %}",
    "{{ maybe | default('x') }}{{ maybe | default(name) | upper }}",
    "{{ maybe | required('set maybe') }}",
    "{{ maybe if maybe is defined else name }}",
    "{% if maybe | default('') %}{{ maybe }}{% endif %}",
    "{{ map.set }}{{ services.api.port }}",
    "{% for item in list %}{{ item | upper }}{{ loop.index }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for key in services %}{{ key }}{{ services[key].image }}{% endfor %}",
    "{% for key, service in services.items() %}{{ key }} {{ service.image }}{% endfor %}",
    "{% for key, service in services | dictsort %}{{ service.image }}{% endfor %}",
    "{% for service in services.values() | selectattr('port', 'defined') %}{{ service.port }}{% endfor %}",
    "{% for key, service in services.items() if service.port is defined %}{{ service.port }}{% endfor %}",
    "{% for s in services.values() %}{% if s.probes is defined %}{{ s.port }}{% endif %}{% endfor %}",
    "{% for s in services.values() %}{% for k, v in (s.env | default({})).items() %}{{ k ~ v }}{% endfor %}"
    "{% endfor %}",
    "{{ list | yaml }}{{ map | flow }}{{ services | json }}",
    "{{ list | join(', ') }}{{ list | first }}{{ list | length + 1 }}",
    "{{ open.anything.at.all }}{{ open | yaml }}",
    "{% set x = name ~ '-' ~ count %}{{ x | upper }}",
    "{% set s = services.api %}{{ s.image }}",
    "{% with x = count %}{{ x + 1 }}{% endwith %}",
    "{% set block %}{{ name }}{% endset %}{{ block }}{{ block | indent(2) }}",
    "{% macro m(a, b='x') %}{{ a }}{{ b }}{% endmacro %}{{ m(name) }}{{ m(name, b=count) }}",
    "{% macro m(s) %}{% if s.port is defined %}{{ s.port }}{% endif %}{% endmacro %}{{ m(services.api) }}",
    "{% macro m(s) %}{{ s.port }}{% endmacro %}"
    "{% for s in services.values() %}{% if s.port is defined %}{{ m(s) }}{% endif %}{% endfor %}",
    "{% macro m(a) %}{% if a is defined %}{{ a }}{% endif %}{% endmacro %}{{ m() }}",
    "{% if on %}{% set y = 1 %}{% else %}{% set y = 2 %}{% endif %}{{ y }}",
    "{{ 'a' in list }}{{ 'a' in map }}{{ name.startswith('x') }}{{ name.split('-')[0] }}",
    "{{ count * 2 }}{{ 'ab' * count }}{{ count // 2 - 1 }}{{ -count }}{{ count < 3 }}",
    "{% for i in range(count) %}{{ i }}{% endfor %}",
    "${{ github.sha }} ${{ secrets.{{ name }} }}",
]

BAD = [
    ("{{ nam }}", "unknown-value", "nam", 'did you mean "name"?'),
    ("{{ map.c }}", "unknown-attribute", "c", ""),
    ("{{ services.api.imag }}", "unknown-attribute", "imag", 'did you mean "image"?'),
    ("{{ name.foo }}", "unknown-attribute", "foo", ""),
    ("{{ count.foo }}", "unknown-attribute", "foo", ""),
    ("{{ maybe }}", "maybe-missing", "maybe", "is defined"),
    ("{{ maybe | upper }}", "maybe-missing", "maybe", "is defined"),
    ("{{ map.b }}", "maybe-missing", "b", "is defined"),
    ("{% if maybe %}x{% endif %}", "maybe-missing", "maybe", "is defined"),
    ("{% if on %}{{ maybe }}{% endif %}", "maybe-missing", "maybe", "is defined"),
    ("{% if false %}{{ nam }}{% endif %}", "unknown-value", "nam", ""),
    ("{% for s in services.values() %}{{ s.port }}{% endfor %}", "maybe-missing", "port", "is defined"),
    (
        "{% for s in services.values() %}{% for k in s.env %}{% endfor %}{% endfor %}",
        "maybe-missing",
        "env",
        "",
    ),
    ("{{ services.web.image }}", "maybe-missing", "web", ""),
    ("{% if maybe is defined or on %}{{ maybe }}{% endif %}", "maybe-missing", "maybe", ""),
    ("{% if on %}{% set y = 1 %}{% endif %}{{ y }}", "maybe-missing", "y", ""),
    ("{{ list }}", "needs-filter", "", "| yaml"),
    ("{{ services.api }}", "needs-filter", "", "| yaml"),
    ("{{ ports | default([]) }}", "needs-filter", "", "| yaml"),
    ("{% for x in count %}{% endfor %}", "not-iterable", "", ""),
    ("{% for x in name %}{% endfor %}", "not-iterable", "", ""),
    ("{% for a, b in list %}{% endfor %}", "not-iterable", "", ""),
    ("{% for a, b, c in map.items() %}{% endfor %}", "not-iterable", "", ""),
    ("{{ count + name }}", "wrong-type", "", ""),
    ("{{ name - 1 }}", "wrong-type", "", ""),
    ("{{ name < count }}", "wrong-type", "", ""),
    ("{{ list * list }}", "wrong-type", "", ""),
    ("{{ -name }}", "wrong-type", "", ""),
    ("{{ 'x' in count }}", "wrong-type", "", ""),
    ("{{ count | join(',') }}", "wrong-type", "join", ""),
    ("{{ count | length }}", "wrong-type", "length", ""),
    ("{{ name | dictsort | list | length }}", "wrong-type", "dictsort", ""),
    ("{{ list | round }}", "wrong-type", "round", ""),
    ("{{ name() }}", "not-callable", "", ""),
    ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(name, count) }}", "arguments", "m", "m(a)"),
    ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(name, b=1) }}", "arguments", "m", "m(a)"),
    ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}", "maybe-missing", "a", ""),
    ("{% macro m(s) %}{{ s.imag }}{% endmacro %}{{ m(services.api) }}", "unknown-attribute", "imag", ""),
    ("{% include '_part.j2' %}", "unknown-template", "", "_parts.j2"),
    ("{% include name %}", "any-template", "", "enum"),
    ("{% include '_' ~ services.api.kind ~ '.j2' %}", "unknown-template", "", "add the template templates/_"),
    ("{% from '_parts.j2' import pat %}", "unknown-attribute", "pat", 'did you mean "part"?'),
    ("{% import '_parts.j2' as p %}{{ p.pat() }}", "unknown-attribute", "pat", 'did you mean "part"?'),
    ("{% macro m() %}x{% endmacro %}{{ m() ~ 'y' }}", "captured-text", "", "write it unchanged"),
    ("{% macro m() %}x{% endmacro %}{{ m() | upper }}", "captured-text", "", "write it unchanged"),
    ("{% set b %}x{% endset %}{% if b == 'x' %}{% endif %}", "captured-text", "", ""),
    ("{% filter upper %}{{ name }}{% endfilter %}", "captured-text", "", ""),
]


@pytest.mark.parametrize("text", GOOD)
def test_a_template_that_renders_has_no_finding(tmp_path: Path, text: str) -> None:
    assert check(tmp_path, {"x.yaml.j2": text}) == []


@pytest.mark.parametrize(("text", "code", "word", "hint"), BAD)
def test_a_mistake_is_found_at_its_word(tmp_path: Path, text: str, code: str, word: str, hint: str) -> None:
    parts = "{% macro part() %}x{% endmacro %}"
    (finding,) = check(tmp_path, {"x.yaml.j2": f"# first line\n{text}", "_parts.j2": parts})[:1]
    assert finding.code == f"typecheck/{code}"
    assert hint in finding.hint
    assert finding.at
    assert finding.at.path.startswith("templates/x.yaml.j2")
    assert finding.at.line == 2
    if word:
        assert finding.at.text[finding.at.column - 1 :].startswith(word)


@pytest.mark.parametrize("text", ["{{ name | safe }}", "{{ name | escape }}", "{{ list | tojson }}"])
def test_a_filter_that_bypasses_the_encoding_is_refused(tmp_path: Path, text: str) -> None:
    (finding,) = check(tmp_path, {"x.yaml.j2": text})
    assert finding.code == "typecheck/bypasses-encoding"
    assert "oetgen encodes every value" in finding.hint


def test_an_autoescape_block_is_refused(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, {"x.yaml.j2": "{% autoescape false %}{{ name }}{% endautoescape %}"})
    assert finding.code == "engine/syntax"


def test_an_unknown_filter_or_test_is_found_also_where_no_environment_goes(tmp_path: Path) -> None:
    findings = check(
        tmp_path, {"x.yaml.j2": "{% if false %}{{ name | uper }}{{ name is defind }}{% endif %}"}
    )
    assert [(found.code, found.hint) for found in findings] == [
        ("typecheck/unknown-filter", 'did you mean "upper"?'),
        ("typecheck/unknown-test", 'did you mean "defined"?'),
    ]


def test_a_partial_that_nobody_uses_is_a_warning(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, {"x.yaml.j2": "x", "_unused.j2": "{{ whatever }}"})
    assert finding.code == "typecheck/unused-template"


def test_an_include_chosen_by_an_enum_is_followed_for_each_member(tmp_path: Path) -> None:
    findings = check(
        tmp_path,
        {
            "x.yaml.j2": "{% include '_' ~ services.api.kind ~ '.j2' %}",
            "_web.j2": "{{ name }}",
            "_job.j2": "\n{{ nam }}",
        },
    )
    assert [(found.at.path, found.at.line) for found in findings if found.at] == [("templates/_job.j2", 2)]
    assert findings[0].notes[0].at
    assert findings[0].notes[0].at.path == "templates/x.yaml.j2"


def test_a_value_that_no_template_reads_is_a_warning_at_its_line(tmp_path: Path) -> None:
    check(
        tmp_path,
        {"x.yaml.j2": "{{ name }}{{ count if on }}{{ map | yaml }}{% for s in services %}{% endfor %}"},
    )
    project = Project(tmp_path)
    values, _ = load_values(project, "prod")
    reads, _ = check_templates(Engine(project), load_schema(project), [values])
    unread = {finding.message.removeprefix("no template reads ") for finding in reads.unread_values(values)}
    assert unread == {"list[0]", "services.api.image", "services.api.kind", "services.api.port", "open.x"}


@pytest.mark.parametrize("character", ["\r", "\x07", "\x00", "\x7f"])
def test_a_control_character_in_a_template_is_told_at_its_line(small: Sandbox, character: str) -> None:
    (small.root / "templates/k8s/extra.yaml.j2").write_bytes(f"a: b\nc: d{character}e\n".encode())
    result = small.oetgen("render", "prod")
    assert result.status == 1
    assert (
        f"extra.yaml.j2:2:5: error[engine/syntax] the character U+{ord(character):04X} is a control character"
        in result.err
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: {{ greeting {{\n# b\n", 1),
        ("{% if suffix %}\n  {% if suffix %}\n  {% if suffix %}\n  a: b\n  {% endif %}\n{% endif %}\n", 2),
    ],
)
def test_what_is_not_closed_is_told_where_it_begins(small: Sandbox, text: str, line: int) -> None:
    small.write("templates/k8s/extra.yaml.j2", text)
    assert f"extra.yaml.j2:{line}:" in small.oetgen("render", "prod").err
