"""The map from output to templates and values: it never changes the output, and it is right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.checks.locate import Locator
from generator.findings import Span, error
from generator.pipeline import Pipeline
from generator.project.folder import find
from generator.provenance.trace import SourceMap, Trace, Tracer
from generator.render.result import RenderResult
from generator.render.tree import Artifact, Tree
from generator.values.source import format_path
from tests.conftest import ROOT, SMALL, Sandbox

SCHEMA = '{"type": "object"}'

Traced = Callable[..., SourceMap]


def traces(root: Path) -> list[tuple[RenderResult, Trace]]:
    pipeline = Pipeline(find(root))
    tracer = Tracer(pipeline.project, pipeline.engine)
    names = pipeline.project.environment_names()
    return [(proof, tracer.trace(proof.values)) for proof in pipeline.validate_and_render(names)]


@pytest.fixture
def traced(tmp_path: Path) -> Traced:
    """Trace one template, `a.yaml.j2` by default, with the values of a YAML text."""

    def trace_one(values: str, template: str, name: str = "a.yaml", **others: str) -> SourceMap:
        project = Sandbox(tmp_path)
        project.write("environments/schema.json", SCHEMA)
        project.write("environments/base.yaml", "{}\n")
        project.write("environments/e.yaml", values)
        project.write(f"templates/{name}.j2", template)
        for partial, text in others.items():
            project.write(f"templates/_{partial}.j2", text)
        ((_, trace),) = traces(tmp_path)
        found = trace.file(name)
        assert found
        return found

    return trace_one


def written(found: SourceMap) -> list[tuple[str, ...]]:
    """Return, for each line below the header, each segment with what it is made of and what decided it."""
    return [
        tuple(_segment(found, number, index) for index in range(len(found.lines[number])))
        for number in range(2, len(found.lines))
    ]


def _segment(found: SourceMap, line: int, index: int) -> str:
    segment = found.lines[line][index]
    text = found.text.split("\n")[line][segment.start : segment.end]
    parts = (("=", segment.tag.values), ("key ", segment.tag.keys), ("if ", segment.decides))
    made = [sign + format_path(path) for sign, paths in parts for path in sorted(paths, key=str)]
    assert segment.location
    return f"{segment.location[1]}:{segment.location[2]} {text}" + (f" <{' '.join(made)}>" if made else "")


@pytest.mark.parametrize("root", [ROOT, SMALL], ids=["real", "small"])
def test_the_traced_render_without_its_marks_is_the_plain_one(root: Path) -> None:
    for proof, trace in traces(root):
        assert proof.tree
        plain = {artifact.path: artifact.text for artifact in proof.tree.artifacts}
        maps = {found.path: found for found in trace.files()}
        assert [found.reason for found in maps.values() if not found.certain] == []
        assert {path: found.text for path, found in maps.items() if found.text} == plain
        for path, text in plain.items():
            lines = text.split("\n")[:-1]
            assert len(maps[path].lines) == len(lines), path
            for line, segments in zip(lines, maps[path].lines, strict=True):
                assert "".join(line[segment.start : segment.end] for segment in segments) == line, (
                    path,
                    line,
                )


def test_a_line_is_its_text_and_its_values(traced: Traced) -> None:
    found = traced("a: {b: 1, c: x}\n", 'k: {{ a.b }}\nl: "{{ a.c }}-{{ a.b }}"\n')
    assert written(found) == [
        ("1:1 k: ", "1:4 1 <=a.b>"),
        ('2:1 l: "', "2:5 x <=a.c>", "2:14 -", "2:15 1 <=a.b>", '2:24 "'),
    ]


def test_a_condition_decides_its_lines_and_not_those_around(traced: Traced) -> None:
    found = traced("on: true\n", "a: 1\n{% if on %}\nb: 2\n{% else %}\nc: 3\n{% endif %}\nd: 4\n")
    assert written(found) == [("1:1 a: 1",), ("3:1 b: 2 <if on>",), ("7:1 d: 4",)]


def test_a_branch_that_is_not_taken_leaves_a_hole(traced: Traced) -> None:
    found = traced("on: false\n", "a: 1\n{% if on %}\nb: 2\n{% endif %}\nd: 4\n")
    (omission,) = found.omissions
    assert (omission.line, omission.inline) == (4, False)
    assert omission.decides == {("on",)}


def test_only_the_conditions_that_were_looked_at_decide(traced: Traced) -> None:
    template = "{% if a and b %}\nx: 1\n{% elif c %}\ny: 2\n{% else %}\nz: 3\n{% endif %}\n"
    assert written(traced("{a: true, b: true, c: true}\n", template)) == [("2:1 x: 1 <if a if b>",)]
    assert written(traced("{a: false, b: true, c: true}\n", template)) == [("4:1 y: 2 <if a if c>",)]
    assert written(traced("{a: true, b: false, c: false}\n", template)) == [("6:1 z: 3 <if a if b if c>",)]


def test_each_round_of_a_loop_has_its_own_entry(traced: Traced) -> None:
    template = "{% for k, v in m.items() if v.on %}\n{{ k }}: {{ v.n }}\n{% endfor %}\nend: 1\n"
    found = traced("m: {a: {n: 1, on: true}, b: {n: 2, on: false}, c: {n: 3, on: true}}\n", template)
    assert written(found) == [
        ("2:1 a <key m.a if m.a.on>", "2:8 :  <if m.a.on>", "2:10 1 <=m.a.n if m.a.on>"),
        (
            "2:1 c <key m.c if m.c.on>",
            "2:8 :  <if m.c.on>",
            "2:10 3 <=m.c.n if m.c.on>",
        ),
        ("4:1 end: 1",),
    ]
    assert {path for omission in found.omissions for path in omission.decides} == {("m", "b", "on"), ("m",)}


def test_a_value_is_followed_through_set_macro_include_and_filter(traced: Traced) -> None:
    found = traced(
        "{p: oet, n: [b, a], t: 5}\n",
        '{% from "_m.j2" import line %}\n'
        '{% set name = p ~ "-x" %}\n'
        "{{ line(name | upper, n | sort | first) }}\n"
        '{% include "_i.j2" %}\n',
        m="{% macro line(a, b) %}\n{{ a }}: {{ b }}\n{% endmacro %}\n",
        i="t: {{ t * 2 }}\nname: {{ name[:2] }}\n",
    )
    assert written(found) == [
        ("2:1 OET-X <=p>", "2:8 : ", "2:10 a <=n[1] if n[0]>"),
        ("1:1 t: ", "1:4 10 <=t>"),
        ("2:1 name: ", "2:7 oe <=p>"),
    ]
    frames = [[frame.kind for frame in segments[0].frames] for segments in found.lines[2:]]
    assert frames == [["macro"], ["include"], ["include"]]


def test_a_name_that_one_branch_sets_is_decided_by_the_condition(traced: Traced) -> None:
    template = "{% set x = 1 %}\n{% if on %}\n{% set x = n %}\n{% endif %}\na: {{ x }}\n"
    assert written(traced("{on: true, n: 2}\n", template)) == [("5:1 a: ", "5:4 2 <=n if on>")]
    assert written(traced("{on: false, n: 2}\n", template)) == [("5:1 a: ", "5:4 1 <if on>")]


def test_a_choice_inside_an_expression_decides(traced: Traced) -> None:
    found = traced("{s: x, t: y}\n", "a: {{ s if t == 'y' else 'none' }}\n")
    assert written(found) == [("1:1 a: ", "1:4 x <=s if t>")]


def test_a_value_that_is_not_there_decides_too(traced: Traced) -> None:
    found = traced("m: {a: 1}\n", "{% if m.b is not defined and c is not defined %}\na: 1\n{% endif %}\n")
    assert written(found) == [("2:1 a: 1 <if c if m.b>",)]


def test_a_whole_map_names_the_entry_of_each_line(traced: Traced) -> None:
    found = traced("m: {a: 1, b: [2, 3]}\n", "m:\n  {{ m | yaml }}\n")
    assert written(found)[1:] == [
        ("2:1   ", "2:3 a <key m.a>", "2:3 :  <=m>", "2:3 1 <=m.a>"),
        ("2:3    <=m>", "2:3 b <key m.b>", "2:3 : <=m>"),
        ("2:3     -  <=m>", "2:3 2 <=m.b[0]>"),
        ("2:3     -  <=m>", "2:3 3 <=m.b[1]>"),
    ]


def test_a_map_that_is_an_item_names_the_entry_of_each_line(traced: Traced) -> None:
    found = traced("m: {a: 1, b: {c: 2}}\n", "m:\n- x\n- {{ m | yaml }}\n")
    assert found.text.split("\n")[2:-1] == ["m:", "- x", "- a: 1", "  b:", "    c: 2"]
    assert written(found)[2:] == [
        ("3:1 - ", "3:3 a <key m.a>", "3:3 :  <=m>", "3:3 1 <=m.a>"),
        ("3:3    <=m>", "3:3 b <key m.b>", "3:3 : <=m>"),
        ("3:3      <=m>", "3:3 c <key m.b.c>", "3:3 :  <=m>", "3:3 2 <=m.b.c>"),
    ]


def test_a_list_that_is_text_is_one_value(traced: Traced) -> None:
    template = (
        "{% if on %}\na: '{{ t | json }}'\n{% endif %}\nb: {{ [t[0], on] | flow }}\nc: x{{ [u] | json }}\n"
    )
    found = traced("t: [a, it's]\nu: true\non: true\n", template)
    assert found.certain
    assert written(found) == [
        ("2:1 a: ' <if on>", '2:5 ["a", "it\'\'s"] <=t if on>', "2:19 ' <if on>"),
        (
            "4:1 b: ",
            "4:4 [ <if on if t[0]>",
            "4:4 a <=t[0] if on>",
            "4:4 ,  <if on if t[0]>",
            "4:4 true <=on if t[0]>",
            "4:4 ] <if on if t[0]>",
        ),
        ('5:1 c: "x', '5:5 [true]" <=u>'),
    ]
    (value,) = [segment.value for segment in found.lines[2] if segment.tag.values]
    assert value == '["a", "it\'s"]'


def test_the_text_of_a_macro_that_is_empty_decides_the_line(traced: Traced) -> None:
    found = traced(
        "on: false\n",
        '{% from "_m.j2" import m %}\n{% set text = m(on) %}\n'
        "a: 1\n{{ text }}\n{% if text %}\nb: 1\n{% else %}\nc: 1\n{% endif %}\n",
        m="{% macro m(on) %}\n{% if on %}\nx: 1\n{% endif %}\n{% endmacro %}\n",
    )
    assert written(found) == [("3:1 a: 1",), ("8:1 c: 1 <if on>",)]
    assert any(omission.line == 4 and omission.decides == {("on",)} for omission in found.omissions)


def test_what_cannot_be_followed_says_so_and_nothing_else(traced: Traced) -> None:
    found = traced("a: {b: {c: 1}}\n", "{% for k in a recursive %}\n{{ k }}: 1\n{% endfor %}\n")
    assert (found.certain, found.lines, found.reason) == (False, (), "it has a recursive loop")


def test_a_file_that_is_not_made_says_why(traced: Traced) -> None:
    found = traced("on: false\n", "{% if on %}\na: 1\n{% endif %}\n")
    assert found.text == ""
    assert [omission.decides for omission in found.omissions] == [{("on",)}]


def test_a_value_of_many_lines_is_in_each_of_them(traced: Traced) -> None:
    found = traced('t: "a\\nb"\n', "t: |\n  x {{ t }} y\nz: 1\n")
    assert written(found) == [
        ("1:1 t: |",),
        ("2:1   x ", "2:5 a <=t>"),
        ("2:5   b <=t>", "2:12  y"),
        ("3:1 z: 1",),
    ]


def test_the_quotes_around_text_belong_to_what_they_stand_beside(traced: Traced) -> None:
    found = traced('v: ye\nw: "b: c"\n', 'a: {{ v }}s\nb: x"{{ w }}-{{ w }} # y\nc: {{ v }}\n')
    assert found.text.split("\n")[2:] == ['a: "yes"', 'b: "x\\"b: c-b: c" # y', "c: ye", ""]
    assert written(found) == [
        ("1:1 a: ", '1:4 "ye <=v>', '1:11 s"'),
        ('2:1 b: "x\\"', "2:6 b: c <=w>", "2:13 -", '2:14 b: c" <=w>', "2:21  # y"),
        ("3:1 c: ", "3:4 ye <=v>"),
    ]


def test_an_imported_module_does_not_keep_the_marks_of_another_file(tmp_path: Path) -> None:
    project = Sandbox(tmp_path)
    project.write("environments/schema.json", SCHEMA)
    project.write("environments/base.yaml", "{}\n")
    project.write("environments/e.yaml", "{}\n")
    project.write("templates/_m.j2", '{% set w %}{{ "w" }}{% endset %}{% macro m() %}{{ w }}{% endmacro %}')
    template = '{% from "_m.j2" import m %}\na: "{{ "x" }}"\nb: "{{ m() }}"\n'
    for name in ("a", "b"):
        project.write(f"templates/{name}.yaml.j2", template)
    assert project.oetgen("render", "e").status == 0
    assert project.read("out/e/b.yaml").endswith('a: "x"\nb: "w"\n')


def test_a_finding_about_an_output_line_is_shown_at_the_template(project: Sandbox) -> None:
    (trace,) = [trace for proof, trace in traces(project.root) if proof.env == "prod"]
    found = trace.file("k8s/backend-deployment.yaml")
    assert found
    number = found.text.split("\n").index("        - containerPort: 8000") + 1
    place = Span("out/prod/k8s/backend-deployment.yaml", number, 28, 4, "        - containerPort: 8000")
    tree = Tree("prod", (Artifact("k8s/backend-deployment.yaml", "kubernetes", found.text, found.template),))
    shown = Locator(tree, trace.values, lambda _: trace).finding(error("checks/x", "wrong", place))
    assert shown.at
    assert shown.at.path == "templates/k8s/{service}-deployment.yaml.j2"
    assert shown.at.text[shown.at.column - 1 :].startswith("{{ service.port }}")
    notes = [(note.message, note.at.path if note.at else "") for note in shown.notes]
    assert notes == [
        ("generates this line", place.path),
        ("services.backend.port is set here", "environments/base.yaml"),
    ]


CAUSES = [
    # the template, the place in line 3 of the output, and the labels and values of the notes
    ('memory: "{{ a }}"', 9, 4, ["set a"]),  # the quote before the value
    ("memory: {{ a }}", 1, 6, ["set a"]),  # the key beside it
    ("memory: {{ a }}", 9, 2, ["set a"]),
    ("name: {{ a }}-{{ b }}", 7, 2, ["set a"]),
    ("name: {{ a }}-{{ b }}", 10, 2, ["set b"]),
    ("name: {{ a }}-{{ b }}", 7, 5, ["set a", "set b"]),
    ("name: {{ a }}-{{ b }}", 1, 4, ["set a", "set b"]),
    ("name: {{ a }} # {{ b }}", 7, 2, ["set a"]),
    ("{% if yes_ %}open: true{% endif %}", 7, 4, ["if yes_"]),  # chosen by a value, and literal
    ("{% if yes_ %}{% if b %}open: true{% endif %}{% endif %}", 7, 4, ["if b"]),
    ("{% if yes_ %}name: {{ a }}{% endif %}", 7, 2, ["set a"]),
    ("open: true", 7, 4, []),
    ("{% for key in map %}name: {{ key }}{% endfor %}", 7, 3, ["for map.one"]),
    (
        "{% for key, value in map.items() %}name: {{ key }}{{ value }}{% endfor %}",
        7,
        4,
        ["set map.one", "for map.one"],
    ),
    ("list: {{ list | flow }}", 8, 1, ["set list[0]"]),
    ("list: {{ list | flow }}", 11, 1, ["set list[1]"]),
]


@pytest.mark.parametrize(("template", "column", "length", "expected"), CAUSES)
def test_a_finding_about_the_output_names_the_values_to_change(
    tmp_path: Path, template: str, column: int, length: int, expected: list[str]
) -> None:
    project = Sandbox(tmp_path)
    project.write("environments/schema.json", SCHEMA)
    project.write("environments/base.yaml", "a: xx\nb: yy\nyes_: true\nmap: {one: z}\nlist: [p, q]\n")
    project.write("environments/e.yaml", "{}\n")
    project.write("templates/a.yaml.j2", template + "\n")
    ((proof, trace),) = traces(tmp_path)
    assert proof.tree
    text = proof.tree.artifacts[0].text.split("\n")[2]
    at = Span("out/e/a.yaml", 3, column, length, text)
    found = Locator(proof.tree, proof.values, lambda _: trace).finding(error("checks/x", "wrong", at))
    shown = [f"{note.label} {note.value}" for note in found.notes if note.value]
    assert shown == expected, text
