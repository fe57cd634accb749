"""Files compared by what they mean: order, comments and formatting do not count, everything else does."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.changes.diff import compare_files, path_text
from generator.changes.diff.files import read
from generator.languages.node import summary


def differences(path: str, old: str, new: str) -> list[str]:
    """Return what differs as `part path: old -> new`."""
    return [
        f"{group} {path_text(each.path)}: {summary(each.old)} -> {summary(each.new)}".strip()
        for change in compare_files({path: old}, {path: new})
        for group, changes in change.groups
        for each in changes
    ]


def test_yaml_by_key() -> None:
    old = "# one\na: 1\nb: {c: x, d: [1, 2]}\n"
    assert differences("x.yaml", old, "b:\n  d: [1, 2]\n  c: 'x' # same\na: 1\n") == []
    assert differences("x.yaml", old, "a: 2\nb: {c: x, d: [1, 3]}\ne: new\n") == [
        "a: 1 -> 2",
        "b.d: [1, 2] -> [1, 3]",
        "e: nothing -> new",
    ]


def test_the_type_of_a_scalar_counts() -> None:
    assert differences("x.yaml", "a: 1\nb: true\nc: x\n", 'a: "1"\nb: 1\nc: x\n') == [
        'a: 1 -> "1"',
        "b: true -> 1",
    ]


def test_the_key_on_of_a_workflow_is_text() -> None:
    path = ".github/workflows/x.yml"
    assert differences(path, "on: push\n", "on: pull_request\n") == ["on: push -> pull_request"]


def test_objects_of_kubernetes_by_kind_and_name_whatever_their_order() -> None:
    one = "kind: Service\nmetadata: {name: a}\nspec: {x: 1}\n"
    two = "kind: Service\nmetadata: {name: b}\nspec: {x: 1}\n"
    assert differences("k8s/x.yaml", f"{one}---\n{two}", f"{two}---\n{one}") == []
    changed = two.replace("x: 1", "x: 2")
    assert differences("k8s/x.yaml", f"{one}---\n{two}", f"{changed}---\n{one}") == [
        "Service b spec.x: 1 -> 2"
    ]
    assert differences("k8s/x.yaml", f"{one}---\n{two}", one) == [
        "Service b : {kind: Service, metadata: {name: b}, spec: {x: 1}} -> nothing"
    ]


def test_items_of_a_list_by_their_names() -> None:
    old = "env:\n- {name: A, value: one}\n- {name: B, value: two}\n"
    new = "env:\n- {name: B, value: two}\n- {name: C, value: three}\n- {name: A, value: other}\n"
    assert differences("x.yaml", old, new) == [
        "env[A].value: one -> other",
        "env[C]: nothing -> {name: C, value: three}",
        "env[order]: A, B -> B, C, A",
    ]


def test_items_without_names_by_what_stays() -> None:
    old = "steps:\n- {run: a}\n- {run: b}\n- {run: c}\n"
    new = "steps:\n- {run: a}\n- {run: x}\n- {run: b}\n- {run: c}\n"
    assert differences("x.yaml", old, new) == ["steps[1]: nothing -> {run: x}"]


def test_an_action_is_known_without_its_version() -> None:
    path = ".github/workflows/x.yml"
    old = "jobs: {test: {steps: [{uses: actions/checkout@v4}, {run: make}]}}\n"
    assert differences(path, old, old.replace("v4", "v5")) == [
        "jobs.test.steps[0].uses: actions/checkout@v4 -> actions/checkout@v5"
    ]


HCL = """
# comment
resource "aws_db_instance" "main" {
  engine = "postgres" // another
  tags   = { Name = "x", Env = var.env }
  names  = ["a", "b"]

  ingress {
    description = "one"
    port        = 1
  }
  ingress {
    description = "two"
    port        = 1 + 1
  }
  text = <<-EOT
    hello ${var.env}
  EOT
}
"""


def test_hcl_by_block_and_argument() -> None:
    same = """
