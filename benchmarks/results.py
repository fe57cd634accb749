"""The results of a run: data, saved as JSON and compared with the results of an earlier run."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

VERSION = 1  # of the JSON format; other versions are rejected


@dataclass(frozen=True, slots=True)
class RowResult:
    """The ratio of one row: the median of the rounds, the smallest and the largest; medians of both sides.

    `ours` and `theirs` are milliseconds, or MiB where `of_memory`; `cpu` is the ratio of processor times.
    """

    what: str
    against: str
    must: float | None
    aim: float | None
    of_memory: bool
    rounds: int
    ratio: float
    low: float
    high: float
    cpu: float
    ours: float
    theirs: float

    @property
    def met(self) -> str:
        """The target that the ratio meets: "aim", "must" or "no"; an empty string without targets."""
        if self.must is None or self.aim is None:
            return ""
        return "aim" if self.ratio <= self.aim else "must" if self.ratio <= self.must else "no"


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """Seconds by number of items, each the median of the rounds."""

    what: str
    each: str
    seconds: dict[int, float]

    def further(self) -> dict[int, float]:
        """Return the milliseconds of each further item between two sizes, by the larger size."""
        steps = itertools.pairwise(sorted(self.seconds.items()))
        return {many: 1000 * (late - early) / (many - few) for (few, early), (many, late) in steps}


@dataclass(frozen=True, slots=True)
class Results:
    """The results of one run, or of several runs with some of the rows each."""

    date: str
    machine: dict[str, str]
    versions: dict[str, str]
    rows: dict[str, RowResult] = field(default_factory=dict)
    series: dict[str, SeriesResult] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def added_to(self, before: Results | None) -> Results:
        """Return these results together with the rows of an earlier run that were not measured again."""
        if before is None:
            return self
        fresh = {**self.rows, **self.series}
        missing = {name: why for name, why in before.missing.items() if name not in fresh}
        return replace(
            self,
            versions={**before.versions, **self.versions},
            rows={**before.rows, **self.rows},
            series={**before.series, **self.series},
            missing={**missing, **self.missing},
        )


def to_json(results: Results) -> str:
    """Return results as JSON; numbers are rounded to four significant digits."""
    return json.dumps(_rounded({"version": VERSION, **asdict(results)}), indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> Results:
    """Return results from JSON. Raise ValueError if it is not of this format and version."""
    data = json.loads(text)
    if not isinstance(data, dict) or data.pop("version", None) != VERSION:
        raise ValueError(f"not results of version {VERSION}")
    data["rows"] = {name: RowResult(**row) for name, row in data["rows"].items()}
    data["series"] = {name: _series(each) for name, each in data["series"].items()}
    return Results(**data)


def compare(now: Results, before: Results) -> list[str]:
    """Return a line for each row of both: the change, and whether it exceeds the variation between rounds."""
    lines = []
    for name, row in now.rows.items():
        old = before.rows.get(name)
        if old:
            apart = row.low > old.high or row.high < old.low
            word = ("slower" if row.ratio > old.ratio else "faster") if apart else "within the variation"
            change = 100 * (row.ratio / old.ratio - 1)
            lines.append(f"{name:<16} {old.ratio:>8.3g} → {row.ratio:<8.3g} {change:+4.0f} %  {word}")
    return lines


def _series(data: Mapping[str, Any]) -> SeriesResult:
    return SeriesResult(
        data["what"], data["each"], {int(count): took for count, took in data["seconds"].items()}
    )


def _rounded(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _rounded(value) for key, value in data.items()}
    return float(f"{data:.4g}") if isinstance(data, float) else data
