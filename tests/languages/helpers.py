"""What the tests of every format share: values that could break out, and shapes written for people.

A shape of a test has a bullet where a value lands, as in `name: •`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from generator.languages import LANGUAGES, EncodeError, Scalar, Site
from generator.languages.fill import Filled, fill, unquoted
from generator.languages.site import MARK, ShapeError
from tests.conftest import examples

HOLE = "•"

# `EXAMPLES=5000 pytest tests/languages` looks further than a test run on every change can afford.
proves = settings(
    max_examples=examples(30),
    derandomize=True,
    deadline=None,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

# What means something in one of the languages, in pieces that hypothesis joins.
PIECES = (
    *"'\"`\\$%{}[]()<>#!&*|~?:;,=+-@^/ .\n\t\r_",
    *"\x00\x07\x1b\x7f\x85\xa0\u2028\u2029\ufeff\ufffe\ud800\udfff\u0301\u0650\u1161\u200b\U0001f600é",
    *("${", "%{", "${{", "}}", "$(", "$((", "$$", "${x}", "$x", "%{x}", "$(x)", "${{ secrets.X }}", "`x`"),
    *(
        "<<",
        "<<EOF",
        "EOF",
        "\nEOF\n",
        "\n---\n",
        "...",
        "--",
        "*/",
        "/*",
        "//",
        " #",
        ": ",
        "- ",
        "[x]",
        "{x: y}",
    ),
    *("'; exit 7 #", '"; exit 7 #', "\nexit 7\n", "$(exit 7)", "' || true || '", "]]", "-->", "```", "~~~"),
    *("~", "*", "=", "a", "x", "9", "\\n", "\\u0041", "\\", "esac", ";;", "&&", "2>", "--flag"),
)
LOOKALIKES = (
    *("", " ", "0", "-1", "+1", "1.0", "1e3", ".5", "0x1f", "0o17", "017", "1_000", "12:30:45", "1:2"),
    *(
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "Null",
        "null",
        "~",
        "NaN",
        ".nan",
        ".inf",
        "-.inf",
    ),
    *(
        "2024-01-01",
        "2024-01-01T00:00:00Z",
        "<<",
        "=",
        "---",
        "...",
        "- a",
        "a: b",
        "a #b",
        "%YAML 1.1",
        "&a",
        "*a",
    ),
    *(
        "if",
        "then",
        "fi",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "for",
        "function",
        "time",
        "A=b",
        "A+=b",
        "!",
        "[[",
    ),
    *(
        "NONE",
        "CMD",
        "RUN",
        "escape=`",
        "syntax=x",
        "--platform=x",
        '["a"]',
        "a b",
        "EOF",
        "EO",
        "E",
        "F",
        "a,b",
        "1..5",
    ),
    *("x" * 1100, "'" * 600, "é" * 1100, "\\" * 300, "a b " * 400),
)


def texts() -> st.SearchStrategy[str]:
    """Return texts of any characters, half of surrogate pairs too, and those that look like something else."""
    anything = st.text(st.characters(exclude_categories=()), max_size=12)
    pieced = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)
    return st.one_of(pieced, st.sampled_from(LOOKALIKES), anything)


def scalars() -> st.SearchStrategy[Scalar]:
    """Return all that a value can be; numbers that are not finite too."""
    numbers = st.one_of(st.integers(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False))
    return st.one_of(texts(), texts(), numbers, st.booleans(), st.none())


def as_text(value: Scalar) -> str:
    """Return the text of a value in a place that holds only text."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def sites(kind: str, shape: str) -> list[Site]:
    """Return the sites of the format `kind`."""
    return LANGUAGES[kind].sites(shape.replace(HOLE, MARK))


def render(kind: str, shape: str, *values: Scalar) -> str:
    """Fill the holes of `shape` as the generator does. Raises EncodeError and ShapeError."""
    filled = fill_in(kind, shape, *values)
    for _, problem in filled.problems:
        raise problem
    return filled.text()


def fill_in(kind: str, shape: str, *values: Scalar) -> Filled:
    """Fill the holes of `shape`, with the values that cannot be written among the problems."""
    found = sites(kind, shape)
    assert len(found) == len(values)
    return fill(shape.split(HOLE), found, values, unquoted(found))


def join(shape: str, values: list[str]) -> str:
    """Put `values` into the holes of `shape` as they are."""
    pieces = shape.split(HOLE)
    return pieces[0] + "".join(value + piece for value, piece in zip(values, pieces[1:], strict=True))


def filled(words: Sequence[str], values: Sequence[Scalar]) -> list[str]:
    """Put the texts of `values`, in order, into the holes of several words."""
    texts = iter(values)
    return [re.sub(HOLE, lambda _: as_text(next(texts)), word) for word in words]


def rendered(kind: str, shape: str, *values: Scalar) -> Iterator[str]:
    """Yield the filled shape, or nothing where a value is refused: for a `for` that a property begins with."""
    try:
        yield render(kind, shape, *values)
    except EncodeError as refused:
        assert str(refused)


def refuses(kind: str, shape: str, *values: Scalar) -> str:
    """Assert that a value is refused, and return why and what to do instead."""
    with pytest.raises(EncodeError) as refused:
        render(kind, shape, *values)
    return f"{refused.value}: {refused.value.hint}"


def same(value: object, other: object) -> bool:
    """Say whether `other` is `value` and of its type, but that whole numbers and floats are one type."""
    if isinstance(value, bool) or isinstance(other, bool) or not isinstance(value, int | float):
        return type(value) is type(other) and value == other
    return isinstance(other, int | float) and type(value)(other) == value


def shapes(*fragments: str) -> st.SearchStrategy[str]:
    """Return shapes made of a language's fragments and holes, most of them not of the language."""
    alphabet = st.sampled_from((*fragments, HOLE, HOLE, "\n", " ", "x"))
    return st.lists(alphabet, max_size=14).map("".join)


def has_one_site_per_mark(kind: str, shape: str) -> None:
    """Assert that `sites` returns a site for each mark, or that the shape is not of the format."""
    try:
        found = sites(kind, shape)
    except ShapeError as problem:
        assert 1 <= problem.line <= shape.count("\n") + 2, problem
        return
    assert len(found) == shape.count(HOLE)
    for value in ("a", "", "a b", 1):
        filled = fill_in(kind, shape, *[value] * len(found))
        assert all(re.search(r"\w", str(refused)) for _, refused in filled.problems)
