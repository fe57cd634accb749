"""Shell code as commands and variables, with the place of each: as much of the grammar as the rules need.

Quotes, comments, here-documents, substitutions and `case` are read as POSIX and bash read them (POSIX, XCU 2;
the manual of bash). What is no shell at all ends the reading; shellcheck, in the extra `check`, says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]]*\])?\+?=")
_OPERATOR = re.compile(r"(:?)([-=?+])")
_RESERVED = frozenset("! { } if then elif else fi while until do done time coproc function esac ;;".split())
_DECLARES = frozenset("declare export local readonly typeset".split())
_SHELL = re.compile("(?:.*/)?(?:ba|da|z)?sh")
_BLANK = " \t"
_ENDS_WORD = " \t\n;&|()<>"
_REDIRECTION = re.compile(r"\d*(<<<|<<-?|<>|>>|>\||[<>]&|&>>?|[<>])")


@dataclass(frozen=True)
class Word:
    """A word of a command without its quotes; `$NAME` and `$(…)` in it stay as they are written."""

    text: str
    offset: int


@dataclass(frozen=True)
class Use:
    """A variable that is expanded. `operator` is that of `${NAME:-…}` and the like, without its colon."""

    name: str
    offset: int
    operator: str = ""


@dataclass(frozen=True)
class Command:
    """A simple command: its words, and the text of its here-documents and here-strings."""

    words: tuple[Word, ...]
    heredoc: str = ""
    writes: tuple[Word, ...] = ()  # the files that `>` and `>>` write

    @property
    def offset(self) -> int:
        return self.words[0].offset

    @property
    def texts(self) -> list[str]:
        return [word.text for word in self.words]

    def says(self, *texts: str) -> bool:
        """Say whether the command begins with these words, whatever options stand between them."""
        rest = iter(_without_options(self.texts))
        return all(next(rest, None) == text for text in texts)

    def options(self, *names: str) -> Iterator[Word]:
        """Yield the value of each option `--name value`, `--name=value` or `-n value`."""
        for index, word in enumerate(self.words):
            if word.text in names and index + 1 < len(self.words):
                yield self.words[index + 1]
            for name in names:
                if word.text.startswith(f"{name}="):
                    yield Word(word.text[len(name) + 1 :], word.offset + len(name) + 1)

    def option(self, *names: str) -> Word | None:
        """Return the value of the first of these options, or None."""
        return next(self.options(*names), None)


@dataclass
class Script:
    """What a piece of shell code does: its commands, the variables that it expands and those that it sets."""

    text: str
    commands: list[Command] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    sets: set[str] = field(default_factory=set)

    def all(self, *texts: str) -> list[Command]:
        """Return the commands that begin with these words."""
        return [command for command in self.commands if command.says(*texts)]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line, from 0, and the column, from 1, of an offset."""
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, start), offset - start + 1


def read(text: str) -> Script:
    """Read shell code."""
    reader = _Reader(text)
    reader.commands("")
    return reader.script


def _without_options(texts: list[str]) -> list[str]:
    return [text for text in texts if not text.startswith("-")]


