"""What a command reads: by pipes, here-documents, descriptors, files, the input of a function or a coprocess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar

from generator.findings.record import record
from generator.languages.shell.script import Redirection, Region, Script, Statement

HEREDOCS = frozenset(["heredoc", "heredoc_quoted", "unended"])
_READS = frozenset(["<", "<>", "<<", "<<-", "<<<", "<&"])
_SCOPES = frozenset(["body", "coproc", "process"])
_DEVICE = re.compile(r"/dev/stdin|(?:/dev|/proc/self)/fd/(.+)")
_BRACED = re.compile(r"\$\{(\w+(?:\[\w+\])?)\}")
_OPTION_U = re.compile(r"-[A-Za-z]*u(.*)")
_COPIES = frozenset(["cp", "mv", "ln", "install"])
_COUNTS = re.compile(r"\s*(?:wc\b|grep\s+-[a-zA-Z]*[cq])")


@record
class Source:
    """A piece of the code whose text, or what its commands print (`is_output`), a command reads."""

    start: int
    end: int
    is_output: bool = True


@record
class Member:
    """A member of a pipeline, with those before it and after it."""

    start: int
    end: int
    before: tuple[Region, ...]
    after: tuple[Region, ...]


class _Spanned(Protocol):
    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


_Span = TypeVar("_Span", bound=_Spanned)
_Value = TypeVar("_Value")


@dataclass
class Channels:
    """Who writes what each command reads. `around` has the regions around each of `places`, the innermost last."""

    script: Script
    places: list[int]
    around: dict[int, list[Region]]

    def inputs(self, statement: Statement, descriptor: str = "0") -> set[Source]:
        """Return what a command reads from a descriptor: a number, or the variable that holds it."""
        search = _Search(self)
        search.read(statement, descriptor)
        return search.found

    def contents(self, statement: Statement, name: str) -> set[Source]:
        """Return what other commands write to a file that a command reads."""
        search = _Search(self)
        search.file(statement, name)
        return search.found

    def counts(self, offset: int) -> bool:
        """Return whether a later member of the pipeline around a place prints no more than a number."""
        text = self.script.text
        members = self.members_around.get(offset, ())
        return any(_COUNTS.match(text, each.start) for member in members for each in member.after)

    def scopes(self, statement: Statement) -> Iterator[Statement | Member | Region]:
        """Yield what may determine the descriptors of a command, the innermost first."""
        start = statement.start
        compound = [each for each in self.statements_around[start] if not each.words and each != statement]
        ranked: list[tuple[int, int, Statement | Member | Region]] = [
            *((each.end - each.start, 0, each) for each in compound),
            *((each.end - each.start, 1, each) for each in self.members_around[start]),
            *((each.end - each.start, 2, each) for each in self.around[start] if each.kind in _SCOPES),
        ]
        yield statement
        yield from (scope for _, _, scope in sorted(ranked, key=lambda each: each[:2]))

    def span(self, offset: int) -> tuple[int, int]:
        """Return where the word at an offset begins and ends."""
        return offset, self._words.get(offset, offset)

    @cached_property
    def bodies(self) -> dict[str, list[Region]]:
        """The bodies of each function."""
        return _grouped((each.note, each) for each in self.script.regions if each.kind == "body")

    @cached_property
    def coprocesses(self) -> dict[str, list[Region]]:
        """The code of each coprocess by its name."""
        return _grouped((each.note, each) for each in self.script.regions if each.kind == "coproc")

    @cached_property
    def calls(self) -> dict[str, list[Statement]]:
        """The commands by their first word."""
        return _grouped((each.words[0].text, each) for each in self.script.statements if each.words)

    @cached_property
    def writers(self) -> dict[str, list[tuple[Statement, Redirection]]]:
        """What writes to each file, and with `&` before its name, to each descriptor."""
        return _grouped(
            (_descriptor_or_file(redirection), (statement, redirection))
            for statement in self.script.statements
            for redirection in statement.redirections
            if ">" in redirection.operator
        )

    @cached_property
    def copies(self) -> dict[str, list[tuple[Statement, bool]]]:
        """The commands that copy to each file, and whether they copy their input."""
        return _grouped(
            (_file_name(word.text), (statement, "tee" in names))
            for statement in self.script.statements
            for names in ({word.text for word in statement.words[:3]},)
            if "tee" in names or names & _COPIES
            for word in statement.words[1:]
        )

    @cached_property
    def heredocs(self) -> dict[int, tuple[int, int]]:
        """The text of each here-document by the place of its delimiter."""
        return {each.owner: (each.start, each.end) for each in self.script.regions if each.kind in HEREDOCS}

    @cached_property
    def statements_around(self) -> dict[int, list[Statement]]:
        return around(self.script.statements, self.places)

    @cached_property
    def members_around(self) -> dict[int, list[Member]]:
        members = [
            Member(each.start, each.end, tuple(pipeline[:index]), tuple(pipeline[index + 1 :]))
            for pipeline in self.script.pipelines
            for index, each in enumerate(pipeline)
        ]
        return around(members, self.places)

    @cached_property
    def _words(self) -> dict[int, int]:
        """The end of each word by its beginning."""
        return {
            each.start: each.end for each in self.script.regions if each.kind in ("word", "name", "regex")
        }


@dataclass
class _Search:
    """One search for the sources of an input."""

    channels: Channels
    found: set[Source] = field(default_factory=set)
    _seen: set[tuple[int, str]] = field(default_factory=set)

    def read(self, statement: Statement, descriptor: str) -> None:
        """Find what a command reads from a descriptor."""
        if self._is_new(statement.start, descriptor):
            coprocess, bracket, _ = descriptor.partition("[")
            if bracket:
                self._printed(self.channels.coprocesses.get(coprocess, ()))
            elif not any(self._in_scope(each, descriptor) for each in self.channels.scopes(statement)):
                for each in self.channels.calls.get("exec", ()):
                    self._redirected(each, descriptor)

    def file(self, statement: Statement, name: str) -> None:
        """Find what is written to a file."""
        device = _DEVICE.fullmatch(name)
        key = _file_name(name)
        if device:
            self.read(statement, _descriptor(device[1] or "0"))
        elif self._is_new(-1, key):
            for writer, redirection in self.channels.writers.get(key, ()):
                self._written(writer, redirection)
            for writer, is_input in self.channels.copies.get(key, ()):
                if is_input:
                    self.read(writer, "0")
                else:
                    for word in writer.words[1:]:
                        self.file(writer, word.text)

    def _is_new(self, start: int, name: str) -> bool:
        is_new = (start, name) not in self._seen
        self._seen.add((start, name))
        return is_new

    def _in_scope(self, scope: Statement | Member | Region, descriptor: str) -> bool:
        """Find what a descriptor is in a scope; return whether it is determined there."""
        if isinstance(scope, Statement):
            return self._redirected(scope, descriptor)
        if isinstance(scope, Member):
            if descriptor == "0":
                self._printed(scope.before)
            return descriptor == "0" and bool(scope.before)
        if scope.kind == "body":
            calls = self.channels.calls.get(scope.note, [])
            for call in calls:
                self.read(call, descriptor)
            return bool(calls)
        if descriptor != "0":
            return False
        if scope.kind == "coproc":
            self._written_to(f"{scope.note}[1]")
        return scope.kind == "coproc" or self._from_owner(scope)

    def _redirected(self, statement: Statement, descriptor: str) -> bool:
        """Find what the redirections of a command make of a descriptor; return whether they do."""
        mine = [
            each
            for each in statement.redirections
            if each.descriptor == descriptor and each.operator in _READS and each.target.text != descriptor
        ]
        for each in mine:
            start = each.target.offset
            if each.operator == "<<<" or self.channels.script.text.startswith("<(", start):
                self.found.add(Source(*self.channels.span(start), is_output=False))
            elif start in self.channels.heredocs:
                self.found.add(Source(*self.channels.heredocs[start], is_output=False))
            elif each.operator == "<&":
                self.read(statement, _descriptor(each.target.text))
            else:
                self.file(statement, each.target.text)
        return bool(mine)

    def _from_owner(self, process: Region) -> bool:
        """Find what is written to a `>(…)`; return whether this is one."""
        if not self.channels.script.text.startswith(">(", process.start):
            return False
        owners = self.channels.statements_around[process.start]
        for owner in owners[-1:]:
            redirections = [each for each in owner.redirections if each.target.offset == process.start]
            for each in redirections:
                self._written(owner, each)
            if not redirections:  # an argument, such as that of tee
                self.found.add(Source(owner.start, owner.end))
                self.read(owner, "0")
        return True

    def _written(self, statement: Statement, redirection: Redirection) -> None:
        """Add what a command writes by one of its redirections."""
        is_for_all = bool(statement.words) and statement.words[0].text == "exec"
        if redirection.descriptor != "1":
            self._written_to(redirection.descriptor)
        elif is_for_all:
            self.found.add(Source(statement.end, len(self.channels.script.text)))
        if redirection.descriptor == "1" or not is_for_all:
            self.found.add(Source(statement.start, statement.end))

    def _written_to(self, descriptor: str) -> None:
        """Add what is written to a descriptor."""
        if self._is_new(-2, descriptor):
            for statement, redirection in self.channels.writers.get(f"&{descriptor}", ()):
                self._written(statement, redirection)

    def _printed(self, regions: Iterable[Region]) -> None:
        self.found.update(Source(each.start, each.end) for each in regions)


def descriptor_of(statement: Statement) -> str:
    """Return the descriptor that `read` and `mapfile` read from."""
    texts = [word.text for word in statement.words]
    for index, text in enumerate(texts):
        if found := _OPTION_U.fullmatch(text):
            return _descriptor(found[1] or "".join(texts[index + 1 : index + 2]))
    return "0"


def _descriptor(text: str) -> str:
    """Return the number of a descriptor, or the name of the variable that holds it."""
    return _BRACED.sub(r"\1", text).removeprefix("$").removesuffix("-")


def _descriptor_or_file(redirection: Redirection) -> str:
    text = redirection.target.text
    device = _DEVICE.fullmatch(text)
    if device:
        return f"&{_descriptor(device[1] or '0')}"
    is_descriptor = redirection.operator == ">&" and (text.strip("-").isdigit() or text.startswith("$"))
    return f"&{_descriptor(text)}" if is_descriptor else _file_name(text)


def _file_name(text: str) -> str:
    return _BRACED.sub(r"$\1", text).removeprefix("./")


def around(spans: Iterable[_Span], places: list[int]) -> dict[int, list[_Span]]:
    """Return the spans around each of `places`, which are in order; the outermost is first."""
    numbered = sorted(enumerate(spans), key=lambda each: (each[1].start, -each[1].end, -each[0]))
    coming = iter([span for _, span in numbered])
    span = next(coming, None)
    open_ones: list[_Span] = []
    found = {}
    for place in places:
        while span and span.start <= place:
            open_ones.append(span)
            span = next(coming, None)
        open_ones = [each for each in open_ones if place < each.end]
        found[place] = list(open_ones)
    return found


def _grouped(pairs: Iterable[tuple[str, _Value]]) -> dict[str, list[_Value]]:
    found: dict[str, list[_Value]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
