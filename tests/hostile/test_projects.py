"""Every hostile project, quickly: how commands end, that nothing ran, leaked, or was written elsewhere."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.project import git
from tests.conftest import Result, oetgen
from tests.hostile.projects import KINDS, SECRET, VARIABLE, Ground, Kind, unusual

_SECONDS = 120  # a command that waits for a pipe would wait forever
_USUAL = (
    ("check", "--no-tools"),
    ("diff", "prod"),
    ("sync", "prod", "--to", "."),
    ("blame", "out/prod/run.sh:1"),
)


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """The small project as the current folder, with a secret in the environment, and a limit for the time."""
    ground = Ground(tmp_path)
    ground.build()
    monkeypatch.chdir(ground.root)
    monkeypatch.setenv(VARIABLE, SECRET)
    monkeypatch.setattr(git, "_SECONDS", 2)  # for a pipe among the files of a repository
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(_SECONDS)
    yield ground
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _too_long(number: int, frame: object) -> None:
    raise TimeoutError


def look(ground: Ground) -> dict[str, bytes]:
    """Return everything below the top, except the output of the project and the report."""
    found = {}
    for top, folders, names in os.walk(os.fsencode(ground.top)):
        if top == os.fsencode(ground.root) and b"out" in folders and not os.path.islink(top + b"/out"):
            folders.remove(b"out")
        for name in (*names, *folders):
            path = Path(os.fsdecode(top)) / os.fsdecode(name)
            if path.is_symlink():
                found[str(path)] = os.fsencode(os.readlink(path))
            elif path.is_file() and path.name != "report.html" and path.stat().st_size < 1_000_000:
                found[str(path)] = path.read_bytes()
    return found


def outputs(ground: Ground) -> Iterator[str]:
    for folder in (ground.root / "out", ground.top / "report.html"):
        for path in (folder, *folder.rglob("*")) if not folder.is_symlink() else ():
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 10_000_000:
                yield path.read_text("utf-8", "replace")


def run(ground: Ground, command: tuple[str, ...]) -> Result:
    result = oetgen(*command)
    assert result.status in (0, 1, 2), (command, result.err)
    for text in (result.out, result.err, *outputs(ground)):
        assert SECRET not in text, command
    assert "Traceback" not in result.err
    assert not ground.canary.exists(), command
    return result


@pytest.mark.parametrize("name", KINDS)
def test_a_hostile_project_does_nothing(ground: Ground, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    kind: Kind = KINDS[name]
    if kind.rendered:
        for _ in range(2):
            assert run(ground, ("render", "--all")).status == 0
    kind.build(ground)
    for variable, value in kind.variables.items():
        value = value.format(root=ground.root, top=ground.top)
        monkeypatch.setenv(variable, f"{value}:{os.environ[variable]}")
    before = look(ground)
    result = run(ground, ("render", "--all"))
    assert (result.status, kind.finding in result.err) == (kind.status, True), result.err
    for command in kind.commands or _USUAL[: 1 if kind.status else 4]:
        run(ground, command)
    assert _without_copies(ground, look(ground)) == _without_copies(ground, before)
    assert not [path for path in (ground.root / "out").rglob("*") if unusual(path)] or "pipe" in name


def _without_copies(ground: Ground, found: dict[str, bytes]) -> dict[str, bytes]:
    """Remove what `oetgen sync --to .` writes."""
    copied = {f"{ground.root}/{path}" for path in (".oetgen", ".github/workflows/ci.yml", "api/Dockerfile")}
    return {path: data for path, data in found.items() if path not in copied}


def test_the_canary_sings(ground: Ground, tmp_path: Path) -> None:
    """The programs of the corpus would leave the canary, if anything ran them."""
    program = ground.program("bin/x")
    assert os.system(str(program)) != 0
    assert ground.canary.exists()
