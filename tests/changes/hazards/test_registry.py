"""A rule is one file in the folder of its topic: nothing else has to know it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.changes import hazards as package
from generator.changes.hazards import Effect, Place, System, find, rules

TOY = '''"""Unicorns that are removed."""

from generator.changes.hazards.model import Effect, Hazard, place


def find(old, new):
    for path in old.nodes.keys() - new.nodes.keys():
        source = "https://example.com/unicorns"
        yield Hazard("unicorn", Effect.DESTROYED, path, "is removed", place(old.nodes[path]), None, "keep it", source)
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add a topic with one rule, in a folder beside the real ones."""
    topic = tmp_path / "toys"
    topic.mkdir()
    (topic / "__init__.py").write_text("")
    (topic / "lost_unicorns.py").write_text(TOY)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    yield
    for name in [each for each in sys.modules if each.startswith(f"{package.__name__}.toys")]:
        del sys.modules[name]


def test_a_new_file_is_found_and_asked(toy: None) -> None:
    assert "toys/lost-unicorns" in rules()
    (hazard,) = find(System.of_files({"zoo.yaml": "animal: unicorn\n"}), System.of_files({}))
    assert (hazard.effect, hazard.subject, hazard.old) == (Effect.DESTROYED, "zoo.yaml", Place("zoo.yaml", 1))


def test_without_it_the_rules_are_those_of_the_topics() -> None:
    assert {name.partition("/")[0] for name in rules()} == {"compose", "github", "kubernetes", "terraform"}
    assert list(rules()) == sorted(rules())
