"""YAML: a value comes back from every reader as the value that it was, whatever place it lands in."""

from __future__ import annotations

import io
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from generator.languages import EncodeError, Scalar
from generator.languages.site import MARK, ShapeError
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
    sites,
    texts,
)


def pyyaml(text: str) -> list[Any]:
    """Return the documents as a reader of YAML 1.1 sees them."""
    return list(yaml.safe_load_all(text))


def ruamel(text: str) -> list[Any]:
    """Return the documents as a reader of YAML 1.2 sees them."""
    reader = YAML(typ="safe", pure=True)
    reader.version = "1.2"
    return list(reader.load_all(io.StringIO(text)))


def test_ordinary_values_stand_as_they_are() -> None:
    assert render("yaml", "image: postgres:•\nport: •\n", "15", 5432) == "image: postgres:15\nport: 5432\n"


def test_text_that_looks_like_something_else_gets_quotes() -> None:
    assert render("yaml", "a: •\nb: •\nc: •\n", "yes", "1.20", "x: y") == 'a: "yes"\nb: "1.20"\nc: "x: y"\n'


def test_each_line_of_a_block_is_indented() -> None:
    assert render("yaml", "a: |\n  one •\n  two\n", "x\ny") == "a: |\n  one x\n  y\n  two\n"


TEXT = "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    "head", ["a: |\n  •\n", "a: |  # it\n  •\n\n\nb: 1\n", "a: |2\n   •\n", "- b\n- |\n  x\n  •\n"]
)
def test_a_text_of_several_lines_ends_a_block_with_its_own_line_break(head: str) -> None:
    written = render("yaml", head, TEXT)
    for reader in (pyyaml, ruamel):
        (data,) = reader(written)
        assert (data["a"] if isinstance(data, dict) else data[1]).removeprefix("x\n").strip(" ") == TEXT


@pytest.mark.parametrize("head", ["a: |-\n  •\n", "a: |+\n  •\n", "a: >\n  •\n"])
def test_a_block_that_would_change_the_end_of_a_text_refuses_it(head: str) -> None:
    refuses("yaml", head, TEXT)
    refuses("yaml", "a: |\n  •\n", TEXT + "\n")
    refuses("yaml", "a: |\n  •\n", "\n")