class _Reader:
    def __init__(self, text: str) -> None:
        self.script = Script(text)
        self._text = text
        self._at = 0
        self._resume = 0  # behind the here-documents of this line, when it has any
        self._heredoc = ""
        self._writes: list[Word] = []
        self._in_backticks = False

    def commands(self, end: str) -> None:
        """Read commands up to the character `end`, or up to the end of the text."""
        while self._at < len(self._text) and self._text[self._at] != end:
            start, char = self._at, self._text[self._at]
            if char in " \t;&|)":
                self._at += 1
            elif char == "\n":
                self._line_break()
            elif char == "#":
                self._skip_line()
            elif self._text.startswith(("\\\n", "()"), start):
                self._at += 2
            elif self._text.startswith("((", start):
                self._at = self._arithmetic(start + 2)
            elif char == "(":
                self._at += 1
                self.commands(")")
                self._at += 1
            else:
                self._command(end)
            self._at = max(self._at, start + 1)  # whatever it is, it is not read for ever

    def _command(self, end: str = "") -> None:
        words: list[Word] = []
        outer, self._heredoc, self._writes = self._heredoc, "", []
        while self._at < len(self._text) and self._text[self._at] not in f"\n;&|(){end}":
            found = _REDIRECTION.match(self._text, self._at)
            if self._text[self._at] in _BLANK:
                self._at += 1
            elif self._text.startswith("\\\n", self._at):
                self._at += 2
            elif self._text[self._at] == "#":
                self._skip_line()
            elif found and not self._text.startswith(("<(", ">("), self._at):
                self._redirect(found)
            else:
                words.append(self._word())
                if not self._may_go_on(words):
                    return
        self._add(words)
        self._heredoc = outer

    def _may_go_on(self, words: list[Word]) -> bool:
        """Take reserved words away from the front; a `case` and a `for` have a grammar of their own."""
        if len(words) == 1 and words[0].text in _RESERVED:
            words.clear()
        elif len(words) == 1 and words[0].text == "case":
            self._case()
            return False
        elif len(words) == 1 and words[0].text == "[[":
            self._test()
            return False
        elif len(words) == 2 and words[0].text in ("for", "select"):
            self.script.sets.add(words[1].text)
        return True

    def _add(self, words: list[Word]) -> None:
        """Note a command, and what it sets."""
        leading = 0
        while leading < len(words) and _ASSIGNMENT.match(words[leading].text):
            leading += 1
        named = [_ASSIGNMENT.match(word.text) for word in words[:leading]]
        if leading == len(words):
            self.script.sets |= {found[1] for found in named if found}
            return
        command = Command(tuple(words[leading:]), self._heredoc, tuple(self._writes))
        self.script.commands.append(command)
        self.script.sets |= set(_sets(command))
        self.script.commands += _inner(command)

    def _word(self) -> Word:
        start, text = self._at, ""
        while self._at < len(self._text):
            char = self._text[self._at]
            if self._text.startswith(("<(", ">("), self._at):
                text += self._substitution(2, ")")
            elif char == "(" and _ASSIGNMENT.fullmatch(text):
                self._array()
                text += "(…)"
            elif char in _ENDS_WORD or (char == "`" and self._in_backticks):
                break
            else:
                text += self._part(char)
        if self._at == start:  # a character that begins no word: nothing that a shell would take
            self._at += 1
        return Word(text, start)

    def _part(self, char: str) -> str:
        """Read a part of a word outside of quotes: a quoted text, an expansion, or one character."""
        if char == "'":
            return self._until("'", self._at + 1)
        if char == '"':
            self._at += 1
            return self._double('"')
        if char == "\\":
            self._at += 2
            return self._text[self._at - 1 : self._at].replace("\n", "")
        if self._text.startswith("$'", self._at):
            return self._ansi()
        if char in "$`":
            return self._expansion()
        self._at += 1
        return char

    def _double(self, end: str) -> str:
        """Read what stands between double quotes, or in a here-document."""
        text = ""
        while self._at < len(self._text) and self._text[self._at] != end:
            char = self._text[self._at]
            if char == "\\":
                kept = "" if self._text[self._at + 1 : self._at + 2] in '$`"\\\n' else "\\"
                text += kept + self._text[self._at + 1 : self._at + 2].replace("\n", "" if not kept else "\n")
                self._at += 2
            elif char in "$`":
                text += self._expansion()
            else:
                text += char
                self._at += 1
        self._at += 1
        return text

    def _expansion(self) -> str:
        start = self._at
        if self._text.startswith("$((", start):
            self._at = self._arithmetic(start + 3)
        elif self._text.startswith("$(", start):
            self._substitution(2, ")")
        elif self._text.startswith("${", start):
            self._parameter()
        elif self._text[start] == "`":
            self._in_backticks, outer = True, self._in_backticks
            self._substitution(1, "`")
            self._in_backticks = outer
        else:
            found = _NAME.match(self._text, start + 1)
            self._at = found.end() if found else start + 1
            if found:
                self.script.uses.append(Use(found[0], start))
        return self._text[start : self._at]

    def _substitution(self, skip: int, end: str) -> str:
        """Read `$(…)`, `<(…)` or a pair of backticks: commands of their own."""
        start = self._at
        self._at += skip
        self.commands(end)
        self._at += 1
        return self._text[start : self._at]

    def _parameter(self) -> None:
        """Read `${…}`."""
        start = self._at
        self._at += 2
        if self._text[self._at : self._at + 1] in ("#", "!"):
            self._at += 1
        found = _NAME.match(self._text, self._at)
        self._at = found.end() if found else self._at
        operator = _OPERATOR.match(self._text, self._at)
        if found:
            self.script.uses.append(Use(found[0], start, operator[2] if operator else ""))
        while self._at < len(self._text) and self._text[self._at] != "}":
            self._part(self._text[self._at])
        self._at += 1

    def _arithmetic(self, start: int) -> int:
        """Return where the arithmetic that begins at `start` ends; names in it need no dollar sign."""
        depth, at = 2, start
        while at < len(self._text) and depth:
            depth += {"(": 1, ")": -1}.get(self._text[at], 0)
            at += 1
        for found in _NAME.finditer(self._text, start, at):
            if not self._text[found.end() : found.end() + 2].strip().startswith("="):
                self.script.uses.append(Use(found[0], found.start()))
        return at

    def _array(self) -> None:
        """Read the words of `name=(…)`."""
        self._at += 1
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._text[self._at] in " \t\n":
                self._at += 1
            else:
                self._word()
        self._at += 1

    def _test(self) -> None:
        """Read `[[ … ]]`, in which parentheses and comparison signs are words."""
        words = []
        while self._at < len(self._text) and not self._text.startswith("]]", self._at):
            char = self._text[self._at]
            if char in _ENDS_WORD:
                self._at += 1
            else:
                words.append(self._word())
        self._at += 2

    def _case(self) -> None:
        """Read `case WORD in PATTERN) … ;; esac`."""
        self._skip_blanks()
        self._word()
        self._skip_blanks()
        if self._text.startswith("in", self._at):
            self._at += 2
        while self._at < len(self._text):
            self._skip_blanks()
            if re.match(r"esac\b", self._text[self._at : self._at + 5]):
                self._at += 4
                return
            closing = self._text.find(")", self._at)
            if closing < 0:
                return
            self._at = closing + 1
            self._branch()

    def _branch(self) -> None:
        while self._at < len(self._text) and not self._text.startswith(";;", self._at):
            if re.match(r"\s*esac\b", self._text[self._at :]):
                return
            if self._text[self._at] == "\n":
                self._line_break()
            elif self._text[self._at] in " \t;&|)":
                self._at += 1
            else:
                self._command()
        self._at += 2

    def _redirect(self, found: re.Match[str]) -> None:
        self._at = found.end()
        while self._text[self._at : self._at + 1] in (" ", "\t"):
            self._at += 1
        start = self._at
        word = self._word()
        if found[1] in (">", ">>", ">|"):
            self._writes.append(word)
        elif found[1] == "<<<":
            self._heredoc += word.text
        elif found[1] in ("<<", "<<-"):
            is_quoted = self._text[start : self._at] != word.text
            self._here_document(word.text, tabs=found[1] == "<<-", is_quoted=is_quoted)

    def _here_document(self, word: str, *, tabs: bool, is_quoted: bool) -> None:
        """Read the text of a here-document, which begins on the next line."""
        line_end = self._text.find("\n", self._at)
        start = self._resume or (line_end + 1 if line_end >= 0 else len(self._text))
        blanks = r"\t*" if tabs else ""
        end = re.compile(f"^{blanks}{re.escape(word)}$", re.MULTILINE).search(self._text, start)
        stop = end.start() if end else len(self._text)
        self._heredoc += self._text[start:stop]
        self._resume = end.end() + 1 if end else stop
        if not is_quoted:
            inner = _Reader(self._text[:stop])
            inner.script, inner._at = self.script, start
            inner._double("")

    def _line_break(self) -> None:
        """Go to the next line, behind the here-documents that begin on this one."""
        self._at, self._resume = self._resume or self._at + 1, 0

    def _skip_blanks(self) -> None:
        while self._at < len(self._text) and self._text[self._at] in " \t\n":
            self._at += 1

    def _skip_line(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = end if end >= 0 else len(self._text)

    def _until(self, end: str, start: int) -> str:
        stop = self._text.find(end, start)
        stop = stop if stop >= 0 else len(self._text)
        self._at = stop + 1
        return self._text[start:stop]

    def _ansi(self) -> str:
        found = re.compile(r"(?:\\.|[^'\\])*", re.DOTALL).match(self._text, self._at + 2)
        text = found[0] if found else ""
        self._at += len(text) + 3
        return text


def _inner(command: Command) -> list[Command]:
    """Return the commands of the program that `sh -c` is given, where they stand."""
    texts = command.texts
    for index, text in enumerate(texts[:-2]):
        if _SHELL.fullmatch(text) and texts[index + 1] == "-c":
            start = command.words[index + 2].offset + 1
            return [
                replace(each, words=tuple(replace(word, offset=start + word.offset) for word in each.words))
                for each in read(texts[index + 2]).commands
            ]
    return []


def _sets(command: Command) -> Iterator[str]:
    """Yield the variables that a builtin command sets."""
    name, *rest = command.texts
    if name in _DECLARES:
        for text in rest:
            found = _ASSIGNMENT.match(text)
            if found:
                yield found[1]
    elif name in ("read", "mapfile", "readarray"):
        yield from (text for text in rest if _NAME.fullmatch(text))
    elif name == "getopts" or (name == "printf" and rest[:1] == ["-v"]):
        yield from rest[1:2]