resource aws_db_instance main {
  ingress {
    port = 1
    description = "one"
  }
  tags = {
    Env  = var.env
    Name = "x",
  }
  names = [
    "a", # first
    "b",
  ]
  ingress {
    description = "two"
    port = 1   +   1
  }
  engine = "postgres"
  text = <<-EOT
    hello ${var.env}
  EOT
}
"""
    assert differences("terraform/main.tf", HCL, same) == []
    changed = HCL.replace('"postgres"', '"mysql"').replace("1 + 1", "2").replace("var.env }", "var.other }")
    assert differences("terraform/main.tf", HCL, changed) == [
        "resource.aws_db_instance.main engine: postgres -> mysql",
        "resource.aws_db_instance.main tags.Env: var.env -> var.other",
        "resource.aws_db_instance.main ingress[two].port: 1 + 1 -> 2",
    ]


def test_labels_of_blocks_count() -> None:
    one = 'terraform {\n  backend "s3" {\n    bucket = "a"\n  }\n}\n'
    assert differences("x.tf", one, one.replace("s3", "gcs")) == [
        "terraform backend[s3]: s3 {bucket: a} -> nothing",
        "terraform backend[gcs]: nothing -> gcs {bucket: a}",
    ]


def test_a_text_is_not_the_expression_that_looks_like_it() -> None:
    assert differences("terraform/x.tf", 'locals {\n a = "var.b"\n}\n', "locals {\n a = var.b\n}\n") == [
        "locals a: var.b -> var.b"
    ]


DOCKERFILE = """# syntax=docker/dockerfile:1
FROM node:24-alpine AS base
RUN apk add --no-cache \\
    # the reason
    libc6-compat
