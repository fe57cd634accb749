"""GitHub workflows: no value makes or leaves an expression, and a script gets it as one word."""

from __future__ import annotations

import re
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.languages import Scalar
from tests.conftest import rows
from tests.languages.helpers import (
    HOLE,
    as_text,
    has_one_site_per_mark,
    join,
    proves,
    refuses,
    render,
    rendered,
    scalars,
    shapes,
    texts,
)
from tests.languages.shells import BOTH, run

WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    if: @if
    env:
      A: @env
    steps:
    - uses: x
    - name: b
      run: @run
      shell: @shell
"""


def workflow(**parts: str) -> str:
    """Return the workflow with these parts."""
    text = WORKFLOW
    for name in ("if", "env", "run", "shell"):
        text = text.replace(f"@{name}", parts.get(name, "bash"))
    return text


def job(text: str) -> Any:
    return yaml.safe_load(text)["jobs"]["test"]


Part = tuple[str, str]


def parts_of(text: str) -> list[Part]:
    """Split `text` into ("text", …) and ("expression", …) as the runner does.

    An expression goes from `${{` to the next `}}` that stands in no string (docs.github.com, "Evaluate
    expressions in workflows and actions").
    """
    found: list[Part] = []
    while "${{" in text:
        before, _, rest = text.partition("${{")
        end = re.match(r"((?:'[^']*'|(?!\}\})[^'])*)\}\}", rest)
        assert end, f"no end: {text}"
        found += [("text", before), ("expression", end[1])]
        text = rest[end.end() :]
    return [*found, ("text", text)]


TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>'(?:[^']|'')*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_-]*)
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
    | (?P<operator>&&|\|\||[=!]=|[<>]=?|[][().,!*]))""",
    re.VERBOSE,
)


def tokens(expression: str) -> list[Part]:
    """Split an expression into literals, names and operators, by the lexical rules of the same page.

    A string is in single quotes, and two of them stand for one in it.
    """
    found, position = [], 0
    while expression[position:].strip():
        token = TOKEN.match(expression, position)
        assert token, f"{expression!r} at {position}"
        kind = token.lastgroup or ""
        text = token[kind]
        found.append((kind, text[1:-1].replace("''", "'") if kind == "string" else text))
        position = token.end()
    return found


def test_expressions_stand_and_ordinary_values_too() -> None:
    shape = workflow(
        run="npm run • --tag ${{ github.sha }}",
        env='"${{ secrets.• }}"',
        **{"if": "github.ref == 'refs/heads/•'"},
    )
    found = job(render("github", shape, "main", "KEY", "build"))
    assert found["if"] == "github.ref == 'refs/heads/main'"
    assert found["env"]["A"] == "${{ secrets.KEY }}"
    assert found["steps"][1]["run"] == "npm run build --tag ${{ github.sha }}"


def test_a_key_keeps_its_type_as_in_any_yaml() -> None:
    assert render("github", "env:\n  •: a\n  •: b\n", 5, "5") == 'env:\n  5: a\n  "5": b\n'


TEXTS = (
    "•",
    '"•"',
    "'x•'",
    '"• ${{ a.b }}"',
    '"${{ a.b }}•"',
    '"•${{ a.b }}"',
    '"$•"',
    '"$•{{ x }}"',
    '"${•{ x }}"',
    '"••"',
    '"$•{ x"',
    "x-•",
)


@given(st.sampled_from(TEXTS), texts(), texts())
@proves
def test_a_value_is_never_an_expression(quoted: str, one: str, two: str) -> None:
    values = [one, two][: quoted.count(HOLE)]
    for text in rendered("github", workflow(env=quoted), *values):
        found = job(text)["env"]["A"]
        assert found == join(yaml.safe_load(quoted), values)
        written = parts_of(yaml.safe_load(quoted).replace("$•{{ x }}", "•").replace("${•{ x }}", "•"))
        assert [part for kind, part in parts_of(found) if kind == "expression"] == [
            part for kind, part in written if kind == "expression"
        ]


@given(
    st.sampled_from(
        ["${{ a == '•' && b }}", "${{ f('x•', '}}') }}", "${{ a['•'] }}-${{ b }}", "${{ '••' == a }}"]
    ),
    texts(),
    texts(),
)
@proves
def test_a_string_in_an_expression(shape: str, one: str, two: str) -> None:
    values = [one, two][: shape.count(HOLE)]
    for text in rendered("github", workflow(env=f'"{shape}"'), *values):
        found = [
            tokens(part) if kind == "expression" else part for kind, part in parts_of(job(text)["env"]["A"])
        ]
        pattern = [
            tokens(part) if kind == "expression" else part
            for kind, part in parts_of(shape.replace("••", "•"))
        ]
        assert found == [
            [(kind, part.replace("•", "".join(values))) for kind, part in item]
            if isinstance(item, list)
            else item
            for item in pattern
        ]


BARE = ("${{ • }}", "${{ •.b }}", "${{ f(•, 1) }}", "${{ •(1) }}")
IN_NAME = ("${{ a.• }}", "${{ a.x-• == 1 }}", "${{ a.•b }}")


