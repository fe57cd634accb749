"""Conditions have speaking names, and each another one."""

from __future__ import annotations

from generator.adopt.conditions import Need, decide
from generator.adopt.words import Mask
from tests.adopt.conftest import Adopter
from tests.adopt.test_same_things import names_of


def test_blocks_without_a_name_of_their_own_get_one() -> None:
    every = frozenset({0, 1, 2})
    needs = [Need(frozenset({at}), every, (), (), "a.txt", frozenset({f"word{at}"}), 300) for at in range(3)]
    made, _ = decide(needs, [], Mask([]), 3, ["jobs"])
    assert [value.name for value in made] == [("a", "enabled"), ("a", "a", "enabled"), ("a_2", "enabled")]


def test_no_condition_is_in_a_map_of_entries() -> None:
    need = Need(frozenset({0}), frozenset({0, 1}), ("jobs", "mail"), ("limits",), "a.yaml", frozenset(), 300)
    made, _ = decide([need], [], Mask([]), 2, ["jobs"])
    assert [value.name for value in made] == [("mail", "limits", "enabled")]


LIMITS = "  limits:\n    memory: 1Gi\n    cpu: 500m\n"


def test_in_two_environments_no_block_decides_a_comment(adopter: Adopter) -> None:
    prod, dev = f"# of prod\nd: 1\na: 1 # one\ne: 1\nb:\n{LIMITS}", "# for tests\nd: 1\na: 1 # two\ne: 1\n"
    adopted = adopter.proved(prod={"x.yaml": prod}, dev={"x.yaml": dev})
    template = adopted.text("templates/x.yaml.j2")
    assert template.count("{% if comments.x %}") + template.count("{% if not comments.x %}") == 2
    assert names_of(adopted) == {"comments.x", "b.enabled"}
    kinds = [each["kind"] for each in adopted.document["drift"]]
    assert sorted(kinds) == ["block", "text", "text"], "a comment at the end of a line is a text, too"


def test_comments_of_several_files_are_one_value(adopter: Adopter) -> None:
    prod, dev = (
        {f"{name}.yaml": f"# {name} of {env}\na: 1 # {env}\n" for name in ("one", "two")}
        for env in ("x", "y")
    )
    assert names_of(adopter.proved(prod=prod, dev=dev)) == {"comments.variant"}
