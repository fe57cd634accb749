"""HCL: HashiCorp's parser reads the value back, and the rest of the file keeps its structure."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import pygohcl
import pytest
import tree_sitter_hcl
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Parser

from generator.languages import Scalar
from generator.languages.hcl import literals
from generator.languages.site import ShapeError
from tests.conftest import rows
from tests.languages.helpers import (
    HOLE,
    as_text,
    filled,
    has_one_site_per_mark,
    join,
    proves,
    refuses,
    render,
    rendered,
    same,
    scalars,
    shapes,
    texts,
)

_PARSER = Parser(Language(tree_sitter_hcl.language()))


def around(shape: str) -> str:
    return f'before = "x"\n{shape}\nafter = ["y"]\n'


def structure(text: str) -> str:
    """Return the syntax tree of `text`, without how many pieces its texts have."""
    tree = _PARSER.parse(text.encode()).root_node
    assert not tree.has_error, text
    return str(tree).replace(" (template_literal)", "")


def read(shape: str, *values: Scalar) -> list[dict[str, Any]]:
    """Return what is between the first and the last attribute, or nothing where a value is refused."""
    found = []
    for text in rendered("hcl", around(shape), *values):
        data = pygohcl.loads(text)
        assert data.pop("before") == "x", text
        assert data.pop("after") == ["y"], text
        found.append(data)
    return found


def test_ordinary_values_stand_as_they_are() -> None:
    text = render("hcl", 'name = "oet-•"\nsize = •\nkey = var.•\n', "api", 3, "region")
    assert text == 'name = "oet-api"\nsize = 3\nkey = var.region\n'


def test_a_text_without_quotes_becomes_a_string_and_keeps_its_type() -> None:
    assert render("hcl", "a = •\nb = •\n", "5", 5) == 'a = "5"\nb = 5\n'


def test_a_template_sequence_of_a_value_stands_for_itself() -> None:
    assert render("hcl", 'a = "${var.x}-•"\n', "${var.y} %{z}") == 'a = "${var.x}-$${var.y} %%{z}"\n'


# A string, and what HashiCorp's parser makes of it; it writes `var.x` for an interpolation of that.
STRINGS = (
    ('"•"', "•"),
    ('"x•"', "x•"),
    ('"a•b"', "a•b"),
    ('"$•"', "$•"),
    ('"%•"', "%•"),
    ('"•{"', "•{"),
    ('"•{ x }"', "•{ x }"),
    ('"$$•"', "$$•"),
    ('"$${•}"', "${•}"),
    ('"$•{"', "$•{"),
    ('"••"', "••"),
    ('"•$•"', "•$•"),
    ('"\\\\•"', "\\•"),
    ('"# •"', "# •"),
    ('"${var.x}•"', "var.x•"),
    ('"•${var.x}"', "•var.x"),
    ('"•%{ if var.x }•%{ endif }"', "•%{if var.x}•%{endif}"),
    ('"${"${"•"}"}"', "•"),
    ('"${ • }"', "•"),
    ('"•\u0301"', "•\u0301"),
)


@given(st.sampled_from(STRINGS), texts(), texts())
@proves
def test_a_string(case: tuple[str, str], one: str, two: str) -> None:
    quoted, meaning = case
    values = [one, two][: quoted.count(HOLE)]
    for data in read(f"a = {quoted}", *values):
        assert data == {"a": join(meaning, values)}
        assert unicodedata.is_normalized("NFC", data["a"]) or not unicodedata.is_normalized("NFC", meaning)
        text = render("hcl", around(f"a = {quoted}"), *values)
        if not re.search(r"[$%]{3}\{", text):  # which HashiCorp's parser knows, and tree-sitter does not
            pattern = quoted.replace("•", '"x"' if "${ •" in quoted else "x")
            assert structure(text) == structure(around(f"a = {pattern}"))


# An attribute, what it is read as, and what its value is: ◦ stands for a value that keeps its type.
WHOLE = (
    ("a = •", {"a": "◦"}),
    ("a = [•, 1, •]", {"a": ["◦", 1, "◦"]}),
    ("a = [\n  •,\n  •\n]", {"a": ["◦", "◦"]}),
    ("a = { b = •, c = 1 }", {"a": {"b": "◦", "c": 1}}),
    ("a = {\n  b : •\n  c = •\n}", {"a": {"b": "◦", "c": "◦"}}),
    ('r "x" {\n  a = • # c\n}', {"r": {"x": {"a": "◦"}}}),
    ("a=•", {"a": "◦"}),
)


def with_values(pattern: Any, values: list[Scalar]) -> Any:
    if isinstance(pattern, dict):
        return {key: with_values(item, values) for key, item in pattern.items()}
    if isinstance(pattern, list):
        return [with_values(item, values) for item in pattern]
    return values.pop(0) if pattern == "◦" else pattern


def alike(one: Any, two: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(alike(one[key], two[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(two) and all(map(alike, one, two))
    return same(two, one)


@given(st.sampled_from(WHOLE), scalars(), scalars())
@proves
def test_a_place_without_quotes_keeps_value_and_type(case: tuple[str, Any], one: Scalar, two: Scalar) -> None:
    shape, pattern = case
    values = [one, two][: shape.count(HOLE)]
    for data in read(shape, *values):
        assert alike(data, with_values(pattern, list(values)))


EXPRESSIONS = (
    "a = f(•, 1)",
    "a = var.b ? • : •",
    "a = b == •",
    "a = [for x in y : • if x]",
    "a = { (b) = • }",
    "a = b[•]",
    'a = "${f(•)}"',
    'a = "%{ if b == • }c%{ endif }"',
    "a = 3 -•",
)


@given(st.sampled_from(EXPRESSIONS), scalars(), scalars())
@proves
def test_a_value_in_an_expression_is_one_literal(shape: str, one: Scalar, two: Scalar) -> None:
    values = [one, two][: shape.count(HOLE)]
    for text in rendered("hcl", around(shape), *values):
        read(shape, *values)
        literals = [
            json.dumps(value) if value is None or isinstance(value, bool) else "5" for value in values
        ]
        literals = [
            '""' if isinstance(value, str) else text for value, text in zip(values, literals, strict=True)
        ]
        signs = ["-" if str(value).startswith("-") and not isinstance(value, str) else "" for value in values]
        literals = [sign + text for sign, text in zip(signs, literals, strict=True)]
        assert structure(text) == structure(join(around(shape), literals))


# Where an identifier stands, or a label; the tree of the file tells that it is still one.
NAMES = (
    "a = var.•",
    "a = •.b",
    "a = x-•",
    "a = x_•.y",
    "• = 1",
    "  • = 1",
    "a = { • = 1 }",
    "a = {\n  • = 1\n}",
    "•(1)",
    "a = •(1)",
    "a = •[0].b",
    "• {\n}",
    '• "x" {\n}',
    "a = ••.b",
    "a = module.x.•[0]",
)
LABELS = ('r "x" • {\n}', 'r • "x" {\n}', "r • {\n}", 'r "x"•{\n}', 'r "•" "x•" {\n}')


@given(st.sampled_from(NAMES), scalars(), scalars())
@proves
def test_an_identifier(shape: str, one: Scalar, two: Scalar) -> None:
    values = [one, two][: shape.count(HOLE)]
    for text in rendered("hcl", around(shape), *values):
        if shape != "•(1)":
            pygohcl.loads(text)
            assert structure(text) == structure(around(shape).replace(HOLE, "x"))
        assert all(re.fullmatch(r"[\w-]+", as_text(value), re.ASCII) for value in values)


@given(st.sampled_from(LABELS), scalars(), scalars())
@proves
def test_a_label(shape: str, one: Scalar, two: Scalar) -> None:
    values = [one, two][: shape.count(HOLE)]
    for data in read(shape, *values):
        found = data["r"]
        labels = [found_label := next(iter(found)), *found[found_label]]
        expected = filled(re.findall(r"[x•]+", shape.replace("r ", "", 1)), values)
        assert labels == expected


HEREDOCS = (
    ("a = <<EOT\n•\nEOT", "•\n"),
    ("a = <<EOT\nx • y\n•\nEOT", "x • y\n•\n"),
    ("a = <<EOT\n••\n  E•\nEOT", "••\n  E•\n"),
    ("a = <<-EOT\n    •\n  x\n  EOT", "  •\nx\n"),
    ("a = <<-EOT\n  x\n  •\n    EOT", "x\n•\n"),
    ("a = <<EOT\n$•\n•{\n\\•\n${var.x}•\nEOT", "$•\n•{\n\\•\nvar.x•\n"),
)


@given(st.sampled_from(HEREDOCS), st.lists(texts(), min_size=4, max_size=4))
@proves
def test_a_line_of_a_heredoc(case: tuple[str, str], lines: list[str]) -> None:
    shape, meaning = case
    values = lines[: shape.count(HOLE)]
    for data in read(shape, *values):
        assert data == {"a": join(meaning, values)}


@pytest.mark.parametrize(
    "shape",
    [
        "# •",
        "a = 1 # •",
        'a = 1 // • "',
        "/* • */ a = 1",
        "/*\n * •\n */",
        "a = [ # •\n  1]",
        "/*•*/",
        "/***•**/",
        "/* *•/ */",
    ],
)
@given(scalars())
@proves
def test_a_comment_says_nothing(shape: str, value: Scalar) -> None:
    for text in rendered("hcl", around(shape), value):
        assert pygohcl.loads(text) == pygohcl.loads(around(shape).replace(HOLE, "x"))
        assert structure(text) == structure(around(shape).replace(HOLE, "x"))


REFUSED = (
    ("lone backslash", 'a = "\\•"', "n"),
    ("lone backslash", 'a = "\\u00•"', "41"),
    ("would make ${", 'a = "•${var.x}"', "a$"),
    ("would make ${", 'a = "$•"', "{x}"),
    ("would make ${", 'a = "$•{"', ""),
    ("would make ${", 'a = "$••{"', ""),
    ("normal form C", 'a = "•"', "e\u0301"),
    ("normal form C", 'a = "e•"', "\u0301"),
    ("normal form C", "a = <<EOT\n•\nEOT\n", "e\u0301"),
    ("end the heredoc", "a = <<EOT\n•\nEOT\n", "EOT"),
    ("end the heredoc", "a = <<EOT\n•\nEOT\n", "\xa0EOT"),
    ("end the heredoc", "a = <<EOT\n••\nEOT\n", "EO"),
    ("identifier", "•.x = 1", "a b"),
    ("identifier", "• = 1", "a b"),
    ("identifier", "a = var.•", "b[0]"),
    ("cannot be for", "a = { • = 1 }", "for"),
    ("the number before it", "a = 1•", 5),
    ("not an argument or a block", "•", "x"),
    ("not an argument or a block", "•", 5),
    ("not an argument or a block", 'b "c" {\n  •\n}', "x"),
    ("not an argument or a block", "a = {\n  • # c\n}", 1),
    ("surrogate", 'a = "•"', "\ud800"),
    ("not a number", "a = •", float("inf")),
    ("cannot hold * or /", "/* • */", "*/"),
    ("indentation", "a = <<-EOT\n  •\n  EOT\n", " x"),
)


@rows("reason, shape, value", REFUSED)
def test_what_a_place_cannot_hold_is_refused(reason: str, shape: str, value: Scalar) -> None:
    assert reason in refuses("hcl", shape, *[value] * shape.count(HOLE))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ('a = "•\nb = 1', "a string is not closed"),
        ("a = <<EOT\n•\n", "no line EOT ends the here-document"),
        ("/* •", "a comment is not closed"),
        ("a = <<•\nx", "cannot be read"),
    ],
)
def test_what_has_no_end_is_no_hcl(shape: str, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        render("hcl", f"x = 1\n{shape}", "y")


@given(
    shapes(
        "a = ",
        '"',
        "${",
        "%{",
        "$",
        "}",
        "{",
        "#",
        "//",
        "/*",
        "*/",
        "<<EOT",
        "<<-EOT",
        "\nEOT\n",
        "\\",
        ".",
        "-",
        "(",
        "[",
        "]",
        ",",
        "resource ",
        ": ",
    )
)
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("hcl", shape)


@rows(
    "shape",
    [
        "a = [\n  •\n]",
        "a = [\n  b(\n    •\n  ),\n]",
        'a = [\n  "x", # ]\n  •\n]',
        'a = "${•}"',
        "a = [1,\n\n  •]",
    ],
)
def test_a_value_on_a_line_of_its_own_in_brackets(shape: str) -> None:
    for text in rendered("hcl", around(shape), "x"):
        assert pygohcl.loads(text)


def test_braces_in_a_template_sequence_belong_to_it() -> None:
    """A literal goes on after them, and a sequence is `xx` in it."""
    text = 'a = "${{ b = {} }.c} d"\ne = <<E\n${ {b = {}} } f\nE\n'
    assert [each.text for each in literals.literals(text)] == ["xx d", "xx f\n"]
