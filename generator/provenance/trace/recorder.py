"""What happens while a woven template runs: which values are read, in which include, macro, round and branch.

The hooks are called in the order in which Jinja evaluates the template, so a stack is enough to know what belongs to
what. Each piece of text gets a mark whose event says where the text stands in the template and in which `Step` it was
put out; the marks are read, and taken out, when the file is laid out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context, LoopContext
from markupsafe import Markup

from generator.provenance.trace import marks
from generator.provenance.trace import tainted as tags
from generator.provenance.trace.instrument import HOOKS, Untraceable
from generator.provenance.trace.tainted import NO_TAG, Captured, Paths, Tag
from generator.render.filters import Structure
from generator.render.limits import Budget
from generator.render.marks import BEGIN, END
from generator.values.source import KeyPath

Place = tuple[str, int, int, int]  # a template, a line, a column, a length (0: to the end of the text)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One thing that led to a piece of output: an include, a macro, a round of a loop, a branch.

    `paths` are the values that decided it. `number` is the round of a loop, and of a branch whether its condition
    held.
    """

    kind: str
    template: str
    line: int
    text: str
    paths: Paths
    outer: Step | None
    number: int = 0

    def chain(self) -> list[Step]:
        """Return this step and those around it, outermost first."""
        steps: list[Step] = []
        step: Step | None = self
        while step:
            steps.append(step)
            step = step.outer
        return steps[::-1]


@dataclass(frozen=True, slots=True)
class Put:
    """A value that was put out at the `{{ … }}` at `place`."""

    value: Any
    place: Place
    tag: Tag
    step: Step | None


@dataclass(frozen=True, slots=True)
class Literal:
    """Text of a template begins here."""

    place: Place
    step: Step | None


