"""TypeScript: the value comes back by the rules of ECMAScript, and the rest of the module keeps its structure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import tree_sitter_typescript
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

from generator.languages import Scalar
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
    scalars,
    shapes,
)

_PARSER = Parser(Language(tree_sitter_typescript.language_typescript()))


def around(shape: str) -> str:
    return f"const before = 'x'\n{shape}\nexport const after = [`y`]\n"


def tree(text: str) -> Node:
    root = _PARSER.parse(text.encode()).root_node
    assert not root.has_error, text
    return root


def structure(text: str) -> str:
    """Return the syntax tree of `text`, without how many pieces its texts have."""
    return re.sub(r" \((?:string_fragment|escape_sequence)\)", "", str(tree(text)))


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def strings(text: str) -> list[str]:
    """Return what each string and template of a module stands for; an expression in one is ${}."""
    found = []
    for node in nodes(tree(text)):
        if node.type in ("string", "template_string"):
            source = node.text or b""
            start = node.start_byte
            for inner in reversed(
                [child for child in node.children if child.type == "template_substitution"]
            ):
                source = source[: inner.start_byte - start] + b"${}" + source[inner.end_byte - start :]
            found.append(value_of(source.decode()[1:-1]))
    return found[1:-1] if found[:1] == ["x"] and found[-1:] == ["y"] else found


def value_of(text: str) -> str:
    """Return the string value of a literal.

    Source: ECMA-262, 12.9.4 "String Literals", static semantics SV, and 12.9.6 for templates, TV.
    """
    single = {"b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "0": "\0", "\n": ""}

    def unit(found: re.Match[str]) -> str:
        code = found["short"] or found["hex"] or found["braced"]
        return chr(int(code, 16)) if code else single.get(found["char"], found["char"])

    digit = "[0-9A-Fa-f]"
    code = rf"x(?P<short>{digit}{{2}})|u(?P<hex>{digit}{{4}})|u\{{(?P<braced>{digit}+)\}}"
    escape = rf"\\(?:{code}|(?P<char>[^xu1-9]))"
    assert "\\" not in re.sub(escape, "", text, flags=re.DOTALL), text
    units = re.sub(escape, unit, text, flags=re.DOTALL)
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def test_ordinary_values_stand_as_they_are() -> None:
    shape = "import { db } from '•'\nconst port = •\nconst url = `http://•/${path}`\n"
    text = render("typescript", shape, "./db", 80, "api")
    assert text == "import { db } from './db'\nconst port = 80\nconst url = `http://api/${path}`\n"


def test_a_text_without_quotes_becomes_a_string() -> None:
    assert render("typescript", "const a = [•, •]\n", "80", True) == 'const a = ["80", true]\n'


def test_a_dollar_sign_never_makes_an_expression() -> None:
    assert render("typescript", "a = `•{•`\n", "$", "$") == "a = `\\${\\$`\n"


STRINGS = (
    ("const a = '•'", ["•"]),
    ('const a = "•"', ["•"]),
    ("const a = `•`", ["•"]),
    ("const a = 'x•y' + \"x\"", ["x•y", "x"]),
    ('const a = "••"', ["••"]),
    ("const a = `x•${b}•`", ["x•${}•"]),
    ("const a = `$•` + `•{`", ["$•", "•{"]),
    ("const a = `$•{`", ["$•{"]),
    ("const a = `••`", ["••"]),
    ("const a = `${f('•')}` + '\\\\•'", ["${}", "•", "\\•"]),
    ("import { b } from '•'", ["•"]),
    ('import b from "./•"', ["./•"]),
    ("const a = { '•': 1, b: '•' }", ["•", "•"]),
    ("const a = /['\"`/]/.test('•')", ["•"]),
    ("const a = b / 2 + '•'.length / 3 // it's", ["•"]),
    ("const a = [/[/']/g, /\\//, '•']", ["•"]),
    ("const a = '•' // \"•", ["•"]),
    ("const a = `\n•\n`", ["\n•\n"]),
)


@given(st.sampled_from(STRINGS), scalars(), scalars())
@proves
def test_a_string(case: tuple[str, list[str]], one: Scalar, two: Scalar) -> None:
    shape, meaning = case
    values = [one, two][: shape.count(HOLE)]
    for text in rendered("typescript", around(shape), *values):
        assert strings(text) == filled(meaning, values)
        assert structure(text) == structure(around(shape.replace(HOLE, "x")))


EXPRESSIONS = (
    "const a = •",
    "const a = [•, f(•)]",
    "const a = { b: •, 'c': • }",
    "const a = `${•}`",
    "f(b ? • : •)",
    "const a = b -•",
    "const a = b === •",
    "export default {\n  a: •\n}",
    "const a: • = b",
    "switch (b) { case •: }",
)


def literal(value: Scalar) -> str:
    """Return an expression of the same kind as `value`."""
    if isinstance(value, str):
        return '""'
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return "-5" if str(value).startswith("-") else "5"


@given(st.sampled_from(EXPRESSIONS), scalars(), scalars())
@proves
def test_a_place_without_quotes_keeps_value_and_type(shape: str, one: Scalar, two: Scalar) -> None:
    values = [one, two][: shape.count(HOLE)]
    for text in rendered("typescript", around(shape), *values):
        assert structure(text) == structure(join(around(shape), [literal(value) for value in values]))
        pattern = strings(around(shape).replace(HOLE, "x"))
        assert [item for item in strings(text) if item not in pattern] == [
            value for value in values if isinstance(value, str) and value not in pattern
        ]
        numbers = [float(node.text or b"") for node in nodes(tree(text)) if node.type == "number"]
        assert numbers == [
            abs(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)
        ]


NAMES = (
    "const • = 1",
    "let x• = 1",
    "f.•()",
    "•.f()",
    "•()",
    "import { • } from 'x'",
    "import { a, • as b } from 'x'",
    "export { • }",
    "function •() {}",
    "const a = b$•",
    "new •()",
    "class • {}",
    "import • from 'x'",
    "const ••x = 1",
)


@given(st.sampled_from(NAMES), scalars(), scalars())
@proves
def test_an_identifier(shape: str, one: Scalar, two: Scalar) -> None:
    values = [one, two][: shape.count(HOLE)]
    for text in rendered("typescript", around(shape), *values):
        assert all(re.fullmatch(r"[\w$]+", as_text(value), re.ASCII) for value in values)
        assert structure(text) == structure(around(shape).replace(HOLE, "x"))


@pytest.mark.parametrize(
    "shape",
    ["// •", "f() // • \\", "/* • */", "/**\n * •\n */", "f(/* • */ 1)", "/*•*/", "/***•**/", "/* *•/ */"],
)
@given(scalars())
@proves
def test_a_comment_says_nothing(shape: str, value: Scalar) -> None:
    for text in rendered("typescript", around(shape), value):
        assert structure(text) == structure(around(shape).replace(HOLE, "x"))


REFUSED = (
    ("lone backslash", "a = '\\•'", "n"),
    ("lone backslash", "a = '\\u00•'", "41"),
    ("lone backslash", "a = '\\0•'", "1"),
    ("lone backslash", "a = `\\x•`", "41"),
    ("would make ${", "a = `$•`", "{x}"),
    ("would make ${", "a = `$•{`", ""),
    ("would make ${", "a = `$••{`", ""),
    ("not exact", "a = •", 2**53),
    ("not a number", "a = •", float("inf")),
    ("would make --", "a = b -•", -1),
    ("the number before it", "a = 1•", 5),
    ("an identifier", "a = b.•", "c()"),
    ("a word of the language", "const • = 1", "class"),
    ("a pattern or a tagged template", "a = /•/", "x"),
    ("a pattern or a tagged template", "a = /[•]/", "x"),
    ("a pattern or a tagged template", "a = String.raw`•`", "x"),
    ("cannot hold * or /", "/* • */", "*/"),
    ("cannot hold * or /", "/* *•/ */", ""),
    ("a comment", "// •", "a\u2028b"),
    ("name of a property", "a = { •: 1 }", -1),
)


@rows("reason, shape, value", REFUSED)
def test_what_a_place_cannot_hold_is_refused(reason: str, shape: str, value: Scalar) -> None:
    assert reason in refuses("typescript", shape, *[value] * shape.count(HOLE))


@rows("shape", ["a = '•\nb", 'a = "•', "a = `•", "/* •", "a = /'•\nb"])
def test_what_has_no_end_is_no_typescript(shape: str) -> None:
    with pytest.raises(ShapeError, match="is not closed"):
        render("typescript", shape, "x")


@given(
    shapes(
        "const a = ",
        "'",
        '"',
        "`",
        "${",
        "$",
        "}",
        "{",
        "//",
        "/*",
        "*/",
        "/",
        "[",
        "]",
        "\\",
        "\\u",
        ".",
        "(",
        ")",
        ": ",
        ",",
        "import ",
        "-",
    )
)
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("typescript", shape)
