"""Results as text for the terminal, and as the part of `docs/performance.md` that the benchmark writes."""

from __future__ import annotations

from benchmarks.plot import chart
from benchmarks.results import Results, RowResult, SeriesResult

_BEGIN = "<!-- Made by `python benchmarks/run.py --page`: do not edit from here -->"
_END = "<!-- to here -->"
_WORDS = {"aim": "aim met", "must": "met", "no": "**not met**", "": ""}
_FLAT = (
    1.25  # times as much for each further thing, at the end of a series as at its begin, is still called flat
)


def line(name: str, row: RowResult) -> str:
    """Return a row for the terminal."""
    wanted = f"must {row.must:g}, aim {row.aim:g}: {_WORDS[row.met].strip('*')}" if row.met else ""
    ratio = f"{row.ratio:.3g} [{row.low:.3g}-{row.high:.3g}]"
    return f"{name:<16} {ratio:<24} {_amount(row, row.ours):>9} : {_amount(row, row.theirs):<9} {wanted}".rstrip()


def series_line(name: str, series: SeriesResult) -> str:
    """Return a series for the terminal."""
    steps = ", ".join(f"{count:,}: {took:.3g}" for count, took in series.further().items())
    return f"{name:<16} ms of each further {series.each} up to {steps}: {flatness(series)}"


def flatness(series: SeriesResult) -> str:
    """Say whether things cost the same, however many there are."""
    steps = list(series.further().values())
    grown = steps[-1] / steps[0]
    return f"{'flat' if grown <= _FLAT else 'not flat'}, the last ones cost {grown:.2f} of the first ones"


def processes(row: RowResult) -> str:
    """Say what two processes gain, and whether that is enough for them to stay."""
    gain = 1 / row.ratio
    verdict = (
        "half again as fast and more, so they are worth their code"
        if gain >= 1.5
        else "less than half again as fast, so they are not worth their code"
    )
    return f"Two processes are {gain:.2f} times as fast as one: {verdict}."


def page(before: str, results: Results) -> str:
    """Return the page with its measured part made anew; what stands around that is written by hand and stays."""
    head, _, rest = before.partition(_BEGIN)
    tail = rest.partition(_END)[2]
    return f"{head}{_BEGIN}\n\n{_measured(results)}\n{_END}{tail}"


def plots(results: Results) -> dict[str, str]:
    """Return the SVG of each series, by the name of its file."""
    found = {}
    for name, series in results.series.items():
        steps = series.further()
        found[f"{name}.svg"] = chart(series.what, f"number of {name}", f"ms per {series.each}", steps)
    return found


def _measured(results: Results) -> str:
    rows = results.rows.values()
    asked = [row for row in rows if row.met]
    others = [row for row in rows if not row.met]
    parts = [
        f"Measured on {results.date}: {'; '.join(f'{name}: {text}' for name, text in results.machine.items())}.",
        "Versions: " + ", ".join(f"{name} {version}" for name, version in results.versions.items()) + ".",
        _tally(asked),
        _table(asked, with_targets=True),
        "For orientation, without a target:" if others else "",
        _table(others, with_targets=False),
    ]
    if "processes" in results.rows:
        parts.append(processes(results.rows["processes"]))
    for name, series in results.series.items():
        parts.append(f"![{series.what}](performance/{name}.svg)")
        whole = ", ".join(f"{count:,} in {took:.3g} s" for count, took in sorted(series.seconds.items()))
        parts.append(
            f"{series.what[0].upper()}{series.what[1:]}: {flatness(series)}. Whole process: {whole}."
        )
    if results.missing:
        parts.append(
            "Not measured: " + "; ".join(f"{name} ({why})" for name, why in results.missing.items()) + "."
        )
    return "\n\n".join(part for part in parts if part) + "\n"


def _tally(rows: list[RowResult]) -> str:
    met = [row for row in rows if row.met != "no"]
    aims = [row for row in rows if row.met == "aim"]
    return f"{len(met)} of {len(rows)} targets met, {len(aims)} of them as far as is aimed at."


def _table(rows: list[RowResult], *, with_targets: bool) -> str:
    """Return a table in Markdown."""
    if not rows:
        return ""
    head = ["what", "against", "ratio", "range", "oetgen", "the other"]
    body = [
        [
            row.what,
            row.against,
            f"{row.ratio:.3g}",
            f"{row.low:.3g} to {row.high:.3g}",
            _amount(row, row.ours),
            _amount(row, row.theirs),
        ]
        for row in rows
    ]
    if with_targets:
        head += ["must", "aim", ""]
        body = [
            [*cells, f"{row.must:g}", f"{row.aim:g}", _WORDS[row.met]]
            for cells, row in zip(body, rows, strict=True)
        ]
    rule = ["---", "---", *["--:"] * (len(head) - 2)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *body])


def _amount(row: RowResult, value: float) -> str:
    if row.of_memory:
        return f"{value:.0f} MiB"
    return f"{value / 1000:.3g} s" if value >= 1000 else f"{value:.3g} ms"
