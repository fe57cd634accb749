"""Text of macros and `set` blocks: what escapes no check, at run time and before, and what may be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.findings import Finding
from generator.project.folder import Project
from tests.conftest import rows
from tests.proofs import captured
from tests.proofs.captured import at_run_time, before

REFUSED = """
{{ [x, v] | join("-") }}
{{ [x, v] | sort | join("-") }}
{{ [x, v] | unique | join("-") }}
{{ [x, v] | select | join("-") }}
{{ [x, v] | map("string") | join("-") }}
{{ [x, v] | map("upper") | list | join }}
{{ [x, v] | batch(2) | first | join("-") }}
{{ [x] | batch(2, v) | first | join("-") }}
{{ [m(), v] | join("-") }}
{{ [v] | join(x) }}
{{ (x if v else "b") ~ v }}
{{ ("b" if not v else m()) ~ v }}
{{ (on and x) ~ v }}
{{ ("" or x) ~ v }}
{{ ([v, x] | last) ~ v }}
{{ [v, x][n - 1] ~ v }}
{{ [v, x] | max }}
{{ [v, x] | min }}
{{ {"a": x, "b": v} | dictsort | join }}
{{ {"a": x, "b": v} | dictsort(by="value") | first | last }}
{{ [{"a": x}, {"a": v}] | groupby("a") | first | first }}
{{ [{"a": x}, {"a": v}] | map(attribute="a") | join }}
{{ [{"a": x}, {"a": v}] | sort(attribute="a") | map(attribute="a") | join }}
{{ [{"a": x}, {"a": v}] | sum(attribute="a", start="") }}
{{ [{"a": x}] | selectattr("a", "eq", v) | list | length }}
{{ [{"a": x}] | rejectattr("a") | list | length }}
{{ [x, x] | sum }}
{{ [x, v] | reverse | first }}
{{ x | reverse }}
{{ x | list | join }}
{{ x | length }}
{{ x + v }}
{{ v + x }}
{{ x % v }}
{{ "%s" % x }}
{{ "%s %s" % (v, x) }}
{{ "%r" % [x] }}
{{ "%(k)s" % {"k": x} }}
{{ x * 2 }}
{{ 2 * x }}
{{ x - 1 }}
{{ -x }}
{{ x ~ v }}
{{ v ~ x }}
{{ v ~ [x] }}
{{ m() ~ "y" }}
{{ x ~ x }}
{{ "%s" | format(x) }}
{{ x | format(v) }}
{{ v | replace("$", x) }}
{{ x | replace("[", v) }}
{{ v | replace(old="$", new=x) }}
{{ v.replace("$", x) }}
{{ x.replace("[", v) }}
{{ v.join([x, v]) }}
{{ "{}".format(x) }}
{{ "{0}".format([x]) }}
{{ "{k}".format(k=x) }}
{{ "{}".format(*[x]) }}
{{ v.format(**{"k": x}) }}
{{ x.upper() }}
{{ x.format(v) }}
{{ x.split("[") | last }}
{{ [x].index(x) }}
{{ [x, v].count(v) }}
{{ x[0] }}
{{ x[1:] }}
{{ list[x] }}
{{ v[x:] }}
{{ map[x] }}
{{ "[" in x }}
{{ x in v }}
{{ x in [x] }}
{{ v in [x] }}
{{ x == v }}
{{ v != x }}
{{ x < v }}
{{ [x] == [v] }}
{{ x == x }}
{{ {"k": x} == {"k": v} }}
{{ x is string }}
{{ x is eq(v) }}
{{ v is eq(x) }}
{{ x is sameas(x) }}
{{ x is in([v]) }}
{{ [x, v] | select("string") | first }}
{{ x | string }}
{{ [x] | string }}
{{ x | upper }}
{{ x | lower }}
{{ x | capitalize }}
{{ x | int(v) }}
{{ x | float }}
{{ x | first }}
{{ x | indent(v) }}
{{ x | indent(width=v) }}
{{ x | indent(x) }}
{{ v | indent(x) }}
{{ x | trim(v) }}
{{ x | trim("[") }}
{{ {"k": x} | json }}
{{ (list | json) ~ v }}
{{ list | json | upper }}
{{ list | yaml | indent(2) }}
{{ [map | flow] | join }}
{{ (list | json) == v }}
{{ "%s" % (list | hcl) }}
{{ [x] | yaml }}
{{ {"k": [x]} | flow }}
{{ {"k": {"l": x}} | hcl }}
{{ x | json }}
{{ {x: v} | yaml }}
{{ {"k": x}.items() | list | join }}
{{ {"k": x}.values() | join }}
{{ {"k": x}.get("k") ~ v }}
{{ {v: x}[v] ~ v }}
{{ map.get("z", x) }}
{{ open.x ~ x }}
{% for c in x %}{{ c }}{% endfor %}
{% for c in x | list %}{{ c }}{% endfor %}
{% for a in [x, v] %}{{ a ~ v }}{% endfor %}
{% for a in [x] %}{{ loop.cycle(a, v) }}{% endfor %}
{% for a in [x] %}{{ loop.changed(a) }}{% endfor %}
{% for a in [v, x] %}{% if not loop.last %}{{ loop.nextitem ~ v }}{% endif %}{% endfor %}
{% for a in [v] recursive %}{{ a }}{% if loop.depth < 2 %}{{ loop([x]) }}{% endif %}{% endfor %}
{% for a in [v] recursive %}{{ a }}{% if loop.depth < 2 %}{{ loop([]) ~ v }}{% endif %}{% endfor %}
{% for k, b in [("k", x)] %}{{ b ~ v }}{% endfor %}
{% set a, b = x %}{{ a }}
{% set a, b = x, v %}{{ a ~ b }}
{% set a = [x, v] %}{{ a | join }}
{% set a = x %}{% set b = a %}{{ b | upper }}
{% set a %}{{ x }}{% endset %}{{ a ~ v }}
{% set a | upper %}{{ v }}{% endset %}{{ a }}
{% set a | replace("[", v) %}[{{ v }}{% endset %}{{ a }}
{% set a | indent(v) %}[{{ v }}{% endset %}{{ a }}
{% filter upper %}{{ v }}{% endfilter %}
{% filter replace("[", v) %}[{% endfilter %}
{% with a = x %}{{ a ~ v }}{% endwith %}
{% if on %}{% set a = x %}{% else %}{% set a = v %}{% endif %}{{ a ~ v }}
{% macro f(a) %}{{ a ~ v }}{% endmacro %}{{ f(x) }}
{% macro f(a) %}{{ [a, v] | join }}{% endmacro %}{{ f(a=m()) }}
{% macro f(a=x) %}{{ a ~ v }}{% endmacro %}{{ f() }}
{% macro f() %}{{ varargs | join }}{% endmacro %}{{ f(v, x) }}
{% macro f() %}{{ kwargs.k ~ v }}{% endmacro %}{{ f(k=x) }}
{% macro f(a) %}{{ a ~ v }}{% endmacro %}{{ f(*[x]) }}
{% macro f(a) %}{{ a ~ v }}{% endmacro %}{{ f(**{"a": x}) }}
{% macro f(a) %}{{ a ~ v }}{% if not loop %}{% endif %}{% endmacro %}{{ f(x) }}
{% macro f(a, n) %}{{ a ~ v }}{% if n %}{{ f(x, 0) }}{% endif %}{% endmacro %}{{ f(v, 1) }}
{% macro f() %}{{ caller() ~ v }}{% endmacro %}{% call f() %}a{% endcall %}
{% macro f() %}{{ caller() | upper }}{% endmacro %}{% call f() %}a{% endcall %}
{% macro f() %}{{ caller(x) }}{% endmacro %}{% call(a) f() %}{{ a ~ v }}{% endcall %}
{% macro f(g) %}{{ g() ~ v }}{% endmacro %}{{ f(m) }}
{% set g = m if on else part %}{{ g() ~ v }}
{% set g = [m] %}{{ g[0]() ~ v }}
{{ self.own() ~ v }}{% block own %}a{% endblock %}
{% include "_part.j2" %}
{% include x %}
{% include [x] %}
{% import "_lib.j2" as lib with context %}{{ lib.made(v) ~ v }}
{% import "_lib.j2" as lib with context %}{{ lib.kept ~ v }}
{% from "_lib.j2" import made as f %}{{ [f(v), v] | join }}
{% extends "_base.j2" %}{% block own %}{{ super() ~ v }}{% endblock %}
""".strip().split("\n")

# Each with what it writes; a value is written as its mark.
WRITTEN = {
    "{{ x }}": "[#]",
    "a {{ x }} b {{ x }}": "a [#] b [#]",
    "{{ m(v) }}{{ m(x) }}": "<#><[#]>",
    "{{ x if on else v }}": "[#]",
    "{{ v if on else x }}": "#",
    "{{ x or v }}{{ (x and v) }}": "[#]#",
    "{{ x | default(v) }}": "[#]",
    "{{ open.y | default(x) }}": "[#]",
    "{{ x | required('no x') }}": "[#]",
    "{% if x %}{{ x }}{% endif %}": "[#]",
    "{% if not x %}a{% else %}{{ x }}{% endif %}": "[#]",
    "{% if x is defined and x is not none %}{{ x }}{% endif %}": "[#]",
    "{{ x | indent(2) }}{{ x | trim }}": "[#][#]",
    "{% set a %}\n  b\n{% endset %}{{ a | trim | indent(n) }}": "b",
    "{% set a %}a\nb{% endset %}{{ a | indent(2, first=true) }}": "  a\n  b",
    "{% set a = x %}{{ a }}": "[#]",
    "{% set a = [x, v] %}{{ a[0] }}{{ a[1] ~ v }}": "[#]#",
    "{% set a = [x] + [v] %}{% for b in a %}{{ b }}{% endfor %}": "[#]#",
    "{% for a in [x, m(v)] %}{{ a }}{% if not loop.last %}, {% endif %}{% endfor %}": "[#], <#>",
    "{% for k, b in [('k', x), (v, m())] %}{{ k ~ ':' }}{{ b }}{% if k == v %}!{% endif %}{% endfor %}": "#[#]#<#>!",
    "{% for k, b in {'k': x}.items() %}{{ k | upper }}{{ b }}{% endfor %}": "#[#]",
    "{% set a = {'k': x, 'l': v} %}{{ a.k }}{{ a.l ~ v }}{{ a['l'] | upper }}{{ a.get('k') }}": "[#]##[#]",
    "{% macro f(a, b) %}{{ a }}{{ b ~ v }}{% endmacro %}{{ f(x, v) }}": "[#]#",
    "{% macro f(a) %}{{ a | default(v) }}{% endmacro %}{{ f() }}{{ f(x) }}": "#[#]",
    "{% macro f(a) %}{% if a is defined %}{{ a }}{% endif %}{% endmacro %}{{ f(x) }}": "[#]",
    "{% macro f() %}{% for a in varargs %}{{ a }}{% endfor %}{% endmacro %}{{ f(x, v) }}": "[#]#",
    "{% call part() %}{{ v }}{% endcall %}": "(#)",
    "{% set a = list | json %}{{ a }}{{ (list | flow) if on else (map | flow) }}{{ m(map | json) }}": "##<#>",
    "{% macro f() %}{{ caller(x) }}{% endmacro %}{% call(a) f() %}{{ a }}{% endcall %}": "[#]",
    "{% call part() %}{% call part() %}{{ x }}{% endcall %}{% endcall %}": "(([#]))",
    "{% filter indent(2) %}a\nb{% endfilter %}": "a\n  b",
    "{% set a | trim %} {{ v }} {% endset %}{{ a }}": "#",
    "{% for a in [1, 2] recursive %}{{ a }}{% if loop.depth < 2 %}{{ loop([v]) }}{% endif %}{% endfor %}": "####",
    "{{ self.own() }}{% block own %}{{ v }}{% endblock %}": "##",
    "{% import '_lib.j2' as lib with context %}{{ lib.made(x) }}{{ lib.kept }}": "made [#]kept #",
    "{% extends '_base.j2' %}{% block own %}{{ super() }}!{% endblock %}": "base #!",
    "{% macro o(a) %}{% endmacro %}{% set g = m if on else o %}{{ g(v) }}": "<#>",
    "{% with a = x, b = v %}{{ a }}{{ b ~ v }}{% endwith %}": "[#]#",
    "{% set a %}{% for i in list %}{{ i }}{% endfor %}{% endset %}{{ x }}{{ a }}": "[#]##",
}
# Captured text for certain at no place, but the check before the render cannot know it.
REFUSED_ONLY_BEFORE = [
    "{{ (x if not on else v) ~ v }}",  # the condition never holds with these values
    "{% set a = [x, v] %}{{ a[n - 1] ~ v }}",  # the index is a value
    "{% if not on %}{% set a = x %}{% else %}{% set a = v %}{% endif %}{{ a ~ v }}",
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return captured.project(tmp_path_factory.mktemp("captured"))


@rows("text", REFUSED)
def test_captured_text_is_refused_before_the_render_and_at_run_time(project: Project, text: str) -> None:
    found = at_run_time(project, text)
    assert isinstance(found, Finding), found
    assert found.code == "engine/captured-text", found.message
    assert found.at
    assert found.at.path.startswith("templates/")
    assert before(project, text) & {
        "typecheck/captured-text",
        "typecheck/not-iterable",
        "typecheck/unknown-attribute",
    }


@rows("text, written", WRITTEN.items())
def test_captured_text_is_written_unchanged(project: Project, text: str, written: str) -> None:
    assert before(project, text) == set()
    assert at_run_time(project, text) == written


@pytest.mark.parametrize("text", REFUSED_ONLY_BEFORE)
def test_what_may_be_captured_text_is_refused_before(project: Project, text: str) -> None:
    assert before(project, text) == {"typecheck/captured-text"}
    assert isinstance(at_run_time(project, text), str)


def test_nothing_is_refused_at_run_time_that_passed_before(tmp_path: Path) -> None:
    assert captured.agree(80, tmp_path) > 5
