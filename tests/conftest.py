"""What tests share: copies of projects, the command line, and `--update-golden`."""

from __future__ import annotations

import contextlib
import functools
import io
import marshal
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from generator.cli import main
from generator.incremental.cache import RECORD_HEAD, DiskCache, default_cache

ROOT = Path(__file__).parents[1]
SMALL = ROOT / "tests" / "golden" / "project"
_T = TypeVar("_T")
Record = tuple[str, str, str, Any]  # kind, place below the project, key, value


def some(items: Sequence[_T], step: int) -> Sequence[_T]:
    """Return each STEP-th of slow cases, and all of them in the deep proofs, which set DEEP."""
    return items if os.environ.get("DEEP") else items[::step]


def examples(count: int) -> int:
    """Return how many random cases to try: COUNT, or as many as EXAMPLES says in the deep proofs."""
    return int(os.environ.get("EXAMPLES", count))


def pytest_configure() -> None:
    """Let Ctrl-C end the programs that tests start, also where a shell in the background has them ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Rewrite the golden trees and the cases.")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(autouse=True, scope="session")
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither read nor fill the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@dataclass(frozen=True)
class Result:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Sandbox:
    """A copy of a project that a test may break."""

    root: Path

    def oetgen(self, *arguments: str) -> Result:
        return oetgen("-C", str(self.root), *arguments)

    def read(self, path: str) -> str:
        return (self.root / path).read_text("utf-8")

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{path} does not hold {old!r}"
        self.write(path, text.replace(old, new))

    def snapshot(self, folder: str = "out") -> dict[str, tuple[bytes, int]]:
        """Return the bytes and the mode of every file below `folder`."""
        top = self.root / folder
        files = (path for path in top.rglob("*") if path.is_file()) if top.is_dir() else ()
        return {path.relative_to(top).as_posix(): (path.read_bytes(), path.stat().st_mode) for path in files}


def oetgen(*arguments: str) -> Result:
    """Run the command line in this process."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
    return Result(status, out.getvalue(), err.getvalue())


@pytest.fixture
def project(tmp_path: Path) -> Sandbox:
    """A copy of this project: its templates and environments, without output."""
    return copy_project(ROOT, tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Sandbox:
    """A copy of the small project that the golden tests have."""
    return copy_project(SMALL, tmp_path)


def copy_project(source: Path, target: Path) -> Sandbox:
    """Copy the templates and environments of a project, without output; of this one, what the cache has of it too."""
    if source == ROOT:
        cache = default_cache()
        for kind, place, key, value in _learned():
            cache.put(kind, f"{target}{place}", key, value)
    return _copied(source, target)


def _copied(source: Path, target: Path) -> Sandbox:
    for folder in ("templates", "environments"):
        shutil.copytree(source / folder, target / folder)
    return Sandbox(target)


@functools.cache
def _learned() -> list[Record]:
    """Return what the cache has about this project after a render, without its trees."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", f"{folder}/cache")
        project = _copied(ROOT, Path(folder) / "project")
        assert project.oetgen("render", "prod").status == 0
        cache, root = default_cache(), str(project.root)
        assert isinstance(cache, DiskCache)
        records = [marshal.loads(path.read_bytes()[RECORD_HEAD:]) for path in Path(cache.folder).iterdir()]
    return [
        (kind, place.removeprefix(root), key, value)
        for kind, place, key, value in records
        if place.startswith(root) and kind not in ("tree", "written")
    ]
