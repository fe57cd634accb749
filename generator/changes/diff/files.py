"""Two sets of files to what differs between them, by meaning where the language is known."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from generator.changes.diff.structure import Change, changes, identity
from generator.findings.record import record
from generator.languages import language_of
from generator.languages import read as read_language
from generator.languages.node import Block, Leaf, Map, Node, ReadResult, Seq, children
from generator.languages.source import Source

Files = Mapping[str, str]
Known = Mapping[tuple[str, str, str], ReadResult | None]
NOTHING_KNOWN: Known = MappingProxyType({})
Group = tuple[str, tuple[Change, ...]]
HEADER = re.compile(r"Made by oetgen from |then run: oetgen render --all|made by oetgen$", re.IGNORECASE)
_BY_LINE = frozenset(["markdown", "plain", "shell", "typescript"])


@record
class FileChange:
    """How one file differs. `old_path` and `path` are None where the file does not exist.

    `groups` has, for each part of the file (a document, a block, a stage; "" for the whole file), what differs
    in it. `note` gives the reason for a comparison by line where the language has a structure.
    """

    old_path: str | None
    path: str | None
    groups: tuple[Group, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """The path that identifies it: the new one where there is one."""
        return self.path or self.old_path or ""


def read(path: str, text: str, language: str = "", known: Known = NOTHING_KNOWN) -> ReadResult | None:
    """Return a file as documents, blocks or stages; None when its language is compared by line."""
    language = language or language_of(path, text)
    if language in _BY_LINE:
        return None
    return known.get((path, language, text)) or read_language(Source(path, text, language, path))


def compare_files(
    old: Files,
    new: Files,
    pairs: Mapping[str, str] | None = None,
    languages: Mapping[str, str] = MappingProxyType({}),
    known: Known = NOTHING_KNOWN,
) -> list[FileChange]:
    """Return how each file differs, sorted by path; files that mean the same are left out.

    `pairs` maps the path of a new file to that of the old one where the two differ; `languages` has the languages of
    paths where they are known; `known` has files that were read before.
    """
    found: list[FileChange] = []
    matched = {path: (pairs or {}).get(path, path) for path in new}
    for path, text in new.items():
        before = matched[path]
        if before not in old:
            found.append(FileChange(None, path))
        elif old[before] != text:
            language = languages.get(path, "")
            trees = (
                read(name, each, language, known) for name, each in ((before, old[before]), (path, text))
            )
            change = _compare(before, old[before], path, text, *trees)
            if change.groups:
                found.append(change)
    removed = set(old) - set(matched.values())
    found += [FileChange(path, None) for path in removed]
    return sorted(found, key=lambda change: change.name)


def _compare(
    old_path: str, old: str, path: str, new: str, before: ReadResult | None, after: ReadResult | None
) -> FileChange:
    problems = [problem for each in (before, after) if each for problem in each.problems]
    if before and after and not problems:
        return FileChange(old_path, path, _groups(before.node, after.node))
    lines = tuple(_line_changes(_lines(old_path, old), _lines(path, new)))
    note = f"compared by line: {problems[0].reason}" if problems else ""
    return FileChange(old_path, path, (("", lines),) if lines else (), note)


def _groups(old: Node, new: Node) -> tuple[Group, ...]:
    """Return what differs in each part of a file."""
    before, after = _parts(old), _parts(new)
    named = [*before, *(name for name in after if name not in before)]
    parts = ((name, tuple(changes(before.get(name), after.get(name)))) for name in named)
    return tuple((name, found) for name, found in parts if found)


def _parts(node: Node) -> Mapping[str, Node]:
    """Return the blocks or stages of a file by name, or its documents: objects of Kubernetes by kind and name."""
    named: dict[str, Node] = {}
    for each, name in sorted(_named(node), key=lambda part: part[0].start):
        number, unique = 1, name
        while unique in named:
            number += 1
            unique = f"{name}#{number}"
        named[unique] = each
    return named


def _named(node: Node) -> Iterator[tuple[Node, str]]:
    for key, each in node.entries.items() if isinstance(node, Map) else ():
        blocks = [item for item in each if isinstance(item, Block)] if isinstance(each, Seq) else []
        yield from ((block, ".".join([block.kind, *block.labels])) for block in blocks)
        if not blocks:
            yield each, key
    for document in children(node) if isinstance(node, Seq) else ():
        if not isinstance(document, Leaf) or document.value is not None:  # not an empty document
            yield document, identity(document) if isinstance(document, Map) and "kind" in document else ""


def _lines(path: str, text: str) -> list[Leaf]:
    """Return the lines of a file, except blank ones and the header that oetgen writes."""
    source = Source(path, text, "", path)
    return [
        Leaf(
            line, text=line, source=source, start=source.offset(number), end=source.offset(number) + len(line)
        )
        for number, line in enumerate(source.lines, start=1)
        if line.strip() and not HEADER.search(line)
    ]


def _line_changes(old: list[Leaf], new: list[Leaf]) -> Iterator[Change]:
    before, after = [line.text for line in old], [line.text for line in new]
    start = new_start = 0
    for end, new_end in [*_anchors(before, after), (len(old), len(new))]:
        matcher = difflib.SequenceMatcher(None, before[start:end], after[new_start:new_end], autojunk=False)
        for kind, first, last, new_first, new_last in matcher.get_opcodes():
            if kind != "equal":
                removed, added = (
                    old[start + first : start + last],
                    new[new_start + new_first : new_start + new_last],
                )
                yield from (Change(("line",), line, None) for line in removed)
                yield from (Change(("line",), None, line) for line in added)
        start, new_start = end, new_end


def _anchors(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Return the places of lines that both texts have once, in an order that both have.

    Between them the texts are compared on their own: the time to compare grows with the square of repeated lines.
    """
    counts = Counter(old), Counter(new)
    lines = [
        [index for index, line in enumerate(text) if counts[0][line] == counts[1][line] == 1]
        for text in (old, new)
    ]
    before, after = [old[index] for index in lines[0]], [new[index] for index in lines[1]]
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return [
        (lines[0][start + number], lines[1][new_start + number])
        for start, new_start, length in blocks
        for number in range(length)
    ]