@given(st.sampled_from(BARE + IN_NAME), scalars())
@proves
def test_a_bare_place_in_an_expression_takes_one_name_or_literal(shape: str, value: Scalar) -> None:
    for text in rendered("github", workflow(env=f'"{shape}"'), value):
        found = tokens(parts_of(job(text)["env"]["A"])[1][1])
        pattern = tokens(parts_of(shape.replace("•", "zzz"))[1][1])
        assert (
            found == [(kind, part.replace("zzz", as_text(value))) for kind, part in pattern] or shape in BARE
        )
        if shape in BARE:
            place = next(index for index, (_, part) in enumerate(pattern) if part == "zzz")
            kind, part = found.pop(place)
            assert found == [token for token in pattern if token[1] != "zzz"]
            assert (kind == "number") == (type(value) in (int, float))
            assert (part in ("true", "false")) == isinstance(value, bool)
            assert part == as_text(value)


@given(
    st.sampled_from(["github.ref == 'refs/heads/•'", "a == '•' && b", "'••' != a"]),
    st.sampled_from(['"{}"', "{}"]),
    texts(),
)
@proves
def test_a_condition_is_an_expression_by_itself(shape: str, quotes: str, value: str) -> None:
    if shape[0] == "'" and quotes == "{}":
        return
    for text in rendered("github", workflow(**{"if": quotes.format(shape)}), *[value] * shape.count(HOLE)):
        pattern = tokens(shape)
        assert tokens(job(text)["if"]) == [(kind, part.replace("•", value)) for kind, part in pattern]


# A script in YAML, and the words that its commands are given; an expression is replaced by the text `out`.
RUNS = (
    ("p •", ("•",)),
    ("p x-• y", ("x-•", "y")),
    ('"p •"', ("•",)),
    ("|\n        p •\n        p \"a•b\" '•'\n", ("•", "a•b", "•")),
    ("|\n        # ${{ x }} •\n        p ${{ a.b }}-• # it's •\n        p x\n", ("out-•", "x")),
    ("|\n        p \"${{ a['x'] }}•\" '•${{ '}}' }}'\n", ("out•", "•out")),
    (
        '|\n        while IFS= read -r l; do p "$l"; done <<EOF\n        •\n        EOF\n        p x\n',
        ("•", "x"),
    ),
    (">-\n        p •\n        x •\n", ("•", "x", "•")),
    ("|\n        if p a; then\n          p •\n        fi\n", ("a", "•")),
    ("|\n        p ${{ a }} \\\n          •\n", ("out", "•")),
)


@given(st.lists(st.tuples(st.sampled_from(RUNS), scalars()), max_size=20))
@proves
def test_a_script(samples: list[tuple[tuple[str, tuple[str, ...]], Scalar]]) -> None:
    scripts, results = [], []
    for (source, words), value in samples:
        shape = workflow(run=source)
        for text in rendered("github", shape, *[value] * shape.count(HOLE)):
            script = job(text)["steps"][1]["run"]
            scripts.append(
                "".join("out" if kind == "expression" else part for kind, part in parts_of(str(script)))
            )
            results.append([word.replace("•", as_text(value)) for word in words])
    for shell in BOTH:
        assert run(shell, scripts) == results


@rows(
    "reason, parts",
    [
        ("a program inside a string", {"run": "\"print('•')\"", "shell": "python"}),
        ("a program inside a string", {"run": '"p •"', "shell": "pwsh"}),
        ("a program inside a string", {"run": '"p •"', "shell": '"•"'}),
        ("read ${{ as an expression", {"run": '"p •"'}),
        ("read ${{ as an expression", {"env": '"•"'}),
        ("a name in an expression", {"env": '"${{ a.• }}"'}),
        ("a name in an expression", {"env": '"${{ • }}"'}),
        ("a name in an expression", {"if": "always() && •"}),
    ],
)
def test_what_a_place_cannot_hold_is_refused(reason: str, parts: dict[str, str]) -> None:
    shape = workflow(**parts)
    assert reason in refuses("github", shape, *["${{ x }}"] * shape.count(HOLE))


def test_the_language_of_a_script_may_be_set_for_a_job_or_by_its_runner() -> None:
    windows = workflow(run='"p •"').replace("ubuntu", "windows").replace("      shell: bash\n", "")
    assert "a program inside a string" in refuses("github", windows, "a b")
    job_default = (
        workflow(run='"p •"')
        .replace("      shell: bash\n", "")
        .replace("    env:", "    defaults: {run: {shell: python}}\n    env:")
    )
    assert "a program inside a string" in refuses("github", job_default, "a b")


def test_the_script_of_an_action_is_in_a_language_of_its_own() -> None:
    shape = "jobs:\n  a:\n    steps:\n    - uses: {}\n      with:\n        script: |\n          f('•')\n"
    assert "a program inside a string" in refuses("github", shape.format("a/b@v1"), "') || x")
    assert "f('prod')" in render("github", shape.format("a/b@v1"), "prod")
    assert "f('\\') || x')" in render("github", shape.format("actions/github-script@v7"), "') || x")


@given(
    shapes(
        "jobs:\n", "steps:\n", "run: ", "if: ", "- ", "'", '"', "${{", "}}", "$", "{{", "|", "  ", ":", "x: "
    )
)
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("github", shape)
