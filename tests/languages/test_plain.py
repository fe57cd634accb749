"""Files of plain words, such as .dockerignore: a value is a word of its line, or it is refused."""

from __future__ import annotations

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
)


def patterns(text: str) -> list[str]:
    """Return the patterns of a .dockerignore.

    Source: docs.docker.com, ".dockerignore files": lines that begin with # and empty lines are left out,
    blanks around a pattern do not count. https://github.com/moby/patternmatcher/tree/main/ignorefile
    """
    lines = [line for line in text.split("\n") if not line.startswith("#")]
    return [line.strip() for line in lines if line.strip()]


def test_ordinary_values_stand_as_they_are() -> None:
    assert (
        render("plain", "# for •\n•/dist\n!•\n", "the api", "api", "keep.txt")
        == "# for the api\napi/dist\n!keep.txt\n"
    )


@given(
    st.sampled_from(["•", "!•", "/•", "•/x", "**/•", "a•b", "••", "  # •", " •", "A=•"]), scalars(), scalars()
)
@proves
def test_a_word(line: str, one: Scalar, two: Scalar) -> None:
    values = [one, two][: line.count(HOLE)]
    for text in rendered("plain", f"a\n{line}\nb\n", *values):
        assert patterns(text) == ["a", join(line, [as_text(value) for value in values]).strip(), "b"]


@given(scalars())
@proves
def test_a_comment_says_nothing(value: Scalar) -> None:
    for text in rendered("plain", "a\n# •\nb", value):
        assert patterns(text) == ["a", "b"]


@rows(
    "reason, shape, value",
    [
        ("needs a word", "•", ""),
        ("needs a word", "!•", ""),
        ("this file", "•", "a\n*"),
        ("this file", "•", "!a"),
        ("this file", "•", "#"),
    ],
)
def test_what_a_place_cannot_hold_is_refused(reason: str, shape: str, value: str) -> None:
    assert reason in refuses("plain", shape, value)


@given(shapes("#", "!", "/", "*", "A="))
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("plain", shape)
