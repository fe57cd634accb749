"""Terraform's language is read as HashiCorp's own parser reads it."""

from __future__ import annotations

import random

import pygohcl
import pytest

from generator.languages.hcl import read as hcl
from generator.languages.hcl.read import Expr
from tests.checks.helpers import output, source
from tests.conftest import ROOT

ENVIRONMENTS = ("dev", "prod", "spec", "staging")


def refused(text: str) -> bool:
    try:
        pygohcl.loads(text)
    except pygohcl.HCLParseError:
        return True
    return False


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_all_of_the_output_can_be_read(env: str) -> None:
    module = output(env).terraform
    assert [file.problem for file in (*module.files, *module.variable_files, *module.test_files)] == [
        ""
    ] * 17 or all(not file.problem for file in (*module.files, *module.variable_files, *module.test_files))
    assert module.files


def test_it_refuses_what_the_real_parser_refuses() -> None:
    """Files with one character taken out or put in, at places that are always the same."""
    files = [ROOT / "out/prod/terraform" / name for name in ("ecr.tf", "cache.tf", "outputs.tf")]
    chance = random.Random(5)
    wrong = []
    for path in files:
        text = path.read_text("utf-8")
        for _ in range(120):
            at = chance.randrange(len(text))
            broken = text[:at] + chance.choice(["", '"', "{", "}", "[", "=", "\n", "$"]) + text[at + 1 :]
            if bool(hcl.read(source(broken)).problem) != refused(broken):
                wrong.append(broken[max(at - 30, 0) : at + 30])
    assert len(wrong) <= 7, wrong  # of 360: what is wrong in a way that this reader need not know


CASES = [
    ("a = 1\n", 1),
    ("a = -1.5\n", -1.5),
    ('a = "x\\n\\"y\\" $${z} %%{w}"\n', 'x\n"y" ${z} %{w}'),
    ("a = [1, true, null]\n", [1, True, None]),
    ('a = {\n  b = 1\n  "c/d" : 2,\n}\n', {"b": 1, "c/d": 2}),
    ("a = <<-END\n  text\n  END\n", "  text\n"),
]


@pytest.mark.parametrize(("text", "value"), CASES)
def test_a_literal_is_a_plain_value(text: str, value: object) -> None:
    file = hcl.read(source(text))
    assert not file.problem
    assert file.body.get("a") == value


REFERENCES = [
    ("a = var.b", "var.b"),
    ('a = "x${module.b.c}y${var.d}"', "module.b.c var.d"),
    ("a = b_c.d[0].e", "b_c.d"),
    ("a = [for x in var.b : x.y if local.c]", "var.b local.c"),
    ("a = { for k, v in var.b : k => v }", "var.b"),
    ("a = var.b ? local.c : data.d_e.f.g", "var.b local.c data.d_e.f.g"),
    ("a = f(var.b, local.c...)", "var.b local.c"),
    ("a = <<-E\n  ${var.b} $${var.no}\n  E", "var.b"),
    ('a = "%{ if var.b }x%{ endif }"', "var.b"),
    ('b_c "d" {\n  e = !var.f && (local.g == 1)\n}', "var.f local.g"),
]


@pytest.mark.parametrize(("text", "names"), REFERENCES)
def test_every_reference_is_found_and_no_name_of_a_loop_is_one(text: str, names: str) -> None:
    file = hcl.read(source(f"{text}\n"))
    assert not file.problem
    assert [reference.text for reference in file.references] == names.split()


def test_values_and_blocks_know_their_places() -> None:
    text = 'resource "a" "b" {\n  c = "d"\n\n  e {\n    f = g.h\n  }\n}\n'
    file = hcl.read(source(text))
    (block,) = file.body.all("resource", "a")
    assert (block.at.line, block.at.column, block.at.length) == (1, 1, 16)
    assert (block.body.at("c").line, block.body.at("c").column, block.body.at("c").length) == (2, 7, 3)
    inner = block.body.all("e")[0].body
    assert isinstance(inner.get("f"), Expr)
    assert inner.at("f").line == 5


PROBLEMS = [
    ("a = 1 b = 2\n", 1, "expected the end of the line, found b"),
    ("a = [1 2]\n", 1, "expected , or ] behind an item, found 2"),
    ("\n\na {\n", 4, "expected an argument or a block, found the end of the file"),
    ('a = "x\n', 1, "a string is not closed"),
]


@pytest.mark.parametrize(("text", "line", "message"), PROBLEMS)
def test_a_mistake_is_said_at_its_place(text: str, line: int, message: str) -> None:
    file = hcl.read(source(text))
    assert file.problem == message
    assert file.source.at(file.problem_at).line == line
