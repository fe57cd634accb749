"""Run the benchmark: install the tools, measure row by row, print and save the results."""

from __future__ import annotations

import argparse
import datetime
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.bench import Bench, make_bench
from benchmarks.machine import describe
from benchmarks.measure import BenchmarkError, Sample, interleave, ratio
from benchmarks.projects import ROOT
from benchmarks.results import Results, RowResult, SeriesResult, compare, from_json, to_json
from benchmarks.rows import ROWS, SERIES, Row, Series
from benchmarks.tools import MissingToolError, Tools

_PAGE = ROOT / "docs" / "performance.md"
_KEPT = ROOT / "docs" / "performance" / "results.json"
_SHORT_ROUNDS = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 1 if a command failed, never because something is slow."""
    options = _parser().parse_args(arguments)
    names = options.only or [*ROWS, *SERIES][options.share]
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="oetgen-benchmark-", dir=options.folder)).absolute()
    try:
        tools = Tools((options.folder or scratch).absolute() / "tools", install=not options.short)
        _print_and_save(_measure(scratch, tools, names, options), options)
    except BenchmarkError as problem:
        print(f"broken: {problem}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)  # only here: see Copy
    return 0


def _measure(scratch: Path, tools: Tools, names: Sequence[str], options: argparse.Namespace) -> Results:
    many, some = (8, 4) if options.short else (1000, 100)
    if options.short:
        print("The short form is a functional test; its ratios are meaningless.")
    results = Results(options.date, describe(scratch), tools.versions)
    bench = make_bench(scratch, tools, many, some)
    for name in names:
        try:
            if name in ROWS:
                results.rows[name] = _row(bench, ROWS[name], options.short)
                print(report.line(name, results.rows[name]), flush=True)
            else:
                results.series[name] = _series(bench, SERIES[name], options.short)
                print(report.series_line(name, results.series[name]), flush=True)
        except MissingToolError as problem:
            results.missing[name] = str(problem)
            print(f"{name:<16} not measured: {problem}", flush=True)
    return results


def _row(bench: Bench, row: Row, short: bool) -> RowResult:
    rounds = _SHORT_ROUNDS if short else row.rounds
    ours, theirs = interleave(row.works(bench), rounds, bench.meter)
    first, second = _amounts(ours, row.of_memory), _amounts(theirs, row.of_memory)
    found = ratio(first, second)
    return RowResult(
        what=row.what.format(many=f"{bench.many:,}", some=bench.some),
        against=row.against.format(many=f"{bench.many:,}", some=bench.some),
        must=row.must,
        aim=row.aim,
        of_memory=row.of_memory,
        rounds=rounds,
        ratio=found.median,
        low=found.low,
        high=found.high,
        cpu=ratio([each.cpu for each in ours], [each.cpu for each in theirs]).median,
        ours=statistics.median(first),
        theirs=statistics.median(second),
    )


def _amounts(samples: Sequence[Sample], of_memory: bool) -> list[float]:
    """Return MiB or milliseconds."""
    return [each.peak / 1024 if of_memory else each.wall * 1000 for each in samples]


def _series(bench: Bench, series: Series, short: bool) -> SeriesResult:
    works = series.works(bench)
    samples = interleave(list(works.values()), _SHORT_ROUNDS if short else series.rounds, bench.meter)
    took = (statistics.median(each.wall for each in taken) for taken in samples)
    return SeriesResult(series.what, series.each, dict(zip(works, took, strict=True)))


def _print_and_save(results: Results, options: argparse.Namespace) -> None:
    if "processes" in results.rows and not options.short:  # meaningless for few environments
        print(report.processes(results.rows["processes"]))
    if options.compare:
        print(f"\nsince {options.compare.name}:")
        print("\n".join(compare(results, from_json(options.compare.read_text("utf-8")))))
    if options.json:
        before = (
            from_json(options.json.read_text("utf-8")) if options.only and options.json.exists() else None
        )
        options.json.write_text(to_json(results.added_to(before)), "utf-8")
    if options.page:
        before = from_json(_KEPT.read_text("utf-8")) if options.only and _KEPT.exists() else None
        _write_page(results.added_to(before))


def _write_page(results: Results) -> None:
    _KEPT.parent.mkdir(exist_ok=True)
    text = to_json(results)
    _KEPT.write_text(text, "utf-8")
    results = from_json(
        text
    )  # with rounded numbers, so that the page can be generated again from the saved results
    _PAGE.write_text(report.page(_PAGE.read_text("utf-8"), results), "utf-8")
    for name, text in report.plots(results).items():
        _KEPT.with_name(name).write_text(text, "utf-8")


def _share(text: str) -> slice:
    number, count = map(int, text.split("/"))
    return slice(number - 1, None, count)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run.py",
        description="Compare the speed of oetgen with similar tools: whole processes, in alternation, as ratios.",
        epilog=f"Rows: {', '.join([*ROWS, *SERIES])}.",
    )
    add = parser.add_argument
    add(
        "--short",
        action="store_true",
        help="a functional test: one round of small projects, nothing is installed",
    )
    add("--share", type=_share, default="1/1", metavar="K/N", help="measure the K-th of N shares of the rows")
    add("--only", nargs="+", metavar="NAME", choices=[*ROWS, *SERIES], help="measure only these rows")
    add(
        "--json",
        type=Path,
        metavar="FILE",
        help="write the results; with --only, keep the other rows of FILE",
    )
    add("--compare", type=Path, metavar="FILE", help="compare with results in FILE")
    add("--page", action="store_true", help="update docs/performance.md, its charts and its results.json")
    add("--folder", type=Path, metavar="DIR", help="work in DIR, and keep the tools there for the next run")
    today = datetime.date.today().isoformat()
    add("--date", default=today, metavar="YYYY-MM-DD", help="the date on the page (default: today)")
    return parser
