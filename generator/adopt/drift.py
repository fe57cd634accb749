"""Order what differs between the environments by risk: what was forgotten first, names and sizes last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from generator.adopt.conditions import reference
from generator.adopt.plan import FilePlan, RowPlan
from generator.adopt.values import Place, value_in
from generator.findings.record import record

_MOST_SHOWN = 60  # characters of a text that is shown
_KINDS: tuple[tuple[str, str, str], ...] = (
    (
        "security",
        "security settings",
        r"security|privileg|runAs|readOnly|capabilit|seccomp|allow|deny|policy|permission|tls|ssl|"
        r"encrypt|public|cidr|firewall|ingress_rule|egress|deletion_protection|network_?policy|role|rbac|iam|auth|verify|insecure",
    ),
    ("probe", "probes and checks", r"probe|health|readiness|liveness|startup"),
    (
        "availability",
        "availability",
        r"multi_az|disruption|affinity|backup|snapshot|retention|failover|autoscal|hpa|pdb|maxsurge|"
        r"maxunavailable|strategy",
    ),
    ("limit", "limits and requests", r"limits|requests|memory|cpu|quota|resources|timeout"),
    ("version", "versions and images", r"image|version|tag$|\btag\b|digest|engine|chart"),
    ("size", "sizes", r"replicas|size|count|class|instance|storage|min_|max_|capacity|desired"),
    (
        "name",
        "names",
        r"name|namespace|host|domain|suffix|prefix|bucket|url|arn|account|region|environment|env$|label|project",
    ),
)
ORDER = ("file", *(kind for kind, _, _ in _KINDS[:5]), "block", "other", "text", "size", "name")
TITLES = {
    **{kind: title for kind, title, _ in _KINDS},
    "file": "files that only some environments have",
    "block": "parts that only some environments have",
    "other": "other values",
    "text": "comments and texts",
}


@record
class Drift:
    """A difference: what it is, its text and place (`path:line`) in each environment, None where it has none."""

    kind: str
    what: str
    value: str
    texts: tuple[str | None, ...]
    places: tuple[str, ...]
    only: tuple[str, ...]  # the environments that differ from all others, where the others agree

    @property
    def rank(self) -> tuple[object, ...]:
        """A key that sorts differences by risk."""
        return ORDER.index(self.kind), not self.only, self.places, self.what


def drift(
    plans: Iterable[FilePlan], environments: Sequence[str], copied: Iterable[tuple[str, str]] = ()
) -> list[Drift]:
    """Return what differs, the riskiest first; `copied` are the environments and paths of files without a plan."""
    found: list[Drift] = []
    whole = set(copied)
    for plan in plans:
        if any((name, plan.path) not in whole for name in environments if name not in plan.group.files):
            found.append(_file(plan, environments))
        found += _of_plan(plan, environments)
    return sorted(_unique(found), key=lambda each: each.rank)


def _file(plan: FilePlan, environments: Sequence[str]) -> Drift:
    texts = tuple("present" if number in plan.indexes else None for number in range(len(environments)))
    places = tuple(f"{plan.group.paths[environments[number]]}:1" for number in plan.indexes)
    return Drift("file", plan.path, "", texts, places[:1], _only(texts, environments))


def _of_plan(plan: FilePlan, environments: Sequence[str]) -> Iterator[Drift]:
    lines = [0] * len(environments)
    block: list[tuple[RowPlan, list[int]]] = []
    for row in plan.rows:
        for number, line in enumerate(row.cells):
            lines[number] += line is not None
        if len(row.alternatives) == 1 and row.alternatives[0].holders == frozenset(plan.indexes):
            if block:
                yield _block(plan, block, environments)
                block = []
            yield from _values(plan, row, lines, environments)
        else:
            if _is_comment(row):
                yield from _values(plan, row, lines, environments)
            block.append((row, list(lines)))
    if block:
        yield _block(plan, block, environments)


def _is_comment(row: RowPlan) -> bool:
    """Return whether a line differs only in its values and in the comment at its end."""
    return all(each.is_comment for each in row.alternatives)


def _values(
    plan: FilePlan, row: RowPlan, lines: Sequence[int], environments: Sequence[str]
) -> Iterator[Drift]:
    places = (each for each in row.alternatives[0].pieces if isinstance(each, Place))
    return (_place(plan, place, lines, environments) for place in places)


def _place(plan: FilePlan, place: Place, lines: Sequence[int], environments: Sequence[str]) -> Drift:
    what = ".".join(place.path) or plan.path
    values = [value for piece in place.pieces or () if (value := value_in(piece))]
    name = reference(values[0].name) if values and values[0].name else ""
    is_name = any(value.is_part for value in values)
    kind = "name" if is_name else _kind(f"{name} {what}")
    return Drift(
        kind,
        what,
        name,
        place.texts,
        _places(plan, place.texts, lines, environments),
        _only(place.texts, environments),
    )


def _block(plan: FilePlan, rows: Sequence[tuple[RowPlan, list[int]]], environments: Sequence[str]) -> Drift:
    texts = tuple(
        shortened("".join(line.text for row, _ in rows if (line := row.cells[number])))
        if number in plan.indexes
        else None
        for number in range(len(environments))
    )
    texts = tuple(text or None for text in texts)
    parts = (row.cells for row, _ in rows if not _is_comment(row))
    node = next((line for cells in parts for line in cells if line and line.is_node), None)
    what = ".".join(node.path) if node and node.path else plan.path
    kind = "text" if node is None else _kind(what, "block")
    if kind in ("name", "size") and None in texts:
        kind = "block"  # that it is missing was hardly expected
    return Drift(
        kind, what, "", texts, _places(plan, texts, rows[0][1], environments), _only(texts, environments)
    )


def _places(
    plan: FilePlan, texts: Sequence[str | None], lines: Sequence[int], environments: Sequence[str]
) -> tuple[str, ...]:
    return tuple(
        f"{environments[number]}:{plan.group.paths[environments[number]]}:{max(lines[number], 1)}"
        for number in plan.indexes
        if texts[number] is not None
    )


def _only(texts: Sequence[str | None], environments: Sequence[str]) -> tuple[str, ...]:
    """Return the one environment that differs from all others, of three or more."""
    if len(texts) < 3:
        return ()
    alone = [number for number, text in enumerate(texts) if texts.count(text) == 1]
    return (environments[alone[0]],) if len(alone) == 1 and len(set(texts)) == 2 else ()


def _kind(text: str, default: str = "other") -> str:
    return next((kind for kind, _, pattern in _KINDS if re.search(pattern, text, re.IGNORECASE)), default)


def shortened(text: str) -> str:
    """Return text in one line of at most 60 characters."""
    text = " ".join(text.split())
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


def _unique(found: Sequence[Drift]) -> Iterator[Drift]:
    """Return each value once, at its first place: it stands in many."""
    seen: set[tuple[str, tuple[str | None, ...]]] = set()
    for each in found:
        key = (each.value or each.what, () if each.value else each.texts)
        if key not in seen:
            seen.add(key)
            yield each
