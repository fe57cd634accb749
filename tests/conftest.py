"""What tests share: copies of projects, the command line, and `--update-golden`."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import marshal
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from generator.cli import main
from generator.incremental.cache import RECORD_HEAD, DiskCache, default_cache
from generator.languages import read
from generator.languages.node import ReadResult
from generator.languages.source import Source
from generator.pipeline import Pipeline
from generator.project.folder import find
from generator.render.engine.loader import Loader
from generator.render.engine.outline import UNKNOWN
from generator.system import files_read, model

ROOT = Path(__file__).parents[1]
SMALL = ROOT / "tests" / "golden" / "project"
_T = TypeVar("_T")
_PARAM = type(pytest.param())
_Test = TypeVar("_Test", bound=Callable[..., Any])
Record = tuple[str, str, str, Any]  # kind, place below the project, key, value


def share(text: str) -> slice:
    """Return the K-th of N shares of a list, for "K/N"; all of it for "1"."""
    number, _, count = text.partition("/")
    return slice(int(number) - 1, None, int(count or 1))


def some(items: Sequence[_T], step: int, kind: Callable[[_T], object] = type) -> Sequence[_T]:
    """Return each STEP-th of slow cases, the first of each kind too; all of them, or a share, in the deep proofs.

    These set DEEP to K/N: the K-th of N shares.
    """
    if deep := os.environ.get("DEEP"):
        return items[share(deep)]
    by_kind: dict[object, list[_T]] = {}
    for item in items:
        by_kind.setdefault(kind(item), []).append(item)
    return [item for same in by_kind.values() for item in same[::step]]


def breadth(
    names: str,
    items: Iterable[Any],
    step: int,
    kind: Callable[[Any], object] = type,
    ids: Callable[[Any], str] | None = None,
) -> Callable[[_Test], _Test]:
    """Run a test for `some` rows of a table that is broad: each row costs much, and is much like the others."""
    each = pytest.mark.parametrize(names, some(list(items), step, kind), ids=ids)
    return lambda test: pytest.mark.breadth(each(test))


def rows(names: str, table: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test for all rows of a table at once, and name all that are wrong, where a row costs next to nothing."""
    words, listed = names.replace(",", " ").split(), list(table)
    assert listed, "no rows"

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)

        @functools.wraps(test)
        def every(**fixtures: Any) -> None:
            wrong = []
            for row in listed:
                values = row.values if isinstance(row, _PARAM) else row if len(words) > 1 else (row,)
                try:
                    test(**fixtures, **dict(zip(words, values, strict=True)))
                except (Exception, pytest.fail.Exception) as problem:
                    wrong.append((row, problem))
            if len(wrong) == 1:
                wrong[0][1].add_note(f"the row: {wrong[0][0]!r}")
                raise wrong[0][1]
            if wrong:
                raise AssertionError("\n".join(f"{row!r}: {problem!r}" for row, problem in wrong))

        kept = [each for name, each in signature.parameters.items() if name not in words]
        vars(every)["__signature__"] = signature.replace(parameters=kept)
        return every

    return decorated


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


@pytest.fixture(autouse=True, scope="session")
def equal_templates_are_compiled_once() -> Iterator[Callable[[], None]]:
    """The projects of this process share what Jinja makes of equal templates: 0.6 of the time of a changed value.

    Editors, which keep it themselves, get none of it. Yields what forgets it.
    """
    trees: dict[tuple[str, str], Any] = {}
    codes: dict[tuple[str, str, Any], Any] = {}
    compiled = Loader._new_code

    def new_code(self: Loader, environment: Any, name: str, outline: Any = UNKNOWN) -> Any:
        key = (name, self._sources.key(name), self._instrument)
        if self._cache.keeps_objects:
            return compiled(self, environment, name, outline)
        if key not in codes:
            self._trees.pop(name, None)  # the next project reads it as it is
            codes[key] = compiled(self, environment, name, outline)
        return codes[key]

    def recall(_: DiskCache, kind: str, place: str, key: str) -> Any:
        return trees.get((place, key)) if kind == "syntax" else None

    def keep(_: DiskCache, kind: str, place: str, key: str, value: Any) -> None:
        if kind == "syntax" and key:
            trees[place, key] = value

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loader, "_new_code", new_code)
        patch.setattr(DiskCache, "recall", recall)
        patch.setattr(DiskCache, "keep", keep)
        yield codes.clear


@pytest.fixture(autouse=True, scope="session")
def equal_files_are_read_once() -> Iterator[None]:
    """The systems of this process share the syntax trees of equal files, as those that share a memory do.

    Those that keep records share these.
    """
    records: dict[str, bytes] = {}
    dump = files_read._dumped

    def dumped(result: ReadResult, source: Source) -> bytes:
        key = files_read._key(source)
        if key not in records:
            records[key] = dump(result, source)
        return records[key]

    def loaded(source: Source) -> ReadResult | None:
        data = records.get(files_read._key(source))
        return files_read._loaded(data, source) if data else read(source)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "read", functools.lru_cache(4096)(read))
        patch.setattr(files_read, "read", loaded)
        patch.setattr(files_read, "_dumped", dumped)
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
    """Return what the cache has about this project after a render, and checks of each, without its trees."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", f"{folder}/cache")
        project = _copied(ROOT, Path(folder) / "project")
        assert project.oetgen("render", "--all").status == 0
        cache, root = default_cache(), str(project.root)
        for path in (ROOT / "out").iterdir():
            Pipeline(find(project.root), cache).validate([path.name])
        assert isinstance(cache, DiskCache)
        records = [marshal.loads(path.read_bytes()[RECORD_HEAD:]) for path in Path(cache.folder).iterdir()]
    return [
        (kind, place.removeprefix(root), key, value)
        for kind, place, key, value in records
        if place.startswith(root) and kind not in ("tree", "written")
    ]
