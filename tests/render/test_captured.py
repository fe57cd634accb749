"""Text of macros and `set` blocks: what escapes no check, at run time and before, and what may be written."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.findings import Finding
from generator.languages.site import MARK
from generator.project.folder import Project
from generator.render.engine import Engine, RenderError
from generator.render.typecheck import check_templates
from generator.values.layers import load_values
from generator.values.schema import load_schema

SCHEMA = """
{"type": "object", "additionalProperties": false, "required": ["v", "on", "n", "list", "map"], "properties": {
  "v": {"type": "string"}, "on": {"type": "boolean"}, "n": {"type": "integer"},
  "list": {"type": "array", "items": {"type": "string"}},
  "map": {"type": "object", "additionalProperties": {"type": "string"}},
  "open": {}}}
"""
VALUES = """
v: $(id)
"on": true
n: 2
list: [a, $(id)]
map: {a: b, k: $(id)}
open: {x: $(id), list: [1]}
"""
# What every template below begins with: x is captured text, m returns some, and `part` takes a body.
HEAD = (
    "{% set x %}[{{ v }}]{% endset %}"
    "{% macro m(a='') %}<{{ a }}>{% endmacro %}"
    "{% macro part() %}({{ caller() }}){% endmacro %}"
)

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

PARTIALS = {
    "_part.j2": "{{ x ~ v }}",
    "_lib.j2": "{% macro made(a) %}made {{ a }}{% endmacro %}{% set kept %}kept {{ v }}{% endset %}",
    "_base.j2": "{% block own %}base {{ v }}{% endblock %}",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("captured")
    for folder in ("environments", "templates"):
        (root / folder).mkdir()
    (root / "environments/schema.json").write_text(SCHEMA)
    (root / "environments/base.yaml").write_text(VALUES)
    (root / "environments/prod.yaml").write_text("n: 2\n")
    for name, text in PARTIALS.items():
        (root / "templates" / name).write_text(text)
    return Project(root)


def before(project: Project, text: str) -> set[str]:
    """Return the codes of what is found before the render."""
    return {finding.code for finding in _engine(project, text)[1]}


def at_run_time(project: Project, text: str) -> str | Finding:
    """Return what a template writes without its check, or why it does not."""
    engine = _engine(project, text, check=False)[0]
    try:
        return engine.render("x.txt.j2", load_values(project, "prod")[0].data).text.replace(MARK, "#")
    except RenderError as problem:
        return problem.finding


def _engine(project: Project, text: str, *, check: bool = True) -> tuple[Engine, list[Finding]]:
    head, _, rest = text.partition("%}") if text.startswith("{% extends") else ("", "", text)
    (project.root / "templates/x.txt.j2").write_text(f"{head}%}}{HEAD}{rest}" if head else HEAD + rest)
    engine = Engine(project)
    if not check:
        return engine, []
    values, _ = load_values(project, "prod")
    findings = check_templates(engine, load_schema(project), [values])[1]
    return engine, [each for each in findings if each.code != "typecheck/unused-template"]


@pytest.mark.parametrize("text", REFUSED)
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


@pytest.mark.parametrize(("text", "written"), WRITTEN.items())
def test_captured_text_is_written_unchanged(project: Project, text: str, written: str) -> None:
    assert before(project, text) == set()
    assert at_run_time(project, text) == written


@pytest.mark.parametrize("text", REFUSED_ONLY_BEFORE)
def test_what_may_be_captured_text_is_refused_before(project: Project, text: str) -> None:
    assert before(project, text) == {"typecheck/captured-text"}
    assert isinstance(at_run_time(project, text), str)


def _expressions() -> st.SearchStrategy[str]:
    names = st.sampled_from("x v n on list map open.x m(v) m(x) open 'k' 1 [x,v] {'k':x} {'k':v} y".split())

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("[{}, {}]".format, inner, inner),
            st.builds("{{'k': {}, 'l': {}}}".format, inner, inner),
            st.builds("({} {} {})".format, inner, st.sampled_from("~ + % * - == < in and or".split()), inner),
            st.builds("({} if {} else {})".format, inner, inner, inner),
            st.builds("({} | {})".format, inner, st.sampled_from(_FILTERS)),
            st.builds("({} | {}({}))".format, inner, st.sampled_from(_FILTERS_OF_TWO), inner),
            st.builds("({} is {})".format, inner, st.sampled_from("defined string none iterable".split())),
            st.builds(
                "{}{}".format, inner, st.sampled_from("[0] [1:] .k ['k'] .get('k') .upper() .items()".split())
            ),
            st.builds("m({})".format, inner),
            st.builds("v.{}({})".format, st.sampled_from("join replace format startswith".split()), inner),
        )

    return st.recursive(names, larger, max_leaves=6)


_FILTERS = "first last list string upper length join sort unique reverse max trim indent(2) json dictsort sum".split()
_FILTERS_OF_TWO = "default join indent trim replace('a') batch(2) format".split()
_FILTERS_OF_TWO = [each if "(" not in each else "default" for each in _FILTERS_OF_TWO]
_STATEMENTS = [
    "{{{{ {0} }}}}",
    "{{% set y = {0} %}}{{{{ {1} }}}}",
    "{{% for y in {0} %}}{{{{ {1} }}}}{{% endfor %}}",
    "{{% for k, y in {0} %}}{{{{ {1} }}}}{{% endfor %}}",
    "{{% if {0} %}}{{% set y = {1} %}}{{% endif %}}{{{{ y | default(v) ~ {1} }}}}",
    "{{% macro f(y) %}}{{{{ {0} }}}}{{% endmacro %}}{{{{ f({1}) }}}}",
    "{{% set y %}}{{{{ {0} }}}}{{% endset %}}{{{{ {1} }}}}",
    "{{% with y = {0} %}}{{{{ {1} }}}}{{% endwith %}}",
]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(_STATEMENTS), _expressions(), _expressions())
def test_nothing_is_refused_at_run_time_that_passed_before(
    project: Project, statement: str, first: str, second: str
) -> None:
    text = statement.format(first, second)
    found = at_run_time(project, text)
    if isinstance(found, Finding) and found.code == "engine/captured-text":
        assert before(project, text), text
