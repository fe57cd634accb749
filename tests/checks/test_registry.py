"""A rule is a file in the folder of a topic: nothing else has to be edited."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from generator.checks import rules as package
from generator.checks.outcome import check_tree
from generator.checks.registry import rules
from generator.pipeline import Pipeline
from generator.project.folder import Project
from generator.report.explain import explanations, lookup
from tests.checks.helpers import TODAY
from tests.conftest import Sandbox

TOY = '''"""No file may mention a unicorn.

Why: there are none.

Bad:

    animal: unicorn

Good:

    animal: horse
"""

from generator.findings import error


def check(context):
    for source in context.system.sources.values():
        if "unicorn" in source.text:
            yield error("checks/no-unicorns", "there are no unicorns", source.find("unicorn"))
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put a rule into a topic of its own, in a folder beside the real ones."""
    topic = tmp_path / "rules" / "toys"
    topic.mkdir(parents=True)
    (topic / "__init__.py").write_text("")
    (topic / "no_unicorns.py").write_text(TOY)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(topic.parent)])
    yield
    for name in [each for each in sys.modules if each.startswith(f"{package.__name__}.toys")]:
        del sys.modules[name]


def test_a_new_file_is_found_run_and_explained(toy: None, tmp_path: Path) -> None:
    project = Sandbox(tmp_path / "project")
    project.write("environments/schema.json", '{"type": "object", "properties": {}}')
    project.write("environments/base.yaml", "{}\n")
    project.write("environments/dev.yaml", "{}\n")
    project.write("templates/zoo.yaml.j2", "# zoo.yaml\nanimal: unicorn\n")
    pipeline = Pipeline(Project(project.root))
    (proof,) = pipeline.validate_and_render(["dev"])
    assert proof.tree, proof.findings
    assert "no-unicorns" in rules()
    outcome = check_tree(proof.tree, proof.values, pipeline.trace, TODAY)
    (finding,) = [each for each in outcome.findings if each.code == "checks/no-unicorns"]
    assert finding.message == "there are no unicorns"
    assert finding.at and (finding.at.path, finding.at.line) == ("templates/zoo.yaml.j2", 2)
    explanation = lookup("checks/no-unicorns", explanations())
    assert explanation and explanation.short == "No file may mention a unicorn."


def test_the_order_is_that_of_the_names(toy: None) -> None:
    assert list(rules()) == sorted(rules())


def test_two_rules_of_one_name_are_refused(toy: None, tmp_path: Path) -> None:
    (tmp_path / "rules" / "toys" / "images.py").write_text(TOY)
    with pytest.raises(ValueError, match="two rules have the name images"):
        rules()


def test_every_rule_with_a_warning_names_who_gives_the_advice() -> None:
    for name, rule in rules().items():
        text = inspect.getsource(cast("ModuleType", rule))
        if re.search(r"\b(?:warning|error_if|disagreements)\(", text):
            assert getattr(rule, "ADVICE", ""), name