# What stands between values without quotes, the values, and the line that is written: the whole of it is the text.
WHOLE: tuple[tuple[str, tuple[Scalar, ...], str], ...] = (
    ("a: •s", ("ye",), 'a: "yes"'),
    ("a: •ll", ("nu",), 'a: "null"'),
    ("a: •se", ("fal",), 'a: "false"'),
    ("a: o•", ("n",), 'a: "on"'),
    ("a: •", ("on",), 'a: "on"'),
    ("a: ••", ("tr", "ue"), 'a: "true"'),
    ("a: ~•", ("",), 'a: "~"'),
    ("a: .•", ("inf",), 'a: ".inf"'),
    ("a: <•", ("<",), 'a: "<<"'),
    ("a: •s", ("cat",), "a: cats"),
    ("name: •-•", ("shop", "prod"), "name: shop-prod"),
    ("name: •-•", ("2024", "shop"), "name: 2024-shop"),
    ("name: •-•-•", ("2024", "01", "31"), 'name: "2024-01-31"'),
    ("name: x••", ("-backend", ""), "name: x-backend"),
    ("a: 1•", ("2",), 'a: "12"'),
    ("a: •00", (5,), 'a: "500"'),
    ("a: •.•", (1, 30), 'a: "1.30"'),
    ("a: -•", (5,), 'a: "-5"'),
    ("a: 0x•", ("1f",), 'a: "0x1f"'),
    ("a: 0•", (644,), 'a: "0644"'),
    ("a: •e•", (1, 3), 'a: "1e3"'),
    ("a: •_•", (1, 0), 'a: "1_0"'),
    ("- •:•", (22, 22), '- "22:22"'),
    ("a: •m", (500,), "a: 500m"),
    ("a: •Gi", (2,), "a: 2Gi"),
    ("a: •d", (30,), "a: 30d"),
    ("a: •%", (25,), "a: 25%"),
    ("a: •.0.0/16", (10,), "a: 10.0.0/16"),
    ("a: •.•.•", (1, 2, 3), 'a: "1.2.3"'),
    ("a: x•", (True,), "a: xtrue"),
    ("a: •/•", (True, 1.5), "a: true/1.5"),
    ("a: for •", ("my shop",), "a: for my shop"),
    ("a: x •", ("# y",), 'a: "x # y"'),
    ("a: x •", ("y: z",), 'a: "x y: z"'),
    ("a: x:•", ("",), 'a: "x:"'),
    ("a: •#y", ("x ",), 'a: "x #y"'),
    ("a: C:\\•\\y", ("a b",), "a: C:\\a b\\y"),
    ("a: C:\\•\\y", ("a: b",), 'a: "C:\\\\a: b\\\\y"'),
    ('a: x"•"', ("it's",), """a: "x\\"it's\\"\""""),
    ("a: --x=•", ("a b",), "a: --x=a b"),
    ("a: --•", ("-",), 'a: "---"'),
    ("--•", ("-",), '"---"'),
    ("a: -•", (" b",), 'a: "- b"'),
    ("a: x•", ("\ny: 1",), 'a: "x\\ny: 1"'),
    ("[•-•, c]", ("a", "b, d"), '["a-b, d", c]'),
    ("{a: •-•}", ("a", "}"), '{a: "a-}"}'),
    ("•-•: 1", ("a", "b"), "a-b: 1"),
    ("•s: 1", ("ye",), '"yes": 1'),
    ("•-•: •-•", ("a", "", "b", "c: d"), 'a-: "b-c: d"'),
    ("a: •-• # •", ("a", "#", "c"), 'a: "a-#" # c'),
)


@rows("shape, values, expected", WHOLE)
def test_text_without_quotes_is_written_as_a_whole(
    shape: str, values: tuple[Scalar, ...], expected: str
) -> None:
    assert render("yaml", f"{shape}\n", *values) == f"{expected}\n"


def test_a_number_that_a_reader_in_go_would_round_is_refused() -> None:
    assert "64 bits" in refuses("yaml", "a: •\n", 2**63)


def test_infinity_is_refused() -> None:
    assert "not a number in every language" in refuses("yaml", "a: •\n", float("inf"))


def replaced(document: Any, value: Any) -> Any:
    """Return `document` with `value` for each @ in it."""
    if isinstance(document, dict):
        return {replaced(key, value): replaced(item, value) for key, item in document.items()}
    if isinstance(document, list):
        return [replaced(item, value) for item in document]
    return value if document == "@" else document


def reads_back(around: str, scalar: str, expected: Scalar, *values: Scalar) -> None:
    """Assert that `scalar`, in place of the @ of a file, is read as `expected` if its values are accepted."""
    for text in rendered("yaml", around.replace("@", scalar), *values):
        for read in (pyyaml, ruamel):
            pattern = read(around.replace("@", '"@"'))
            assert typed(read(text)) == typed(replaced(pattern, expected)), text


def typed(document: Any) -> Any:
    """Return `document` so that true, 1 and 1.0 differ; a float that is whole may come back as one."""
    if isinstance(document, dict):
        return {typed(key): typed(value) for key, value in document.items()}
    if isinstance(document, list):
        return [typed(item) for item in document]
    return (type(document).__name__, document)


AROUND = (
    "@",
    "--- @",
    "a: @\nb: 1",
    "a: @ # comment",
    "- b\n- @\n- c",
    "a:\n  - b: @\n    c: 1",
    "a: [@, b]",
    "a: [b, @]",
    "{a: {b: @}, c: 1}",
    "a: &x @\nb: *x",
    "? a\n: @",
    "---\na: 1\n---\nb: @\n",
)
AROUND_KEY = (
    "@: b",
    "a:\n  @: b\n  other: d",
    "{@: b, other: c}",
    "[@: b, c]",
    "? @\n: b",
    "- @: b\n  other: {@: 1}",
)


