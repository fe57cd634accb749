"""A project that computes without end is a finding at its place; here with small limits, so that it takes no time."""

from __future__ import annotations

import gc
import importlib
import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest

from generator import pipeline
from generator.checks import outcome
from generator.findings import Finding, Span, error
from generator.pipeline import Pipeline
from generator.project.folder import Project
from generator.project.limits import Limits
from generator.render import limits
from tests.conftest import Sandbox

OBJECT = '{"type": "object"}'


def doubling(first: str, each: str, last: str, number: int = 40) -> str:
    """Return a template in which each line has the one before it twice."""
    return "\n".join([first, *(each.format(i, i - 1) for i in range(1, number)), last.format(number - 1)])


def doubling_references(number: int = 40) -> str:
    """Return a schema in which each definition refers to the next one twice."""
    definitions = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(number)}
    top = {"type": "object", "properties": {"v": {"$ref": "#/$defs/d0"}}}
    return json.dumps(top | {"$defs": definitions | {f"d{number}": {"type": "integer"}}})


# The first file is what is wrong; each with the place of its finding.
TIME: dict[str, tuple[dict[str, str], str]] = {
    "a wide rounding": (
        {"templates/x.txt.j2": '\n{{ 1.5 | round(400000000, "floor") }}'},
        "templates/x.txt.j2:2",
    ),
    "a search in a loop": (
        {
            "templates/x.txt.j2": "{% set a = range(99999) | list %}{% for i in a %}\n{{ 'x' in a }}{% endfor %}"
        },
        "templates/x.txt.j2:2",
    ),
    "lists in lists": (
        {
            "templates/x.txt.j2": doubling(
                "{% set a0 = [1] %}", "{{% set a{0} = [a{1}, a{1}] %}}", "{{{{ a{} == 1 }}}}"
            )
        },
        "templates/x.txt.j2:41",
    ),
    "a long sum of lists": (
        {"templates/x.txt.j2": "\n\n{{ ([[1] * 1000] * 100000) | sum(start=[]) | length }}"},
        "templates/x.txt.j2:3",
    ),
    "a pattern": (
        {
            "environments/schema.json": '{"properties": {"v":\n{"pattern": "^(a+)+$"}}}',
            "environments/base.yaml": f"w: 1\nv: {'a' * 40}!\n",
        },
        "environments/base.yaml:2",
    ),
    "a pattern of keys": (
        {
            "environments/schema.json": '{"properties": {"v":\n{"patternProperties": {"^(a+)+$": {}}}}}',
            "environments/base.yaml": f"v: {{{'a' * 40}!: 1}}\n",
        },
        "environments/schema.json:2",
    ),
    "a pattern of names": (
        {
            "environments/schema.json": '{"properties": {"v":\n{"propertyNames": {"pattern": "^(a|a)*$"}}}}',
            "environments/base.yaml": f"v: {{{'a' * 40}!: 1}}\n",
        },
        "environments/schema.json:2",
    ),
    "references": (
        {"environments/schema.json": doubling_references(), "environments/base.yaml": "w: x\nv: 1\n"},
        "environments/base.yaml:2",
    ),
    "types of a schema": (
        {"environments/schema.json": doubling_references(), "environments/base.yaml": "w: 1\n"},
        "environments/schema.json:1",
    ),
    "a large file": (
        {"templates/x.yaml.j2": "{% for i in range(50000) %}- x: 'a'\n  y: [b, c]\n{% endfor %}"},
        "templates/x.yaml.j2:1",
    ),
}

