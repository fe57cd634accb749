"""GitHub's expressions: what they read and call, and what is wrong with those that are none."""

from __future__ import annotations

from generator.languages.github import expressions
from tests.conftest import rows

READS = [
    ("a ${{ github.sha }} b ${{ env.X }}", "github.sha env.X"),
    ("${{ steps['a-b'].outputs.c }}", "steps.a-b.outputs.c"),
    ("${{ format('{0} }}', github.ref) }}", "github.ref"),
    ("${{ !(needs.a.result == 'x''y' && 1.5 >= -2e3) || true }}", "needs.a.result"),
    ("${{ github.event.commits.*.message }}", "github.event.commits.*.message"),
    ("${{ fromJSON(vars.A)[inputs.b].c }}", "vars.A inputs.b"),
    ("no expression, $X and ${Y}", ""),
]


@rows("text, names", READS)
def test_what_an_expression_reads(text: str, names: str) -> None:
    found = expressions.find(text)
    assert [each.problem for each in found] == [""] * len(found)
    assert [".".join(reference.path) for each in found for reference in each.references] == names.split()


def test_a_place_is_that_of_the_text() -> None:
    text = "x ${{ a.b && f(c) }}"
    (expression,) = expressions.find(text)
    assert [text[each.offset :][:3] for each in expression.references] == ["a.b", "c) "]
    assert [(each.name, len(each.arguments), text[each.at]) for each in expression.calls] == [("f", 1, "f")]


WRONG = [
    ('${{ "x" }}', "text stands in single quotes", 4),
    ("${{ a b }}", "where the expression should end", 6),
    ("${{ a && }}", "ends where a value should stand", 9),
    ("${{ f(a }}", "has no )", 4),
    ("${{ (a }}", "a ) is missing", 7),
    ("${{ a. }}", "should follow the dot", 7),
    ("${{ }}", "is empty", 3),
    ("${{ a", "has no }}", 0),
    ("${{ a[ }}", "ends where a value should stand", 7),
    ("${{ " + "(" * 3000, "has no }}", 0),
    ("${{ " + "(" * 3000 + " }}", "nested too deeply", 3),
]


@rows("text, message, at", WRONG)
def test_what_is_wrong_is_said_at_its_place(text: str, message: str, at: int) -> None:
    (expression,) = expressions.find(text)
    assert message in expression.problem
    assert expression.problem_at == at


def test_a_condition_needs_no_braces() -> None:
    (expression,) = expressions.condition("github.ref == 'refs/heads/main'")
    assert [reference.path for reference in expression.references] == [("github", "ref")]