@given(st.sampled_from(AROUND), scalars())
@proves
def test_a_place_without_quotes_keeps_value_and_type(around: str, value: Scalar) -> None:
    reads_back(around, "•", value, value)


@given(st.sampled_from(AROUND_KEY[:-1]), scalars())
@proves
def test_a_key_without_quotes_keeps_value_and_type(around: str, value: Scalar) -> None:
    reads_back(around, "•", value, value)


PARTS = (
    "oet-•",
    "•-service",
    "•/x",
    "pre•post",
    "http://x:•/y",
    "x •",
    "x:•",
    "•:80",
    "~•",
    "=•",
    "n•",
    "0x•",
    "-•",
    ".•",
    "•#p",
    "x•#",
    "•=1",
)
PAIRS = ("••-p", "•:•/x", "x••", "x • •", "•=•", "p-•-•")


@given(st.sampled_from((*AROUND, *AROUND_KEY[:-1])), st.sampled_from(PARTS), texts())
@proves
def test_a_part_of_a_text_without_quotes(around: str, scalar: str, value: str) -> None:
    reads_back(around, scalar, join(scalar, [value]), value)


@given(st.sampled_from((*AROUND, *AROUND_KEY[:-1])), st.sampled_from(PAIRS), texts(), texts())
@proves
def test_two_values_in_a_text_without_quotes(around: str, scalar: str, one: str, two: str) -> None:
    reads_back(around, scalar, join(scalar, [one, two]), one, two)


@given(
    st.sampled_from((*AROUND, *AROUND_KEY[:-1])),
    st.sampled_from(('"{}"', "'{}'")),
    st.sampled_from(("•", "x•", "•x", " • ", "a: • #")),
    scalars(),
)
@proves
def test_a_value_in_quotes(around: str, quotes: str, scalar: str, value: Scalar) -> None:
    reads_back(around, quotes.format(scalar), join(scalar, [as_text(value)]), value)


@given(
    st.sampled_from((*AROUND, *AROUND_KEY[:-1])),
    st.sampled_from(('"{}"', "'{}'")),
    st.sampled_from(PAIRS),
    texts(),
    texts(),
)
@proves
def test_two_values_in_quotes(around: str, quotes: str, scalar: str, one: str, two: str) -> None:
    reads_back(around, quotes.format(scalar), join(scalar, [one, two]), one, two)


# Pieces of literal text that look like the beginning, the middle or the end of something that is not text.
LITERALS = (
    *(
        "",
        "",
        "-",
        "--",
        ".",
        ":",
        "/",
        "_",
        "x",
        "ye",
        "s",
        "nu",
        "tr",
        "o",
        "n",
        "fa",
        "0",
        "0x",
        "1",
        "00",
        "5",
    ),
    *(
        "e",
        "+",
        "~",
        "=",
        "<",
        "-01-",
        "T",
        "Z",
        ":30",
        " and ",
        "é",
        "\\",
        '"',
        "'",
        "$",
        "${",
        "}",
        "%",
        "#",
    ),
    *("m", "Gi", "v1.", "http://", "@", "(", ")", "---", "...", "inf", ".nan", "y"),
)


@given(
    st.sampled_from((*AROUND[:-1], *AROUND_KEY[:-1])),
    st.lists(st.tuples(st.sampled_from(LITERALS), scalars()), min_size=1, max_size=3),
    st.sampled_from(LITERALS),
)
@proves
def test_random_text_without_quotes_is_read_as_text(
    around: str, parts: list[tuple[str, Scalar]], last: str
) -> None:
    """Every value of it is text there, also a number: what it becomes beside others is for no type to decide."""
    scalar = "".join(f"{literal}•" for literal, _ in parts) + last
    values = [value for _, value in parts]
    if scalar == "•" or not is_unquoted(around.replace("@", scalar), scalar):
        return
    texts_of = ["" if value is None else as_text(value) for value in values]
    reads_back(around, scalar, join(scalar, texts_of), *values)


