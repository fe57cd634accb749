"""Shell code to commands, variables and functions, with the place of each.

The grammar is that of POSIX (XCU 2, "Shell Command Language") with what bash adds (its manual), as `bash -n`
accepts it: tests/languages/agreement.py compares the two. Reading ends at the first mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from generator.languages.node import Leaf, Problem, ReadResult, Seq
from generator.languages.shell.options import is_shell, shell_program
from generator.languages.shell.script import (
    Assignment,
    Command,
    Redirection,
    Region,
    Script,
    Statement,
)
from generator.languages.shell.words import MAX_DEPTH, NAME, RefusedCodeError, WordReader
from generator.languages.site import MARK
from generator.languages.source import Source
from generator.languages.word import Pieces, TextBuilder, Word

_CONTROL = re.compile(r";;&|;;|;&|;|&&|&(?!>)|\|\||\|&|\||\(|\)|\n")
_REDIRECTION = re.compile(r"(\d+|\{[A-Za-z_]\w*\})?(<<<|<<-|<<|<&|<>|<(?!\()|>>|>&|>\||>(?!\())|(&>>|&>)")
_LITERAL = re.compile(r"[^ \t\n;&|()<>'\"\\$`]+(?=[ \t\n;&|()<>]|\Z)")
_CLOSING = frozenset("then else elif fi do done esac }".split())
_ENDS_BRANCH = (";;", ";&", ";;&")
_ASSIGNED = re.compile(rf"([A-Za-z_{MARK}][A-Za-z0-9_{MARK}]*)(?:\[.*?\])?\+?=", re.DOTALL)
_DECLARES = frozenset("declare export local readonly typeset".split())
_TAKES_LISTS = _DECLARES | {"alias", "eval"}
_TIME_OPTIONS = re.compile(r"(?:[ \t]+(?:-p|--)(?=[ \t\n]))*")
_UNARY = re.compile(r"-[a-zA-Z]")
_BINARY = frozenset("== =~ != = -eq -ne -lt -le -gt -ge -nt -ot -ef".split())
_PATTERNS = frozenset(["==", "!=", "="])


@dataclass(slots=True)
class _Heredoc:
    """A here-document that begins after the end of this line, and the index of the command that gets it."""

    end: str
    is_quoted: bool
    drops_tabs: bool
    owner: int
    command: int | None = None


@lru_cache(maxsize=1024)  # environments, and both sides of a change, share most scripts
def parse(text: str, pieces: Pieces = ((0, 0),)) -> Script:
    """Return what a piece of shell code does, as far as it is valid; `pieces` maps it to its place in the file."""
    script = Script(text)
    try:
        _Reader(text, script, pieces).read_all()
    except RefusedCodeError as refused:
        script.problem = refused.problem
    return script


def read(source: Source) -> ReadResult:
    """Return the commands of a script, each as the sequence of its words, and why a shell refuses it."""
    script = parse(source.text)
    commands = [
        [
            Leaf(word.text, text=word.text, source=source, start=word.offset, end=word.end)
            for word in each.words
        ]
        for each in script.commands
    ]
    nodes = tuple(
        Seq(tuple(words), source=source, start=words[0].start, end=words[-1].end) for words in commands
    )
    problem = script.problem
    problems = (
        (Problem(problem.message, source.at(problem.offset)),) if problem and not problem.is_limit else ()
    )
    return ReadResult(Seq(nodes, source=source, end=len(source.text)), problems)


class _Reader(WordReader):
    """Reads commands by recursive descent."""

    def __init__(self, text: str, script: Script, pieces: Pieces = ((0, 0),), depth: int = 0) -> None:
        super().__init__(text, script, pieces, depth)
        self._heredocs: list[_Heredoc] = []
        self._in_substitution = False

    def read_all(self) -> None:
        """Read all of the text."""
        self._commands()
        if self._at < len(self._text):
            raise self._unexpected()

    # Tokens

    def _control(self) -> str:
        """Go to the next token, and return it when it is an operator; "" otherwise."""
        self._blanks()
        found = _CONTROL.match(self._text, self._at)
        return found[0] if found else ""

    def _take(self, *tokens: str) -> str:
        """Read one of these operators; "" when none of them is next."""
        token = self._control()
        if token not in tokens:
            return ""
        self._at += len(token)
        return token

    def _newlines(self) -> None:
        """Go to the next token on this line or a later one, over the here-documents between them."""
        while self._take("\n"):
            self._read_heredocs()

    def _keyword(self) -> str:
        """Go to the next token, and return the word there when it could be a reserved one."""
        self._blanks()
        found = _LITERAL.match(self._text, self._at)
        return found[0] if found else ""

    def _take_keyword(self, word: str) -> bool:
        if self._keyword() != word:
            return False
        self._at += len(word)
        return True

    def _expect(self, word: str) -> None:
        if not self._take_keyword(word):
            raise self._unexpected(word)

    def _unexpected(self, wanted: str = "") -> RefusedCodeError:
        expected = f", expected {wanted}" if wanted else ""
        self._blanks()
        if self._at >= len(self._text):
            return self._refuse(f"the code ends too early{expected}")
        token = self._control() or self._keyword() or self._char()
        return self._refuse(f"unexpected {'end of the line' if token == chr(10) else token}{expected}")

    # Lists of commands

    def _commands(self) -> None:
        """Read commands, perhaps none, up to what cannot begin one."""
        self._newlines()
        while not self._is_closing():
            self._and_or()
            if not self._take(";", "&") and self._control() != "\n":
                return
            self._newlines()

    def _some(self) -> None:
        """Read one command or more."""
        self._newlines()
        if self._is_closing():
            raise self._unexpected("a command")
        self._commands()

    def _is_closing(self) -> bool:
        return (
            self._control() in (")", *_ENDS_BRANCH)
            or self._at >= len(self._text)
            or self._keyword() in _CLOSING
        )

    def _and_or(self) -> None:
        self._pipeline()
        while self._take("&&", "||"):
            self._newlines()
            self._pipeline()

    def _pipeline(self) -> None:
        while (word := self._keyword()) in ("!", "time"):
            self._at += len(word)
            if word == "time":
                self._match(_TIME_OPTIONS)
            if self._control() in (";", "&", "\n") or self._at >= len(self._text):
                return
        members = [self._member()]
        while self._take("|", "|&"):
            self._newlines()
            if self._take_keyword("time"):
                self._match(_TIME_OPTIONS)
            members.append(self._member())
        if len(members) > 1:
            self.script.pipelines.append(members)

    def _member(self) -> Region:
        """Read a command of a pipeline."""
        self._blanks()
        start = self._offset(self._at)
        self._command()
        return Region("member", start, self._offset(self._at))

    def _command(self) -> None:
        word = self._keyword()
        if word in _CLOSING or word == "!":
            raise self._unexpected("a command")
        if not self._compound():
            self._simple()

    def _compound(self) -> bool:
        """Read a compound command with its redirections; return whether there is one."""
        word = self._keyword()
        reader = _COMPOUND.get(word) or (_Reader.parenthesis if self._char() == "(" else None)
        if reader is None:
            return False
        start, redirections = self._at, []
        self._deeper()
        self._at += len(word)
        reader(self)
        self._depth -= 1
        while (redirection := self._redirection()) is not None:
            redirections.append(redirection)
        self.script.redirections += redirections
        if redirections:
            self._state(start, redirections=redirections)
        return True

    def _state(
        self,
        start: int,
        words: Sequence[Word] = (),
        redirections: Sequence[Redirection] = (),
        assigned: Sequence[Assignment] = (),
    ) -> None:
        offsets = self._offset(start), self._offset(self._at)
        self.script.statements.append(Statement(*offsets, tuple(words), tuple(redirections), tuple(assigned)))

    # Compound commands

    def parenthesis(self) -> None:
        """Read `((…))` or `( commands )`."""
        start = self._at
        end = self._arithmetic_end(start + 2) if self._starts("((") else None
        if end is not None:
            self._arithmetic(start + 2, end)
            self._at = end + 2
            return
        self._at += 1
        self._some()
        if not self._take(")"):
            raise self._unexpected(")")

    def braces(self) -> None:
        self._some()
        self._expect("}")

    def if_(self) -> None:
        self._some()
        self._expect("then")
        self._some()
        while self._take_keyword("elif"):
            self._some()
            self._expect("then")
            self._some()
        if self._take_keyword("else"):
            self._some()
        self._expect("fi")

    def while_(self) -> None:
        self._some()
        self._expect("do")
        self._some()
        self._expect("done")

    def for_(self) -> None:
        self._blanks()
        if self._starts("(("):
            self._counted()
        else:
            variable = self._required("a name", "name")
            self._sets(variable.text, variable.offset)
            if not self._take(";"):
                self._newlines()
                if self._take_keyword("in"):
                    start = self._at
                    self._listed()
                    self._note("items", start, note=variable.text)
        self._newlines()
        self._body()

    def _counted(self) -> None:
        """Read `((…; …; …))` of a loop."""
        start = self._at + 2
        end = self._arithmetic_end(start)
        if end is None or self._text.count(";", start, end) != 2:
            raise self._refuse("((…)) of a loop needs three expressions")
        self._arithmetic(start, end)
        self._at = end + 2
        self._take(";")

    def _listed(self) -> None:
        """Read the words of a loop up to the end of its line."""
        while not self._control() and self._at < len(self._text):
            self._required("a word")
        if self._control() != "\n" and not self._take(";"):
            raise self._unexpected("do")

    def _body(self) -> None:
        closing = "}" if self._take_keyword("{") else "done"
        if closing == "done":
            self._expect("do")
        self._some()
        self._expect(closing)

    def case(self) -> None:
        self._blanks()
        self._required("a word")
        self._newlines()
        self._expect("in")
        self._newlines()
        while not self._take_keyword("esac"):
            self._patterns()
            self._commands()
            if not self._take(*_ENDS_BRANCH):
                self._expect("esac")
                return
            self._newlines()

    def _patterns(self) -> None:
        self._take("(")
        self._blanks()
        self._required("a pattern")
        while self._take("|"):
            self._blanks()
            self._required("a pattern")
        if not self._take(")"):
            raise self._unexpected(")")

    def function(self) -> None:
        self._blanks()
        name = self._required("a name", "name")
        start = self._at
        if self._take("(") and not self._take(")"):
            self._at = start  # the body itself is in parentheses
        self._define(name)

    def _define(self, name: Word) -> None:
        self.script.functions.setdefault(name.text, name.offset)
        self._newlines()
        start = self._at
        if self._keyword() == "coproc" or not self._compound():
            raise self._unexpected("the body of a function, such as {")
        self._note("body", start, note=name.text)

    def coprocess(self) -> None:
        start = self._at
        self._blanks()
        name, offset = self._match(NAME), self._offset(self._at)
        if name and name not in _COMPOUND and self._compound():
            self._sets(name, offset)
            self._note("coproc", start, note=name)
            return
        self._at = start
        self._command()
        self._note("coproc", start, note="COPROC")

    def test(self) -> None:
        """Read `[[ … ]]`."""
        self._alternatives()
        self._expect("]]")

    def _alternatives(self) -> None:
        self._term()
        while self._take("&&", "||"):
            self._term()

    def _term(self) -> None:
        self._newlines()
        word = self._keyword()
        if word == "!":
            self._at += 1
            if self._keyword() != "]]":
                self._term()
            return
        if self._take("("):
            self._deeper()
            self._alternatives()
            if not self._take(")"):
                raise self._unexpected(")")
            self._depth -= 1
        else:
            self._operands(word)
        self._newlines()

    def _operands(self, word: str) -> None:
        """Read a word of a test with its operator."""
        if word == "]]":
            raise self._unexpected("an expression")
        start = self._at
        self._required("an expression")
        operator = self._keyword()
        if _UNARY.fullmatch(word):
            if operator == "]]":
                raise self._unexpected("a word")
            self._blanks()
            self._required("a word")
            self._note("test", start, note=word)
        elif operator in _BINARY or self._char() in ("<", ">"):
            self._at += len(operator) if operator in _BINARY else 1
            self._blanks()
            is_regex = operator == "=~"
            kind = "regex" if is_regex else "word"
            self._required("a word", kind, is_pattern=operator in _PATTERNS, is_regex=is_regex)
            self._note("test", start, note=operator)
        elif operator != "]]" and self._control() not in ("&&", "||", ")"):
            raise self._unexpected("an operator")

    # Simple commands

    def _simple(self) -> None:
        """Read assignments, words and redirections up to an operator, or the definition of a function."""
        words: list[Word] = []
        assigned: list[Assignment] = []
        redirections: list[Redirection] = []
        heredocs = len(self._heredocs)
        start = self._at
        while True:
            if (redirection := self._redirection()) is not None:
                redirections.append(redirection)
            elif self._control() == "(" and len(words) == 1 and not assigned and not redirections:
                self._define_as(words[0])
                return
            elif (word := self._next_word(words)) is None:
                break
            elif not words and (found := self._assignment(word)):
                assigned.append(found)
            else:
                words.append(word)
        if self._at == start:
            raise self._unexpected("a command")
        self._state(start, words, redirections, assigned)
        if words:
            self._add(Command(tuple(words), redirections=tuple(redirections)), heredocs)
        else:
            self.script.assignments += assigned

    def _next_word(self, words: list[Word]) -> Word | None:
        self._blanks()
        return self._word(is_assignable=not words or words[0].text in _TAKES_LISTS)

    def _define_as(self, name: Word) -> None:
        self.script.regions.append(Region("name", name.offset, self._offset(self._at)))
        self._at += 1
        if not self._take(")"):
            raise self._unexpected(")")
        self._deeper()
        self._define(name)
        self._depth -= 1

    def _assignment(self, word: Word) -> Assignment | None:
        """Return what a word sets, when it is `name=value` without quotes around the name."""
        found = _ASSIGNED.match(word.text)
        if not found or word.pieces[0][1] != word.offset:
            return None
        if len(word.pieces) > 1 and word.pieces[1][0] < len(found[1]):
            return None
        return Assignment(found[1], word.offset, word.part(found.end()))

    def _add(self, command: Command, heredocs: int) -> None:
        """Note a command, what it sets, and the commands of the program that `sh -c` is given."""
        strings = "".join(each.target.text for each in command.redirections if each.operator == "<<<")
        for heredoc in self._heredocs[heredocs:]:
            heredoc.command = len(self.script.commands)
        self.script.commands.append(replace(command, heredoc=strings) if strings else command)
        for name, offset in _sets(command):
            self._sets(name, offset)
        index = shell_program(command.texts)
        if index is not None:
            self._inner_commands(command.words[index])

    def _inner_commands(self, program: Word) -> None:
        """Note the commands of a program that a shell is given as text."""
        inner = Script(program.text)
        self._program(program.text, inner, program.pieces or ((0, program.offset),))
        known = {each.offset for each in self.script.commands}  # `$(…)` in "…" runs before the program
        self.script.commands += [each for each in inner.commands if each.offset not in known]

    def _sets(self, name: str, offset: int) -> None:
        self.script.assignments.append(Assignment(name, offset))

    def _required(
        self, what: str, kind: str = "word", *, is_pattern: bool = False, is_regex: bool = False
    ) -> Word:
        word = self._word(kind, is_pattern=is_pattern, is_regex=is_regex)
        if word is None:
            raise self._unexpected(what)
        return word

    # Redirections and here-documents

    def _redirection(self) -> Redirection | None:
        self._blanks()
        found = _REDIRECTION.match(self._text, self._at)
        if not found:
            return None
        self._at = found.end()
        operator = found[2] or found[3]
        descriptor = (found[1] or "01"[">" in operator.lstrip("<")]).strip("{}")
        self._blanks()
        start = self._at
        is_heredoc = operator in ("<<", "<<-")
        target = self._required("a word", "delimiter" if is_heredoc else "word")
        if is_heredoc:
            is_quoted = any(char in "'\"\\" for char in self._text[start : self._at])
            self._heredocs.append(_Heredoc(target.text, is_quoted, operator == "<<-", target.offset))
        return Redirection(operator, target, descriptor)

    def _read_heredocs(self) -> None:
        """Read the here-documents that begin on this line."""
        for heredoc in self._heredocs:
            body = TextBuilder()
            start = stop = self._at
            while (has_end := self._at < len(self._text)) and not self._ends(heredoc):
                self._heredoc_line(heredoc, body)
                stop = self._at
            kind = "heredoc_quoted" if heredoc.is_quoted else "heredoc"
            self._note(kind if has_end else "unended", start, stop, heredoc.end, heredoc.owner)
            text = body.word(self._offset(self._at))
            if not heredoc.is_quoted and text.text:
                text = self._expanded(text)
            if heredoc.command is not None:
                command = self.script.commands[heredoc.command]
                self.script.commands[heredoc.command] = replace(command, heredoc=command.heredoc + text.text)
                if is_shell(command.name) and all(each.text[:1] in "-+" for each in command.words[1:]):
                    self._inner_commands(text)
        self._heredocs = []

    def _ends(self, heredoc: _Heredoc) -> bool:
        """Go over the line that ends a here-document; return whether this is the one."""
        start = self._at
        while heredoc.drops_tabs and self._text.startswith("\t", start):
            start += 1
        if not self._text.startswith(heredoc.end, start):
            return False
        stop, after = start + len(heredoc.end), self._text.find("\n", start)
        after = after if after >= 0 else len(self._text)
        if stop == after:
            self._at = min(after + 1, len(self._text))
            return True
        if self._in_substitution and ")" in self._text[stop:after]:
            self._at = stop
            return True
        return False

    def _heredoc_line(self, heredoc: _Heredoc, body: TextBuilder) -> None:
        """Read a line of a here-document; one that is continued takes the next with it."""
        while self._at < len(self._text):
            start = self._at
            end = self._text.find("\n", start)
            self._at = end + 1 if end >= 0 else len(self._text)
            while heredoc.drops_tabs and self._text.startswith("\t", start):
                start += 1
            line = self._text[start : self._at]
            body.add(line, self._offset(start))
            backslashes = len(line) - 1 - len(line[:-1].rstrip("\\"))
            if heredoc.is_quoted or not line.endswith("\\\n") or not backslashes % 2:
                return

    def _expanded(self, body: Word) -> Word:
        """Return the text of a here-document without its escapes; note what it expands."""
        reader, out = _Reader(body.text, self.script, body.pieces, self._depth + 1), TextBuilder()
        reader._is_heredoc = True
        try:
            reader._double("", 0, out)
        except RefusedCodeError as refused:
            self.script.problem = self.script.problem or refused.problem
            return body
        return out.word(body.offset)

    # Code inside other text

    def _substitution(self, length: int) -> None:
        start = self._at
        self._deeper()
        outer = self._heredocs, self._in_substitution, self._is_heredoc
        self._heredocs, self._in_substitution, self._is_heredoc = [], True, False
        self._at += length
        self._commands()
        if not self._take(")"):
            if self._at >= len(self._text):
                raise self._unclosed(self._text[start : start + length], start)
            raise self._unexpected(")")
        self._heredocs, self._in_substitution, self._is_heredoc = outer
        self._note("process" if self._text[start] in "<>" else "substitution", start)
        self._depth -= 1

    def _program(self, text: str, script: Script, pieces: Pieces) -> None:
        if self._depth < MAX_DEPTH:
            reader = _Reader(text, script, pieces, self._depth + 1)
            try:
                reader.read_all()
            except RefusedCodeError as refused:
                script.problem = script.problem or refused.problem


_COMPOUND: Mapping[str, Callable[[_Reader], None]] = {
    "{": _Reader.braces,
    "[[": _Reader.test,
    "case": _Reader.case,
    "coproc": _Reader.coprocess,
    "for": _Reader.for_,
    "function": _Reader.function,
    "if": _Reader.if_,
    "select": _Reader.for_,
    "until": _Reader.while_,
    "while": _Reader.while_,
}


def _sets(command: Command) -> Iterator[tuple[str, int]]:
    """Yield the variables that a builtin command sets, with the place of each."""
    name, *rest = command.words
    if name.text in _DECLARES:
        for word in rest:
            if found := _ASSIGNED.match(word.text):
                yield found[1], word.offset
    elif name.text in ("read", "mapfile", "readarray"):
        yield from ((word.text, word.offset) for word in rest if NAME.fullmatch(word.text))
    elif name.text == "getopts" or (name.text == "printf" and [each.text for each in rest[:1]] == ["-v"]):
        yield from ((word.text, word.offset) for word in rest[1:2])
