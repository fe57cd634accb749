"""YAML that means something else than it looks like, or that would bring a reader down, is a finding at its place."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML

from generator.findings.suggest import alternatives, nearest
from generator.values.source import format_path, load, parse_path
from tests.conftest import rows

# Text of a file, the code of the only finding, its line and column, and a part of its hint.
HAZARDS = {
    "a boolean": ("a: no", "ambiguous-scalar", 1, 4, 'write "no" for the text, or false'),
    "a boolean of YAML 1.1": ("a: y", "ambiguous-scalar", 1, 4, '"y" for the text, or true'),
    "a key that is a boolean": ("on: 1", "ambiguous-scalar", 1, 1, 'quote it: "on"'),
    "an octal number": ("a: 012", "ambiguous-scalar", 1, 4, 'write "012" for the text, or 10'),
    "an octal number of YAML 1.2": ("a: 0o17", "ambiguous-scalar", 1, 4, "or 15"),
    "a number to the base of 60": ("a: 1:30", "ambiguous-scalar", 1, 4, "or 90"),
    "an exponent": ("a: 1e3", "ambiguous-scalar", 1, 4, "or 1000"),
    "a version that becomes a float": ("a: 1.30", "ambiguous-scalar", 1, 4, 'write "1.30" for the text, or 1.3'),
    "a number with a sign": ("a: +1", "ambiguous-scalar", 1, 4, "or 1"),
    "a number in groups": ("a: 1_000", "ambiguous-scalar", 1, 4, "or 1000"),
    "a hexadecimal number": ("a: 0x1F", "ambiguous-scalar", 1, 4, "or 31"),
    "a number that loses digits": (f"a: {'9' * 40}", "ambiguous-scalar", 1, 4, "for the text"),
    "a number without an end": ("a: 1e999", "ambiguous-scalar", 1, 4, 'write "1e999" for the text'),
    "infinity": ("a: .inf", "ambiguous-scalar", 1, 4, 'write ".inf" for the text'),
    "a date": ("a: 2024-01-01", "ambiguous-scalar", 1, 4, 'write "2024-01-01" for the text'),
    "a null in capitals": ("a: NULL", "ambiguous-scalar", 1, 4, 'write "NULL" for the text, or null'),
    "no value": ("a: 1\nb:\nc: 2", "ambiguous-scalar", 2, 1, 'write null to remove the value, "" for'),
    "no item": ("a:\n- \n- x", "ambiguous-scalar", 2, 2, "write null"),
    "a key twice": ("a: 1\nb: 2\na: 3", "duplicate-key", 3, 1, "keep one of the two"),
    "a key twice in a flow map": ("a: {b: 1, b: 2}", "duplicate-key", 1, 11, "keep one"),
    "a key twice by a merge": ("x: &x {a: 1}\nz:\n  <<: *x\n  a: 2", "duplicate-key", 4, 3, "keep one"),
    "a key twice by two merges": ("x: &x {a: 1}\nz:\n  <<: [*x, *x]", "duplicate-key", 3, 7, "keep one"),
    "a merge of no map": ("x: &x 1\nz:\n  <<: *x", "not-a-map", 3, 7, "name a map with an anchor"),
    "a tab": ("a:\n\tb: 1", "syntax", 2, 1, "indent with spaces"),
    "two documents": ("a: 1\n---\nb: 2", "several-documents", 2, 1, "keep the first document"),
    "a tag": ("a: !!binary aGk=", "tag", 1, 4, "without a tag"),
    "a tag that would run code": ("a: !!python/object/apply:os.system [ls]", "tag", 1, 4, "without a tag"),
    "a tag of a key": ("!!int 5: 1", "tag", 1, 1, "without a tag"),
    "a list as a key": ("? [a]\n: 1", "not-a-key", 1, 3, "write a word"),
    "an alias as a key": ("a: &k x\n*k : 1", "not-a-key", 2, 1, "write a word"),
    "an alias of nothing": ("a: *b", "alias", 1, 4, "fix the name"),
    "an alias inside of itself": ("a: &a [*a]", "alias", 1, 8, "write the values instead"),
    "a byte-order mark inside": ("a: x\ufeff", "unseen-character", 1, 5, "\\ufeff"),
    "a line end of YAML 1.1": ("a: x\u2028b: y", "unseen-character", 1, 5, "\\u2028"),
    "a next-line character": ("# a\x85b: x", "unseen-character", 1, 4, "\\u0085"),
    "text that is shown backwards": ("a: x # \u202e", "unseen-character", 1, 8, "\\u202e"),
    "a space that is none": ("a: x\u00a0b", "unseen-character", 1, 4, "\\u00a0"),
    "a space that is none in a key": ("a\u00a0: x", "unseen-character", 1, 1, "\\u00a0"),
    "a control character": ('a: "\x1b[31m"', "syntax", 1, 5, "\\u001b"),
    "half of a character": ("a: \ud800", "syntax", 1, 4, "UTF-8"),
    "too many levels": ("[" * 200_000, "too-deep", 1, 52, "flatter"),
    "too many levels of maps": ("{a: " * 100_000, "too-deep", 1, 205, "flatter"),
    "too many values": ("a: [" + "[]," * 99_998 + "]", "too-large", 1, 299_996, "fewer values"),
    "too many characters": ("#" * 2_000_000, "too-large", 1, 1, "values are short"),
}  # fmt: skip


@rows("text, code, line, column, hint", HAZARDS.values())
def test_a_hazard_is_one_finding_at_its_place_with_the_way_out(
    text: str, code: str, line: int, column: int, hint: str
) -> None:
    (finding,) = load(text, "x.yaml").findings
    assert finding.code == f"located/{code}"
    assert finding.at
    assert (finding.at.line, finding.at.column) == (line, column)
    assert hint in finding.hint
    assert len(finding.message) < 200


# Syntax errors, and where they have to be mended; a parser notices many of them only lines later.
MISTAKES = {
    "a missing colon at the end": ("a\nb: 1\n", 1, 1),
    "a missing colon": ("x: 1\na b\nc: 2\n", 2, 1),
    "a missing colon behind a comment": ("a b # the: x\nc: 2\n", 1, 1),
    "a missing colon before a deeper map": ("a\n  b: 1\n", 1, 1),
    "a value before a deeper map": ("a: x\n  b: 1\n  c: 2\n", 1, 4),
    "a key that is too deep": ("a: x\n  b: 1\nc: 2\n", 2, 4),
    "a key that is not deep enough": ("a:\n  b: 1\n c: 2\nd: 1\n", 3, 2),
    "a quote that is never closed": ('a: "x\nb: 1\n', 1, 4),
    "a quote that the next one closes": ('a: "x\nb: "1"\n', 1, 4),
    "a single quote that the next one closes": ("x: 0\na: 'x\nb: 'c'\n", 2, 4),
    "a bracket that is never closed": ("a: [x, y\nb: [1]\n", 1, 4),
    "a brace that is never closed at the end": ("x: 1\na: {b: 1\n", 2, 4),
    "a missing comma": ("a: {b: c d: 2}\n", 1, 11),
    "a colon in text": ("a: b: c\n", 1, 5),
    "an unknown escape": ('a: "\\q"\n', 1, 4),
    "an alias without a name": ("a: *\n", 1, 5),
    "text behind a block sign": ("a: | x\n", 1, 6),
    "an at sign": ("a: @x\n", 1, 4),
    "a list and a map": ("a: 1\n- b\n", 2, 1),
}  # fmt: skip


@rows("text, line, column", MISTAKES.values())
def test_an_error_of_syntax_is_at_what_has_to_be_mended(text: str, line: int, column: int) -> None:
    (finding,) = load(text, "x.yaml").findings
    assert finding.code == "located/syntax"
    assert finding.at
    assert (finding.at.line, finding.at.column) == (line, column)
    assert finding.hint


CLEAR = [
    "a: text\nb: 12\nc: -3\nd: 1.5\ne: true\nf: null\ng: ~\n",
    "a: 'no'\nb: \"012\"\nc: !!str 1\n",
    "a: |\n  no\n  012\nb: >\n  text\n",
    "a: {b: [1, 2], c: {d: x}}\n",
    'a: "\\u2028\\u00a0\\x1b" # \u00a0\n',
    "a: 1.0\nb: 0.5\nc: 0\n",
    "x: &x {a: 1}\nb: *x\nc:\n  <<: *x\n  d: 2\n",
    "a: v1.30\nb: 1.30.2\nc: 10m\nd: 03:00-04:00\ne: 2024-01\n",
    "- a\n- b: c\n",
    "{}\n",
    '"on": x\n"y": z\n',
    "a: été 日本\n",
]


@rows("text", CLEAR)
def test_what_is_clear_is_read_as_every_reader_of_yaml_reads_it(text: str) -> None:
    located = load(text, "x.yaml")
    assert located.findings == ()
    assert located.data == yaml.safe_load(text)
    newer: Any = YAML(typ="safe", pure=True)
    newer.version = (1, 2)
    assert located.data == newer.load(text)


def test_aliases_that_multiply_are_stopped() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in pairwise("abcdefghi")]
    (finding,) = load("\n".join(lines), "x.yaml").findings
    assert finding.code == "located/too-large"


def test_every_key_and_value_knows_its_place() -> None:
    located = load("a:\n  b: [x, {c: yes!}]\n", "x.yaml")
    spans = {path: (at.line, at.column, at.length) for path, at in located.values.items()}
    assert spans[("a", "b", 0)] == (2, 7, 1)
    assert spans[("a", "b", 1, "c")] == (2, 14, 4)
    assert spans[("a", "b", 1)] == (2, 10, 9)
    assert (located.keys[("a", "b")].line, located.keys[("a", "b")].column) == (2, 3)
    assert located.at(("a", "b", "nowhere")) == located.keys[("a", "b")]


def test_json_is_read_too() -> None:
    text = json.dumps({"a": [1, 2.5, None, True, 'é\\ " \u2028']}, indent="\t")
    assert load(text, "x.json").data == json.loads(text)


@rows(
    "word, meant",
    [
        ("replica", "replicas"),
        ("prdo", "prod"),  # two letters swapped
        ("maxReplicas", "max_replicas"),
        ("Region", "region"),
        ("prod", "production"),
        ("greting", "greeting"),
        ("sort", ""),
        ("x", ""),
    ],
)
def test_the_nearest_word_is_suggested_and_nothing_far_away(word: str, meant: str) -> None:
    choices = ["replicas", "prod" if meant == "prod" else "max_replicas", "region", "production", "greeting"]
    assert nearest(word, choices) == (f'did you mean "{meant}"?' if meant else "")


def test_nine_alternatives_are_named_those_nearby_first() -> None:
    choices = [f"value{number}" for number in range(30)]
    shown = alternatives("valeu7", choices)
    assert shown.startswith("value7, ")
    assert shown.endswith(" and 21 more")
    assert shown.count(",") == 8


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("services", "api", "ports", 0), "services.api.ports[0]"),
        (("steps", "test:coverage"), "steps.test:coverage"),
        (("secrets", "a.b"), 'secrets."a.b"'),
        (("a", ""), 'a.""'),
    ],
)
def test_a_path_is_written_as_people_do_and_read_back(path: tuple[str | int, ...], text: str) -> None:
    assert format_path(path) == text
    if all(isinstance(part, str) for part in path):
        assert [key for key, _ in parse_path(text) or []] == list(path)


@rows("text", ["", ".", "a.", ".a", "a..b", 'a."b', 'a"b"'])
def test_what_is_no_path_is_none(text: str) -> None:
    assert parse_path(text) is None
