"""Write the template of a file: its lines, with values in them, and conditions around what some environments have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from generator.adopt import names
from generator.adopt.conditions import Need, reference, words_of
from generator.adopt.lines import IDENTITIES, Line, Path
from generator.adopt.parts import Environments
from generator.adopt.plan import Alternative, FilePlan, LinePiece, RowPlan, breaks_at_end
from generator.adopt.values import Cased, Place, Value, filter_of, value_in
from generator.adopt.words import Mask
from generator.findings.record import record
from generator.render.tokens.delimiters import DELIMITERS, STANDARD

_OPENING = re.compile(r"\{\{|\{%|\{#")
_KEPT = re.compile(r"\$\{[{#](?!\{)")  # oetgen keeps `${{ … }}` and `${#` as they are
_MOST_CLASSES = 4
_MOST_BRACES = 3  # of another program, which `{% raw %}` keeps
_WORDS_OF_TEXT = 40
_MENTIONED = re.compile(r"(?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*")  # aws_iam_role.deploy, compose.yaml
_IMPLIED = {"HorizontalPodAutoscaler": "replica"}  # words of what is decided with an object of a kind
_BLOCKS = {"resource": "", "data": "data.", "variable": "var.", "module": "module."}


@dataclass(slots=True)
class Branch:
    """Lines that the environments in `holders` have."""

    holders: Environments
    lines: list[Alternative]
    need: Need | None = None


@dataclass(slots=True)
class Chunk:
    """Lines that all environments have, as one branch, or the branches of a choice; or the end of the file."""

    branches: list[Branch] = field(default_factory=list)
    is_common: bool = True
    is_end: bool = False  # the line breaks at the end of the file, which some lack
    end: Need | None = None  # that decides them
    ending: int = 0  # how many they are
    begins: bool = False  # whether one of them ends the last line


def chunks(plan: FilePlan) -> list[Chunk]:
    """Return the parts of a template: what all have, and what some have."""
    every = frozenset(plan.indexes)
    found: list[Chunk] = []
    for is_common, rows in _runs(plan.rows, every):
        if is_common:
            found.append(Chunk([Branch(every, [row.alternatives[0] for row in rows])]))
        else:
            found += _choices(rows, every)
    if plan.unended:
        begins = any(not plan.group.files[name].data.endswith(b"\n") for name in plan.group.files)
        found.append(Chunk(is_common=False, is_end=True, ending=plan.ending, begins=begins))
    return found


def _runs(rows: Sequence[RowPlan], every: Environments) -> Iterator[tuple[bool, list[RowPlan]]]:
    run: list[RowPlan] = []
    kind = True
    for row in rows:
        is_common = len(row.alternatives) == 1 and row.alternatives[0].holders == every
        if run and is_common != kind:
            yield kind, run
            run = []
        kind = is_common
        run.append(row)
    if run:
        yield kind, run


def _choices(rows: Sequence[RowPlan], every: Environments) -> list[Chunk]:
    """Return the shorter of two forms: a choice among whole texts, or one after the other what some have."""
    whole = _by_class(rows, every)
    single = [Chunk(_merged(branches), is_common=False) for branches in _by_row(rows)]
    cost = sum(len(branch.lines) for branch in whole) + len(whole)
    other = sum(1 + sum(len(branch.lines) + 1 for branch in chunk.branches) for chunk in single)
    if len(whole) <= _MOST_CLASSES and cost <= other:
        return [Chunk(whole, is_common=False)]
    return single


def _by_class(rows: Sequence[RowPlan], every: Environments) -> list[Branch]:
    """Return one branch for the environments with lines that are written the same; none for those without any."""
    classes: dict[tuple[object, ...], list[int]] = {}
    for number in sorted(every):
        lines = (each for row in rows for each in row.alternatives if number in each.holders)
        own = tuple(
            piece if isinstance(piece, str) else _face(piece) for each in lines for piece in each.pieces
        )
        if own:
            classes.setdefault(own, []).append(number)
    return [
        Branch(
            frozenset(numbers),
            [each for row in rows for each in row.alternatives if numbers[0] in each.holders],
        )
        for numbers in classes.values()
    ]


def _face(place: Place) -> tuple[object, ...]:
    """Return what a place writes: texts, and values with the form that they have."""
    pieces = (
        each if isinstance(each, str) else (id(value_in(each)), getattr(each, "form", ""))
        for each in place.pieces or ()
    )
    return place.is_list, place.is_code, place.is_joined, place.gap, *pieces


def _by_row(rows: Sequence[RowPlan]) -> Iterator[list[Branch]]:
    """Yield the branches of adjacent lines whose alternatives are for the same environments."""
    last: list[Branch] = []
    for row in rows:
        branches = [Branch(each.holders, [each]) for each in row.alternatives]
        if last and [each.holders for each in last] == [each.holders for each in branches]:
            for mine, other in zip(last, branches, strict=True):
                mine.lines += other.lines
            continue
        if last:
            yield last
        last = branches
    if last:
        yield last


def _merged(branches: list[Branch]) -> list[Branch]:
    return sorted(branches, key=lambda branch: (-len(branch.holders), min(branch.holders)))


def needs(plan: FilePlan, parts: Sequence[Chunk], mask: Mask) -> list[Need]:
    """Return what has to be decided for a template; sets the needs of its branches."""
    every = frozenset(plan.indexes)
    found: list[Need] = []
    for chunk in parts:
        if chunk.is_common:
            continue
        if chunk.is_end:
            chunk.end = _end(plan)
            found.append(chunk.end)
            continue
        covers = frozenset().union(*(branch.holders for branch in chunk.branches)) == every
        chunk.branches.sort(key=lambda branch: (-_weight(branch), min(branch.holders)))
        rest = every
        for number, branch in enumerate(chunk.branches):
            if number == len(chunk.branches) - 1 and covers and number:
                continue
            branch.need = _need(plan, branch, rest, mask)
            found.append(branch.need)
            rest = rest - branch.holders
    return found


def _end(plan: FilePlan) -> Need:
    every = frozenset(plan.indexes)
    holders = every - plan.unended
    return Need(holders, every, (), ("final_newline",), plan.path, frozenset(), 1, is_end=True)


def _weight(branch: Branch) -> int:
    return sum(2 + len(each.line.text) // 40 for each in branch.lines if each.line.is_node)


def _need(plan: FilePlan, branch: Branch, among: Environments, mask: Mask) -> Need:
    place = _heading(branch)
    if place[-1:] and place[-1] in IDENTITIES and place[-2:-1] and place[-2].startswith("["):
        place = place[:-1]
    section, name = names.sections(plan.language, plan.path, place, mask)
    if name == ("name",):
        name = () if any(each.line.path for each in branch.lines) else _first_word(branch)
    text = " ".join(each.line.text for each in branch.lines[:3])
    words = words_of(*re.findall(r"[A-Za-z_]{3,}", text)[:_WORDS_OF_TEXT])
    words |= {_IMPLIED[kind] for kind in _IMPLIED if place[:1] and place[0].startswith(f"{kind}/")}
    weak = all(each.is_comment or each.line.is_prose or not each.line.text.strip() for each in branch.lines)
    size = sum(len(each.line.text.strip()) for each in branch.lines)
    return Need(
        branch.holders,
        among,
        section,
        name,
        plan.path,
        words,
        size,
        weak,
        is_prose=plan.language == "markdown",
        place=place,
        defines=defined(plan, (each.line for each in branch.lines)),
        mentions=mentioned(plan, (each.line.text for each in branch.lines)),
    )


def defined(plan: FilePlan, lines: Iterable[Line]) -> frozenset[str]:
    """Return the names of the blocks of Terraform that begin on lines, as other blocks refer to them."""
    if plan.language != "hcl":
        return frozenset()
    found: set[str] = set()
    for line in lines:
        kind, *labels = line.path[0].split(".") if line.is_node and len(line.path) == 1 else [""]
        if kind in _BLOCKS and labels:
            found.add(_BLOCKS[kind] + ".".join(labels))
    return frozenset(found)


def mentioned(plan: FilePlan, texts: Iterable[str]) -> frozenset[str]:
    """Return the names of blocks and files in a text; a document has none, since it is about everything."""
    if plan.language == "markdown":
        return frozenset()
    return frozenset(name for text in texts for name in _MENTIONED.findall(text))


def _first_word(branch: Branch) -> Path:
    """Return the first word of a branch: in many languages the name of what a line sets."""
    found = re.search(
        r"^[ \t]*([A-Za-z_]\w+)", "".join(each.line.text for each in branch.lines), re.MULTILINE
    )
    return (names.as_word(found[1]),) if found else ()


def _heading(branch: Branch) -> Path:
    """Return the place of the smallest part of the file that holds a branch, or of the first of several parts.

    It is in the file's own words.
    """
    paths = [each.line.path for each in branch.lines if each.line.is_node and each.line.path]
    if not paths:
        line = branch.lines[0].line
        return line.path or tuple(part for part in line.key if part not in ("#", "|", "end", "}"))
    shared = paths[0]
    for path in paths[1:]:
        size = next(
            (at for at, (a, b) in enumerate(zip(shared, path, strict=False)) if a != b),
            min(len(shared), len(path)),
        )
        shared = shared[:size]
    is_object = len(shared) == 1 and "/" in shared[0]
    has_parts = any(len(path) > len(shared) + 1 for path in paths)
    is_whole = shared in paths or is_object or (shared and not has_parts)
    return shared if is_whole else paths[0][: len(shared) + 1]


@record
class Tags:
    """The delimiters of a template: those that its text does not contain."""

    delimiters: str

    @classmethod
    def of(cls, texts: Iterable[str]) -> Tags:
        """Return the usual delimiters, or others for texts that are full of the braces of another program."""
        texts = list(texts)
        if sum(len(_OPENING.findall(_KEPT.sub("", text))) for text in texts) <= _MOST_BRACES:
            return cls(STANDARD)
        for each in DELIMITERS[1:]:
            begin, end = each.split(" ")
            marks = (begin, end, f"{begin[0]}%", f"%{end[1]}", f"{begin[0]}#", f"#{end[1]}")
            if not any(mark in text for text in texts for mark in marks):
                return cls(each)
        return cls(STANDARD)

    def value(self, expression: str) -> str:
        """Return what writes a value."""
        begin, end = self.delimiters.split(" ")
        return f"{begin} {expression} {end}"

    def statement(self, code: str) -> str:
        """Return a statement on a line of its own."""
        begin, end = self.delimiters.split(" ")
        return f"{begin[0]}% {code} %{end[1]}\n"

    def after(self, text: str, code: str) -> str:
        """Return a text and a statement on a line of its own, also after a text without a line break at its end."""
        if not text or text.endswith("\n") or text != text.rstrip():
            return text + self.statement(code)
        return f"{text}\n{self.statement(code).replace('%', '%-', 1)}"

    def optional(self, expression: str, gap: str) -> str:
        """Return what writes a value after `gap`, or nothing where it is empty."""
        begin, end = self.delimiters.split(" ")
        condition = f"{begin[0]}% if {expression} %{end[1]}"
        return f"{condition}{gap}{self.value(expression)}{begin[0]}% endif +%{end[1]}"

    def is_code(self, text: str) -> bool:
        """Return whether Jinja would read something in a text."""
        return self.delimiters == STANDARD and "{" in text and bool(_OPENING.search(_KEPT.sub("", text)))


def write(parts: Sequence[Chunk], tags: Tags, condition: str = "") -> str:
    """Return the text of a template; `condition` is for the whole of it."""
    if parts and parts[-1].end:
        text = _unended(parts[:-1], parts[-1], parts[-1].end, tags)
    else:
        text = "".join(_chunk(part, tags) for part in parts)
    return tags.statement(f"if {condition}") + tags.after(text, "endif") if condition else text


def _unended(parts: Sequence[Chunk], last: Chunk, end: Need, tags: Tags) -> str:
    """Return the text of a template whose last line breaks are a part of their own.

    Where one of them ends the last line, blocks before it begin with a line break.
    """
    ending = "\n" * last.ending + tags.statement("endif")
    if not last.begins:
        return tags.after("".join(_chunk(part, tags) for part in parts), f"if {end.expression}") + ending
    common = max((at for at, each in enumerate(parts) if each.is_common), default=-1) + 1
    texts = "".join(_chunk(part, tags) for part in parts[:common]).removesuffix("\n")
    texts += "".join(_chunk(part, tags, begins=True) for part in parts[common:]).removesuffix("\n")
    return tags.after(texts, f"if {end.expression}") + ending


def with_ends(template: str, plan: FilePlan) -> str:
    """Return a template with the line breaks at both ends of its files: oetgen takes these from the template."""
    texts = list(plan.texts.values())
    leading = min(len(each) - len(each.lstrip("\n")) for each in texts)
    trailing = 0 if plan.unended else min(map(breaks_at_end, texts))
    return "\n" * leading + template.strip("\n") + "\n" * trailing


def _chunk(chunk: Chunk, tags: Tags, *, begins: bool = False) -> str:
    """Return the text of a part; if it `begins`, the last line break of each branch comes first."""
    if chunk.is_common:
        return _written(chunk.branches[0].lines, tags)
    found = ""
    for number, branch in enumerate(chunk.branches):
        code = f"{'elif' if number else 'if'} {branch.need.expression}" if branch.need else "else"
        text = _written(branch.lines, tags)
        found = tags.after(found, code) + ("\n" + text.removesuffix("\n") if begins else text)
    return tags.after(found, "endif")


def _written(lines: Iterable[Alternative], tags: Tags) -> str:
    """Return lines as a template writes them; those that Jinja would read go into one raw block."""
    texts: list[str] = []
    raw: list[str] = []
    for each in lines:
        if all(isinstance(piece, str) for piece in each.pieces):
            text = "".join(map(str, each.pieces))
            if tags.is_code(text):
                raw.append(text)
                continue
        else:
            text = "".join(_piece(piece, tags) for piece in each.pieces)
        texts += [*_raw(raw), text]
        raw = []
    return "".join([*texts, *_raw(raw)])


def _raw(lines: Sequence[str]) -> list[str]:
    """Return lines in a raw block, whose own line at the end is removed with its line break."""
    if not lines:
        return []
    return ["{% raw %}", *lines, "{% endraw %}\n" if lines[-1].endswith("\n") else "{% endraw %}"]


def _piece(piece: LinePiece, tags: Tags) -> str:
    if isinstance(piece, str):
        return _literal(piece, tags)
    if piece.is_joined:
        parts = (
            json.dumps(each) if isinstance(each, str) else _expression(each) for each in piece.pieces or ()
        )
        return tags.value(" ~ ".join(parts))
    form = f" | {filter_of(piece)}" if piece.is_list else ""
    if piece.gap:
        expression = " ~ ".join(_expression(each) for each in piece.pieces or () if not isinstance(each, str))
        return tags.optional(expression, piece.gap)
    return "".join(
        _literal(each, tags) if isinstance(each, str) else tags.value(_expression(each) + form)
        for each in piece.pieces or ()
    )


def _expression(piece: Value | Cased) -> str:
    if isinstance(piece, Cased):
        return f"{reference(piece.value.name)} | {piece.form}"
    return reference(piece.name)


def _literal(text: str, tags: Tags) -> str:
    """Return a part of a line so that Jinja leaves it as it is."""
    return _OPENING.sub(r"{%+ raw %}\g<0>{% endraw +%}", text) if tags.is_code(text) else text
