"""The measurements: each function prepares everything and returns a work that is ready to be measured."""

from __future__ import annotations

import marshal
import subprocess
from pathlib import Path

from benchmarks.bench import Bench, examples, manifests
from benchmarks.equivalence import differing_files, differing_manifests
from benchmarks.equivalence import manifests as parsed
from benchmarks.files import write
from benchmarks.measure import BenchmarkError, Command, Work
from benchmarks.peers import PEERS
from benchmarks.projects import Copy, copied_folders, copy_with_services

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


def check_many(bench: Bench, environments: int) -> Work:
    """Check a number of environments in one process, without outside tools and without caches."""
    project = bench.rendered(environments)
    command = ("check", "--no-tools", "--jobs", "1")
    return Work("oetgen check", lambda number: bench.run(project, *command))


def check_first(bench: Bench) -> Work:
    """Check the project's own environments with outside tools, without caches."""
    project = bench.rendered()
    return Work("oetgen check", lambda number: bench.run(project, "check"))


def check_again(bench: Bench) -> Work:
    """Check them again after one value of prod changed."""
    project, cache = bench.rendered(), bench.new("cache")
    bench.meter(bench.run(project, "check", cache=cache))

    def prepare(number: int) -> Command:
        project.change("prod", number)
        bench.meter(bench.run(project, "render", "--all", cache=cache))
        return bench.run(project, "check", cache=cache)

    return Work("oetgen check", prepare)


def render_after(bench: Bench, *before: str) -> Work:
    """Render prod with a new value after another command; both find a tree that is rendered."""
    project, cache = bench.project(), bench.new("cache")

    def prepare(number: int) -> Command:
        bench.meter(bench.run(project, "render", "--all", cache=cache))
        bench.meter(bench.run(project, *before, cache=cache))
        project.change("prod", number)
        return bench.run(project, "render", "prod", cache=cache, expects=" updated")

    return Work("oetgen render", prepare)


def report_first(bench: Bench) -> Work:
    """Write the page of all environments without caches."""
    project = bench.rendered()
    return Work("oetgen report", lambda number: bench.run(project, "report", "--output", "page.html"))


def report_again(bench: Bench) -> Work:
    """Write it again after one value of prod changed."""
    project, cache = bench.rendered(), bench.new("cache")
    command = ("report", "--output", "page.html")
    bench.meter(bench.run(project, *command, cache=cache))

    def prepare(number: int) -> Command:
        project.change("prod", number)
        bench.meter(bench.run(project, "render", "--all", cache=cache))
        return bench.run(project, *command, cache=cache)

    return Work("oetgen report", prepare)


def report_services(bench: Bench, services: int) -> Work:
    """Write the page of prod of a project with a number of services, without caches."""
    project = copy_with_services(bench.new("project"), services)
    bench.meter(bench.run(project, "render", "prod"))
    command = ("report", "prod", "--output", "page.html")
    return Work("oetgen report", lambda number: bench.run(project, *command))


def impact(bench: Bench, environments: int) -> Work:
    """List the lines that one value reaches in a number of environments, without caches."""
    project = bench.rendered(environments)
    return Work("oetgen impact", lambda number: bench.run(project, "impact", "image_tag", "--jobs", "1"))


def adopt(bench: Bench, files: int) -> Work:
    """Make a project of five folders with a number of files each."""
    root = bench.new("folders")
    names = copied_folders(root, files)

    def prepare(number: int) -> Command:
        command = ("adopt", *(f"{name}={name}" for name in names), "--to", str(bench.new("adopted")))
        return bench.run(Copy(root), *command)

    return Work("oetgen adopt", prepare)


def copy_and_kustomize(bench: Bench, files: int) -> Work:
    """Copy the same folders, and run kustomize for 100 of their files one after the other."""
    root, unit = bench.new("folders"), bench.new("unit")
    copied_folders(root, files)
    kubectl = bench.tools.kubectl()
    write(unit / "kustomization.yaml", "resources: [file.yaml]\n")
    write(unit / "file.yaml", next((root / "prod").iterdir()).read_text("utf-8"))
    script = f"cp -r {root} $0; for number in $(seq 100); do {kubectl} kustomize {unit} > $0.built; done"

    def prepare(number: int) -> Command:
        return Command(("/bin/sh", "-c", script, str(bench.new("copy"))), bench.scratch, bench.scratch)

    return Work("cp and kustomize", prepare)


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
