"""HCL is read as HashiCorp's own parser reads it."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pygohcl
import pytest

from generator.languages.hcl.expressions import Expression, is_known, references
from generator.languages.hcl.read import read
from generator.languages.node import Block, Leaf, Map, Node, ReadResult, Seq, blocks, walk
from tests.checks.helpers import source
from tests.conftest import ROOT, rows

INPUTS = (Path(__file__).parent / "hcl_inputs.txt").read_text("utf-8")
LINE_ENDS = ["a = 1\r\nb {\r\n  c = 2\r\n}\r\n", "a = 1\rb = 2\n", 'a = "b\rc"\n', 'a = "b\r\n"\n']
FILES = sorted([*ROOT.glob("out/*/terraform/**/*.tf*"), *ROOT.glob("tests/spec/document/**/*.tf")])


def load(text: str) -> ReadResult:
    return read(source(text))


def root(text: str) -> Map:
    """Return the body of a file without problems."""
    result = load(text)
    assert not result.problems
    assert isinstance(result.node, Map)
    return result.node


def judged(text: str) -> tuple[bool, dict[str, Any]]:
    """Return whether HashiCorp's parser accepts a text, and its values when they can be evaluated."""
    try:
        return True, pygohcl.loads(text)
    except pygohcl.HCLInternalError:
        return True, {}  # parsed, and failed to evaluate
    except pygohcl.HCLParseError:
        return False, {}


def inputs(verdict: str) -> list[str]:
    """Return the texts of the table below a verdict; each ends with a line `---`."""
    part = INPUTS.partition(f"=== {verdict}\n")[2].partition("\n=== ")[0]
    return [text.removesuffix("\n") + "\n" for text in part.split("---\n") if text.strip()]


@pytest.mark.parametrize("verdict", ["accepted", "refused"])
def test_it_agrees_with_the_real_parser_about_a_table_of_tricky_inputs(verdict: str) -> None:
    texts = inputs(verdict)
    assert len(texts) > 80
    wrong = [
        text for text in texts if not judged(text)[0] is (not load(text).problems) is (verdict == "accepted")
    ]
    assert wrong == []


@pytest.mark.parametrize("text", LINE_ENDS)
def test_it_agrees_about_line_ends(text: str) -> None:
    assert judged(text)[0] is not bool(load(text).problems)


@rows("path", FILES)
def test_real_files_can_be_read(path: Path) -> None:
    text = path.read_text("utf-8")
    assert judged(text)[0] is not bool(load(text).problems)


PIECES = ["", '"', "{", "}", "[", "]", "(", ")", "=", "\n", "$", "${", "%{", "#", "/*", ",", ".", "..."]
PIECES += ["<<E\n", "E\n", "?", ":", "\\", "for", "in", "-", "!", "é", "\t", "\r\n", "1", "x", ";"]


def test_it_refuses_what_the_real_parser_refuses() -> None:
    """Texts with something taken out or put in, at places that are always the same."""
    chance = random.Random(5)
    parts = [part for path in FILES for part in path.read_text("utf-8").split("\n\n")] + inputs("accepted")
    wrong = []
    for _ in range(3000):
        text = chance.choice(parts) + "\n"
        at = chance.randrange(len(text))
        broken = text[:at] + chance.choice(PIECES) + text[at + chance.choice([0, 1]) :]
        if judged(broken)[0] is bool(load(broken).problems):
            wrong.append(broken[max(at - 30, 0) : at + 30])
    assert len(wrong) <= 3, wrong  # spellings that nobody writes, such as a key `-x` of an object


def plain(node: Node) -> object:
    if isinstance(node, Map):
        return {key: plain(value) for key, value in node.entries.items()}
    return [plain(item) for item in node.items] if isinstance(node, Seq) else node.value


