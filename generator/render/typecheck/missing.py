"""A template that is not there is one mistake, whichever templates use it; where it was committed, git has it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from generator.findings import Finding, Note, OetgenError
from generator.findings.suggest import listed
from generator.project.git import head

_CODE = "typecheck/unknown-template"
_NAME = re.compile(r'no template "([^"]+)"')
_MOST_NAMED = 3  # other templates that use it


def together(findings: Iterable[Finding], root: Path, folder: str) -> list[Finding]:
    """Return findings in which a template of `folder` that several others use and that is missing is one finding."""
    found: dict[object, list[Finding]] = {}
    for each in findings:
        found.setdefault(each.message if each.code == _CODE else each, []).append(each)
    return [_one(same, root, folder) if same[0].code == _CODE else same[0] for same in found.values()]


def _one(same: list[Finding], root: Path, folder: str) -> Finding:
    first, *others = same
    places = [f"{each.at.path}:{each.at.line}" for each in others if each.at]
    notes = (Note(f"used by {listed(places, _MOST_NAMED)}, too"),) if places else ()
    name = _NAME.search(first.message)
    path = f"{folder}/{name[1]}" if name else ""
    hint = f"git restore {path}, if it was removed by mistake" if _is_committed(root, path) else first.hint
    return replace(first, notes=(*first.notes, *notes), hint=hint)


def _is_committed(root: Path, path: str) -> bool:
    try:
        last = head(root)
        return bool(path and last and last.files([path]))
    except OetgenError:
        return False
