"""Record what an instrumented template does: which values it reads, in which include, macro, iteration and branch.

The hooks are called in the order in which Jinja evaluates the template, so a stack holds what belongs to what. Each
piece of literal text gets a mark. The event of the mark holds the location in the template and the `Frame`; the
source map is built from the events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context, LoopContext

from generator.findings.record import record
from generator.provenance.trace import marks, tainted
from generator.provenance.trace.instrument import HOOKS, UntraceableError
from generator.provenance.trace.tainted import NO_TAG, Paths, RenderedText, Tag
from generator.render.engine import Captured, Location, text_of
from generator.render.filters import Structure
from generator.render.marks import BEGIN, END
from generator.values.source import KeyPath


@record(eq=False)
class Frame:
    """An include, macro call, loop iteration or branch around a part of the output.

    `paths` are the values that decided it. `number` is the iteration of a loop, and for a branch whether its
    condition was true.
    """

    kind: str
    template: str
    line: int
    text: str
    paths: Paths
    outer: Frame | None
    number: int = 0

    def chain(self) -> list[Frame]:
        """Return this frame and those around it, outermost first."""
        return [*(self.outer.chain() if self.outer else ()), self]


@record
class Put:
    """A value that the `{{ … }}` at `location` wrote.

    For a list or map that a filter writes, `text` is what it writes as a part of the file.
    """

    value: Any
    location: Location
    tag: Tag
    frame: Frame | None
    text: str = ""


@record
class Literal:
    """Literal text of a template begins here."""

    location: Location
    frame: Frame | None


@dataclass(slots=True, eq=False)
class Gap:
    """A branch or loop stands here, which may have written nothing.

    `own_line`: it decides whole lines. `next_line`: it belongs to the beginning of the next line.
    """

    location: Location
    frame: Frame | None
    own_line: bool
    paths: Paths = frozenset()
    next_line: bool = False


@record(eq=False)
class Region:
    """Inserted text begins here: what a macro rendered, or (with a `tag`) a list or map that a filter wrote."""

    location: Location
    frame: Frame | None
    tag: Tag | None = None


@record
class EndRegion:
    """Inserted text ends here."""


Event = Literal | Gap | Region | EndRegion


@dataclass(slots=True)
class _Branch:
    gap: Gap
    outer: Frame | None
    tests: list[tuple[int, bool, Paths]] = field(default_factory=list)

    @property
    def paths(self) -> Paths:
        return frozenset().union(*(paths for _, _, paths in self.tests))


@dataclass(slots=True)
class _Loop:
    location: Location
    number: int
    own_line: bool
    names: str
    paths: Paths
    items: list[Any]
    outer: Frame | None
    tests: list[tuple[bool, Paths]] = field(default_factory=list)
    item: int = -1
    iteration: int = 0

    def advance(self) -> Paths:
        """Go to the next item that passed the test of the loop, and return what decided about the skipped ones."""
        self.item += 1
        skipped: Paths = frozenset()
        while self.item < len(self.tests) and not self.tests[self.item][0]:
            skipped |= self.tests[self.item][1]
            self.item += 1
        self.iteration += 1
        return skipped

    def entry(self) -> Paths:
        """Return what decided that the current iteration runs."""
        item = self.items[self.item]
        first = item[0] if isinstance(item, tuple) and item else item
        tag = tainted.tag_of(first)
        test = self.tests[self.item][1] if self.tests else frozenset()
        return tag.paths | test


@dataclass(slots=True)
class _Evaluation:
    """What was read while an expression was evaluated.

    `inside` is what decided about rendered text that the expression names. It counts where the expression inspects
    the text, not where it writes the text, because then the marks in the text have what decided about each part.
    """

    reads: set[KeyPath] = field(default_factory=set)
    inside: set[KeyPath] = field(default_factory=set)
    parts: list[Tag] = field(default_factory=list)
    called_macro: bool = False


class Recorder:
    """Records the render of one file. `hooks` are the filters that the instrumented templates call."""

    def __init__(self) -> None:
        self.hooks = {f"trace_{name}": getattr(self, name) for name in HOOKS}
        self.start()

    def start(self) -> None:
        """Start a new file."""
        self.ran: set[tuple[str, int, str]] = set()  # template, number of a condition or loop, which way
        self.events: list[Event] = []
        self.puts: list[Put] = []
        self.frame: Frame | None = None
        self._evaluations = [_Evaluation()]
        self._branches: list[_Branch] = []
        self._loops: list[_Loop] = []
        self._imports: list[Paths] = []
        self._imported: dict[int, tuple[Any, Paths]] = {}

    # What is read

    def note(self, tag: Tag) -> None:
        """Record that something with this tag was read."""
        self._evaluations[-1].reads |= tag.paths

    def _note(self, value: Any) -> None:
        evaluation = self._evaluations[-1]
        evaluation.reads |= tainted.tag_of(value).paths
        if isinstance(value, RenderedText):
            evaluation.inside |= value.inside

    def begin(self, context: Context, nothing: None) -> None:
        """Begin an expression."""
        self._evaluations.append(_Evaluation())

    def _end(self, *, looks_inside: bool = True) -> Paths:
        """End an expression: return what was read for it, which counts for the expression around it too."""
        evaluation = self._evaluations.pop()
        reads = tainted.deepest(evaluation.reads)
        self._evaluations[-1].reads |= reads
        self._evaluations[-1].inside |= evaluation.inside
        return tainted.deepest(reads | evaluation.inside) if looks_inside else reads

    def truth(self, context: Context, value: Any) -> Any:
        """Record a condition inside an expression."""
        if isinstance(value, RenderedText):
            self._evaluations[-1].reads |= value.inside
        return value

    def load(self, context: Context, value: Any, name: str | None) -> Any:
        """Record that a name is read. `name` is None where the template itself sets it."""
        if isinstance(value, Undefined):
            missing = Tag(frozenset({(name,)})) if name else NO_TAG
            self.note(tainted.tag_of(value) if "tag" in vars(value) else missing)
        elif isinstance(value, LoopContext):
            self.note(Tag(decides=self._loops[-1].paths))
        else:
            value = self._as_rendered_text(value)
            self._note(value)
        return value

    def compared(self, context: Context, value: Any) -> Any:
        """Record that a value, with everything in it, is compared with another one."""
        self.note(tainted.join(tainted.all_in(value)))
        return value

    def part(self, context: Context, value: Any) -> Any:
        """Record a part of a string that is concatenated."""
        self._evaluations[-1].parts.append(tainted.tag_of(value))
        return value

    def made(self, context: Context, nothing: None, value: Any) -> Any:
        """Return a concatenated string with the tags of its parts."""
        tag = tainted.join(self._evaluations[-1].parts)
        return tainted.with_missing_tags(value, tag.deciding(self._end()))

    def set(self, context: Context, nothing: None, value: Any) -> Any:
        """Record that a value gets a name, by `set` or as an argument."""
        return self._chosen(value, self._end(looks_inside=not isinstance(value, Captured)))

    def _chosen(self, value: Any, paths: Paths) -> Any:
        """Return `value`, which `paths` have chosen."""
        value = self._as_rendered_text(value)
        tag = tainted.tag_of(value).deciding(paths)
        if isinstance(value, Undefined):
            vars(value)["tag"] = tag
        if isinstance(value, dict):
            return tainted.TaintedMap(dict(value), tag, self.note)
        if isinstance(value, list):
            return tainted.TaintedList(value, tag, self.note)
        if isinstance(value, RenderedText):
            return RenderedText(text_of(value), value.has_text, value.inside, tag)
        return tainted.with_tag(value, tag)

    # What is written

    def text(self, context: Context, location: tuple[str, int, int]) -> str:
        """Return the mark of literal text."""
        return self._mark(Literal((*location, 0), self.frame))

    def put(self, context: Context, nothing: None, value: Any, location: Location, own_line: bool) -> str:
        """Return the marks of a value that is written; `own_line`: nothing else is on its line of the template."""
        paths = self._end(looks_inside=not isinstance(value, Captured))
        if isinstance(value, Captured):
            made = self._without_last_breaks(text_of(value))
            gap = self._mark(Gap(location, self.frame, own_line, paths)) if paths else ""
            return self._region(Region(location, self._decided(location, paths)), "".join([gap, made]))
        if isinstance(value, Undefined):
            return str(value)
        tag = tainted.tag_of(value)
        if isinstance(value, Structure):
            tag = tainted.tag_of(value.data)
            written = value.write(lambda scalar: self._value(scalar, location, paths))
            text = self._region(Region(location, self.frame, tag.deciding(paths)), written)
            whole = tag if tag.values else tainted.join(tainted.all_in(value.data))
            return self._stored(Put(value, location, whole.deciding(paths), self.frame, text))
        return self._value(value, location, paths)

    def _without_last_breaks(self, text: str) -> str:
        """Return text without the line breaks at its end; a gap after them stays after them."""
        bare, placed = marks.split(text)
        kept = bare.rstrip("\n")
        moved: marks.Placed = []
        for offset, mark in placed:
            event = self.events[marks.number(mark)]
            if offset > len(kept) and isinstance(event, Gap):
                mark = self._mark(replace(event, next_line=event.own_line))
            moved.append((offset, mark))
        return marks.restore(kept, moved)

    def _decided(self, location: Location, paths: Paths) -> Frame | None:
        """Return the current frame, within one with the values that chose the inserted text."""
        return Frame("text", location[0], location[1], "", paths, self.frame) if paths else self.frame

    def _region(self, region: Region, text: str) -> str:
        return "".join([self._mark(region), BEGIN, text, END, self._mark(EndRegion())])

    def _value(self, value: Any, location: Location, paths: Paths) -> str:
        tag = tainted.tag_of(value).deciding(paths)
        return self._stored(Put(tainted.plain(value), location, tag, self.frame))

    def _stored(self, put: Put) -> str:
        if len(self.puts) > marks.MOST:
            raise UntraceableError("too many values in one file")
        self.puts.append(put)
        return chr(marks.FIRST_VALUE + len(self.puts) - 1)

    def _mark(self, event: Event) -> str:
        if len(self.events) > marks.MOST:
            raise UntraceableError("too many lines in one file")
        self.events.append(event)
        return marks.event_mark(len(self.events) - 1)

    def _as_rendered_text(self, value: Any) -> Any:
        """Return captured text as RenderedText, with what decided about it; other values as they are."""
        if not isinstance(value, Captured) or isinstance(value, RenderedText):
            return value
        text = text_of(value)
        inside = frozenset().union(*self._deciders(text))
        return RenderedText(text, bool(marks.bare(text)), inside, NO_TAG)

    def _deciders(self, text: str) -> Iterator[Paths]:
        for number in marks.numbers(text):
            event = self.events[number]
            if isinstance(event, Gap):
                yield event.paths
            if not isinstance(event, EndRegion) and event.frame:
                yield from (frame.paths for frame in event.frame.chain())

    # Branches

    def branch(self, context: Context, nothing: None, name: str, line: int, own_line: bool) -> str:
        """Begin an `if`."""
        gap = Gap((name, line, 1, 0), self.frame, own_line)
        self._branches.append(_Branch(gap, self.frame))
        return self._mark(gap)

    def test(self, context: Context, nothing: None, value: Any, line: int, number: int) -> bool:
        """Record a condition."""
        is_true = bool(value)
        branch = self._branches[-1]
        branch.tests.append((line, is_true, self._end()))
        self.ran.add((branch.gap.location[0], number, "then" if is_true else "else"))
        return is_true

    def enter(self, context: Context, nothing: None) -> None:
        """Begin one of the bodies of an `if`."""
        branch = self._branches[-1]
        name = branch.gap.location[0]
        for line, is_true, paths in branch.tests:
            self.frame = Frame("branch", name, line, "", paths, self.frame, int(is_true))

    def leave(self, context: Context, nothing: None) -> None:
        """End the body."""
        self.frame = self._branches[-1].outer

    def join(self, context: Context, value: Any) -> Any:
        """Return the value, after an `if`, of a name that one of its bodies may have set."""
        branch = self._branches[-1]
        if isinstance(value, Captured):
            gap = Gap(branch.gap.location, branch.outer, own_line=False, paths=branch.paths)
            return self._as_rendered_text(Captured(self._mark(gap) + text_of(value)))
        return self._chosen(value, branch.paths)

    def end_branch(self, context: Context, nothing: None) -> str:
        """End an `if`; unless it consists of whole lines, it decides about the rest of its last line too."""
        gap = self._branches[-1].gap
        gap.paths = self._branches.pop().paths
        return "" if gap.own_line else self._mark(gap)

    # Loops

    def each(
        self,
        context: Context,
        nothing: None,
        value: Any,
        name: str,
        line: int,
        number: int,
        own_line: bool,
        names: str,
    ) -> list[Any]:
        """Begin a loop over `value`."""
        paths = self._end()
        items = list(value)
        if isinstance(value, str):
            items = [tainted.with_missing_tags(item, tainted.tag_of(value)) for item in items]
        self._loops.append(_Loop((name, line, 1, 0), number, own_line, names, paths, items, self.frame))
        return items

    def keep(self, context: Context, nothing: None, value: Any) -> bool:
        """Record the condition of a loop for one item."""
        is_true = bool(value)
        self._loops[-1].tests.append((is_true, self._end()))
        return is_true

    def iteration(self, context: Context, nothing: None) -> str:
        """Begin an iteration of a loop."""
        loop = self._loops[-1]
        skipped = loop.advance()
        begins_inside = loop.iteration == 1 and not loop.own_line
        decides = skipped | loop.paths if begins_inside else skipped
        gap = self._mark(Gap(loop.location, loop.outer, loop.own_line, decides)) if decides else ""
        name, line, *_ = loop.location
        paths = tainted.deepest(loop.paths | loop.entry())
        self.frame = Frame("loop", name, line, self._item_text(loop), paths, loop.outer, loop.iteration)
        self.ran.add((name, loop.number, "then"))
        return gap

    def _item_text(self, loop: _Loop) -> str:
        """Return the names of a loop with those values of this iteration that are scalars."""
        item = loop.items[loop.item]
        parts = item if isinstance(item, tuple) else (item,)
        texts = [str(part) for part in parts if isinstance(part, str | int | float)]
        return f"{loop.names} = {', '.join(texts)}" if texts else loop.names

    def end_iteration(self, context: Context, nothing: None) -> None:
        """End an iteration."""
        self.frame = self._loops[-1].outer

    def empty(self, context: Context, nothing: None) -> None:
        """Begin the `else` of a loop that had no item."""
        loop = self._loops[-1]
        name, line, *_ = loop.location
        self.frame = Frame("empty", name, line, loop.names, self._loop_paths(loop), loop.outer)
        self.ran.add((name, loop.number, "else"))

    def end_loop(self, context: Context, nothing: None) -> str:
        """End a loop."""
        loop = self._loops.pop()
        return self._mark(Gap(loop.location, loop.outer, loop.own_line, self._loop_paths(loop)))

    def _loop_paths(self, loop: _Loop) -> Paths:
        skipped = (paths for is_true, paths in loop.tests[loop.item + 1 :] if not is_true)
        return loop.paths.union(*skipped)

    # Macros, includes, imports

    def call(self, context: Context, nothing: None, name: str, line: int, callee: str) -> None:
        """Begin a call."""
        self.frame = Frame("macro", name, line, callee, frozenset(), self.frame)
        self._evaluations.append(_Evaluation())

    def called(self, context: Context, nothing: None, value: Any = None) -> Any:
        """End a call, which returned `value`. The arguments of a macro count in its text, where that uses them."""
        assert self.frame is not None
        self.frame = self.frame.outer
        evaluation = self._evaluations.pop()
        if not evaluation.called_macro:
            self._evaluations[-1].reads |= evaluation.reads
            self._evaluations[-1].inside |= evaluation.inside
        value = self._as_rendered_text(value)
        self._note(value)
        return value

    def enter_macro(self, macro: Any) -> Frame | None:
        """Begin the body of a macro, whose text has its own marks. Returns the frame to go back to."""
        self._evaluations[-1].called_macro = True
        self._evaluations[-2].reads |= self._imported.get(id(macro), (None, frozenset()))[1]
        self._evaluations.append(_Evaluation())
        return self.frame

    def leave_macro(self, before: Frame | None) -> None:
        """End the body of a macro."""
        self.frame = before
        self._evaluations.pop()

    def include(self, context: Context, nothing: None, value: Any, name: str, line: int) -> Any:
        """Begin an include."""
        self.frame = Frame("include", name, line, str(value), self._end(), self.frame)
        return str(value) if isinstance(value, str) else value

    def end_include(self, context: Context, nothing: None) -> None:
        """End an include."""
        assert self.frame is not None
        self.frame = self.frame.outer

    def importing(self, context: Context, nothing: None, value: Any) -> Any:
        """Begin an import."""
        self._imports.append(self._end())
        return str(value) if isinstance(value, str) else value

    def imported(self, context: Context, value: Any) -> None:
        """Record an imported name."""
        self.inherit(self._imports[-1], value)

    def end_import(self, context: Context, nothing: None) -> None:
        """End an import."""
        self._imports.pop()

    def inherit(self, source: Any, value: Any) -> None:
        """Record that what chose `source`, a module or its paths, chose `value`, which comes from it."""
        own = self._imported.get(id(source), (None, frozenset()))[1]
        paths = source if isinstance(source, frozenset) else own
        if paths:
            self._imported[id(value)] = (value, paths)


for _name in HOOKS:
    pass_context(getattr(Recorder, _name))  # prevents Jinja from calling it at compile time
