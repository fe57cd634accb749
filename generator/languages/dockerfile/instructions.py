"""Dockerfiles as stages and instructions, with the place of each word.

Source: docs.docker.com, "Dockerfile reference", and the rules of BuildKit's parser where the reference is silent;
tests/languages/agreement.py compares the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from generator.findings import Span
from generator.findings.record import record
from generator.languages.node import Problem
from generator.languages.shell.read import parse as parse_shell
from generator.languages.shell.script import Script
from generator.languages.source import Source
from generator.languages.word import TextBuilder, Word

KEYWORDS = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER"
    " VOLUME WORKDIR".split()
)
_PAIRS = frozenset(["ENV", "LABEL"])
_LISTS = frozenset(["ADD", "COPY", "EXPOSE", "FROM", "VOLUME"])
_JSON = frozenset(["ADD", "CMD", "COPY", "ENTRYPOINT", "HEALTHCHECK", "RUN", "SHELL", "VOLUME"])
_HOLD_HEREDOCS = frozenset(["ADD", "COPY", "RUN"])

_SPACE = " \t\n\v\f\r\x85\xa0"
_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*")
_DIRECTIVES = frozenset(["syntax", "escape", "check"])
_BLANKS = re.compile(r"[\t\v\f\r ]+")
_SEPARATED = re.compile(r"[^\t\v\f\r ]+")
_JSON_STRING = re.compile(r'"(?:\\.|[^"\\])*"')
_HEREDOC = re.compile(r"\d*<<(-?)\s*([^<]+)")
_SHELL_WORD = re.compile(r"""(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"\\])+""", re.DOTALL)
_QUOTE = re.compile(r"""\\(.)|["']""", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@record
class Heredoc:
    """A here-document: its text without the line that ends it, as the file has it."""

    name: str
    body: Word
    drops_tabs: bool
    is_quoted: bool


@record
class Instruction:
    """One instruction: its keyword in capitals, its flags, and what follows them on one line.

    `words` are the items of a JSON list, or what Docker takes for the arguments: the text as one word for `RUN` and
    the like. `inner` is the instruction after `ONBUILD`.
    """

    keyword: str
    rest: Word
    flags: tuple[Word, ...]
    words: tuple[Word, ...]
    is_json: bool
    source: Source
    start: int
    end: int
    heredocs: tuple[Heredoc, ...] = ()
    inner: Instruction | None = None

    @property
    def line(self) -> int:
        return self.source.line_of(self.start)

    @property
    def end_line(self) -> int:
        return self.source.line_of(self.end)

    @property
    def at(self) -> Span:
        return self.source.span(self.line)

    @property
    def arguments(self) -> str:
        """What follows the keyword and its flags, on one line."""
        return self.rest.text

    @property
    def texts(self) -> list[str]:
        return [word.text for word in self.words]

    @property
    def command(self) -> list[str]:
        """The words that a `CMD`, `ENTRYPOINT` or `HEALTHCHECK` starts; Docker gives code to `sh -c`."""
        if self.is_json:
            return self.texts[self.keyword == "HEALTHCHECK" :]  # the first one is CMD
        code = self.arguments
        if self.keyword == "HEALTHCHECK":
            code = "" if code == "NONE" else code.removeprefix("CMD").strip()
        return ["sh", "-c", code] if code else []

    def flag(self, name: str) -> str:
        """Return the value of a flag, or ""."""
        found = (word.text.partition("=") for word in self.flags)
        return next((value for flag, _, value in found if flag == f"--{name}"), "")

    def place(self, word: Word) -> Span:
        """Return the place of a word of it."""
        return self.source.between(word.offset, max(word.end, word.offset + 1))

    def where(self, text: str) -> Span:
        """Return the place of `text` in the instruction; its line when the text does not occur."""
        for word in (*self.flags, self.rest):
            index = word.text.find(text)
            if index >= 0:
                return self.source.at(word.offset_of(index), len(text))
        return self.at

    @cached_property
    def script(self) -> Script:
        """The shell code of a `RUN`, with places in the file; empty for a JSON list."""
        if self.keyword != "RUN" or self.is_json:
            return Script("")
        builder = TextBuilder()
        if len(self.heredocs) == 1 and _HEREDOC.fullmatch(self.rest.text):
            builder.append(self.heredocs[0].body)  # the shell runs the here-document
        else:
            builder.append(self.rest)
            for heredoc in self.heredocs:
                builder.add("\n", self.rest.end)
                builder.append(heredoc.body)
                builder.add(heredoc.name, heredoc.body.end)
        code = builder.word(self.start)
        return parse_shell(code.text, code.pieces or ((0, self.start),))


@dataclass
class Stage:
    """A `FROM` and what follows it; `name` is the number as text where it has no name."""

    name: str
    image: str
    start: Instruction
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, *keywords: str) -> list[Instruction]:
        """Return the instructions with one of these keywords."""
        return [each for each in self.instructions if each.keyword in keywords]


