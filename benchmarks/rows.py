"""The rows of the table with their targets, and the series of the charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import works
from benchmarks.bench import Bench
from benchmarks.measure import Work


@dataclass(frozen=True, slots=True)
class Row:
    """The ratio of two works: of their times or, with `of_memory`, of their peak memory.

    `must` is the largest acceptable ratio and `aim` the target; a row without them is for orientation.
    `{many}` and `{some}` in a text are the numbers of environments of large projects.
    """

    what: str
    against: str
    works: Callable[[Bench], tuple[Work, Work]]
    must: float | None = None
    aim: float | None = None
    rounds: int = 15
    of_memory: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One work in several sizes: the number of items of the kind `each`."""

    what: str
    each: str
    works: Callable[[Bench], Mapping[int, Work]]
    rounds: int = 5


def _services(bench: Bench) -> Sequence[int]:
    return (2, 9, 25, 60) if bench.many >= 1000 else (2, 4)


def _peer(name: str, what: str) -> Row:
    return Row(
        "`render prod`, no caches, all files",
        what,
        lambda bench: (works.render_prod(bench), works.peer(bench, name)),
        rounds=9,
    )


ROWS: Mapping[str, Row] = {
    "warm": Row(
        "`render prod`, all files rendered anew, caches warm",
        "`kubectl kustomize out/prod/k8s`, Kubernetes alone",
        lambda bench: (works.render_prod_warm(bench, values=2), works.kustomize(bench)),
        must=2.1,
        aim=1.7,
    ),
    "first": Row(
        "the same, first run ever (no caches)",
        "the same",
        lambda bench: (works.render_prod(bench), works.kustomize(bench)),
        must=8,
        aim=6,
    ),
    "unchanged": Row(
        "`render prod`, nothing changed",
        "`python -c pass`",
        lambda bench: (works.render_unchanged(bench, 1), works.python(bench)),
        must=1.5,
        aim=1.3,
        rounds=31,
    ),
    "many-unchanged": Row(
        "{many} environments, nothing changed",
        "`python -c pass`",
        lambda bench: (works.render_unchanged(bench, bench.many), works.python(bench)),
        must=40,
        aim=12,
    ),
    "many-new": Row(
        "{many} environments, all new, one process, no caches",
        "raw staged write of the same bytes",
        lambda bench: (works.render_all(bench, bench.many), works.write_raw(bench)),
        must=5.5,
        aim=4,
        rounds=5,
    ),
    "many-changed": Row(
        "{many} environments, one of a hundred changed",
        "{many} all new, one process",
        lambda bench: (works.render_changed(bench), works.render_all(bench, bench.many)),
        must=0.2,
        aim=0.1,
        rounds=5,
    ),
    "memory": Row(
        "peak memory: `render prod`, no caches",
        "`kubectl kustomize out/prod/k8s`",
        lambda bench: (works.render_prod(bench), works.kustomize(bench)),
        must=0.8,
        aim=0.5,
        rounds=5,
        of_memory=True,
    ),
    "many-memory": Row(
        "peak memory: {many} environments, all new, one process",
        "{some} environments, all new, one process",
        lambda bench: (works.render_all(bench, bench.many), works.render_all(bench, bench.some)),
        must=1.4,
        aim=1.2,
        rounds=3,
        of_memory=True,
    ),
    "after-check": Row(
        "`render prod`, one value changed, after a check of all environments",
        "the same after a render of all environments",
        lambda bench: (
            works.render_after(bench, "check", "--no-tools"),
            works.render_after(bench, "render", "--all"),
        ),
        must=1.1,
        aim=1.0,
    ),
    "check-again": Row(
        "`check` again after one value changed, with outside tools",
        "the first check",
        lambda bench: (works.check_again(bench), works.check_first(bench)),
        must=0.3,
        aim=0.2,
        rounds=7,
    ),
    "report-again": Row(
        "`report` again after one value changed",
        "the first report",
        lambda bench: (works.report_again(bench), works.report_first(bench)),
        must=0.4,
        aim=0.25,
        rounds=7,
    ),
    "report-services": Row(
        "`report` of 60 services, no caches",
        "of 9",
        lambda bench: (works.report_services(bench, _services(bench)[-1]), works.report_services(bench, 9)),
        must=7,
        aim=6,
        rounds=5,
    ),
    "impact": Row(
        "`impact` of one value, {some} environments, one process, no caches",
        "4 environments",
        lambda bench: (works.impact(bench, bench.some), works.impact(bench, 4)),
        must=3,
        aim=1.5,
        rounds=5,
    ),
    "check-memory": Row(
        "peak memory: `check --no-tools`, {many} environments, one process",
        "10 environments",
        lambda bench: (works.check_many(bench, bench.many), works.check_many(bench, min(10, bench.many))),
        must=2,
        aim=1.3,
        rounds=1,
        of_memory=True,
    ),
    "check": Row(
        "`check` of four environments with outside tools, no caches",
        "`render --all`, no caches",
        lambda bench: (works.check_first(bench), works.render_all(bench)),
        must=6,
        aim=3,
        rounds=9,
    ),
    "kapitan": Row(
        "`render prod`, no caches",
        "`kapitan compile` of the same files",
        lambda bench: (works.render_prod(bench), works.peer(bench, "kapitan")),
        must=0.28,
        aim=0.2,
        rounds=9,
    ),
    "some-kapitan": Row(
        "{some} environments, two processes, no caches",
        "`kapitan compile -p 2` of the same",
        lambda bench: (works.render_all(bench, bench.some, jobs=2), works.peer(bench, "kapitan", bench.some)),
        must=0.15,
        aim=0.05,
        rounds=5,
    ),
    "adopt": Row(
        "`adopt` of five folders with {many} files each",
        "`cp -r` of them and `kubectl kustomize` of 100 of the files",
        lambda bench: (works.adopt(bench, bench.many), works.copy_and_kustomize(bench, bench.many)),
        rounds=3,
    ),
    "warm-new": Row(
        "`render prod`, all files rendered anew, caches warm, with a value that it never had",
        "`kubectl kustomize out/prod/k8s`, Kubernetes alone",
        lambda bench: (works.render_prod_warm(bench, values=None), works.kustomize(bench)),
    ),
    "libraries": Row(
        "Python that imports click, Jinja2 and PyYAML, and nothing else",
        "`kubectl kustomize out/prod/k8s`, Kubernetes alone",
        lambda bench: (works.libraries(bench), works.kustomize(bench)),
    ),
    "libraries-first": Row(
        "the same and jsonschema; Jinja2 compiles the templates, jsonschema checks the schema, and nothing else",
        "the same",
        lambda bench: (works.libraries_first(bench), works.kustomize(bench)),
    ),
    "processes": Row(
        "{many} environments, all new, two processes, no caches",
        "the same, one process",
        lambda bench: (works.render_all(bench, bench.many, jobs=2), works.render_all(bench, bench.many)),
        rounds=5,
    ),
    "cookiecutter": _peer("cookiecutter", "cookiecutter, the same files"),
    "copier": _peer("copier", "copier, the same files"),
    "jsonnet": _peer("jsonnet", "jsonnet (its Go library in Python), Kubernetes alone"),
    "kcl": _peer("kcl", "KCL (its library in Python), Kubernetes alone"),
    "helm": _peer("helm", "Helm's engine (a library in Python), Kubernetes alone"),
}


