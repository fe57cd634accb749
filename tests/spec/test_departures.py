"""An undeclared departure, an outdated entry and one that explains nothing are each told apart."""

from dataclasses import replace

import pytest
import yaml

from tests.conftest import rows

from .compare import Difference
from .departures import Departure, FormError, as_entries, faults, load, outdated, undeclared

NODE = Difference("backend/Dockerfile", "base: FROM node:19", "FROM node:19", "FROM node:24")
EKS = Difference("terraform/main.tf", "module.eks version", '"~> 19.0"', '"~> 20.0"')
DECLARED = [Departure(NODE, "cannot-work", "node 19 gets no fixes"), Departure(EKS, "unsafe", "x")]

ENTRY = """
- file: terraform/main.tf
  place: module.eks version
  document: '"~> 19.0"'
  rendered: '"~> 20.0"'
  kind: unsafe
  reason: x
"""


def test_declared_departures_that_depart_are_in_order() -> None:
    assert undeclared(DECLARED, [NODE, EKS]) == []
    assert outdated(DECLARED, [NODE, EKS]) == []
    assert faults(DECLARED) == []


def test_an_entry_is_read_with_all_its_fields() -> None:
    assert load(ENTRY) == [DECLARED[1]]


def test_no_entries_are_no_entries() -> None:
    assert load("") == load("[]") == []


def test_a_departure_without_an_entry_is_undeclared() -> None:
    assert undeclared(DECLARED[:1], [NODE, EKS]) == [EKS]


def test_an_undeclared_departure_is_printed_as_an_entry_to_fill_in() -> None:
    (entry,) = yaml.safe_load(as_entries([EKS]))
    assert entry == {**yaml.safe_load(ENTRY)[0], "kind": "", "reason": ""}
    assert len(faults(load(as_entries([EKS])))) == 2


def test_an_entry_that_departs_no_more_is_outdated() -> None:
    (message,) = outdated(DECLARED, [NODE])
    assert message == "terraform/main.tf at module.eks version: departs no more, drop the entry"


@pytest.mark.parametrize("field", ["document", "rendered"])
def test_an_entry_with_another_text_is_outdated_and_shows_both(field: str) -> None:
    changed = replace(EKS, **{field: '"~> 21.0"'})
    (message,) = outdated(DECLARED, [NODE, changed])
    assert "~> 20.0" in message
    assert "~> 21.0" in message
    assert undeclared(DECLARED, [NODE, changed]) == [changed]


def test_forty_entries_are_enough() -> None:
    many = [Departure(replace(EKS, place=f"module.eks {number}"), "unsafe", "x") for number in range(41)]
    assert faults(many[:40]) == []
    assert faults(many) == ["41 entries, expected at most 40"]


def test_an_unknown_kind_and_an_empty_reason_are_faults() -> None:
    address = "terraform/main.tf at module.eks version"
    assert faults([Departure(EKS, "nicer", " ")]) == [
        f"{address}: kind 'nicer', expected one of cannot-work, unsafe, superseded",
        f"{address}: the reason is empty",
    ]


def test_one_departure_is_declared_once() -> None:
    assert faults([DECLARED[1], DECLARED[1]]) == ["terraform/main.tf at module.eks version: declared twice"]


@rows(
    "text, message",
    [
        ("a: b", "expected a list of entries"),
        ("- [", "while parsing"),
        ("- file: a", "entry 1: expected exactly the fields file, place, document, rendered"),
        (ENTRY + "  extra: x", "entry 1: expected exactly the fields"),
        (ENTRY.replace("reason: x", "reason: 1"), "entry 1: reason is no text, put it in quotes"),
    ],
)
def test_an_entry_in_another_form_is_refused(text: str, message: str) -> None:
    with pytest.raises(FormError, match=message):
        load(text)
