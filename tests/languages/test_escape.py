"""A small part of the proof that no value leaves its place; `python -m tests.languages.escape` runs all of it."""

from __future__ import annotations

from generator.languages import LANGUAGES, language_of
from generator.languages.embedded import TABLE
from tests.languages.escape.payloads import ORDINARY
from tests.languages.escape.places import PLACES
from tests.languages.escape.proof import prove


def test_no_value_leaves_its_place() -> None:
    outcome = prove(2000, "sample")
    assert not outcome.broken, "\n\n".join(outcome.broken[:5])
    assert outcome.cases.total() >= 2000
    assert outcome.refused.total() < outcome.cases.total() / 2


def test_ordinary_values_are_rarely_refused_where_text_can_stand() -> None:
    outcome = prove(0, "sample")
    refused = sum(map(len, outcome.ordinary_refused.values()))
    free = len([place for place in PLACES if not place.inert]) * len(ORDINARY)
    assert refused < free / 10, outcome.ordinary_refused


def test_every_language_and_every_host_has_places() -> None:
    tried = {language_of(place.path, place.template) for place in PLACES}
    assert set(LANGUAGES) - {"verbatim"} <= tried  # no file is recognised as verbatim
    assert set(TABLE) <= tried
