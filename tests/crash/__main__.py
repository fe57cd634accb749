"""The sweep over a whole environment of this project, for continuous integration: `python -m tests.crash [K/N]`."""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path

from tests.conftest import share
from tests.crash.lab import ERRORS, KILL, ROOT, TORN, Lab
from tests.crash.sweep import Tally, calls_of, disturb, scene

# What the second render of prod makes otherwise than the first: files come, change and go.
_FIRST = {
    "workflows: true": "workflows: false",
    "compose: false": "compose: true",
    "suffix:": "image_tag: old\nsuffix:",
}


def main(part: str = "1", env: str = "prod") -> None:
    """Kill or fail every call, or the K-th of N shares, of a render; print how many points that were."""
    tallies: list[Tally] = []
    # Two processes, for most machines have as many processors: one kills, the other lets calls fail.
    workers = [threading.Thread(target=_half, args=(env, part, kills, tallies)) for kills in (True, False)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for tally in tallies:
        print(tally)
    if len(tallies) != len(workers):
        sys.exit("a half of the sweep failed; its reason is above")
    print(f"{sum(sum(tally.runs.values()) for tally in tallies)} points in all, and each converged")


def _half(env: str, part: str, kills: bool, tallies: list[Tally]) -> None:
    with tempfile.TemporaryDirectory() as folder, Lab() as lab:
        root = Path(folder).resolve() / "project"
        for name in ("templates", "environments"):
            shutil.copytree(ROOT / name, root / name)
        overlay = root / "environments" / f"{env}.yaml"
        text = overlay.read_text("utf-8")
        first = text
        for new, old in _FIRST.items():
            assert new in first
            first = first.replace(new, old)
        overlay.write_text(first, "utf-8")
        lab.warm("--no-cache", "-C", str(root), "check", "--no-tools", env)
        at = scene(root, env, partial(overlay.write_text, text, "utf-8"), lab)
        tally = Tally()
        lab.freeze(root, env)
        calls = calls_of(lab, at)
        # Before the lock nothing is written; the small project of the test suite has every call before it, too.
        for number in range(calls.index("flock") + 1, len(calls) + 1)[share(part)]:
            error = TORN if calls[number - 1] == "write" and number % 2 else ERRORS[number % len(ERRORS)]
            disturb(lab, at, number, KILL if kills else error, tally)
        tallies.append(tally)


if __name__ == "__main__":
    main(*sys.argv[1:])
