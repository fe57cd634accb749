"""A run that is killed, or fails, at any call loses nothing and tears nothing; the next one finishes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.lab import ERRORS, KILL, SHORT, TORN, Lab
from tests.crash.sweep import Scene, Tally, calls_of, disturb, scene

BASE = "name: one\ncopies: 2\nextra: true\n"
SCHEMA = """{"type": "object", "additionalProperties": false, "required": ["name", "copies", "extra", "suffix"],
"properties": {"name": {"type": "string"}, "copies": {"type": "integer"}, "extra": {"type": "boolean"},
"suffix": {"type": "string"}, "output": {"type": "string"}}}"""
TEMPLATES = {
    "k8s/kept.yaml": "kept: true\n",
    "k8s/changed.yaml": "name: {{ name }}\ncopies: {{ copies }}\n",
    "k8s/old/deleted.yaml": "{% if extra %}\nname: {{ name }}\n{% endif %}\n",
    "new/created.yaml": "{% if not extra %}\nname: {{ name }}\n{% endif %}\n",
    "changed.sh": "#!/bin/sh\necho {{ name }}\n",
}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as started:
        yield started


@pytest.fixture
def tiny(tmp_path: Path, lab: Lab) -> Scene:
    """A project that is as small as one can be of which a render creates, changes, keeps and deletes files."""
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "schema.json").write_text(SCHEMA)
    (tmp_path / "environments" / "base.yaml").write_text(BASE)
    (tmp_path / "environments" / "prod.yaml").write_text('suffix: ""\n')
    for path, text in TEMPLATES.items():
        target = tmp_path / "templates" / f"{path}.j2"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    lab.warm("-C", str(tmp_path), "check")

    def change() -> None:
        (tmp_path / "environments" / "base.yaml").write_text("name: two\ncopies: 3\nextra: false\n")

    return scene(tmp_path, "prod", change, lab)


def test_every_call_killed_or_failed(lab: Lab, tiny: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Each call is killed before it is made, and fails with one of three errors; each write is cut short, too."""
    tally = Tally()
    calls = calls_of(lab, tiny)
    for number, call in enumerate(calls, start=1):
        ways = [KILL, ERRORS[number % len(ERRORS)], *([SHORT, TORN] if call == "write" else [])]
        for how in ways:
            disturb(lab, tiny, number, how, tally)
    with capsys.disabled():
        print(f"\n{tally}")
    assert tally.runs[KILL] == sum(tally.runs[error] for error in ERRORS) == len(calls) > 100
    assert min(tally.ends[end] for end in ("done", "half-way", "untouched")) > 10
    assert tally.runs[SHORT] == tally.runs[TORN] > 5
