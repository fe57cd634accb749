"""Words of shell code: quotes, expansions and substitutions, with the place of each piece."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from generator.languages.shell.script import Assignment, Region, Script, SyntaxProblem, Use
from generator.languages.site import MARK
from generator.languages.word import Pieces, TextBuilder, Word, mapped

MAX_DEPTH = 50  # of what is nested; a level takes up to thirteen frames of Python's stack
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BLANKS = re.compile(r"(?:[ \t]+|\\\n)+")
_PLAIN = re.compile(r"[^ \t\n\\'\"$`;&|()<>]+")
_PLAIN_IN_DOUBLE = re.compile(r'[^"\\$`]+')
_PLAIN_IN_HEREDOC = re.compile(r"[^\\$`]+")
_PLAIN_IN_PARAMETER = re.compile(r"[^}\\'\"$`]+")
_NOT_PLAIN = re.compile(r"[}\"$`\\]")
_PLAIN_IN_BACKTICKS = re.compile(r"[^`\\]+")
_PLAIN_IN_GROUP = re.compile(r"[^()\[\]\\'\"$`]+")
_NAME_OR_MARK = re.compile(rf"[A-Za-z_{MARK}][A-Za-z0-9_{MARK}]*")
_SUBSCRIPTED = re.compile(rf"{_NAME_OR_MARK.pattern}(?=\[)")
_ARRAY = re.compile(rf"{_NAME_OR_MARK.pattern}(?:\[.*\])?\+?=", re.DOTALL)
_ANSI = re.compile(r"((?:\\.|[^'\\])*)'", re.DOTALL)
_ANSI_ESCAPE = re.compile(r"\\([abefnrtv\\'\"?])")
_ANSI_VALUES = dict(zip("abefnrtv", "\a\b\x1b\f\n\r\t\v", strict=True))
_OPERATOR = re.compile(r":?([-=?+])")
_SPECIAL = re.compile(r"[0-9@*#?$!-]")
_IN_ARITHMETIC = re.compile(r"(?P<skip>[^A-Za-z0-9_$`'\"\\]+|[0-9][\w@#]*)|(?P<name>[A-Za-z_]\w*)")
_SETS = re.compile(r"\s*=(?!=)")
_SKIPPED_IN_ARITHMETIC = re.compile(
    r"""[^()'"`\\]+|\\.|'[^']*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`""", re.DOTALL
)


class RefusedCodeError(Exception):
    """The code is not valid, or it exceeds a limit of the reader."""

    def __init__(self, problem: SyntaxProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class WordReader(ABC):
    """Reads the words of `text`, which `pieces` maps to its place in the file; the facts go into `script`."""

    def __init__(self, text: str, script: Script, pieces: Pieces = ((0, 0),), depth: int = 0) -> None:
        self.script = script
        self._text = text
        self._pieces = pieces
        self._shift = pieces[0][1] - pieces[0][0] if len(pieces) == 1 else None
        self._depth = depth
        self._at = 0
        self._is_heredoc = False
        self._has_extended_patterns = "extglob" in text

    @abstractmethod
    def _substitution(self, length: int) -> None:
        """Read `$(…)`, `<(…)` or `>(…)`, which `length` characters open."""

    @abstractmethod
    def _program(self, text: str, script: Script, pieces: Pieces) -> None:
        """Read shell code that stands inside other text, such as backticks."""

    # Places and limits

    def _offset(self, index: int) -> int:
        return index + self._shift if self._shift is not None else mapped(self._pieces, index)

    def _refuse(self, message: str, *, at: int | None = None, is_limit: bool = False) -> RefusedCodeError:
        index = min(self._at if at is None else at, len(self._text))
        return RefusedCodeError(SyntaxProblem(message, self._offset(index), is_limit))

    def _unclosed(self, opening: str, start: int) -> RefusedCodeError:
        return self._refuse(f"{opening} is not closed", at=start)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refuse("the code is nested too deeply to be read", is_limit=True)

    def _note(self, kind: str, start: int, end: int | None = None, note: str = "", owner: int = -1) -> None:
        """Note what stands from an index to another, or to here."""
        end = self._at if end is None else end
        self.script.regions.append(Region(kind, self._offset(start), self._offset(end), note, owner))

    def _char(self) -> str:
        return self._text[self._at : self._at + 1]

    def _starts(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _match(self, pattern: re.Pattern[str]) -> str:
        """Read what `pattern` matches here; "" when it does not."""
        found = pattern.match(self._text, self._at)
        if not found:
            return ""
        self._at = found.end()
        return found[0]

    def _blanks(self) -> None:
        """Go over blanks, continued lines and a comment."""
        self._match(_BLANKS)
        if self._char() == "#":
            start, end = self._at, self._text.find("\n", self._at)
            self._at = end if end >= 0 else len(self._text)
            self._note("comment", start)

    # Words

    def _word(
        self,
        kind: str = "word",
        *,
        is_assignable: bool = False,
        is_pattern: bool = False,
        is_regex: bool = False,
    ) -> Word | None:
        """Read a word; None when none begins here. Only an assignable one may hold a list: `name=(…)`."""
        start, out = self._at, TextBuilder()
        if is_assignable and self._match(_SUBSCRIPTED):
            self._subscript()
            out.add(self._text[start : self._at], self._offset(start))
        groups = is_regex or is_pattern or self._has_extended_patterns
        while self._at < len(self._text):
            at, char = self._at, self._text[self._at]
            if plain := self._match(_PLAIN):
                out.add(plain, self._offset(at))
            elif char == "(" and is_assignable and _ARRAY.fullmatch(self._text, start, at):
                self._array()
                out.add("(…)", self._offset(at))
            elif char == "(" and groups and (is_regex or (at > start and self._text[at - 1] in "?*+@!")):
                self._group("(", ")")
                out.add(self._text[at : self._at], self._offset(at))
            elif char == "|" and is_regex:
                self._at += 1
                out.add(char, self._offset(at))
            elif self._starts("<(") or self._starts(">("):
                self._substitution(2)
                out.add(self._text[at : self._at], self._offset(at))
            elif char in " \t\n;&|()<>":
                break
            else:
                self._quoted(char, out)
        if self._at == start:
            return None
        self._note(kind, start)
        return out.word(self._offset(start))

    def _quoted(self, char: str, out: TextBuilder) -> None:
        """Read a part of a word that begins with a quote, a backslash, `$` or a backtick."""
        at = self._at
        if char == "'":
            end = self._text.find("'", at + 1)
            if end < 0:
                raise self._unclosed("the quote '", at)
            self._at = end + 1
            self._note("single", at)
            out.add(self._text[at + 1 : end], self._offset(at + 1))
        elif char == '"':
            self._at += 1
            self._double('"', at, out)
            self._note("double", at)
        elif char == "\\":
            self._at = min(at + 2, len(self._text))
            if not self._text.startswith("\n", at + 1):
                self._note("escape", at)
                out.add(self._text[at + 1 : self._at], self._offset(at + 1))
        elif self._starts("$'"):
            self._ansi(out)
        elif self._starts('$"'):
            self._at += 2
            self._double('"', at, out)
            self._note("double", at + 1)
        else:
            self._expansion(out, in_double=False)

    def _double(self, end: str, start: int, out: TextBuilder) -> None:
        """Read what stands between double quotes; with no `end`, all of a here-document."""
        plain = _PLAIN_IN_DOUBLE if end else _PLAIN_IN_HEREDOC
        while self._at < len(self._text):
            at, char = self._at, self._text[self._at]
            if text := self._match(plain):
                out.add(text, self._offset(at))
            elif char == end:
                self._at += 1
                return
            elif char == "\\":
                following = self._text[at + 1 : at + 2]
                self._at = min(at + 2, len(self._text))
                self._note("escape", at)
                if following not in f"$`\\\n{end}":
                    out.add(char + following, self._offset(at))
                elif following != "\n":
                    out.add(following, self._offset(at + 1))
            else:
                self._expansion(out, in_double=True)
        if end:
            raise self._unclosed(f"the quote {end}", start)

    def _ansi(self, out: TextBuilder) -> None:
        """Read `$'…'`."""
        start = self._at + 2
        found = _ANSI.match(self._text, start)
        if not found:
            raise self._unclosed("the quote $'", self._at)
        self._at = found.end()
        self._note("ansi", start - 2)
        text = _ANSI_ESCAPE.sub(lambda match: _ANSI_VALUES.get(match[1], match[1]), found[1])
        out.add(text, self._offset(start))

    # Expansions

    def _expansion(self, out: TextBuilder, *, in_double: bool) -> None:
        """Read what `$` or a backtick begins; it stays in the word as it is written."""
        start = self._at
        if self._text[start] == "`":
            self._backticks(in_double=in_double)
        elif self._starts("$((") and (end := self._arithmetic_end(start + 3)) is not None:
            self._arithmetic(start + 3, end)
            self._at = end + 2
        elif self._starts("$("):
            self._substitution(2)
        elif self._starts("${"):
            self._parameter(in_double=in_double)
        elif self._starts("$["):
            self._at += 1
            self._group("[", "]")
            self._arithmetic(start + 2, self._at - 1)
        else:
            self._at += 1
            if name := self._match(NAME):
                self.script.uses.append(Use(name, self._offset(start)))
                self._note("variable", start)
            elif self._starts(MARK):
                self._at += 1
                self._note("dollar", start)
            elif self._match(_SPECIAL):
                self._note("positional", start)
        out.add(self._text[start : self._at], self._offset(start))

    def _parameter(self, *, in_double: bool) -> None:
        """Read `${…}`."""
        start = self._at
        self._deeper()
        self._at += 2
        prefix = self._char()
        if prefix in ("#", "!") and _NAME_OR_MARK.match(self._text, self._at + 1):
            self._at += 1
        name = self._parameter_name(start, prefix)
        if self._char() == "[":
            self._subscript()
        rest = self._at
        operator = _OPERATOR.match(self._text, rest)
        length = "#" if prefix == "#" else ""
        if name:
            self.script.uses.append(Use(name, self._offset(start), operator[1] if operator else length))
        while self._char() != "}":
            if self._at >= len(self._text):
                raise self._unclosed("${", start)
            at, is_quote = self._at, in_double and operator and self._char() == "'"
            self._any(_PLAIN_IN_PARAMETER)
            if is_quote and _NOT_PLAIN.search(self._text, at + 1, self._at - 1):
                self._note("ambiguous", at)  # dash reads no quote there
        kind = "operand" if operator else "offset" if self._text.startswith(":", rest) else "opaque"
        self._note(kind, rest)
        self._at += 1
        self._depth -= 1

    def _parameter_name(self, start: int, prefix: str) -> str:
        """Read the name in `${…}`; return "" when it is a special parameter or a value."""
        at = self._at
        name = self._match(_NAME_OR_MARK)
        if name:
            self._note("indirect" if prefix == "!" else "parameter", at)
        elif self._match(_SPECIAL):
            self._note("positional", start)
        return "" if MARK in name else name

    def _subscript(self) -> None:
        start = self._at
        self._group("[", "]")
        self._note("subscript", start)

    def _any(self, plain: re.Pattern[str]) -> None:
        """Read the next part of what needs no word of its own: plain text, a quote or an expansion."""
        if self._is_heredoc and self._char() in ("'", '"'):
            self._at += 1  # a quote means nothing in a here-document
        elif not self._match(plain):
            self._quoted(self._text[self._at], TextBuilder())

    def _group(self, opening: str, closing: str) -> None:
        """Read from `opening` to its `closing`, quotes and expansions inside as everywhere."""
        start, level = self._at, 0
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in "()[]":
                self._at += 1
                level += (char == opening) - (char == closing)
                if not level:
                    return
            else:
                self._any(_PLAIN_IN_GROUP)
        raise self._unclosed(opening, start)

    def _backticks(self, *, in_double: bool) -> None:
        """Read the program between backticks, in which a backslash protects `$`, backticks and itself."""
        start, out = self._at, TextBuilder()
        special = tuple('$`\\"' if in_double else "$`\\")
        self._at += 1
        while self._char() != "`":
            at = self._at
            if at >= len(self._text):
                raise self._unclosed("the backtick", start)
            if text := self._match(_PLAIN_IN_BACKTICKS):
                out.add(text, self._offset(at))
            else:
                self._at = at + 2
                at += self._text.startswith(special, at + 1)
                out.add(self._text[at : self._at], self._offset(at))
        self._at += 1
        self._note("backtick", start)
        inner = out.word(0)
        self._program(inner.text, self.script, inner.pieces or ((0, self._offset(start + 1)),))

    def _array(self) -> None:
        """Read the list of `name=(…)`."""
        start = self._at
        self._at += 1
        while True:
            self._blanks()
            if self._char() == ")":
                self._at += 1
                return
            if self._char() == "\n":
                self._at += 1
            elif self._at >= len(self._text):
                raise self._unclosed("the list", start)
            elif self._char() == "[":
                self._subscript()
            elif self._word() is None:
                raise self._refuse(f"unexpected {self._char()} in a list")

    # Arithmetic

    def _arithmetic_end(self, start: int) -> int | None:
        """Return where the `))` of the arithmetic is that begins at `start`; None when it is not arithmetic."""
        level, at = 1, start
        while at < len(self._text):
            found = _SKIPPED_IN_ARITHMETIC.match(self._text, at)
            if found:
                at = found.end()
                continue
            level += {"(": 1, ")": -1}.get(self._text[at], 0)
            if not level:
                return at if self._text.startswith("))", at) else None
            at += 1
        return None

    def _arithmetic(self, start: int, end: int) -> None:
        """Read arithmetic, in which names need no dollar sign."""
        self._at = start
        while self._at < end:
            found = _IN_ARITHMETIC.match(self._text, self._at, end)
            if not found:
                self._quoted(self._text[self._at], TextBuilder())
                continue
            self._at = found.end()
            if found["name"]:
                offset = self._offset(found.start())
                if _SETS.match(self._text, self._at, end):
                    self.script.assignments.append(Assignment(found["name"], offset))
                else:
                    self.script.uses.append(Use(found["name"], offset))
        self._note("arithmetic", start, end)