@record
class Dockerfile:
    """A Dockerfile; `folder` is where it stands, the name of the component that it builds."""

    source: Source
    instructions: tuple[Instruction, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def folder(self) -> str:
        return self.source.path.rpartition("/")[0]

    @cached_property
    def stages(self) -> list[Stage]:
        found: list[Stage] = []
        for each in self.instructions:
            if each.keyword == "FROM":
                texts = each.texts
                named = texts[2] if len(texts) == 3 and texts[1].upper() == "AS" else str(len(found))
                found.append(Stage(named, texts[0] if texts else "", each))
            elif found:
                found[-1].instructions.append(each)
        return found

    def all(self, *keywords: str) -> list[Instruction]:
        """Return the instructions with one of these keywords."""
        return [each for each in self.instructions if each.keyword in keywords]

    def lineage(self, stage: Stage) -> list[Stage]:
        """Return a stage and those that it is built on, the nearest first."""
        chain = [stage]
        before = self.stages[: self.stages.index(stage)]
        while parent := next((each for each in before if each.name.lower() == chain[-1].image.lower()), None):
            chain.append(parent)
            before = before[: before.index(parent)]
        return chain

    def built(self, stage: Stage) -> list[Instruction]:
        """Return the instructions of a stage and of those that it is built on, in order."""
        return [each for one in reversed(self.lineage(stage)) for each in one.instructions]

    def final(self) -> list[Instruction]:
        """Return what the image that runs is made by, in order, from its base on."""
        return self.built(self.stages[-1]) if self.stages else []


def parse(source: Source) -> Dockerfile:
    """Return a Dockerfile as far as it can be read, and what Docker refuses in it."""
    reader = _Reader(source)
    instructions = tuple(reader.instructions())
    if not instructions:
        reader.problems.append(Problem("the Dockerfile has no instructions", source.span(1)))
    return Dockerfile(source, instructions, tuple(reader.problems))


def pairs(instruction: Instruction) -> list[tuple[str, str]]:
    """Return the names that an ENV, ARG or LABEL sets, each with its value; an ARG may have none."""
    if instruction.keyword == "ARG":
        given = (text.partition("=") for text in instruction.texts)
        return [(name, _unquoted(value)) for name, _, value in given]
    return [(name.text, _unquoted(value.text)) for name, value in named(instruction)]


def named(instruction: Instruction) -> list[tuple[Word, Word]]:
    """Return the names that an ENV or a LABEL sets, and the values with their quotes."""
    texts = instruction.texts
    if texts and "=" not in texts[0]:  # the old way: one name, and all that follows
        found = _BLANKS.search(instruction.rest.text)
        if not found:
            return []
        return [(instruction.rest.part(0, found.start()), instruction.rest.part(found.end()))]
    return [
        (word.part(0, at), word.part(at + 1))
        for word in instruction.words
        if (at := word.text.find("=")) >= 0
    ]


def environment(instructions: list[Instruction]) -> dict[str, Instruction]:
    """Return the instruction that sets each variable of the image."""
    return {name: each for each in instructions if each.keyword == "ENV" for name, _ in pairs(each)}


def expanded(text: str, values: Mapping[str, str]) -> str:
    """Return a text with the variables expanded whose values are known."""
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[2], found[0]), text)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