def _environments(bench: Bench) -> Mapping[int, Work]:
    counts = sorted({1, 10, bench.some, bench.some * 3, bench.many})
    return {count: works.render_all(bench, count) for count in counts if count <= bench.many}


def _files(bench: Bench) -> Mapping[int, Work]:
    times = (1, 2, 4, 8) if bench.many >= 1000 else (1, 2)
    return dict(works.render_templates(bench, each) for each in times)


def _checks(bench: Bench) -> Mapping[int, Work]:
    return {count: works.check_many(bench, count) for count in sorted({1, min(10, bench.some), bench.some})}


def _impacts(bench: Bench) -> Mapping[int, Work]:
    return {count: works.impact(bench, count) for count in sorted({1, min(10, bench.some), bench.some})}


def _reports(bench: Bench) -> Mapping[int, Work]:
    return {count: works.report_services(bench, count) for count in _services(bench)}


def _adoptions(bench: Bench) -> Mapping[int, Work]:
    return {count: works.adopt(bench, count) for count in sorted({bench.some, bench.some * 3, bench.many})}


SERIES: Mapping[str, Series] = {
    "environments": Series(
        "time for each further environment (no caches)", "environment", _environments, rounds=3
    ),
    "files": Series("time for each further file of one environment (no caches)", "file", _files),
    "checks": Series(
        "time of `check --no-tools` for each further environment", "environment", _checks, rounds=1
    ),
    "impacts": Series("time of `impact` for each further environment", "environment", _impacts, rounds=1),
    "reports": Series("time of `report` for each further service", "service", _reports, rounds=1),
    "adoptions": Series(
        "time of `adopt` for each further file of five folders", "file", _adoptions, rounds=1
    ),
}
