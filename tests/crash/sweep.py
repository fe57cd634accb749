"""Every call of one render, each killed or failed in a run of its own, and what must hold after each.

Without a cache, so that each run makes the same calls; the runs of test_stateful.py have one.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.lab import KILL, Lab, Outcome

Files = dict[str, tuple[bytes, int]]


@dataclass(frozen=True)
class Scene:
    """A project before a render of `env` that creates, changes and deletes; the files before, and after it."""

    root: Path
    env: str
    before: Files
    after: Files
    foreign: frozenset[str]

    @property
    def out(self) -> Path:
        return self.root / "out" / self.env

    def restore(self) -> None:
        """Put the files of before in their place again."""
        shutil.rmtree(self.out, ignore_errors=True)
        for path, (data, mode) in self.before.items():
            (self.out / path).parent.mkdir(parents=True, exist_ok=True)
            (self.out / path).write_bytes(data)
            (self.out / path).chmod(mode)

    def now(self) -> Files:
        return snapshot(self.out)


@dataclass
class Tally:
    """How many runs were made, and how they ended."""

    runs: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        runs = ", ".join(f"{count} {how}" for how, count in self.runs.items())
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.ends.items()))
        return f"{sum(self.runs.values())} points ({runs}): {ends}"


def snapshot(folder: Path) -> Files:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode & 0o777)
        for path in files
    }


def scene(root: Path, env: str, change: Callable[[], object], lab: Lab) -> Scene:
    """Render, make the change, and find out what the next render leads to."""
    out = root / "out" / env
    assert lab.run("--no-cache", "-C", str(root), "render", env).status == 0
    (out / "mine.txt").write_bytes(b"mine\n")
    nested = next(path for path in sorted(out.iterdir()) if path.is_dir())
    (nested / "mine.bin").write_bytes(bytes(range(256)))
    foreign = frozenset(["mine.txt", f"{nested.name}/mine.bin"])
    before = snapshot(out)
    change()
    copy = root / "copy"
    shutil.copytree(out, copy / env)
    done = lab.run("--no-cache", "-C", str(root), "render", env, "--out", str(copy))
    assert done.status == 0, done.err
    after = snapshot(copy / env)
    shutil.rmtree(copy)
    assert before.keys() - after.keys(), "the render deletes nothing"
    assert after.keys() - before.keys(), "the render creates nothing"
    assert any(before[path] != after[path] for path in before.keys() & after.keys()), (
        "the render changes nothing"
    )
    return Scene(root, env, before, after, foreign)


def calls_of(lab: Lab, at: Scene) -> list[str]:
    """Return the calls of a render that nothing disturbs."""
    at.restore()
    calls = lab.run("--no-cache", "-C", str(at.root), "render", at.env).calls
    assert at.now() == at.after
    return calls


def disturb(lab: Lab, at: Scene, number: int, how: str, tally: Tally) -> None:
    """Disturb call `number` of a render, and assert what must hold after that."""
    at.restore()
    done = lab.run("--no-cache", "-C", str(at.root), "render", at.env, at=number, how=how)
    tally.runs[how] += 1
    tally.ends[_judge(lab, at, how, done, f"{how} at {number}: {done}")] += 1


def _judge(lab: Lab, at: Scene, how: str, done: Outcome, say: str) -> str:
    """Assert what must hold after a run that was disturbed, and return how it ended."""
    found = at.now()
    assert done.status == (-9 if how == KILL else done.status), say
    assert done.status != 3, say
    for path in at.foreign:
        assert found[path] == at.before[path], f"{path} is lost: {say}"
    staged = {path for path in found if path.rpartition("/")[2].startswith(".oetgen-")}
    files = {path: file for path, file in found.items() if path != ".oetgen" and path not in staged}
    for path in at.before.keys() | at.after.keys() - {".oetgen"}:
        if path != ".oetgen":
            assert files.get(path) in (at.before.get(path), at.after.get(path)), f"{path} is torn: {say}"
    assert files.keys() <= at.before.keys() | at.after.keys(), say
    if "no file there was changed" in done.err or done.status == 1:
        assert {**found, **dict.fromkeys(staged)} == {**at.before, **dict.fromkeys(staged)}, say
    if done.status == 0:
        assert files == {path: file for path, file in at.after.items() if path != ".oetgen"}, say
    if found != at.before:
        _converges(lab, at, found, staged, say)
    changed = files != {path: file for path, file in at.before.items() if path != ".oetgen"}
    return "done" if found == at.after else "half-way" if changed or staged else "untouched"


def _converges(lab: Lab, at: Scene, found: Files, staged: set[str], say: str) -> None:
    """Assert that `check` says what is unfinished, and that the next render finishes it."""
    if found != at.after:
        check = lab.run("--no-cache", "-C", str(at.root), "check", "--no-tools", at.env)
        files_done = {
            path: file for path, file in found.items() if path not in staged and path != ".oetgen"
        } == {path: file for path, file in at.after.items() if path != ".oetgen"}
        assert check.status == (0 if files_done and not staged else 1), f"{check}\n{say}"
        assert ("committed/unfinished" in check.out) == bool(staged), f"{check}\n{say}"
    again = lab.run("--no-cache", "-C", str(at.root), "render", at.env)
    assert again.status == 0, f"{again}\n{say}"
    assert at.now() == at.after, say
