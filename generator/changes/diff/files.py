"""Two sets of files to what differs between them, by meaning where the language is known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from generator.changes.diff import dockerfile, documents, hcl
from generator.changes.diff.documents import Unreadable
from generator.changes.diff.hcl import ParserMissing
from generator.changes.diff.node import Leaf, Map, Node, Seq
from generator.changes.diff.structure import Change, changes, known_by
from generator.languages import language_of

Files = Mapping[str, str]
_YAML = frozenset(["compose", "github", "json", "kubernetes", "yaml"])
HEADER = re.compile(r"Made by oetgen from |then run: oetgen render --all|made by oetgen$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileChange:
    """How one file differs. `old_path` and `path` are None where it is not there.

    `groups` has, for each part of the file (a document, a block, a stage; nothing for the file itself), what differs
    in it. `note` says why the comparison is by line, where that is worth saying.
    """

    old_path: str | None
    path: str | None
    groups: tuple[tuple[str, tuple[Change, ...]], ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """The path to call it by."""
        return self.path or self.old_path or ""


def parse(path: str, text: str) -> Node:
    """Return a file as a node: documents, blocks, stages, or lines. Raises Unreadable and ParserMissing."""
    kind = language_of(path, text)
    if kind in _YAML:
        return documents.parse(text)
    if kind == "hcl":
        return hcl.parse(text)
    if kind == "dockerfile":
        return dockerfile.parse(text)
    return _lines(text)


def compare_files(old: Files, new: Files, pairs: Mapping[str, str] | None = None) -> list[FileChange]:
    """Return how each file differs, sorted by path; a file that means the same is left out.

    `pairs` names the old path of each new file where the two have different ones.
    """
    found: list[FileChange] = []
    matched = {path: (pairs or {}).get(path, path) for path in new}
    for path, text in new.items():
        before = matched[path]
        if before not in old:
            found.append(FileChange(None, path))
        elif old[before] != text:
            change = _compare(before, old[before], path, text)
            if change.groups:
                found.append(change)
    gone = set(old) - set(matched.values())
    found += [FileChange(path, None) for path in gone]
    return sorted(found, key=lambda change: change.name)


def _compare(old_path: str, old: str, path: str, new: str) -> FileChange:
    try:
        groups = _groups(parse(old_path, old), parse(path, new))
        return FileChange(old_path, path, groups)
    except ParserMissing:
        note = f"by line, since the parser of HCL is missing: {hcl.MISSING}"
    except Unreadable as problem:
        note = f"by line: {problem}" + (f" at line {problem.line}" if problem.line else "")
    return FileChange(old_path, path, _groups(_lines(old), _lines(new)), note)


def _groups(old: Node, new: Node) -> tuple[tuple[str, tuple[Change, ...]], ...]:
    """Return what differs in each part of a file."""
    if isinstance(old, Seq) and isinstance(new, Seq):
        if old.items and all(isinstance(item, Leaf) for item in (*old.items, *new.items)):
            found = tuple(_line_changes(old, new))
            return (("", found),) if found else ()
        before, after = _documents(old), _documents(new)
    elif isinstance(old, Map) and isinstance(new, Map):
        before, after = dict(old.entries), dict(new.entries)
    else:
        return (("", tuple(changes(old, new))),)
    named = [*before, *(name for name in after if name not in before)]
    parts = ((name, tuple(changes(before.get(name), after.get(name)))) for name in named)
    return tuple((name, found) for name, found in parts if found)


def _documents(node: Seq) -> dict[str, Node]:
    named: dict[str, Node] = {}
    for item in node.items:
        name = known_by(item) if isinstance(item, Map) and "kind" in item.entries else ""
        number, unique = 1, name
        while unique in named:
            number += 1
            unique = f"{name}#{number}"
        named[unique] = item
    return named


def _lines(text: str) -> Seq:
    """Return a text as its lines, without what oetgen itself writes at the top."""
    lines = enumerate(text.split("\n"), start=1)
    return Seq(
        tuple(Leaf(line, number) for number, line in lines if line.strip() and not HEADER.search(line)), 1
    )


def _line_changes(old: Seq, new: Seq) -> list[Change]:
    before = [str(item.value) for item in old.items if isinstance(item, Leaf)]
    after = [str(item.value) for item in new.items if isinstance(item, Leaf)]
    found: list[Change] = []
    for kind, start, end, new_start, new_end in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if kind != "equal":
            found += [Change(("line",), item, None) for item in old.items[start:end]]
            found += [Change(("line",), None, item) for item in new.items[new_start:new_end]]
    return found