class _Reader:
    """Reads the lines of one file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._at = 1 if source.text.startswith("\ufeff") else 0
        self._escape = "\\"
        self.problems: list[Problem] = []
        self._directives()
        escape = re.escape(self._escape)
        self._continued = re.compile(rf"(?:(?<=[^{escape}])|^){escape}[ \t]*\Z")
        self._word = re.compile(
            rf"""(?:{escape}.|'[^']*'?|"(?:{escape}.|[^"{escape}])*"?|[^\s'"{escape}])+""", re.DOTALL
        )
        quoted = rf"""'(?:{escape}.|[^'{escape}])*'?|"(?:{escape}.|[^"{escape}])*"?"""
        self._flag = re.compile(rf"""--(?:{escape}.|{quoted}|[^\s'"{escape}])*""", re.DOTALL)
        self._quoted = re.compile(rf"({quoted})|{escape}(.?)", re.DOTALL)

    def instructions(self) -> Iterator[Instruction]:
        while self._at < len(self._text):
            start, line = self._logical_line()
            if line is None:
                continue
            instruction = self._instruction(line, start)
            holder = instruction.inner or instruction
            if holder.keyword in _HOLD_HEREDOCS and not holder.is_json and "<<" in line.text:
                heredocs = tuple(self._heredocs(line))
                holder = replace(holder, heredocs=heredocs, end=max(self._at - 1, start))
                instruction = replace(instruction, inner=holder) if instruction.inner else holder
            yield replace(instruction, end=max(self._at - 1, start))

    def _problem(self, message: str, offset: int) -> None:
        self.problems.append(Problem(message, self._source.span(self._source.line_of(offset))))

    # Lines

    def _next_line(self) -> tuple[int, str]:
        """Go over a line, and return its offset and its text without the end."""
        start = self._at
        end = self._text.find("\n", start)
        self._at = end + 1 if end >= 0 else len(self._text)
        return start, self._text[start : self._at].rstrip("\r\n")

    def _directives(self) -> None:
        """Read `# escape=` and the like, which come before everything else."""
        seen: set[str] = set()
        at = self._at
        for line in self._text[at:].split("\n"):
            found = _DIRECTIVE.fullmatch(line.strip(_SPACE))
            name = found[1].lower() if found else ""
            if found is None or name not in _DIRECTIVES:
                return
            if name in seen:
                self._problem(f"the directive {name} is given twice", at)
            elif name == "escape" and found[2] not in ("`", "\\"):
                self._problem(f"{found[2]} cannot be the escape character, expected ` or \\", at)
            elif name == "escape":
                self._escape = found[2]
            seen.add(name)
            at += len(line) + 1

    def _logical_line(self) -> tuple[int, Word | None]:
        """Return the next line with those that continue it, and where it begins; None when there is nothing in it."""
        builder = TextBuilder()
        offset, raw = self._next_line()
        line = raw.lstrip(_SPACE)
        start = offset + len(raw) - len(line)
        offset = start
        if not line or line.startswith("#"):
            return start, None
        while True:
            found = self._continued.search(line)
            builder.add(line[: found.start()] if found else line, offset)
            if not found:
                break
            offset, line = self._continuation()
            if offset < 0:
                break
        return start, builder.word(start)

    def _continuation(self) -> tuple[int, str]:
        """Return the next line that is neither empty nor a comment; a negative offset when there is none."""
        while self._at < len(self._text):
            offset, line = self._next_line()
            if line.strip(_SPACE) and not line.lstrip(_SPACE).startswith("#"):
                return offset, line
        return -1, ""

    # Instructions

    def _instruction(self, line: Word, start: int, depth: int = 0) -> Instruction:
        line = _trimmed(line)
        found = _BLANKS.search(line.text)
        keyword = line.text[: found.start()].upper() if found else line.text.upper()
        flags, rest = self._flags(line.part(found.end())) if found else ((), line.part(len(line.text)))
        instruction = Instruction(keyword, rest, flags, (), False, self._source, start, line.end)
        if keyword == "ONBUILD" and rest.text and depth < 2:
            return replace(instruction, inner=self._instruction(rest, start, depth + 1))
        return self._with_words(instruction)

    def _flags(self, text: Word) -> tuple[tuple[Word, ...], Word]:
        """Return the flags at the beginning of a text, and what follows them."""
        flags: list[Word] = []
        at = 0
        while True:
            at += len(text.text[at:]) - len(text.text[at:].lstrip(_SPACE))
            found = self._flag.match(text.text, at)
            if not found:
                return tuple(flags), _trimmed(text.part(at))
            at = found.end()
            word = text.part(found.start(), at)
            plain = self._unquoted(word.text)
            if plain == "--":
                return tuple(flags), _trimmed(text.part(at))
            flags.append(word if plain == word.text else Word(plain, word.offset))

    def _unquoted(self, text: str) -> str:
        """Return a flag without its quotes and escapes."""
        return self._quoted.sub(lambda found: self._unquoted_part(found[1]) if found[1] else found[2], text)

    def _unquoted_part(self, text: str) -> str:
        inner = text[1:-1] if len(text) > 1 and text[-1] == text[0] else text[1:]
        return re.sub(rf"{re.escape(self._escape)}(.)", r"\1", inner, flags=re.DOTALL)

    def _with_words(self, instruction: Instruction) -> Instruction:
        keyword, rest = instruction.keyword, instruction.rest
        if keyword in _JSON:
            head = _SEPARATED.match(rest.text) if keyword == "HEALTHCHECK" else None
            items = self._json(_trimmed(rest.part(head.end() if head else 0)), instruction)
            if items is not None:
                kind = (rest.part(0, head.end()),) if head else ()
                return replace(instruction, words=(*kind, *items), is_json=True)
        if keyword in _LISTS:
            words = _split(rest, _SEPARATED)
        elif keyword in _PAIRS or keyword == "ARG":
            words = _split(rest, self._word)
            self._check_pairs(keyword, words, instruction)
        elif keyword == "HEALTHCHECK":
            words = _head_and_rest(rest)
        else:
            words = (rest,) if rest.text and keyword in KEYWORDS else ()
        return replace(instruction, words=words)

    def _json(self, text: Word, instruction: Instruction) -> tuple[Word, ...] | None:
        """Return the items of a list of texts in JSON; None if the text is not such a list."""
        if not text.text.startswith("["):
            return None
        try:
            items = json.loads(text.text)
        except (ValueError, RecursionError):
            return None
        if not all(isinstance(item, str) for item in items):
            message = f"{instruction.keyword} has a JSON list with items that are not strings"
            self._problem(message, instruction.start)
            return None
        places = (text.part(found.start(), found.end()) for found in _JSON_STRING.finditer(text.text))
        return tuple(
            Word(item, place.offset, place.part(1).pieces if f'"{item}"' == place.text else ())
            for item, place in zip(items, places, strict=False)
        )

    def _check_pairs(self, keyword: str, words: tuple[Word, ...], instruction: Instruction) -> None:
        if not words or keyword not in _PAIRS:
            return
        if "=" not in words[0].text:
            if not _BLANKS.search(instruction.rest.text):
                self._problem(f"{keyword} needs a name and a value", instruction.start)
        elif bare := next((word for word in words if "=" not in word.text), None):
            self._problem(f"{keyword} {bare.text} has no value, expected NAME=VALUE", bare.offset)

    # Here-documents

    def _heredocs(self, line: Word) -> Iterator[Heredoc]:
        """Read the here-documents that a line begins."""
        for word in _shell_words(line.text):
            found = _HEREDOC.fullmatch(word)
            name = _QUOTE.sub(lambda match: match[1] or "", found[2]) if found else ""
            if not found or not name or len(_shell_words(found[2])) != 1:
                continue
            start, body = self._at, TextBuilder()
            while True:
                if self._at >= len(self._text):
                    self._problem(f"nothing ends the here-document {name}", start - 1)
                    break
                offset, text = self._next_line()
                if (text.lstrip("\t") if found[1] else text) == name:
                    break
                body.add(self._text[offset : self._at], offset)
            yield Heredoc(name, body.word(start), bool(found[1]), bool(set("\"'") & set(found[2])))


def _shell_words(text: str) -> list[str]:
    """Return the words of a line as Docker looks for here-documents in it: none where a quote is not closed."""
    left = _SHELL_WORD.sub("", text)
    return [] if "'" in left or '"' in left else _SHELL_WORD.findall(text)


def _trimmed(word: Word) -> Word:
    start = len(word.text) - len(word.text.lstrip(_SPACE))
    return word.part(start, max(len(word.text.rstrip(_SPACE)), start))


def _split(text: Word, pattern: re.Pattern[str]) -> tuple[Word, ...]:
    return tuple(text.part(found.start(), found.end()) for found in pattern.finditer(text.text))


def _head_and_rest(text: Word) -> tuple[Word, ...]:
    found = _SEPARATED.match(text.text)
    if not found:
        return ()
    rest = _trimmed(text.part(found.end()))
    return (text.part(0, found.end()), *([rest] if rest.text else []))