def is_unquoted(shape: str, scalar: str) -> bool:
    """Return whether YAML takes `scalar` for text without quotes, which no value may change."""
    try:
        found = sites("yaml", shape)
    except ShapeError:
        return False
    return all(site.position == "part" and site.scalar.replace(MARK, HOLE) == scalar for site in found)


def test_hardly_a_text_without_quotes_is_refused() -> None:
    """What is always refused would pass the tests above: only what no YAML can hold may be."""
    for value in ("", "it's", "a: b", "#", "a\nb", "yes", "1e3", "${{ x }}", "'\"\\", "\x07"):
        for scalar in (*PARTS, *PAIRS):
            assert list(rendered("yaml", f"a: {scalar}\n", *[value] * scalar.count(HOLE)))


# Text without quotes in a block of another document, whose lines stand in the file as they are.
NESTED = 'kind: ConfigMap\ndata:\n  a.yaml: |\n    x: •s\n    y:\n    - •-•:•\n    z: "a"\n'


@given(scalars(), texts(), texts(), texts())
@proves
def test_text_without_quotes_in_a_block(one: Scalar, two: str, three: str, four: str) -> None:
    for text in rendered("kubernetes", NESTED, one, two, three, four):
        held = pyyaml(text)[0]["data"]["a.yaml"]
        for read in (pyyaml, ruamel):
            assert read(held)[0]["x"] == f"{as_text(one)}s", text
            assert read(held)[0]["y"] == [f"{two}-{three}:{four}"], text


def test_a_word_in_a_block_gets_quotes() -> None:
    assert '    x: "yes"\n' in render("kubernetes", NESTED, "ye", "a", "b", "c")


IN_ANOTHER_LANGUAGE = (
    'kind: ConfigMap\ndata:\n  a.yaml: "x: •s"\n',
    "kind: ConfigMap\ndata:\n  a.yaml: 'x: •s'\n",
    "kind: ConfigMap\ndata:\n  a.yaml: >\n    x: •s\n",
    "kind: ConfigMap\ndata:\n  a.yaml: •s\n",
)


@pytest.mark.parametrize("shape", IN_ANOTHER_LANGUAGE)
def test_quotes_that_another_language_would_change_are_refused(shape: str) -> None:
    assert "put double quotes around the whole text" in refuses("kubernetes", shape, "ye")
    assert pyyaml(pyyaml(render("kubernetes", shape, "cat"))[0]["data"]["a.yaml"]) in (
        ["cats"],
        [{"x": "cats"}],
    )


# A block, and the text that it stands for.
LITERAL = (
    ("|\n  •\n", "•\n"),
    ("|-\n  •\n", "•"),
    ("|+\n  •\n\n", "•\n\n"),
    ("|\n\n  •\n  x\n", "\n•\nx\n"),
    ("|\n  x\n  •\n", "x\n•\n"),
    ("|\n  x\n  •\n  y\n", "x\n•\ny\n"),
    ("|-\n  x • y\n\n  z\n", "x • y\n\nz"),
    ("|2\n   •\n  x\n", " •\nx\n"),
    ("|\n  if x:\n    •\n", "if x:\n  •\n"),
    ("| # comment\n  •x\n", "•x\n"),
    ("|\n  x•\n", "x•\n"),
)
FOLDED = (
    (">\n  •\n", "•\n"),
    (">-\n  •\n", "•"),
    (">\n  x\n  •\n", "x •\n"),
    (">-\n  x\n  •\n  y\n", "x • y"),
    (">\n  x • y\n  z\n", "x • y z\n"),
    (">\n  x •\n  y\n", "x • y\n"),
    (">\n  x\n    •\n  y\n", "x\n  •\ny\n"),
    (">2\n   •\n  x\n", " •\nx\n"),
)


