"""The map of templates that nobody would write: the traced render changes nothing, and the oracle finds it right.

`EXAMPLES=2000 pytest tests/test_trace_generated.py` looks further than a test run on every change can afford.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from generator.project.folder import Project, find
from generator.provenance.impact import Index, reach
from generator.provenance.trace import SourceMap, Tracer
from generator.render.engine import Engine
from generator.render.outputs import render_tree
from generator.values.layers import Values
from generator.values.source import KeyPath, leaves
from tests.conftest import Sandbox, examples
from tests.oracle import changed, explains

words = some.sampled_from(["v", "w", "vw"])
counts = some.integers(0, 3)
entries = some.fixed_dictionaries({"on": some.booleans(), "x": counts})
data = some.fixed_dictionaries(
    {
        "a": some.booleans(),
        "b": some.booleans(),
        "n": counts,
        "s": words,
        "items": some.lists(words, max_size=3),
        "m": some.dictionaries(some.sampled_from(["k1", "k2", "k3"]), entries),
    },
    optional={"o": words},
)

SCALARS = """\
n
s
s ~ n
n + 1
n * 2 - 1
-n
s | upper
s | replace("v", s)
s[:1]
x
items | length
items | join(",")
(items | sort | first) | default("none")
items | map("upper") | join
items | map("replace", "v", s) | join
(items | select("equalto", s) | list) | length
items[0] | default(n)
(items | unique | list)[-1] | default(s)
o | default(s)
"yes" if a else s
"yes" if a and n > 1 else "no"
"x" if captured else "y"
(a and s) or n
n if x is defined else s
m | length
m.k1.x | default(0) if m.k1 is defined else 1
(m.k2 | default({"x": 9})).x
m | dictsort | map("first") | join
m.values() | selectattr("on") | map(attribute="x") | sum
m[s] | default(s) | string | length
"%s-%s" | format(s, n)
"%s" % s
"a-b".split("-")[n] | default(s)
"""
CONDITIONS = """\
a
not b
a and not b
a or n == 2
(captured or a) and b
captured
one(n, a)
n > 1
n is odd
a is true
s == "v"
x == s
s in items
s.startswith("v")
items
items | length > 1
"k1" in m
m.k1 is defined and m.k1.x
(m.k2 | default({})).on | default(b)
o is defined
y is defined
"""
scalars = some.sampled_from(SCALARS.splitlines())
conditions = some.sampled_from(CONDITIONS.splitlines())
lines = some.one_of(
    some.just("text\n"),
    some.just("\n"),
    some.just('{% include "_i.j2" %}\n'),
    some.just("{{ far(s) }}\n"),
    some.just("  {{ captured | indent(2) }}\n"),
    some.just("{{ captured | trim }}\n"),
    some.just("{{ captured }}\n"),
    some.just("l: {% for x in items %}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}\n"),
    some.builds("l: {{{{ {} }}}}\n".format, scalars),
    some.builds("l: {{{{ {} }}}}-{{{{ {} }}}}\n".format, scalars, scalars),
    some.builds("l: 1{{% if {} %}}-{{{{ {} }}}}{{% else %}}-{{% endif %}}\n".format, conditions, scalars),
    some.builds("{{{{ one({}, {}) }}}}\n".format, scalars, conditions),
    some.builds("  {{{{ two(m, {}) }}}}\n".format, scalars),
    some.builds("{{% set x = {} %}}\n".format, scalars),
    some.builds("{{% set y = {} %}}\n".format, conditions),
)
BLOCKS = (
    "{{% if {c} %}}\n{0}{{% endif %}}\n",
    "{{% if {c} %}}\n{0}{{% elif {d} %}}\n{1}{{% else %}}\n{2}{{% endif %}}\n",
    "{{% for x in items %}}\n{0}{{% else %}}\nnone\n{{% endfor %}}\n",
    "{{% for k, v in m.items() if v.on %}}\n{{{{ k }}}}={{{{ v.x }}}}\n{0}{{% endfor %}}\n",
    "{{% for x in range(n) %}}\n{0}{{% endfor %}}\n",
    "{{% set captured %}}\n{0}{{% endset %}}\n",
    "{{% with x = {s} %}}\n{0}{{% endwith %}}\n",
    "{{% filter indent(2) %}}\n{0}{{% endfilter %}}\n",
    "{{% call wrap({s}) %}}\n{0}{{% endcall %}}\n",
)
HEAD = """\
{% from "_far_" ~ s ~ ".j2" import far %}
{% macro one(p, q) %}
{% if q %}
one: {{ p }}
{% endif %}
{% endmacro %}
{% macro two(p, q) %}
{% for k in p %}
two: {{ k }}{{ q }}
{% endfor %}
{% endmacro %}
{% macro wrap(p) %}
wrap: {{ p }}
{% if p %}
{{ caller() }}
{% endif %}
{% endmacro %}
{% set x = 1 %}
{% set captured = one(s, b) %}
"""


def nested(inner: some.SearchStrategy[str]) -> some.SearchStrategy[str]:
    bodies = some.lists(some.lists(inner, max_size=3).map("".join), min_size=3, max_size=3)
    return some.builds(
        lambda block, parts, c, d, s: block.format(*parts, c=c, d=d, s=s),
        some.sampled_from(BLOCKS),
        bodies,
        conditions,
        conditions,
        scalars,
    )


templates = some.lists(some.recursive(lines, nested, max_leaves=6), min_size=1, max_size=6).map("".join)


@settings(max_examples=examples(15), deadline=None, derandomize=True, database=None)
@given(templates, data)
def test_the_map_of_any_template_is_right(template: str, content: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        project = prepared(Sandbox(Path(folder)), template)
        engine = Engine(project)
        old = render(project, engine, content)
        if old is None:
            return
        found = Tracer(project, engine).trace(Values("e", content, ())).file("a.env")
        assert found
        assert found.certain, found.reason
        assert found.text == old
        for path, value in leaves(content):
            for other in others(value):
                new = render(project, engine, changed(content, path, other))
                if new is not None and new != old:
                    check(found, old, new, path)


def prepared(sandbox: Sandbox, template: str) -> Project:
    (sandbox.root / "environments").mkdir()
    sandbox.write("templates/a.env.j2", HEAD + template)
    sandbox.write("templates/_i.j2", "included: {{ n }}\n{% if b %}\n{{ captured }}\n{% endif %}\n")
    for word in ("v", "w", "vw"):
        sandbox.write(f"templates/_far_{word}.j2", f"{{% macro far(s) %}}{word}{{{{ s }}}}{{% endmacro %}}\n")
    return find(sandbox.root)


def render(project: Project, engine: Engine, content: dict[str, Any]) -> str | None:
    """Return the file that the template makes, or None where it cannot: a value may be missing."""
    tree, findings = render_tree(engine, Values("e", content, ()))
    return None if findings else "".join(artifact.text for artifact in tree.artifacts)


def others(value: Any) -> list[Any]:
    """Return the other values that may stand in the place of `value`."""
    every: tuple[list[Any], ...] = ([False, True], [0, 1, 2, 3], ["v", "w", "vw"])
    return [other for other in next(each for each in every if type(each[0]) is type(value)) if other != value]


def check(found: SourceMap, old: str, new: str, path: KeyPath) -> None:
    reached = reach(Index(found), path)
    if old and new:
        assert explains(old.splitlines(), new.splitlines(), reached), (path, reached, new)
    else:
        assert reached