MEMORY = {
    "ljust": '{{ "a".ljust(10000000000) }}',
    "rjust": '{{ "a".rjust(700000000) }}',
    "zfill": '{{ "a".zfill(10000000000) }}',
    "center": '{{ "a".center(700000000) | length }}',
    "expandtabs": '{{ "\\t".expandtabs(2000000000) | length }}',
    "replace of a string": '{{ ("a" * 900000).replace("a", "b" * 900000) | length }}',
    "join of a string": '{{ ("b" * 900000).join(range(90000) | map("string")) | length }}',
    "format of a string": '{{ "{:>2000000000}".format(1) | length }}',
    "format of a format": '{{ "{:{w}}".format(1, w=2000000000) | length }}',
    "format": '{{ "%2000000000d" | format(1) }}',
    "precision": '{{ "%.2000000000f" | format(1.5) }}',
    "percent": '{{ "%*d" % (999999999, 1) }}',
    "indent": '{{ "a\\nb" | indent(width=3000000000) }}',
    "replace": '{{ ("a" * 900000) | replace(old="a", new="b" * 900000) | length }}',
    "join": '{{ range(90000) | join("x" * 900000) | length }}',
    "join by keyword": '{{ range(90000) | join(d="x" * 900000) | length }}',
    "batch": "{{ [1] | batch(1000000000, 2) | list | length }}",
}

COUNTS = {
    "macros": (
        doubling(
            "{% macro m0() %}x{% endmacro %}",
            "{{% macro m{0}() %}}{{{{ m{1}() }}}}{{{{ m{1}() }}}}{{% endmacro %}}",
            "{{{{ m{}() }}}}",
        ),
        "steps",
    ),
    "loops": ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "steps"),
    "a loop of calls": (
        "{% macro m() %}{% endmacro %}{% for i in range(99999) %}{{ m() }}{% endfor %}",
        "steps",
    ),
    "includes": ("{% include '_i.j2' %}", "steps"),
    "a recursive loop": (
        "{% for i in range(9999) recursive %}{{ loop(range(9)) if loop.depth < 9 else '' }}{% endfor %}",
        "steps",
    ),
    "set blocks": (
        doubling(
            "{% set a0 %}xxxxxxxx{% endset %}",
            "{{% set a{0} %}}{{{{ a{1} }}}}{{{{ a{1} }}}}{{% endset %}}",
            "{{{{ a{} }}}}",
        ),
        "writes",
    ),
    "literal text": (f"{{% for i in range(999) %}}{'x' * 9999}{{% endfor %}}", "writes"),
    "values": ("{% for i in range(99) %}{{ 'x' * 99999 }}{% endfor %}", "writes"),
    "numbers": (doubling("{% set a0 = 3 %}", "{{% set a{0} = a{1} * a{1} %}}", "{{{{ a{} }}}}"), "bits"),
    "strings": (
        doubling("{% set a0 = 'x' %}", "{{% set a{0} = a{1} ~ a{1} %}}", "{{{{ a{} }}}}"),
        "characters",
    ),
    "lists": ("{% set a = range(99999) | list %}" + "{% set a = a + a %}" * 9 + "{{ a | length }}", "items"),
}

DEEP = {
    "parentheses": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "open parentheses": "{{ " + "(" * 3000,
    "not": "{{ " + "not " * 3000 + "1 }}",
    "or": "{{ " + " or ".join("0" * 3000) + " }}",
    "conditions": "{% if 1 %}" * 300 + "{% endif %}" * 300,
    "alternatives": "{% if 0 %}" + "{% elif 0 %}" * 3000 + "{% endif %}",
    "loops": "{% for i in [1] %}" * 25 + "{% endfor %}" * 25,
    "filters": "{{ 1" + " | string" * 3000 + " }}",
    "attributes": "{{ v" + ".a" * 3000 + " }}",
    "a choice": "{{ " + "1 if 1 else " * 3000 + "1 }}",
    "a number": "{{ " + "9" * 5000 + " }}",
    "a block with an argument": "{% set a | indent(v) %}b{% endset %}{{ a }}",
    "itself": "{% include 'x.txt.j2' %}",
    "itself as a parent": "{% extends 'x.txt.j2' %}",
    "a macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a loop": "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
}


# The project around the files of a case.
AROUND = {
    "environments/schema.json": OBJECT,
    "environments/base.yaml": "v: x\n",
    "environments/prod.yaml": "p: 1\n",
    "templates/x.txt.j2": "x",
}


def render(root: Path, files: Mapping[str, str], allowed: Limits | None = None) -> list[Finding]:
    """Return the findings of validating and rendering a project."""
    for path, text in (AROUND | dict(files)).items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    results = Pipeline(Project(root), limits=allowed).validate_and_render(["prod"])
    return [finding for result in results for finding in result.findings]


