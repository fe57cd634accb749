"""More environments than stay in memory: their trees wait in a file, and all or nothing is written."""

from __future__ import annotations

import contextlib
import io
import json
import re
import tempfile
from typing import Any

import pytest

from generator.cli import main, speed
from tests.conftest import Sandbox

FEW = 3
NAMES = [f"t{number:03}" for number in range(4 * FEW)]
FIRST, LAST = NAMES[0], NAMES[-1]


pytestmark = pytest.mark.parametrize("jobs", ["1", "2"])


@pytest.fixture
def many(small: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A project with more environments than are kept in memory, each with a text of its own."""
    monkeypatch.setattr(speed, "MANY", FEW)
    monkeypatch.setattr(speed, "FEW", FEW)
    for name in NAMES:
        small.write(f"environments/{name}.yaml", f"extends: test\ngreeting: hello {name}\n")
    return small


def test_each_environment_is_written_as_if_it_were_alone(many: Sandbox, jobs: str) -> None:
    assert many.oetgen("render", "--all", "--jobs", jobs).status == 0
    for name in (FIRST, LAST):
        assert many.oetgen("--no-cache", "render", name, "--out", "alone").status == 0
        assert many.snapshot(f"alone/{name}") == many.snapshot(f"out/{name}")
        assert any(f"hello {name}".encode() in data for data, _ in many.snapshot(f"out/{name}").values())


def test_each_environment_is_written_to_the_folder_that_the_settings_name(many: Sandbox, jobs: str) -> None:
    many.write("oetgen.yaml", "out: deploy/{environment}\n")
    assert many.oetgen("render", "--all", "--jobs", jobs).status == 0
    for name in NAMES:
        assert many.snapshot(f"deploy/{name}")


def test_each_environment_is_checked_as_if_it_were_alone(many: Sandbox, jobs: str) -> None:
    many.oetgen("render", "--all", "--jobs", jobs)
    many.replace(f"environments/{LAST}.yaml", "hello", "goodbye")
    results = [
        json.loads(many.oetgen("check", *names, "--no-tools", "--format", "json", "--jobs", jobs).out)
        for names in ((), (LAST,))
    ]
    every, alone = ([each for each in result["findings"] if LAST in each["path"]] for result in results)
    assert [each["code"] for each in alone] == ["committed/stale"]
    assert every == alone
    assert len(results[0]["summary"]["environments"]) == len(NAMES) + 2


def test_a_hand_edit_in_the_last_one_leaves_all_the_others_alone(many: Sandbox, jobs: str) -> None:
    many.oetgen("render", "--all", "--jobs", jobs)
    for name in NAMES:
        many.replace(f"environments/{name}.yaml", "hello", "goodbye")
    path = next(
        path for path, (data, _) in many.snapshot(f"out/{LAST}").items() if f"hello {LAST}".encode() in data
    )
    many.replace(f"out/{LAST}/{path}", "hello", "HELLO")
    before = many.snapshot()
    result = many.oetgen("render", "--all", "--jobs", jobs)
    assert (result.status, many.snapshot()) == (1, before)
    assert f"out/{LAST}/{path}" in result.err
    assert many.oetgen("render", "--all", "--jobs", jobs, "--overwrite").status == 0
    out = many.oetgen("render", "--all", "--jobs", jobs).out
    assert re.fullmatch(rf"{len(NAMES) + 2} environments: \d+ unchanged\n", out)


def test_a_mistake_in_the_last_one_leaves_all_the_others_alone(many: Sandbox, jobs: str) -> None:
    many.write(f"environments/{LAST}.yaml", "extends: test\ngreeting: [1]\n")
    result = many.oetgen("render", "--all", "--jobs", jobs)
    assert (result.status, many.snapshot()) == (1, {})


def test_without_room_for_what_waits_nothing_is_written(
    many: Sandbox, jobs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any, **keywords: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    result = many.oetgen("render", "--all", "--jobs", jobs)
    assert (result.status, many.snapshot()) == (2, {})
    assert "temporary file: No space left on device" in result.err
    assert "TMPDIR" in result.err


def test_with_a_mistake_nothing_needs_to_wait(
    many: Sandbox, jobs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tempfile, "TemporaryFile")
    many.write(f"environments/{FIRST}.yaml", "extends: test\ngreeting: [1]\n")
    result = many.oetgen("render", "--all", "--jobs", jobs)
    assert (result.status, result.err.count("1 error")) == (1, 1)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_is_seen_how_much_is_done(many: Sandbox, jobs: str) -> None:
    def err_of(*names: str) -> str:
        err = Terminal()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(err):
            main(["-C", str(many.root), "render", *names, "--jobs", jobs])
        return err.getvalue()

    assert err_of(FIRST) == ""
    assert "100%" in err_of("--all")
