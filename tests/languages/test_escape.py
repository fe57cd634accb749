"""A small part of the proof that no value leaves its place; `python -m tests.languages.escape` runs all of it."""

from __future__ import annotations

import pytest

from generator.languages import LANGUAGES, language_of
from generator.languages.embedded import TABLE
from tests.languages.escape.payloads import ORDINARY
from tests.languages.escape.places import PLACES
from tests.languages.escape.proof import Outcome, prove


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return prove(2000, "sample")


def test_no_value_leaves_its_place(outcome: Outcome) -> None:
    assert not outcome.broken, "\n\n".join(outcome.broken[:5])
    assert outcome.cases.total() >= 2000
    assert outcome.refused.total() < outcome.cases.total() / 2


def test_ordinary_values_are_rarely_refused_where_text_can_stand(outcome: Outcome) -> None:
    refused = sum(map(len, outcome.ordinary_refused.values()))
    free = len([place for place in PLACES if not place.inert]) * len(ORDINARY)
    assert refused < free / 10, outcome.ordinary_refused


def test_every_language_and_every_host_has_places() -> None:
    tried = {language_of(place.path, place.template) for place in PLACES}
    assert set(LANGUAGES) - {"verbatim"} <= tried  # no file is recognised as verbatim
    assert set(TABLE) <= tried