@dataclass(slots=True, eq=False)
class Gap:
    """Here a branch or a loop has its place, and may have put nothing.

    `own_line`: it decides whole lines. `behind`: its place is at the beginning of the line behind this one.
    """

    place: Place
    step: Step | None
    own_line: bool
    paths: Paths = frozenset()
    behind: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Text is put in from here on: what a macro made, or (`tag`) what a filter wrote of a whole list or map."""

    place: Place
    step: Step | None
    tag: Tag | None = None


@dataclass(frozen=True, slots=True)
class EndRegion:
    """The text that was put in ends here."""


Event = Literal | Gap | Region | EndRegion


@dataclass(slots=True)
class _Branch:
    gap: Gap
    outer: Step | None
    tests: list[tuple[int, bool, Paths]] = field(default_factory=list)

    @property
    def paths(self) -> Paths:
        return frozenset().union(*(paths for _, _, paths in self.tests))


@dataclass(slots=True)
class _Loop:
    place: Place
    number: int
    own_line: bool
    names: str
    paths: Paths
    items: list[Any]
    outer: Step | None
    tests: list[tuple[bool, Paths]] = field(default_factory=list)
    item: int = -1
    round: int = 0

    def advance(self) -> Paths:
        """Go to the next item that passed the test of the loop, and return what decided about those before it."""
        self.item += 1
        refused: Paths = frozenset()
        while self.item < len(self.tests) and not self.tests[self.item][0]:
            refused |= self.tests[self.item][1]
            self.item += 1
        self.round += 1
        return refused

    def entry(self) -> Paths:
        """Return what decided that the present round takes place."""
        item = self.items[self.item]
        first = item[0] if isinstance(item, tuple) and item else item
        tag = tags.tag_of(first)
        test = self.tests[self.item][1] if self.tests else frozenset()
        return tag.paths | test


@dataclass(slots=True)
class _Frame:
    """What was read while an expression was evaluated.

    `inside` is what decided about text that a template made and that the expression names: it counts where the
    expression looks at that text, not where it puts it out, for there the text itself says what decided about it.
    """

    reads: set[KeyPath] = field(default_factory=set)
    inside: set[KeyPath] = field(default_factory=set)
    parts: list[Tag] = field(default_factory=list)
    called_macro: bool = False


class Recorder:
    """Follows the render of one file. `hooks` are the filters that the woven templates call."""

    def __init__(self) -> None:
        self.hooks = {f"trace_{name}": getattr(self, name) for name in HOOKS}
        self.hooks |= {"tick": self.tick}
        self.ran: set[tuple[str, int, str]] = (
            set()
        )  # a template, the number of a condition or loop, and which way
        self.start()

    def start(self) -> None:
        """Forget everything about the file before."""
        self.events: list[Event] = []
        self.puts: list[Put] = []
        self.step: Step | None = None
        self._frames = [_Frame()]
        self._branches: list[_Branch] = []
        self._loops: list[_Loop] = []
        self._imports: list[Paths] = []
        self._imported: dict[int, tuple[Any, Paths]] = {}
        self._budget = Budget()

    # What is read

    def note(self, tag: Tag) -> None:
        """Note that something was read."""
        self._frames[-1].reads |= tag.paths

    def _note(self, value: Any) -> None:
        frame = self._frames[-1]
        frame.reads |= tags.tag_of(value).paths
        if isinstance(value, Captured):
            frame.inside |= value.inside

    @pass_context
    def begin(self, context: Context, nothing: None) -> None:
        """An expression begins."""
        self._frames.append(_Frame())

    def _end(self, *, looks_inside: bool = True) -> Paths:
        """An expression is evaluated: return what was read for it, which counts for the one around it too."""
        frame = self._frames.pop()
        reads = tags.deepest(frame.reads)
        self._frames[-1].reads |= reads
        self._frames[-1].inside |= frame.inside
        return tags.deepest(reads | frame.inside) if looks_inside else reads

    @pass_context
    def truth(self, context: Context, value: Any) -> Any:
        """A condition inside of an expression."""
        if isinstance(value, Captured):
            self._frames[-1].reads |= value.inside
        return value

    @pass_context
    def load(self, context: Context, value: Any, name: str | None) -> Any:
        """A name is read. `name` is None where the template itself sets it."""
        if isinstance(value, Undefined):
            missing = Tag(frozenset({(name,)})) if name else NO_TAG
            self.note(tags.tag_of(value) if "tag" in vars(value) else missing)
        elif isinstance(value, LoopContext):
            self.note(Tag(decides=self._loops[-1].paths))
        else:
            value = self._captured(value)
            self._note(value)
        return value

    @pass_context
    def compared(self, context: Context, value: Any) -> Any:
        """A value is compared with another one: of a list or map, all that is in it."""
        self.note(tags.join(tags.all_in(value)))
        return value

    @pass_context
    def part(self, context: Context, value: Any) -> Any:
        """A part of a text that is put together."""
        self._frames[-1].parts.append(tags.tag_of(value))
        return value

    @pass_context
    def made(self, context: Context, nothing: None, value: Any) -> Any:
        """A text was put together of its parts."""
        tag = tags.join(self._frames[-1].parts)
        return tags.retagged(value, tag.deciding(self._end()))

    @pass_context
    def set(self, context: Context, nothing: None, value: Any) -> Any:
        """A value gets a name: by `set`, or as an argument."""
        return self._chosen(value, self._end(looks_inside=not isinstance(value, Markup)))

    def _chosen(self, value: Any, paths: Paths) -> Any:
        """Return `value`, which `paths` have chosen."""
        value = self._captured(value)
        tag = tags.tag_of(value).deciding(paths)
        if isinstance(value, Undefined):
            vars(value)["tag"] = tag
        if isinstance(value, dict):
            return tags.new_map(dict(value), tag, self.note)
        if isinstance(value, list):
            return tags.new_sequence(value, tag, self.note)
        if isinstance(value, Captured):
            return tags.captured(value, value.says, value.inside, tag)
        return tags.with_tag(value, tag)

    # What is put out

    @pass_context
    def text(self, context: Context, place: tuple[str, int, int]) -> Markup:
        """Text of the template begins."""
        return self._mark(Literal((*place, 0), self.step))

    @pass_context
    def put(self, context: Context, nothing: None, value: Any, place: Place, own_line: bool) -> Markup | str:
        """A value is put out; with `own_line`, nothing else stands on its line of the template."""
        paths = self._end(looks_inside=not isinstance(value, Markup))
        if isinstance(value, Markup):
            made = self._without_last_breaks(value)
            gap = self._mark(Gap(place, self.step, own_line, paths)) if paths else ""
            return self._region(Region(place, self._decided(place, paths)), "".join([gap, made]))
        if isinstance(value, Undefined):
            return str(value)
        tag = tags.tag_of(value)
        if isinstance(value, Structure):
            tag = tags.tag_of(value.data)
            written = value.write(value.data, lambda scalar: self._value(scalar, place, paths))
            return self._region(Region(place, self.step, tag.deciding(paths)), written)
        return Markup(self._value(value, place, paths))

    def _without_last_breaks(self, text: str) -> str:
        """Return text without the line breaks at its end; a gap that stood behind them still does."""
        bare, placed = marks.split(text)
        kept = bare.rstrip("\n")
        moved: marks.Placed = []
        for offset, mark in placed:
            event = self.events[marks.number(mark)]
            if offset > len(kept) and isinstance(event, Gap):
                mark = self._mark(replace(event, behind=event.own_line))
            moved.append((offset, mark))
        return marks.put_back(kept, moved)

    def _decided(self, place: Place, paths: Paths) -> Step | None:
        """Return the present step, within one that says what chose the text that is put in."""
        return Step("text", place[0], place[1], "", paths, self.step) if paths else self.step

    def _region(self, region: Region, text: str) -> Markup:
        return Markup("".join([self._mark(region), BEGIN, text, END, self._mark(EndRegion())]))

    def _value(self, value: Any, place: Place, paths: Paths) -> str:
        if len(self.puts) > marks.MOST:
            raise Untraceable("too many values in one file")
        self.puts.append(Put(tags.plain(value), place, tags.tag_of(value).deciding(paths), self.step))
        return chr(marks.FIRST_EMISSION + len(self.puts) - 1)

    def _mark(self, event: Event) -> Markup:
        if len(self.events) > marks.MOST:
            raise Untraceable("too many lines in one file")
        self.events.append(event)
        return Markup(marks.event_mark(len(self.events) - 1))

    def _captured(self, value: Any) -> Any:
        """Return text that a template made as such, with what decided about it."""
        if not isinstance(value, Markup) or isinstance(value, Captured):
            return value
        inside = frozenset().union(*self._deciders(value))
        return tags.captured(value, bool(marks.bare(value)), inside, NO_TAG)

    def _deciders(self, text: str) -> Iterator[Paths]:
        for number in marks.numbers(text):
            event = self.events[number]
            if isinstance(event, Gap):
                yield event.paths
            if not isinstance(event, EndRegion) and event.step:
                yield from (step.paths for step in event.step.chain())

    # Branches

    @pass_context
    def branch(self, context: Context, nothing: None, name: str, line: int, own_line: bool) -> Markup:
        """An `if` begins."""
        gap = Gap((name, line, 1, 0), self.step, own_line)
        self._branches.append(_Branch(gap, self.step))
        return self._mark(gap)

    @pass_context
    def test(self, context: Context, nothing: None, value: Any, line: int, number: int) -> bool:
        """A condition is evaluated."""
        held = bool(value)
        branch = self._branches[-1]
        branch.tests.append((line, held, self._end()))
        self.ran.add((branch.gap.place[0], number, "then" if held else "else"))
        return held

    @pass_context
    def enter(self, context: Context, nothing: None) -> None:
        """One of the bodies of an `if` begins."""
        branch = self._branches[-1]
        name = branch.gap.place[0]
        for line, held, paths in branch.tests:
            self.step = Step("branch", name, line, "", paths, self.step, int(held))

    @pass_context
    def leave(self, context: Context, nothing: None) -> None:
        """The body ends."""
        self.step = self._branches[-1].outer

    @pass_context
    def join(self, context: Context, value: Any) -> Any:
        """Behind an `if`, a name that one of its bodies may have set."""
        branch = self._branches[-1]
        if isinstance(value, Markup):
            gap = Gap(branch.gap.place, branch.outer, own_line=False, paths=branch.paths)
            return self._captured(Markup("".join([self._mark(gap), value])))
        return self._chosen(value, branch.paths)

    @pass_context
    def end_branch(self, context: Context, nothing: None) -> Markup:
        """An `if` ends; where it does not hold whole lines, it decides about the line that goes on behind it too."""
        gap = self._branches[-1].gap
        gap.paths = self._branches.pop().paths
        return Markup() if gap.own_line else self._mark(gap)

    # Loops

    @pass_context
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
        """A loop begins, over `value`."""
        paths = self._end()
        items = list(value)
        if isinstance(value, str):
            items = [tags.retagged(item, tags.tag_of(value)) for item in items]
        self._loops.append(_Loop((name, line, 1, 0), number, own_line, names, paths, items, self.step))
        return items

    @pass_context
    def keep(self, context: Context, nothing: None, value: Any) -> bool:
        """The condition of a loop is evaluated for one item."""
        held = bool(value)
        self._loops[-1].tests.append((held, self._end()))
        return held

    @pass_context
    def round(self, context: Context, nothing: None) -> Markup:
        """A round of a loop begins."""
        loop = self._loops[-1]
        refused = loop.advance()
        begins_inside = loop.round == 1 and not loop.own_line
        decides = refused | loop.paths if begins_inside else refused
        gap = self._mark(Gap(loop.place, loop.outer, loop.own_line, decides)) if decides else Markup()
        name, line, *_ = loop.place
        paths = tags.deepest(loop.paths | loop.entry())
        self.step = Step("loop", name, line, self._shown(loop), paths, loop.outer, loop.round)
        self.ran.add((name, loop.number, "then"))
        return gap

    def _shown(self, loop: _Loop) -> str:
        """Return what the names of a loop are in this round, as far as it is short."""
        item = loop.items[loop.item]
        shown = [
            str(part)
            for part in (item if isinstance(item, tuple) else (item,))
            if isinstance(part, str | int | float)
        ]
        return f"{loop.names} = {', '.join(shown)}" if shown else loop.names

    @pass_context
    def end_round(self, context: Context, nothing: None) -> None:
        """A round ends."""
        self.step = self._loops[-1].outer

    @pass_context
    def empty(self, context: Context, nothing: None) -> None:
        """There was no round, and the `else` of the loop begins."""
        loop = self._loops[-1]
        name, line, *_ = loop.place
        self.step = Step("empty", name, line, loop.names, self._loop_paths(loop), loop.outer)
        self.ran.add((name, loop.number, "else"))

    @pass_context
    def end_loop(self, context: Context, nothing: None) -> Markup:
        """A loop ends."""
        loop = self._loops.pop()
        return self._mark(Gap(loop.place, loop.outer, loop.own_line, self._loop_paths(loop)))

    def _loop_paths(self, loop: _Loop) -> Paths:
        refused = (paths for held, paths in loop.tests[loop.item + 1 :] if not held)
        return loop.paths.union(*refused)

    @pass_context
    def tick(self, context: Context, nothing: None) -> None:
        """A round of a loop is counted, as in a plain render."""
        self._budget.tick()

    # Macros, includes, imports

    @pass_context
    def call(self, context: Context, nothing: None, name: str, line: int, callee: str) -> None:
        """Something is about to be called."""
        self.step = Step("macro", name, line, callee, frozenset(), self.step)
        self._frames.append(_Frame())

    @pass_context
    def called(self, context: Context, nothing: None, value: Any = None) -> Any:
        """It has returned `value`. What a macro was given counts in its text, where that uses it."""
        assert self.step is not None
        self.step = self.step.outer
        frame = self._frames.pop()
        if not frame.called_macro:
            self._frames[-1].reads |= frame.reads
            self._frames[-1].inside |= frame.inside
        value = self._captured(value)
        self._note(value)
        return value

    def enter_macro(self, macro: Any) -> Step | None:
        """A macro's body begins. What is read in there has marks of its own. Returns the step to go back to."""
        self._frames[-1].called_macro = True
        self._frames[-2].reads |= self._imported.get(id(macro), (None, frozenset()))[1]
        self._frames.append(_Frame())
        return self.step

    def leave_macro(self, before: Step | None) -> None:
        """A macro's body ends."""
        self.step = before
        self._frames.pop()

    @pass_context
    def include(self, context: Context, nothing: None, value: Any, name: str, line: int) -> Any:
        """Another template is included."""
        self.step = Step("include", name, line, str(value), self._end(), self.step)
        return str(value) if isinstance(value, str) else value

    @pass_context
    def end_include(self, context: Context, nothing: None) -> None:
        """The other template ends."""
        assert self.step is not None
        self.step = self.step.outer

    @pass_context
    def importing(self, context: Context, nothing: None, value: Any) -> Any:
        """Names of another template are imported."""
        self._imports.append(self._end())
        return str(value) if isinstance(value, str) else value

    @pass_context
    def imported(self, context: Context, value: Any) -> None:
        """One of them."""
        self.inherit(self._imports[-1], value)

    @pass_context
    def end_import(self, context: Context, nothing: None) -> None:
        """They are all imported."""
        self._imports.pop()

    def inherit(self, source: Any, value: Any) -> None:
        """Note that what chose a module chose `value`, which comes from it."""
        paths = (
            source
            if isinstance(source, frozenset)
            else self._imported.get(id(source), (None, frozenset()))[1]
        )
        if paths:
            self._imported[id(value)] = (value, paths)
