"""A system that notes what an answer depends on finds it again only when that has changed."""

from __future__ import annotations

import pytest

from generator.system import System
from generator.system.tracked import Tracked

FILES = {
    "main.tf": 'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  cluster_version = "1.35"\n}\n',
    "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
}


def system(**changed: str) -> Tracked:
    return Tracked.of_files(FILES | {path.replace("_", "."): text for path, text in changed.items()})


def test_of_a_simple_answer_only_the_answer_matters() -> None:
    first = system()
    with first.noting() as parts:
        assert first.cluster_minor == 35
    assert parts == {("answer", "cluster_minor")}
    known = {part: first.key(part) for part in parts}
    assert system(main_tf=FILES["main.tf"] + "# more\n").holds(known)
    assert not system(main_tf=FILES["main.tf"].replace("35", "36")).holds(known)
    assert not system(main_tf="").holds(known)


def is_named(each: System) -> bool:
    return "name" in each.sources["a.yaml"].text


def never(each: System) -> bool:
    raise AssertionError


def test_an_answer_is_taken_from_an_earlier_system_while_its_files_are_the_same() -> None:
    first = system()
    assert first.answer("named", is_named)
    known = {name: (value, parts) for name, value, parts in first.simple_answers()}
    second = system(main_tf="")
    second.know(known)
    with second.noting() as parts:
        assert second.answer("named", never)
    assert parts == {("file", "a.yaml")}
    third = system(a_yaml="{}")
    third.know(known)
    assert not third.answer("named", is_named)
    third.know(known)
    with pytest.raises(AssertionError):
        system(a_yaml="{}").answer("named", never)
