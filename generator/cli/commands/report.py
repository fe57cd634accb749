"""`oetgen report`: one HTML page about the environments."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path

import click

from generator.changes import Comparison, Review, committed_files, compare_environments, explained
from generator.checks.options import CheckOptions
from generator.cli.completion import complete_environment
from generator.cli.session import ERRORS, Session, chosen
from generator.findings import OetgenError, has_errors
from generator.pipeline import Pipeline
from generator.project.cache import NO_CACHE, Cache
from generator.project.git import Revision, head
from generator.provenance.coverage import Coverage, coverage
from generator.provenance.trace import Trace
from generator.render.result import RenderResult
from generator.system import Memory, System
from generator.system.costs import Bill, bill_of
from generator.system.files_read import FilesRead
from generator.system.graph import Graph, graph_of

MOST_COMPARED = 6  # environments of which each two are compared


@click.command()
@click.argument("environments", nargs=-1, metavar="[ENV]...", shell_complete=complete_environment)
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    metavar="FILE.html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the page.",
)
@click.pass_obj
def report(session: Session, environments: tuple[str, ...], target: Path) -> None:
    """Write one HTML page: the drawing, findings, files with the origin of each line, values and changes.

    Without ENV it covers all environments. The page needs no network and no other file. The exit status is 1 when
    the page shows an error, or a change that would be refused or would lose data; the page is written all the same.
    """
    from generator.report.page import Highlights, Subject, page

    pipeline = session.pipeline()
    names = chosen(pipeline.project, environments, every=not environments)
    every = pipeline.project.environment_names()
    each_once = list(dict.fromkeys([*names, *every]))
    results = {each.env: each for each in pipeline.validate_and_render(each_once)}
    wanted = [results[name] for name in names]
    options = CheckOptions(datetime.date.today(), tools=False, complete=False)
    with session.console.progress(len(every) + 2 * len(wanted), "report") as done:
        traces, found = _coverage(pipeline, list(results.values()), done)
        revision = head(pipeline.project.root)
        subjects = []
        memory: Memory = {}
        for result in wanted:
            drift = pipeline.drift(result.tree, session.console.wait) if result.tree else []
            examined = pipeline.examine([result], options, trace_of=lambda values: traces[values.env])
            found_in = pipeline.with_changes(examined.findings, revision) if revision else examined.findings
            accepted = list(examined.report.accepted)
            review = _review(pipeline, result, revision, memory)
            graph, bill = _drawn(pipeline, result, memory, session.cache)
            subjects.append(
                Subject(
                    result.values,
                    [*found_in, *accepted, *drift],
                    traces.get(result.env),
                    graph,
                    review and explained(review, examined.findings),
                    bill,
                    examined.report.rules - len(examined.report.inapplicable) if result.tree else 0,
                    examined.report.entries.get(result.env, ()),
                )
            )
            done()
        highlights = Highlights(session.cache, str(pipeline.project.root))
        comparisons = _compared(pipeline, wanted, memory)
        with pipeline.computing("write the page", *(result.tree for result in results.values())):
            text = page(subjects, comparisons, found, highlights, done)
            highlights.remember()
    data = text.encode("utf-8", "backslashreplace")
    try:
        (session.start / target).write_bytes(data)
    except OSError as problem:
        raise OetgenError(f"cannot write {target}: {problem.strerror}", "name another file with -o") from None
    session.console.note(f"{target}: {', '.join(names)}, {len(data) / 1000:,.0f} kB")
    if any(has_errors(subject.reported) for subject in subjects):
        sys.exit(ERRORS)


def _coverage(
    pipeline: Pipeline, results: list[RenderResult], done: Callable[[], None]
) -> tuple[dict[str, Trace], Coverage | None]:
    """Return the trace of each environment without errors, and the coverage when those are all."""
    traces = {}
    for result in results:
        if result.tree:
            trace = traces[result.env] = pipeline.trace(result.values)
            trace.tracer.share()
            for _ in trace.files():
                pass  # each map is kept
            trace.remember()
            trace.tracer.remember()
        done()
    if len(traces) < len(results):
        return traces, None
    with pipeline.computing("find what no environment uses"):
        return traces, coverage(pipeline.engine, list(traces.values()))


def _drawn(
    pipeline: Pipeline, result: RenderResult, memory: Memory, cache: Cache
) -> tuple[Graph | None, Bill | None]:
    """Return the drawing and the costs of an environment; `memory` has the files of the others, read."""
    if result.tree is None:
        return None, None
    system = System.of_files(result.tree.texts, memory, result.tree.languages)
    reads = FilesRead(cache, str(pipeline.project.root), result.env)
    if cache is not NO_CACHE:
        system.reads = reads
    with pipeline.computing(f"draw {result.env}", result.tree):
        drawn = graph_of(result.env, system), bill_of(system)
    reads.remember(system.sources.values())
    return drawn


def _compared(pipeline: Pipeline, results: list[RenderResult], memory: Memory) -> list[Comparison]:
    """Return the differences of each two environments; of many, those of the first and each other one."""
    pairs = combinations(results, 2) if len(results) <= MOST_COMPARED else product(results[:1], results[1:])
    comparisons = []
    for old, new in pairs:
        with pipeline.computing(f"compare {old.env} with {new.env}", old.tree, new.tree):
            comparisons.append(compare_environments(old, new, memory))
    return comparisons


def _review(
    pipeline: Pipeline, result: RenderResult, revision: Revision | None, memory: Memory
) -> Review | None:
    """Return what applying the render changes in what is committed; None without a commit, or with errors."""
    before = committed_files(revision, result.values.folder) if revision else {}
    if result.tree is None or not before:
        return None
    return pipeline.review(result, before, str(revision), revision, memory)
