"""Where a text goes: into another interpreter, arithmetic, the name of a variable, or a file that is read as code.

`conditions` finds the pieces of a script whose text must meet a condition, and follows variables, functions and
pipes back to where the text is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from generator.findings.record import record
from generator.languages import environment
from generator.languages.environment import PROGRAM
from generator.languages.shell import sed
from generator.languages.shell.channels import HEREDOCS, Channels, Source, around, descriptor_of
from generator.languages.shell.interpreters import (
    LINE,
    NAME,
    NUMBER,
    SED,
    SED_LINE,
    SED_WITHOUT,
    SED_WORD,
    Examined,
    examined,
    stronger,
)
from generator.languages.shell.options import base_name
from generator.languages.shell.script import Region, Script, Statement

BOUNDARIES = frozenset(["substitution", "process"])
_HIDDEN = BOUNDARIES | frozenset(
    ["single", "double", "ansi", "backtick", "arithmetic", "escape", "variable", "subscript"]
)
_NUMERIC = frozenset("-eq -ne -lt -le -gt -ge".split())
_NAMES_TESTED = frozenset(["-v", "-R"])
_ARITHMETIC = frozenset(["arithmetic", "subscript", "offset"])
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A word that sets a variable, also for the command that it is given to: env A=b, docker run --env=A=b -eA=b
_SET_BY_WORD = re.compile(r"(?:--(?:[\w-]*env[\w-]*|build-arg)=|-e)?([A-Za-z_][A-Za-z0-9_]*)\+?=")
_EXPANDED = re.compile(r"\$(?:\{[^}]*\}|\w+)")
_EVALUATES = re.compile(r"\beval\b|\bsh\b[^;|&]*-[a-z]*c\b")
_USED = re.compile(r"\$\{?([A-Za-z_]\w*)")
# Operators of perl, with the character that stands around their parts.
_OF_PERL = re.compile(
    r"""(?:^|[~(,;{=!]\s*|\b(?:and|or|not|if|unless|split)\s*|(?<![A-Za-z$@%])(?:s|y|m|tr|qr))([/:@._-])"""
)

_ONE_LINE_FILE = re.compile(r"\bGITHUB_(?:ENV|OUTPUT|PATH|STATE)\b|(?:^|[/.])(?:env(?:\.\w+)?|environment)\Z")
_CODE_FILE = re.compile(
    r"\.(?:sh|bash|zsh|py|pl|rb|js|ps1)\Z|(?:ba|z|k)?shrc\Z|(?:^|[./_])profile\Z|\bBASH_ENV\b|cron\.d/|crontab\Z"
)
_LOGGED = re.compile(r"::[a-z-]+|##(?:vso|teamcity)\[")

# Commands that do not print what they are given.
_SILENT = frozenset(
    "curl wget aws gcloud gsutil az gh kubectl docker git helm terraform test [ : true cd mkdir rm cp mv chmod export"
    " local declare readonly typeset read set shift unset sleep exit return pushd popd mktemp".split()
)
_PRINTS_NO_INPUT = frozenset(
    "echo printf date ls find seq pwd basename dirname id whoami hostname uname wc".split()
)
_READERS = frozenset(["read", "mapfile", "readarray"])
_PRINTERS = frozenset(["cat", "echo", "printf"])


@record
class Sink:
    """A piece of the code whose text, or what its commands print (`is_output`), must meet a condition."""

    start: int
    end: int
    condition: str
    is_output: bool = False


@dataclass
class Flow:
    """The sinks of a script, and the condition of each variable that reaches one.

    `around` has the regions around each of `places`, the innermost last.
    """

    script: Script
    places: list[int]
    around: dict[int, list[Region]]
    channels: Channels
    _sinks: set[Sink] = field(default_factory=set)
    _sinks_around: dict[int, list[Sink]] = field(default_factory=dict)
    _taints: dict[str, str] = field(default_factory=dict)
    _passed: set[tuple[int, str]] = field(default_factory=set)

    def condition(self, offset: int, *, is_call: bool = False) -> str:
        """Return the condition of the text at a place, or of what the function prints that is called there."""
        chain = self.around[offset]
        level = max([each.start for each in chain if each.kind in BOUNDARIES], default=-1)
        owners = [each.owner for each in chain if each.kind in HEREDOCS and each.start > level]
        commands = self.channels.statements_around[owners[-1] if owners else offset]
        command = commands[-1] if commands else None
        found = ""
        for sink in self._sinks_around[offset]:
            is_direct = not sink.is_output and sink.start > level
            if is_direct or is_call or self._prints(command, sink):
                found = stronger(found, sink.condition)
        for sink in self._sinks_around[owners[-1]] if owners else ():
            if self._prints(command, sink):
                found = stronger(found, sink.condition)
        return found

    def _prints(self, statement: Statement | None, sink: Sink) -> bool:
        """Return whether what a command is given may be a part of its output, and that reach the sink."""
        if statement is None or not statement.words:
            return False
        is_elsewhere = sink.start < statement.start and self._is_elsewhere(statement)
        if is_elsewhere or (sink.condition == NUMBER and self.channels.counts(statement.start)):
            return False
        names = {word.text.rsplit("/", 1)[-1] for word in statement.words}
        if sink.condition in (NUMBER, NAME):
            return statement.words[0].text in _PRINTERS
        return statement.words[0].text not in _SILENT or bool(names & _PRINTERS)

    def _is_elsewhere(self, statement: Statement) -> bool:
        """Return whether the output of a command is redirected to a file, or to the error output."""
        targets = [each.target.text for each in statement.redirections if each.descriptor == "1"]
        if not targets:
            return False
        if targets[-1] == "2":
            return not self._merges_errors()
        return targets[-1] == "/dev/null" or not re.match(r"[0-9$]|/dev/|/proc/|>\(", targets[-1])

    def _merges_errors(self) -> bool:
        """Return whether the error output of a command becomes a part of its output, and that reaches a sink."""
        return "|&" in self.script.text or any(self._sinks_around[each.start] for each in self._merging)

    @cached_property
    def _merging(self) -> list[Statement]:
        """The commands with `2>&1` whose output no redirection sends elsewhere."""
        return [
            statement
            for statement in self.script.statements
            if any((each.descriptor, each.target.text) == ("2", "1") for each in statement.redirections)
            and not any(each.descriptor == "1" for each in statement.redirections)
        ]

    # Finding the sinks

    def follow(self) -> Flow:
        """Find all sinks."""
        for name in self._setters:
            self._taint(name, environment.condition(name))
        for region in self.script.regions:
            self._region(region)
        for statement in self.script.statements:
            self._examine(statement)
        count = -1
        while count < len(self._sinks):
            count = len(self._sinks)
            self._sinks_around = around(self._sinks, self.places)
            for statement in self.script.statements:
                self._pass_on(statement)
            for name, condition in self._reached():
                self._taint(name, condition)
        return self

    def _region(self, region: Region) -> None:
        if region.kind in _ARITHMETIC:
            if region.kind != "subscript" or self._array_of(region) not in self.associative:
                self._add(region.start, region.end, NUMBER)
        elif region.kind == "test" and (region.note in _NUMERIC or region.note in _NAMES_TESTED):
            self._add(region.start, region.end, NUMBER if region.note in _NUMERIC else NAME)
        elif region.kind == "indirect":
            self._taint(self.script.text[region.start : region.end], NAME)

    @cached_property
    def associative(self) -> set[str]:
        """The names that are declared as associative arrays: their subscripts are not arithmetic."""
        return {
            word.text.partition("=")[0]
            for statement in self.script.statements
            for word in statement.words[1:]
            if any(re.fullmatch(r"-[a-zA-Z]*A[a-zA-Z]*", each.text) for each in statement.words[1:3])
        }

    def _array_of(self, region: Region) -> str:
        return array_before(self.script.text, region.start)

    def _examine(self, statement: Statement) -> None:
        texts = [word.text for word in statement.words]
        command = examined(texts)
        for index, condition in command.words.items():
            if index < len(statement.words):
                self._word_sink(statement, index, condition)
        self._declared(statement, command)
        condition = _files(each.target.text for each in statement.redirections if ">" in each.operator)
        if any(_LOGGED.match(text) for text in texts[1:]):
            condition = stronger(condition, LINE)
        self._add(statement.start, statement.end, condition, is_output=True)
        written = _files(texts[1:]) if "tee" in texts[:3] else ""
        self._feed(self.channels.inputs(statement), stronger(command.stdin, written))
        for index, condition in command.files.items():
            if index < len(texts):
                self._feed(self.channels.contents(statement, texts[index]), condition)

    def _feed(self, sources: Iterable[Source], condition: str) -> None:
        """Hold what a command reads to a condition."""
        for source in sources:
            self._add(source.start, source.end, condition, is_output=source.is_output)

    def _pass_on(self, statement: Statement) -> None:
        """Hold the input of a command to the condition of its output, of which it may be a part."""
        if not self._sinks_around[statement.start]:
            return
        name = statement.words[0].text if statement.words else ""
        bodies = self.channels.bodies.get(name, ())
        condition = self.condition(statement.start, is_call=bool(bodies) or not name)
        if not condition or (statement.start, condition) in self._passed:
            return
        self._passed.add((statement.start, condition))
        self._feed([Source(each.start, each.end) for each in bodies], condition)
        if name in _SILENT or name in _PRINTS_NO_INPUT or (statement.assignments and not name):
            return
        arguments = [word.text for word in statement.words[1:] if not word.text.startswith("-")]
        for text in arguments:
            self._feed(self.channels.contents(statement, text), condition)
        if name != "cat" or not arguments:
            self._feed(self.channels.inputs(statement), condition)

    def _word_sink(self, statement: Statement, index: int, condition: str) -> None:
        start, end = self.channels.span(statement.words[index].offset)
        if condition == SED:
            condition = self._in_sed(statement, index)
        if condition == PROGRAM and any(base_name(each.text) == "perl" for each in statement.words[:index]):
            condition = _delimited(set(_OF_PERL.findall(statement.words[index].text)))
        self._add(start, end, condition)
        text = self.script.text[start:end]
        if condition == PROGRAM and _EVALUATES.search(text):
            for name in _USED.findall(text):  # also in single quotes, for the program that evaluates them
                self._taint(name, PROGRAM)

    def _in_sed(self, statement: Statement, index: int) -> str:
        """Hold each value in a program of sed to what cannot end its part; return the condition of the program."""
        word = statement.words[index]
        dollars = (at for at, char in enumerate(word.text) if char == "$")
        variables = {at for at in dollars if word.offset_of(at) in self._used}
        for at, mark in sed.values(word.text, variables):
            self._add(word.offset_of(at), word.offset_of(at) + 1, _delimited({mark}) if mark else SED_LINE)
        return PROGRAM

    def _declared(self, statement: Statement, command: Examined) -> None:
        """Hold what stands before the `=` of a declaration to a name, and its variable to its type."""
        for index in command.heads:
            word = statement.words[index]
            start, end = self.channels.span(word.offset)
            head = self.script.text[start:end].partition("=")[0]
            self._add(start, start + len(head), NAME)
            if command.words.get(index):
                self._taint(word.text.partition("=")[0], command.words[index])

    # Following variables

    def _reached(self) -> Iterator[tuple[str, str]]:
        """Yield the variables that reach a sink, and add what sets them as sinks."""
        for use in self.script.uses:
            if use.operator != "#" and (found := self.condition(use.offset)):
                yield use.name, found
        for region in self.script.regions:
            if region.kind == "positional" and (found := self.condition(region.start)):
                yield self._parameter(region), found
        for sink in list(self._sinks):
            yield from self._bare_names(sink)

    def _bare_names(self, sink: Sink) -> Iterator[tuple[str, str]]:
        """Yield the names in arithmetic, which need no dollar sign."""
        text = self.script.text[sink.start : sink.end]
        if sink.condition == NUMBER and not sink.is_output and not re.search(r"[$<]\(|`", text):
            yield from ((name, NUMBER) for name in _NAME.findall(_EXPANDED.sub("", text)))

    def _parameter(self, region: Region) -> str:
        """Return the name under which a positional parameter is followed: `f()1`, or `f()` for any of them."""
        bodies = [each for each in self.around[region.start] if each.kind == "body"]
        name, start, end = "set", 0, len(self.script.text)
        if bodies:
            name, start, end = bodies[-1].note, bodies[-1].start, bodies[-1].end
        number = re.match(r"\$\{?([1-9])", self.script.text[region.start : region.end])
        is_shifted = re.search(r"\bshift\b", self.script.text[start:end])
        return f"{name}(){number[1] if number and not is_shifted else ''}"

    def _taint(self, name: str, condition: str) -> None:
        wanted = stronger(self._taints.get(name, ""), condition)
        if wanted != self._taints.get(name, ""):
            self._taints[name] = wanted
            several = f"{name.partition('()')[0]}()*" if "()" in name else ""
            setters = (*self._setters.get(name, ()), *self._setters.get(several, ()))
            for sink in setters:
                self._add(sink.start, sink.end, wanted)
            for statement in self._readers.get(name, ()):
                self._feed(self.channels.inputs(statement, descriptor_of(statement)), wanted)

    @cached_property
    def _setters(self) -> dict[str, list[Sink]]:
        """What sets each variable and the arguments of each function."""
        found: dict[str, list[Sink]] = {}
        for statement in self.script.statements:
            for assigned in statement.assignments:
                found.setdefault(assigned.name, []).append(Sink(*self.channels.span(assigned.offset), ""))
            for name, offset in _arguments(statement):
                found.setdefault(name, []).append(Sink(*self.channels.span(offset), ""))
        for region in self.script.regions:
            if region.kind == "items":
                found.setdefault(region.note, []).append(Sink(region.start, region.end, ""))
        return found

    @cached_property
    def _readers(self) -> dict[str, list[Statement]]:
        """The commands that read each variable."""
        found: dict[str, list[Statement]] = {}
        for statement in self.script.statements:
            if statement.words and statement.words[0].text in _READERS:
                for word in statement.words[1:]:
                    found.setdefault(word.text, []).append(statement)
        return found

    # Places

    @cached_property
    def _used(self) -> frozenset[int]:
        """Where variables are expanded."""
        return frozenset(each.offset for each in self.script.uses)

    @cached_property
    def assigned(self) -> frozenset[int]:
        """Where words begin that assign a variable."""
        return frozenset(
            each.offset for statement in self.script.statements for each in statement.assignments
        )

    @cached_property
    def variable_ends(self) -> frozenset[int]:
        """Where the names of variables end, which a letter would lengthen."""
        return frozenset(each.end for each in self.script.regions if each.kind == "variable")

    @cached_property
    def hidden(self) -> list[tuple[int, int]]:
        """Where quotes and expansions stand in words, in order."""
        return sorted((each.start, each.end) for each in self.script.regions if each.kind in _HIDDEN)

    def _add(self, start: int, end: int, condition: str, *, is_output: bool = False) -> None:
        if condition:
            self._sinks.add(Sink(start, end, condition, is_output))


def flow_of(script: Script, offsets: Iterable[int]) -> Flow:
    """Return where the text of a script goes; `offsets` are the places that will be asked for."""
    positional = (each.start for each in script.regions if each.kind == "positional")
    owners = (each.owner for each in script.regions if each.kind in HEREDOCS)
    commands = (each.start for each in script.statements)
    processes = (each.start for each in script.regions if each.kind == "process")
    uses = (use.offset for use in script.uses)
    places = sorted({*offsets, *uses, *positional, *owners, *commands, *processes})
    regions = around(script.regions, places)
    return Flow(script, places, regions, Channels(script, places, regions)).follow()


def array_before(text: str, offset: int) -> str:
    """Return the name that stands before a subscript."""
    found = re.search(r"[A-Za-z_]\w*\Z", text[max(offset - 200, 0) : offset])
    return found[0] if found else ""


def _delimited(marks: set[str]) -> str:
    """Return the condition of what stands between these characters."""
    inert = [mark for mark in marks if mark in SED_WITHOUT or mark.isalnum()]
    if not inert:
        return PROGRAM
    return SED_WITHOUT.get(inert[0], SED_WORD) if len(inert) == 1 else SED_WORD


def _files(names: Iterable[str]) -> str:
    """Return the condition of what is written to these files."""
    plain = [name.rstrip("}") for name in names]
    if any(map(_CODE_FILE.search, plain)):
        return PROGRAM
    return LINE if any(map(_ONE_LINE_FILE.search, plain)) else ""


def _arguments(statement: Statement) -> Iterator[tuple[str, int]]:
    """Yield the names that a command sets by its words, each with the offset of the word."""
    if not statement.words:
        return
    first, *others = statement.words
    start = 1 - (first.text == "set" and [word.text for word in others[:1]] == ["--"])
    several = False  # an expansion may be any number of words
    for number, word in enumerate(others, start):
        several |= "$" in word.text
        yield f"{first.text}()", word.offset
        yield f"{first.text}(){'*' if several else number}", word.offset
        if found := _SET_BY_WORD.match(word.text):
            yield found[1], word.offset
    if first.text == "printf" and len(others) > 1 and others[0].text == "-v":
        yield from ((others[1].text, word.offset) for word in others[2:])
