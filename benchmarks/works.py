"""The measurements: each function prepares everything and returns a work that is ready to be measured."""

from __future__ import annotations

import marshal
import subprocess
from pathlib import Path

from benchmarks.bench import Bench, examples, manifests
from benchmarks.equivalence import differing_files, differing_manifests
from benchmarks.equivalence import manifests as parsed
from benchmarks.measure import BenchmarkError, Command, Work
from benchmarks.peers import PEERS
from benchmarks.projects import Copy

_RAW = Path(__file__).with_name("rawwrite.py")
_FLOOR = Path(__file__).with_name("floor.py")


def python(bench: Bench) -> Work:
    """Start Python and do nothing."""
    command = Command((bench.python, "-c", "pass"), bench.scratch, bench.scratch)
    return Work("python -c pass", lambda number: command)


def libraries(bench: Bench) -> Work:
    """Import the libraries that every render needs and do nothing."""
    command = Command((bench.python, "-c", "import click, jinja2, yaml"), bench.scratch, bench.scratch)
    return Work("libraries", lambda number: command)


def libraries_first(bench: Bench) -> Work:
    """Run only the libraries' part of a first render."""
    command = Command((bench.python, str(_FLOOR), str(bench.project(1).root)), bench.scratch, bench.scratch)
    return Work("libraries", lambda number: command)


def render_prod(bench: Bench) -> Work:
    """Render prod into new folders without caches."""
    return _render_anew(bench, bench.project(1), None)


def render_prod_warm(bench: Bench, *, values: int | None) -> Work:
    """Render prod into new folders with warm caches; alternate between `values` values, or use a new one each time.

    Only the last tree is cached, so with two values all files are still rendered again.
    """
    project, cache = bench.project(1), bench.new("cache")
    for number in range(values or 1):
        project.change("prod", number)
        bench.meter(bench.run(project, "render", "--all", cache=cache))
    return _render_anew(bench, project, cache, values)


def render_all(bench: Bench, environments: int | None = None, jobs: int = 1) -> Work:
    """Render a number of environments (by default the project's own) without caches, with `jobs` processes."""
    return _render_anew(bench, bench.project(environments), None, jobs=jobs)


def render_templates(bench: Bench, times: int) -> tuple[int, Work]:
    """Render prod with `times` copies of each template, without caches; return the number of files with it."""
    project = bench.project(1, times)
    bench.meter(bench.run(project, "render", "prod"))
    return len(project.files("prod")), _render_anew(bench, project, None)


def _render_anew(
    bench: Bench, project: Copy, cache: Path | None, values: int | None = None, jobs: int = 1
) -> Work:
    def prepare(number: int) -> Command:
        project.move_output_away()
        project.change("prod", number % values if values else number + 1)
        command = ("render", "--all", "--jobs", str(jobs))
        return bench.run(project, *command, cache=cache, expects=" created")

    return Work("oetgen render", prepare)


def render_unchanged(bench: Bench, environments: int) -> Work:
    """Render environments that have not changed."""
    project, cache = bench.project(environments), bench.new("cache")
    bench.meter(bench.run(project, "render", "--all", cache=cache))
    command = bench.run(project, "render", "--all", cache=cache, expects=" unchanged")
    return Work("oetgen render", lambda number: command)


def render_changed(bench: Bench) -> Work:
    """Change one of a hundred environments and render all."""
    project, cache = bench.project(bench.many), bench.new("cache")
    bench.meter(bench.run(project, "render", "--all", cache=cache))
    changed = [name for name in project.environments() if name.startswith("tenant-")]

    def prepare(number: int) -> Command:
        for name in changed[: max(1, bench.many // 100)]:
            project.change(name, number)
        return bench.run(project, "render", "--all", cache=cache, expects=" updated")

    return Work("oetgen render", prepare)


def check(bench: Bench) -> Work:
    """Check the project's own environments, whose output is up to date, without caches."""
    project = bench.rendered()
    return Work("oetgen check", lambda number: bench.run(project, "check"))


def write_raw(bench: Bench) -> Work:
    """Write the same bytes as a render of many environments."""
    source = bench.new("bytes")
    source.write_bytes(marshal.dumps(bench.rendered(bench.many).bytes_of()))

    def prepare(number: int) -> Command:
        arguments = (bench.python, str(_RAW), str(source), str(bench.new("out")))
        return Command(arguments, bench.scratch, bench.scratch)

    return Work("raw write", prepare)


def kustomize(bench: Bench) -> Work:
    """Combine the manifests of prod, after a comparison of the result."""
    kubectl = bench.tools.kubectl()
    folder = bench.rendered(1).root / "out" / "prod" / "k8s"
    command = (kubectl, "kustomize", str(folder))
    theirs = subprocess.run(command, text=True, capture_output=True, check=True).stdout
    _agree("kubectl kustomize", differing_manifests(parsed(manifests(folder).values()), parsed([theirs])))
    return Work("kubectl kustomize", lambda number: Command(command, folder, bench.scratch, expects="kind: "))


def peer(bench: Bench, name: str, environments: int = 1) -> Work:
    """Render the same files with another tool, after a comparison of the result."""
    module = PEERS[name]
    programs = bench.tools.package(module.PACKAGE)
    folder = bench.new(name)
    wanted = examples(bench.rendered(environments), all_files=module.ALL_FILES)
    module.project(folder, wanted)

    def run_into(out: Path) -> Command:
        return Command(module.command(programs, folder, out), folder, bench.scratch)

    out = bench.new("out")
    bench.meter(run_into(out))
    for example in wanted:
        theirs = module.produced(out, example.env)
        if module.ALL_FILES:
            _agree(f"{name}, {example.env}", differing_files(example.files, theirs))
        else:
            _agree(name, differing_manifests(parsed(example.files.values()), parsed(theirs.values())))
    return Work(name, lambda number: run_into(bench.new("out")))


def _agree(name: str, differing: list[str]) -> None:
    if differing:
        raise BenchmarkError(f"{name} generates other files than oetgen: {', '.join(differing[:9])}")
