"""How long an editor waits, as ratios to `kubectl kustomize`: `python -m benchmarks.latency [ROUNDS]`.

All are measured in alternation, on this project and on one with 60 services; then again while outside tools run. The
answers come from the editor's room, in this process, as they do in a server. Each keystroke makes a text that there
never was, which changes the output.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Thread

from benchmarks.files import write
from generator.editor import templates, values
from generator.editor.workspace import StaleError, Workspace
from generator.project.folder import Project
from tests.conftest import copy_project, oetgen

ROOT = Path(__file__).parents[1]
_ENVIRONMENT = "prod"
_SERVICES = 60
# What is waited for, and the largest ratio that is acceptable for 95 of 100 times.
_MUST = {
    "a keystroke in a values file: schema, types, encoding": 0.4,
    "then the rules in the environment that is edited": 1.5,
    "a keystroke in the text of a template: the same": 0.4,
    "then its rules in the environment that is edited": 1.5,
    "then all that is left, in all environments": None,
    "a keystroke in an expression of a template: the same": 0.4,
    "completion": 0.15,
    "hover": 0.15,
}
_WRITTEN = {"from a save to the last written file under `watch`": 0.6}


@dataclass(frozen=True)
class _Case:
    """A project, and the texts that are typed into: NUMBER stands for what is typed."""

    name: str
    root: Path
    values: tuple[str, str]  # what stands in the file of the environment, and what is typed instead
    template: str
    line: tuple[str, str]
    use: str  # an expression of the template as far as where something is completed

    @property
    def unit(self) -> Path:
        """The folder that kustomize builds."""
        return self.root / "out" / _ENVIRONMENT / "k8s"


def main() -> None:
    """Measure each of them, and print the ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    gc.set_threshold(200_000)  # as the command line does for a server
    with tempfile.TemporaryDirectory() as folder:
        for case in (_stack(), _many_services(Path(folder))):
            workspace = _opened(case)
            _print(case.name, _ratios(workspace, case, rounds, 0))
            with _tools_running(workspace):
                _print(f"{case.name}, while outside tools run", _ratios(workspace, case, rounds, rounds))
        _print("this project", _written(Path(folder), rounds), _WRITTEN)


def _stack() -> _Case:
    host = "backend: {host: api.oetpraxis.com"
    return _Case(
        "this project",
        ROOT,
        (host, host.replace("api.", "apiNUMBER.")),
        "templates/k8s/{service}-deployment.yaml.j2",
        ("terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 45NUMBER"),
        "{{ service.rep",
    )


def _many_services(folder: Path) -> _Case:
    """Return the example for Kubernetes with many services."""
    project = copy_project(ROOT / "examples" / "go-gke", folder)
    more = "".join(f"  service-{number:02}: {{port: {9000 + number}}}\n" for number in range(_SERVICES - 2))
    base = "environments/base.yaml"
    write(folder / base, project.read(base).replace("services:\n", f"services:\n{more}"))
    oetgen("-C", str(folder), "render", _ENVIRONMENT)
    domain = "domain: tickets.example.com"
    return _Case(
        f"{_SERVICES} services",
        folder,
        (domain, domain.replace("tickets.", "ticketsNUMBER.")),
        "templates/cloudrun/webhooks.yaml.j2",
        ("args: [--webhooks]", "args: [--webhooks-NUMBER]"),
        "{{ webhooks.max",
    )


def _opened(case: _Case) -> Workspace:
    workspace = Workspace(case.root)
    workspace.analyse()
    workspace.examine()
    return workspace


def _ratios(workspace: Workspace, case: _Case, rounds: int, first: int) -> dict[str, list[float]]:
    """Return the ratios of each row."""
    path = Project(case.root).folders.values(_ENVIRONMENT)
    texts = {each: (case.root / each).read_text("utf-8") for each in (path, case.template)}
    before = texts[case.template][: texts[case.template].index(case.use) + len(case.use)]
    line, column = before.count("\n"), len(before) - before.rfind("\n") - 1

    def type_in(file: str, what: tuple[str, str], number: int) -> None:
        assert what[0] in texts[file]
        workspace.change(file, texts[file].replace(what[0], what[1].replace("NUMBER", str(number))))
        workspace.analyse(focus=_ENVIRONMENT)

    def complete() -> None:
        list(templates.complete(workspace.snapshot, case.template, texts[case.template], line, column))

    found: dict[str, list[float]] = {name: [] for name in _MUST}
    for number in range(first, first + rounds):
        unit = _seconds(partial(_kustomize, case.unit))
        works: tuple[Callable[[], object], ...] = (
            partial(type_in, path, case.values, number),
            workspace.examine_first,
            partial(type_in, case.template, case.line, number),
            workspace.examine_first,
            workspace.examine,
            partial(type_in, case.template, (case.use, case.use.replace("{{", "{{ NUMBER +")), number),
            complete,
            partial(values.hover, workspace.snapshot, texts[path], 7),
        )
        for name, work in zip(_MUST, works, strict=True):
            found[name].append(_seconds(work) / unit)
    return found


@contextmanager
def _tools_running(workspace: Workspace) -> Iterator[None]:
    """Run the outside tools again and again, as after one save after the other, in another thread."""
    ended = Event()

    def run() -> None:
        while not ended.is_set():
            try:
                workspace.ask_tools(ended.is_set)
            except StaleError:
                return

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _written(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Return how long `oetgen watch` takes from a save of one value until every file that it reaches is written."""
    project = copy_project(ROOT, folder / "watched")
    project.oetgen("render", _ENVIRONMENT)
    path, (host, typed) = f"environments/{_ENVIRONMENT}.yaml", _stack().values
    before, out = project.read(path), project.root / "out" / _ENVIRONMENT
    unit, manifest = out / "k8s", out / ".oetgen"
    command = [sys.executable, "-m", "generator", "-C", str(project.root), "watch", _ENVIRONMENT]
    found: list[float] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:
        try:
            assert watch.stdout and "watching" in watch.stdout.readline()
            time.sleep(5)
            for number in range(rounds):
                kustomize, old = _seconds(partial(_kustomize, unit)), manifest.read_bytes()
                start = time.perf_counter()
                project.write(path, before.replace(host, typed.replace("NUMBER", str(number))))
                while manifest.read_bytes() == old:  # is written last
                    time.sleep(0.0005)
                found.append((time.perf_counter() - start) / kustomize)
        finally:
            watch.terminate()
    return dict.fromkeys(_WRITTEN, found)


def _print(title: str, ratios: dict[str, list[float]], musts: Mapping[str, float | None] = _MUST) -> None:
    print(f"{title}\nmedian  95 of 100  must  what")
    for name, found in ratios.items():
        ordered = sorted(found)
        most = "" if musts[name] is None else str(musts[name])
        print(f"{ordered[len(found) // 2]:6.2f}  {ordered[int(len(found) * 0.95)]:9.2f}  {most:4}  {name}")
    print(flush=True)


def _kustomize(folder: Path) -> None:
    subprocess.run(["kubectl", "kustomize", folder], stdout=subprocess.DEVNULL, check=True)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