LITERALS = [
    "a = 1",
    "a = -1.5e-3",
    "a = 1E5",
    'a = "x\\n\\"y\\" $${z} %%{w} \\\\ \\t"',
    'a = "\\u00e9 \\U0001F600 日本 \\u12345"',
    'a = "$$$${x} $$ % $"',
    'a = "%%%{x}"',
    'a = [1, true, "x", [], {}]',
    'a = {\n  b = 1\n  "c/d" : 2, e = { f = "g" }\n\n\n  b = 3\n}',
    "a = <<END\n  text\n END\n",
    "a = <<-END\n  text\n    more\n\n  END",
    "a = <<-E\n    x\n   \n      y\n  z\n    E",
    "a = <<-E\n\tx\n\t\ty\n  z\nE",
    'a = <<-E\n  \\n $${y} %%{z} "q"\n    w\n  E',
    "a = <<E\r\nx\r\n y\r\nE\r",
    "a = <<E\n  E2\nE",
    "a = <<-E\n  E",
]


@rows("text", LITERALS)
def test_a_literal_has_the_value_that_the_real_parser_gives_it(text: str) -> None:
    node = root(f"{text}\n").entries["a"]
    assert is_known(node)
    assert plain(node) == judged(f"{text}\n")[1]["a"]


REFERENCES = [
    ("a = var.b", "var.b"),
    ('a = "x${module.b.c}y${var.d}"', "module.b.c var.d"),
    ("a = b_c.d[0].e", "b_c.d"),
    ("a = b_c.d[var.e].f[*].g", "b_c.d var.e"),
    ("a = [for x in var.b : x.y if local.c]", "var.b local.c"),
    ("a = [for x in x.y : x]", "x.y"),
    ("a = { for k, v in var.b : k => { c = v, d = local.e } }", "var.b local.e"),
    ("a = var.b ? local.c : data.d_e.f.g", "var.b local.c data.d_e.f.g"),
    ("a = f(var.b, local.c...)", "var.b local.c"),
    ("a = provider::p::f(var.b)", "var.b"),
    ("a = <<-E\n  ${var.b} $${var.no}\n  E", "var.b"),
    ('a = "%{ if var.b }x%{ endif }"', "var.b"),
    ('a = "%{ for x in var.b }${x.y}${var.c}%{ endfor }"', "var.b var.c"),
    ('b_c "d" {\n  e = !var.f && (local.g == 1)\n}', "var.f local.g"),
    ('a = { (var.b) = var.c, "x-${var.d}" = 1, e = 2 }', "var.b var.c var.d"),
    ("a = {\n  aws.east = aws.west\n}", "aws.west"),
]


@rows("text, names", REFERENCES)
def test_every_reference_is_found_and_no_name_of_a_loop_is_one(text: str, names: str) -> None:
    found = list(references(root(f"{text}\n")))
    assert [".".join(each.path) for each in found] == names.split()
    assert all(text[each.start : each.end].startswith(".".join(each.path)) for each in found)


CODE = [
    ("a =   f( 1 ,\n /* x */ b.c )  # d", "f( 1 , b.c )"),
    ("a = f(\n  1, # one\n  2\n)", "f( 1, 2 )"),
    ("a = (1 +  2)*x", "(1 + 2) * x"),
    ('a = "x ${ y } z"', '"x ${y} z"'),
    ('a = "${x}"', "x"),
    ("a = <<E\nx ${y}\nE", '"x ${y}\\n"'),
    ("a = [for x in y: x]", "[for x in y: x]"),
    ("a = x.y[0].z.*.w", "x.y[0].z.*.w"),
    ("a = x.0.y", "x[0].y"),
    ("a = merge({ b = 1 }, c)", "merge({ b = 1 }, c)"),
    ('a = "%{ if x }  y%{ else }z ${w}%{ endif }"', '"%{ if x }  y%{ else }z ${w}%{ endif }"'),
]


@rows("text, code", CODE)
def test_an_expression_is_its_own_code_on_one_line(text: str, code: str) -> None:
    node = root(f"{text}\n").entries["a"]
    assert isinstance(node, Expression)
    assert node.value == code
    assert node.text == ""