ENV PORT=8000
ENV NODE_ENV=production
EXPOSE 8000
FROM base AS runner
USER 1001
CMD ["node", "index.js"]
"""


def test_dockerfiles_by_instruction() -> None:
    same = DOCKERFILE.replace(" \\\n    # the reason\n    libc6-compat", " libc6-compat").replace(
        "ENV PORT", "\n\nENV  PORT"
    )
    assert differences("x/Dockerfile", DOCKERFILE, same) == []
    changed = (
        DOCKERFILE.replace("8000", "9000").replace("USER 1001", "USER root").replace("AS base", "AS first", 1)
    )
    changed = changed.replace("FROM base", "FROM first").replace("AS first", "AS base", 1)
    assert differences("x/Dockerfile", DOCKERFILE, changed) == [
        "base [ENV PORT]: ENV PORT=8000 -> ENV PORT=9000",
        "base [EXPOSE 8000]: EXPOSE 8000 -> nothing",
        "base [EXPOSE 9000]: nothing -> EXPOSE 9000",
        "runner [FROM]: FROM base -> FROM first",
        "runner [USER]: USER 1001 -> USER root",
    ]


def test_blanks_in_quotes_flags_and_the_form_of_a_dockerfiles_instruction_count() -> None:
    old = 'FROM a\nRUN echo "b  c"\nCMD ["d",  "e"]\n'
    changed = old.replace("b  c", "b c").replace("FROM", "FROM --platform=x").replace('"d",  "e"', '"d", "e"')
    assert differences("Dockerfile", old, changed) == [
        "0 [FROM]: FROM a -> FROM --platform=x a",
        '0 [RUN echo "b  c"]: RUN echo "b  c" -> nothing',
        '0 [RUN echo "b c"]: nothing -> RUN echo "b c"',
    ]


def test_a_heredoc_of_a_dockerfile_is_one_instruction() -> None:
    old = "FROM a\nRUN <<EOF\necho FROM b\nEOF\nUSER x\n"
    assert differences("Dockerfile", old, old.replace("FROM b", "FROM c")) == [
        '0 [RUN <<EOF\necho FROM b\nEOF]: "RUN <<EOF\\necho FROM b\\nEOF" -> nothing',
        '0 [RUN <<EOF\necho FROM c\nEOF]: nothing -> "RUN <<EOF\\necho FROM c\\nEOF"',
    ]


def test_other_files_by_line_without_what_oetgen_writes_at_the_top() -> None:
    old = "#!/bin/sh\n# Made by oetgen from templates/a.sh.j2: do not edit.\necho a\n"
    new = "#!/bin/sh\n# Made by oetgen from templates/b.sh.j2: do not edit.\n\necho b\n"
    assert differences("x.sh", old, new) == ["line: echo a -> nothing", "line: nothing -> echo b"]


def test_lines_have_their_numbers() -> None:
    [change] = compare_files({"x.sh": "a\n\nb\n"}, {"x.sh": "a\n\n\nc\n"})
    assert [each.line for _, group in change.groups for each in group] == [3, 4]


def test_parts_of_one_name_are_numbered() -> None:
    old = "---\n".join(f"a: {number}\n" for number in range(4))
    assert differences("x.yaml", old, old.replace("a: 2", "a: 5").replace("a: 3", "a: 6")) == [
        "#3 a: 2 -> 5",
        "#4 a: 3 -> 6",
    ]


@pytest.mark.parametrize(
    ("count", "expected"),
    [(8, "a: [0, 1, 2, 3, 4, 5, 6, 7] -> [0, 1, 2, 3, 4, 5, 6, x]"), (9, "a[8]: 8 -> nothing")],
)
def test_a_short_list_of_scalars_is_one_value(count: int, expected: str) -> None:
    old = json.dumps({"a": list(range(count))})
    assert differences("x.json", old, old.replace(f"{count - 1}]", '"x"]'))[0] == expected


def test_files_that_come_and_go_and_have_another_path() -> None:
    found = compare_files({"a.sh": "x\n", "b.sh": "y\n"}, {"c.sh": "x\n", "d.sh": "z\n"}, {"d.sh": "b.sh"})
    assert [(each.old_path, each.path) for each in found] == [
        ("a.sh", None),
        (None, "c.sh"),
        ("b.sh", "d.sh"),
    ]


def test_a_file_that_cannot_be_read_is_compared_by_line_with_the_reason() -> None:
    [change] = compare_files({"x.yaml": "a: ["}, {"x.yaml": "a: [["})
    assert change.note == (
        "compared by line: did not find expected node content while parsing a flow node (line 1)"
    )
    assert [each.path for _, group in change.groups for each in group] == [("line",), ("line",)]
    [change] = compare_files({"x.tf": "a {"}, {"x.tf": "b {"})
    assert change.note == "compared by line: expected }, found the end of the file (line 1)"


def test_a_key_that_occurs_twice_is_a_reason_too() -> None:
    [change] = compare_files({"x.yaml": "a: 1\n"}, {"x.yaml": "a: 1\nb:\na: 2\n"})
    assert change.note == 'compared by line: the key "a" occurs twice in one map (line 3)'


_DEEP = "[" * 150 + "]" * 150
_LAUGHS = "\n".join(
    ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))]
)
_LADDER = "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 2_000))])


@pytest.mark.parametrize("text", [_DEEP, _LAUGHS, _LADDER], ids=["nesting", "aliases", "aliases-in-depth"])
def test_what_is_too_deep_or_too_large_is_a_reason_and_no_exception(text: str) -> None:
    [change] = compare_files({"x.yaml": text}, {"x.yaml": f"{text}\n# more\nb: 1\n"})
    assert change.note.startswith("compared by line: the YAML is nested too deeply or too large (line ")


@pytest.mark.parametrize("count", [1, 20])
def test_long_texts_of_a_list_count_to_their_last_character(count: int) -> None:
    old = json.dumps({"args": ["x" * 20_000 + "a", *map(str, range(count))]})
    assert len(differences("x.json", old, old.replace("xa", "xb"))) == 1
    steps = json.dumps({"steps": [{"run": "x" * 20_000 + "a"}] * count})
    assert len(differences("x.json", steps, steps.replace("xa", "xb"))) == count


def test_true_is_not_one_in_a_list_either() -> None:
    assert differences("x.json", '{"a": [true]}', '{"a": [1]}') == ["a: [true] -> [1]"]
    assert differences("x.json", '{"a": [{"b": true}]}', '{"a": [{"b": 1}]}') == ["a[0].b: true -> 1"]


def test_an_empty_map_or_list_is_something() -> None:
    assert differences("x.yaml", "a: {}\n", "b: []\n") == ["a: {} -> nothing", "b: nothing -> []"]
    [change] = compare_files({"x.yaml": "\na: {}\n"}, {"x.yaml": "\n\na: []\n"})
    assert [each.line for _, group in change.groups for each in group] == [3]


_WORDS = st.text("ab1 -.:#", max_size=4)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | _WORDS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "name", "id"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # how busy the machine is
@given(DATA, DATA)
def test_two_documents_differ_exactly_when_their_data_do(old: object, new: object) -> None:
    """Whatever the data: nothing differs from itself, and what is different is found."""
    before, after = (json.dumps({"top": value}) for value in (old, new))
    assert differences("x.json", before, before) == []
    assert bool(differences("x.json", before, after)) == (_typed(old) != _typed(new))


def _typed(value: object) -> object:
    """Return a value of which true is not 1, and the order of keys does not count."""
    if isinstance(value, dict):
        return {key: _typed(inner) for key, inner in value.items()}
    return [_typed(inner) for inner in value] if isinstance(value, list) else (type(value), value)


@given(st.text(max_size=60))
def test_any_text_is_read_or_has_a_problem(text: str) -> None:
    for path in ("x.yaml", "x.tf", "Dockerfile", "x.sh"):
        result = read(path, text)
        for problem in result.problems if result else ():
            assert problem.message
            assert 1 <= problem.at.line <= text.count("\n") + 1


def test_long_texts_with_repeated_lines_are_compared_around_the_lines_that_each_has_once() -> None:
    """As a runbook with a section for each service: the time would grow with the square of their number."""
    old = "".join(f"# service {number}\n" + "the same\nas ever\n" * 20 for number in range(200))
    start = time.process_time()
    found = differences("a.md", old, old.replace("# service 7\nthe same\n", "# service 7\nanother\n"))
    assert time.process_time() - start < 1
    assert found == ["line: the same -> nothing", "line: nothing -> another"]