@pytest.mark.parametrize("value", ["", " x", "a\nb"])
def test_a_folded_block_keeps_no_blank_or_break_at_the_start_of_a_line(value: str) -> None:
    assert "use a literal block" in refuses("yaml", "a: >\n  x\n  •\n  y\n", value)


AROUND_BLOCK = ("a: @", "a: @b: 1\n", "- @- b\n", "--- @", "a: @# comment\nb: 1\n")


@given(st.sampled_from(AROUND_BLOCK), st.sampled_from(LITERAL), texts())
@proves
def test_a_line_of_a_literal_block(around: str, block: tuple[str, str], value: str) -> None:
    block_reads_back(around, *block, value)


@given(st.sampled_from(AROUND_BLOCK), st.sampled_from(FOLDED), texts())
@proves
def test_a_line_of_a_folded_block(around: str, block: tuple[str, str], value: str) -> None:
    block_reads_back(around, *block, value)


def one_end(text: str, last: str) -> str:
    """Return the text of a block whose `last` value may bring the line break that ends the block."""
    return text.removesuffix("\n") if last.endswith("\n") else text


def block_reads_back(around: str, source: str, text: str, value: str) -> None:
    expected = one_end(join(text, [value]), value if text.endswith("•\n") else "")
    for result in rendered("yaml", around.replace("@", source), value):
        for read in (pyyaml, ruamel):
            pattern = read(around.replace("@", '"@"\n'))
            assert read(result) == replaced(pattern, expected), result


@given(texts(), texts())
@proves
def test_two_values_in_a_block(one: str, two: str) -> None:
    for text in rendered("yaml", "a: |\n  ••\n  x •\n  ••\nb: 1\n", one, two, one, two, one):
        expected = [{"a": one_end(f"{one}{two}\nx {one}\n{two}{one}\n", two + one), "b": 1}]
        assert pyyaml(text) == ruamel(text) == expected


@pytest.mark.parametrize(
    "shape",
    ["# •\na: 1", "a: 1 # •", "a: 1\n# •", "a: # •\n  - 1", "a: | # •\n  x\n", "[a, # •\n b]", "- 'a' #•\n"],
)
@given(scalars())
@proves
def test_a_comment_says_nothing(shape: str, value: Scalar) -> None:
    for text in rendered("yaml", shape, value):
        for read in (pyyaml, ruamel):
            assert read(text) == read(join(shape, [""])), text


@rows("shape", ["a: &• x", "a: !• x", "a: *•", "a: !x#• y", "%TAG ! •\n---\na"])
def test_an_anchor_or_a_tag_is_no_place(shape: str) -> None:
    with pytest.raises((EncodeError, ShapeError)):
        render("yaml", shape, "x")


@pytest.mark.parametrize("shape", ["a: !!int •", 'a: !!int "•"', "a: !Ref |\n  •\n"])
def test_a_value_behind_a_tag_is_refused(shape: str) -> None:
    assert "leave the tag out" in refuses("yaml", shape, "7")


def test_a_key_has_an_end() -> None:
    assert "1024 characters" in refuses("yaml", '"x-•": 1', "x" * 1100)
    assert "1024 characters" in refuses("yaml", "••-p: 1", "x" * 600, "y" * 600)


@given(
    shapes(
        "a:",
        "- ",
        "•: ",
        "'",
        '"',
        "|",
        ">-",
        "#",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "&a",
        "*a",
        "!t",
        "---",
        "\\",
        "  ",
        "\x85",
        "\ufeff",
    )
)
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("yaml", shape)


@rows(
    "shape",
    [
        "a: |",
        "a: |\n",
        'a: "\\ue000 •"',
        "a: \x07•",
        "\ufeffa: •",
        "a: b\u2028•",
        "a: |\n  •\n# •\nb: 1",
        "*a : •",
    ],
)
def test_odd_shapes(shape: str) -> None:
    has_one_site_per_mark("yaml", shape)
