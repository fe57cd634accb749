"""A run that is killed, or fails, at any call loses nothing and tears nothing; the next one finishes it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.crash.lab import ERRORS, KILL, SHORT, TORN, Lab
from tests.crash.sweep import Scene, Tally, calls_of, disturb, scene
from tests.crash.tiny import make, values

EVERY = os.environ.get("CRASH") == "every"  # as in continuous integration, which has time for it


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as started:
        yield started


@pytest.fixture
def tiny(tmp_path: Path, lab: Lab) -> Scene:
    make(tmp_path)
    lab.warm("--no-cache", "-C", str(tmp_path), "check", "--no-tools")

    return scene(tmp_path, "prod", partial(values, tmp_path, "two", 3, False), lab)


def test_every_call_killed_or_failed(lab: Lab, tiny: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Each call is killed before it is made, and fails with one of three errors; each write is cut short, too.

    Without EVERY, each call gets one of the two in turn, and of those before the lock, one in eight.
    """
    tally = Tally()
    calls = calls_of(lab, tiny)
    locked = calls.index("flock")
    for number, call in enumerate(calls, start=1):
        ways = [KILL, ERRORS[number % len(ERRORS)]]
        if not EVERY:
            ways = [ways[number // 2 % 2]] if number % (1 if number > locked else 8) == 0 else []
        for how in [*ways, *([SHORT, TORN] if call == "write" else [])]:
            disturb(lab, tiny, number, how, tally)
    if EVERY:
        with capsys.disabled():
            print(f"\n{tally}")
        assert tally.runs[KILL] == sum(tally.runs[error] for error in ERRORS) == len(calls)
    assert len(calls) > 100
    assert min(tally.runs[how] for how in (KILL, *ERRORS)) > 5
    assert min(tally.ends[end] for end in ("done", "half-way", "untouched")) > 5
    assert tally.runs[SHORT] == tally.runs[TORN] > 5


def test_two_renders_at_once(lab: Lab, tiny: Scene) -> None:
    """Wherever the first one is stopped, the second one waits or is done; never are files of both there."""
    waited = 0
    values(tiny.root, "first", 1, True)
    tiny.restore()
    calls = lab.run("--no-cache", "-C", str(tiny.root), "render", "prod").calls
    for number in range(1, len(calls) + 1, 3 if EVERY else 11):
        tiny.restore()
        values(tiny.root, "first", 1, True)
        assert lab.pause("--no-cache", "-C", str(tiny.root), "render", "prod", at=number)
        values(tiny.root, "second", 2, False)
        waits = lab.second("--no-cache", "-C", str(tiny.root), "render", "prod")
        waited += waits
        first, second = lab.resume()
        assert (first.status, second.status) == (0, 0), (number, first, second)
        assert not waits or "waiting for another oetgen" in second.err
        texts = {path: data for path, (data, _) in tiny.now().items()}
        names = {word for word in (b"first", b"second") for data in texts.values() if word in data}
        assert len(names) == 1, (number, names)
        assert not [path for path in texts if ".oetgen-" in path]
    assert waited > 4
    values(tiny.root, "two", 3, False)


def test_the_lock_of_a_process_that_was_killed_does_not_block(lab: Lab, tiny: Scene) -> None:
    tiny.restore()
    calls = calls_of(lab, tiny)
    tiny.restore()
    assert (
        lab.run(
            "--no-cache", "-C", str(tiny.root), "render", "prod", at=calls.index("replace") + 2, how=KILL
        ).status
        == -9
    )
    done = lab.run("--no-cache", "-C", str(tiny.root), "render", "prod")
    assert (done.status, done.err) == (0, "")


def test_renders_of_two_environments_do_not_wait_for_each_other(lab: Lab, tiny: Scene) -> None:
    tiny.restore()
    calls = calls_of(lab, tiny)
    tiny.restore()
    assert lab.pause("--no-cache", "-C", str(tiny.root), "render", "prod", at=calls.index("replace") + 2)
    assert not lab.second("--no-cache", "-C", str(tiny.root), "render", "test")
    first, second = lab.resume()
    assert (first.status, second.status) == (0, 0)
    assert lab.run("--no-cache", "-C", str(tiny.root), "check", "--no-tools").status == 0


def test_check_waits_until_a_render_is_done(lab: Lab, tiny: Scene) -> None:
    tiny.restore()
    calls = calls_of(lab, tiny)
    tiny.restore()
    assert lab.pause("--no-cache", "-C", str(tiny.root), "render", "prod", at=calls.index("replace") + 2)
    assert lab.second("--no-cache", "-C", str(tiny.root), "check", "--no-tools", "prod")
    first, second = lab.resume()
    assert (first.status, second.status) == (0, 0), second