def error_of(findings: list[Finding]) -> Finding:
    (found,) = (each for each in findings if each.code in ("project/limit", "engine/failed", "engine/syntax"))
    assert found.hint
    assert found.at
    return found


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[Limits]:
    """Little time, that nothing adds to; no callback of the garbage collector in which an exception is ignored."""
    with monkeypatch.context() as patch:
        patch.setattr(Limits, "grant", lambda self, seconds: None)
        gc.disable()
        yield Limits(seconds=0.15)
        gc.enable()


@pytest.mark.parametrize(("files", "place"), TIME.values(), ids=list(TIME))
def test_what_takes_too_long_is_a_finding_at_its_place(
    tmp_path: Path, short: Limits, files: dict[str, str], place: str
) -> None:
    found = error_of(render(tmp_path, files, short))
    assert "takes more than 0.15 seconds" in found.message
    assert found.at
    assert f"{found.at.path}:{found.at.line}" == place


@pytest.mark.parametrize("text", MEMORY.values(), ids=list(MEMORY))
def test_what_takes_too_much_memory_is_a_finding_at_its_line(tmp_path: Path, text: str) -> None:
    found = error_of(render(tmp_path, {"templates/x.txt.j2": f"# a\n{text}\n"}, Limits(memory=100 << 20)))
    assert "MiB of memory" in found.message
    assert found.at
    assert (found.at.path, found.at.line) == ("templates/x.txt.j2", 2)


@pytest.mark.parametrize(("text", "what"), COUNTS.values(), ids=list(COUNTS))
def test_what_is_counted_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, what: str
) -> None:
    monkeypatch.setattr(limits, "MAX_STEPS", 1000)
    monkeypatch.setattr(limits, "MAX_OUTPUT", 100_000)
    monkeypatch.setattr(limits, "MAX_SIZE", 100_000)
    partials = {
        f"templates/_{'i' * i}.j2": f"{{% include '_{'i' * (i + 1)}.j2' %}}" * 2 for i in range(1, 12)
    }
    found = error_of(
        render(tmp_path, {"templates/x.txt.j2": text, **partials, f"templates/_{'i' * 12}.j2": "x"})
    )
    assert what in found.message
    assert found.at
    assert found.at.path.startswith("templates/")


@pytest.mark.parametrize("text", DEEP.values(), ids=list(DEEP))
def test_what_is_nested_too_deeply_is_a_finding(tmp_path: Path, text: str) -> None:
    found = error_of(render(tmp_path, {"templates/x.txt.j2": text}))
    assert found.at
    assert (found.at.path, found.at.line) == ("templates/x.txt.j2", 1)


@pytest.mark.parametrize("value", ["3", "a"])
def test_services_that_are_no_map_or_list_are_a_finding_at_their_line(tmp_path: Path, value: str) -> None:
    files = {"templates/{service}.txt.j2": "x", "environments/base.yaml": f"v: x\nservices: {value}\n"}
    (found,) = (each for each in render(tmp_path, files) if each.code == "render/unsafe-path")
    assert found.at
    assert (found.at.path, found.at.line) == ("environments/base.yaml", 2)


@pytest.mark.parametrize("value", ["[a]", "{a: 1}"])
def test_a_suffix_that_is_no_scalar_is_a_finding_only_where_a_path_has_it(tmp_path: Path, value: str) -> None:
    base = {"environments/base.yaml": f"v: x\nsuffix: {value}\n"}
    assert "error" not in {each.severity.value for each in render(tmp_path, base)}
    (found,) = (
        each
        for each in render(tmp_path, {"templates/a{suffix}.txt.j2": "x", **base})
        if each.code == "render/unsafe-path"
    )
    assert found.at
    assert (found.at.path, found.at.line) == ("environments/base.yaml", 2)


