"""Conditions have speaking names, and each another one."""

from __future__ import annotations

from generator.adopt.conditions import Need, decide
from generator.adopt.words import Mask


def test_blocks_without_a_name_of_their_own_get_one() -> None:
    every = frozenset({0, 1, 2})
    needs = [Need(frozenset({at}), every, (), (), "a.txt", frozenset({f"word{at}"}), 300) for at in range(3)]
    made, _ = decide(needs, [], Mask([]), 3, ["jobs"])
    assert [value.name for value in made] == [("a", "enabled"), ("a", "a", "enabled"), ("a_2", "enabled")]


def test_no_condition_is_in_a_map_of_entries() -> None:
    need = Need(frozenset({0}), frozenset({0, 1}), ("jobs", "mail"), ("limits",), "a.yaml", frozenset(), 300)
    made, _ = decide([need], [], Mask([]), 2, ["jobs"])
    assert [value.name for value in made] == [("mail", "limits", "enabled")]
