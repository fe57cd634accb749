"""Configuration files: whatever a value is, its consumer reads exactly it, or it is refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.languages import Scalar, language_of
from tests.languages.escape.data_places import DATA_PLACES
from tests.languages.escape.place import Place
from tests.languages.helpers import (
    as_text,
    proves,
    render,
    rendered,
    same,
    scalars,
)

_HELD = [place for place in DATA_PLACES if not place.shell]


def _read(place: Place, text: str) -> tuple[list[object], object]:
    around: list[object] = []
    held: object = text
    for step in place.steps:
        beside, held = step(held)  # type: ignore[arg-type]
        around.append(beside)
    return around, held


@given(st.sampled_from(_HELD), scalars())
@proves
def test_a_value_is_read_back(place: Place, value: Scalar) -> None:
    language = language_of(place.path, place.template)
    around, _ = _read(place, render(language, place.template, "web"))
    for text in rendered(language, place.template, value):
        found, held = _read(place, text)
        assert found == around
        assert held == place.meaning.replace("•", as_text(value)) or (
            place.meaning == "•" and same(value, held)
        )
