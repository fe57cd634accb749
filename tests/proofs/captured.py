"""Templates made at random over captured text and values: what passes before the render is not refused by it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from generator.findings import Finding
from generator.languages.site import MARK
from generator.project.folder import Project
from generator.render.engine import Engine, RenderError
from generator.render.typecheck import check_templates
from generator.values.layers import load_values
from generator.values.schema import load_schema
from tests.proofs.fuzz import limits

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

PARTIALS = {
    "_part.j2": "{{ x ~ v }}",
    "_lib.j2": "{% macro made(a) %}made {{ a }}{% endmacro %}{% set kept %}kept {{ v }}{% endset %}",
    "_base.j2": "{% block own %}base {{ v }}{% endblock %}",
}


def project(root: Path) -> Project:
    """Return a project whose template the functions below write."""
    for folder in ("environments", "templates"):
        (root / folder).mkdir(parents=True)
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
_FILTERS_OF_TWO = "default join indent trim format required".split()
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


# tests/cases/captured-text-at-run-time.case: an argument whose type only the render knows may be a number.
_ONLY_AT_RUN_TIME = "cannot go through | indent with a string"


def agree(count: int, root: Path) -> int:
    """Return how many of `count` templates the render refuses, and raise when one of them passed before."""
    made = project(root)
    refused = 0

    @limits(count)
    @given(st.sampled_from(_STATEMENTS), _expressions(), _expressions())
    def run(statement: str, first: str, second: str) -> None:
        nonlocal refused
        text = statement.format(first, second)
        found = at_run_time(made, text)
        if isinstance(found, Finding) and found.code == "engine/captured-text":
            refused += 1
            assert before(made, text) or _ONLY_AT_RUN_TIME in found.message, text

    run()
    return refused