def test_values_and_blocks_know_their_places() -> None:
    text = '# é\nresource "a" "b" {\n  c = "é"\n\n  e {\n    f = g.h\n  }\n  e {}\n}\n'
    body = root(text)
    (block,) = blocks(body, "resource", "a")
    assert isinstance(block, Block)
    assert (block.kind, block.labels) == ("resource", ("a", "b"))
    assert (block.at.line, block.at.column, block.at.length) == (2, 1, 16)
    leaf = block.leaf("c")
    assert leaf is not None
    assert (leaf.at.line, leaf.at.column, leaf.at.length) == (3, 7, 3)
    assert (leaf.key_at.column, leaf.key_at.length) == (3, 1)
    inner, empty = block.blocks("e")
    assert not empty.entries
    assert inner.at_key("f").line == 6
    assert text[block.start : block.end] == text[4:].rstrip("\n")
    for node in walk(body):
        assert 0 <= node.start <= node.end <= len(text)


def test_an_argument_and_a_block_of_one_name_are_both_kept() -> None:
    body = root("a = 1\na {\n  b = 2\n}\n")
    assert [type(each) for each in body.seq("a")] == [Leaf, Block]


PROBLEMS = [
    ("a = 1 b = 2", 1, 7, "expected the end of the line, found b"),
    ("a = [1 2]", 1, 8, "did not expect 2"),
    ("\n\na {\n  b = 1", 5, 1, "expected }, found the end of the file"),
    ('a = "x\nb = 1', 1, 5, "a string is not closed on its line"),
    ("a = ", 2, 1, "expected a value, found the end of the file"),
    ("b {\n  a =\n}", 2, 6, "did not expect the end of the line"),
    ("a = <<E\nx", 1, 5, "a heredoc has no end"),
    ('a = "x\\q"', 1, 7, "\\q is not an escape sequence"),
    ("é = {b = 1 c = 2}", 1, 12, "expected a comma or the end of the line, found c"),
    ("a = f(1,,2)", 1, 9, "did not expect ,"),
    ("a = 0x1F", 1, 5, "0x1F is not a number of HCL"),
    ('a = "${}"', 1, 6, "expected a value between ${ and }"),
    ("a = x ?\ny : z", 1, 8, "did not expect the end of the line"),
    ('b "c${d}" {\n}', 1, 3, 'the label "c${d}" of a block cannot hold a value'),
    ("b {\n  a = 1\n  a = 2\n}", 3, 3, 'the argument "a" is set twice'),
]


@rows("text, line, column, message", PROBLEMS)
def test_a_mistake_is_reported_at_its_place(text: str, line: int, column: int, message: str) -> None:
    (problem,) = load(f"{text}\n").problems
    assert (problem.message, problem.at.line, problem.at.column) == (message, line, column)


def test_the_second_of_two_arguments_names_the_first() -> None:
    (problem,) = load("a = 1\na = 2\n").problems
    assert problem.first is not None
    assert problem.first.line == 1


def test_what_can_be_read_of_a_broken_file_is_there() -> None:
    result = load('resource "a" "b" {\n  c = 1\n}\n\nd {\n  e = \n}\n')
    assert result.problems
    assert isinstance(result.node, Map)
    assert [each.labels for each in blocks(result.node, "resource")] == [("a", "b")]


HARD = [
    "a = " + "(" * 20_000 + "1" + ")" * 20_000,
    "a = " + "[" * 20_000,
    'a = "' + "${" * 20_000,
    "a = " + "{a=" * 20_000,
    "a {\n" * 20_000,
    "a {\n" * 5_000 + "}\n" * 5_000,
    "a = 1" + " + 1" * 20_000,
    "a = x" + ".y" * 20_000,
    "a = " + "!" * 20_000 + "x",
    "a = " + "x ? y : " * 5_000 + "z",
    '"' * 50_000,
    "a = <<E\n" * 10_000,
    'a = "' + "%{ if x }" * 3_000 + "%{ endif }" * 3_000 + '"',
    "/*" * 50_000,
    "= ] } ) " * 10_000,
    'a = "' + "$" * 100_000 + '"',
    "a = " + "1" * 100_000,
    "a = <<-E\n" + "  x ${y}\n" * 5_000 + "E",
    "a = 1\n" * 5_000,
    "\0" * 1_000,
]


@rows("text", HARD)
def test_no_text_makes_it_fail_or_hang(text: str) -> None:
    start = time.process_time()
    load(f"{text}\n")
    assert time.process_time() - start < 10