def test_the_limits_end_with_the_step(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    assert render(tmp_path, {}, Limits(memory=100 << 20))[0].code == "typecheck/unread-value"
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_limit_holds_in_every_process_and_format(small: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "Limits", partial(Limits, seconds=0.1))
    monkeypatch.setattr(Limits, "grant", lambda self, seconds: None)
    small.write("templates/k8s/endless.yaml.j2", '\na: {{ 1.5 | round(400000000, "floor") }}')
    result = small.oetgen("render", "--all", "-j", "2")
    assert result.status == 1
    assert "templates/k8s/endless.yaml.j2:2:4: error[engine/failed]" in result.err
    assert not (small.root / "out").exists()
    checked = small.oetgen("check", "--no-tools", "--format", "json")
    assert checked.status == 1
    assert "engine/failed" in {each["code"] for each in json.loads(checked.out)["findings"]}


def test_nothing_more_is_computed_when_the_time_is_over(tmp_path: Path, short: Limits) -> None:
    endless = '{{ 1.5 | round(400000000, "floor") }}'
    found = render(tmp_path, {f"templates/{name}.txt.j2": endless for name in "abc"}, short)
    assert [each.at.path for each in found if each.code == "engine/failed" and each.at] == [
        "templates/a.txt.j2"
    ]
    again = Pipeline(Project(tmp_path), limits=short).validate_and_render(["prod"])
    assert [each.code for each in again[0].findings] == ["project/limit"]


def endless(*arguments: object, **named: object) -> NoReturn:
    while True:
        pass


@pytest.fixture
def little(small: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A project that is rendered, and half a second for each further command."""
    assert small.oetgen("render", "--all").status == 0
    monkeypatch.setattr(pipeline, "Limits", partial(Limits, seconds=0.5))
    monkeypatch.setattr(Limits, "grant", lambda self, seconds: None)
    return small


def test_a_rule_that_takes_too_long_is_a_finding_beside_those_of_the_others(
    little: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deep(context: object) -> list[Finding]:
        return deep(context)

    def finds(context: object) -> list[Finding]:
        return [error("tests/finds", "found", Span("environments/prod.yaml", 1))]

    checks = {"finds": finds, "deep": deep, "endless": endless, "never": finds}
    fakes = {name: SimpleNamespace(check=check) for name, check in checks.items()}
    monkeypatch.setattr(outcome, "rules", lambda: fakes)
    result = little.oetgen("check", "prod", "--no-tools", "--format", "json")
    assert result.status == 1
    found = [(each["code"], each["message"]) for each in json.loads(result.out)["findings"]]
    assert found.count(("tests/finds", "found")) == 1
    limited = [message for code, message in found if code == "project/limit"]
    assert len(limited) == 2
    assert limited[0].startswith("checks/deep cannot check prod: it is nested too deeply")
    assert limited[1].startswith("checks/endless cannot check prod: it takes more than 0.5 seconds")


@pytest.mark.parametrize(
    ("command", "where", "name", "what"),
    [
        (("graph", "prod"), "cli.commands.graph", "graph_of", "cannot draw prod"),
        (("diff", "prod"), "cli.commands.diff", "differences", "cannot compare prod with out/prod"),
        (
            ("diff", "prod", "test"),
            "cli.commands.diff",
            "compare_environments",
            "cannot compare prod with test",
        ),
        (("plan", "prod"), "changes", "review", "cannot compare prod with the files on disk"),
        (("report", "-o", "x.html"), "report.page", "page", "cannot write the page"),
    ],
)
def test_a_command_that_takes_too_long_is_a_finding(
    little: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    where: str,
    name: str,
    what: str,
) -> None:
    importlib.import_module(f"generator.{where}")
    monkeypatch.setattr(f"generator.{where}.{name}", endless)
    result = little.oetgen(*command)
    assert (result.status, "error[project/limit]" in result.err) == (1, True), result.err
    assert f"{what}: it takes more than 0.5 seconds of processor time" in result.err


def test_a_map_with_many_entries_has_more_time(tmp_path: Path) -> None:
    entries = {f"entry-{number}": {"port": number} for number in range(500)}
    files = {
        "oetgen.yaml": "each: {service: services}\n",
        "environments/schema.json": json.dumps({"type": "object"}),
        "environments/prod.yaml": json.dumps({"services": entries}),
        "templates/{service}.txt.j2": "{{ service.port }}\n",
    }
    limits = Limits(seconds=60)
    left = limits._left
    render(tmp_path, files, limits)
    assert limits._seconds >= left + 5
