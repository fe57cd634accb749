"""A lexer driven by a table: the mode of a language's grammar in which each mark stands.

It knows enough of each language to distinguish code from strings and comments. It does not validate the text, except
that a string without an end is an error: every mark after it would be in the wrong mode.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from generator.findings.record import record
from generator.languages.site import MARK, ShapeError, Site

POP = "-"
ESCAPED = "escaped"
NOWHERE = "nowhere"

ESCAPE = rf"\\[^{MARK}]"
LONE = rf"\\(?={MARK})"
# The same where an escape may go on: \x1B, \u001B, \U0000001B, \u{1B} and, in octal, \33.
LONE_ESCAPE = (
    rf"\\(?:x[0-9A-Fa-f]?|u[0-9A-Fa-f]{{0,3}}|U[0-9A-Fa-f]{{0,7}}|u\{{[0-9A-Fa-f]*|[0-7]{{1,2}})?(?={MARK})"
)
VARIABLE = r"\$[A-Za-z_][A-Za-z0-9_]*"
DOLLAR = rf"\$(?={MARK})"

_FAR = 200  # characters that a rule sees to the left and to the right of a mark
_QUOTES = re.compile(r"""\\(.)|['"]""")
# What may stand before the word that ends a here-document (and, for HCL, after it), by the token's name.
_ANY = r"[^\S\n]*"
_BLANKS = {
    "heredoc": ("", ""),
    "heredoc_tabs": (r"\t*", ""),
    "heredoc_blanks": (_ANY, _ANY),
    "heredoc_flush": (_ANY, _ANY),
}


@record
class Mode:
    """One mode: the tokens that matter in it, and the mode that each named token leads to.

    POP leaves the mode, `=name` replaces it. `unclosed` is the error of a text that ends in this mode.
    """

    tokens: Mapping[str, str]
    moves: Mapping[str, str]
    unclosed: str

    @cached_property  # compiling the modes of all languages takes a tenth of a render, which needs few of them
    def pattern(self) -> re.Pattern[str]:
        """What finds the next token, or the next mark."""
        alternatives = [f"(?P<{name}>{token})" for name, token in self.tokens.items()]
        return re.compile("|".join([*alternatives, f"(?P<mark>{MARK})"]), re.MULTILINE | re.DOTALL)


class Marked(NamedTuple):
    """A mark: the mode it stands in (ESCAPED: behind a lone backslash) and the characters beside it.

    `token` is the token that ends where the mark begins; `heredoc` is the word that ends the here-document in
    which the mark stands, and `end` is the same where the value could be that line.
    """

    mode: str
    offset: int
    before: str
    behind: str
    token: str = ""
    heredoc: str = ""
    end: str = ""

    def site(self, language: str, position: str | None = None) -> Site:
        """Return the mark's site; its position is the mode, unless another is given."""
        joins = self.token == "variable"
        return Site(language, position or self.mode, self.before, self.behind, self.end, joins=joins)


@record
class Rule:
    """The `position` of a mark in code that has `before` to its left and `behind` to its right."""

    position: str
    before: str
    behind: str

    @cached_property
    def left(self) -> re.Pattern[str]:
        """`before`, up to the mark."""
        return re.compile(f"(?:{self.before})\\Z")

    @cached_property
    def right(self) -> re.Pattern[str]:
        """`behind`, from the mark on."""
        return re.compile(self.behind)


def mode(moves: Mapping[str, str] | None = None, unclosed: str = "", /, **tokens: str) -> Mode:
    """Build a mode from its tokens, in order of precedence, and the moves of those that change the mode."""
    return Mode(tokens, moves or {}, unclosed)


def rule(position: str, left: str = "", right: str = "") -> Rule:
    """Build a rule; a text begins with a line break as far as `left` can see."""
    return Rule(position, left, right)


def placed(text: str, offset: int, rules: Sequence[Rule]) -> str | None:
    """Return the position of the mark at `offset` by the first rule that applies, or None."""
    left = text[max(offset - _FAR, 0) : offset]
    left = left if offset > _FAR else f"\n{left}"
    right = text[offset + 1 : offset + 1 + _FAR]
    return next((r.position for r in rules if r.left.search(left) and r.right.match(right)), None)


def marks(text: str, modes: Mapping[str, Mode], start: str) -> Iterator[Marked]:
    """Yield every mark of `text` in order. Raises ShapeError where a string or the like has no end.

    A token whose name begins with `heredoc` has a group `<name>_word`, the word that ends the
    here-document; its text begins after the next token `line`. A token `broken` is an error by itself.
    """
    return _lex(text, modes, start, 0, len(text))


def _lex(text: str, modes: Mapping[str, Mode], start: str, position: int, stop: int) -> Iterator[Marked]:
    stack = [(start, position)]
    waiting: list[tuple[str, str, str]] = []
    last, last_end = "", -1
    while found := modes[stack[-1][0]].pattern.search(text, position, stop):
        current, token = modes[stack[-1][0]], found.lastgroup or ""
        target = current.moves.get(token, "")
        position = found.end() + (found.end() == found.start() and not target)
        if token == "mark":
            yield _marked(text, found.start(), stack[-1][0], last if last_end == found.start() else "")
        elif token == "broken":
            raise _broken(text, found.start(), current.unclosed or f"{found[0]!r} cannot be read")
        elif token.startswith("heredoc"):
            waiting.append((token, target, found[f"{token}_word"]))
        elif token == "line":
            position = yield from _heredocs(text, modes, waiting, position, stop)
        else:
            _move(stack, target, found.start())
        last, last_end = token, found.end()
    _check_end(text, modes, stack)
    if waiting:
        raise _broken(text, stop, "a here-document has no text")


def _move(stack: list[tuple[str, int]], target: str, offset: int) -> None:
    if target == POP:
        del stack[max(len(stack) - 1, 1) :]
    elif target.startswith("="):
        stack[-1] = (target[1:], stack[-1][1])
    elif target:
        stack.append((target, offset))


def _check_end(text: str, modes: Mapping[str, Mode], stack: list[tuple[str, int]]) -> None:
    for name, opened in reversed(stack):
        if modes[name].unclosed:
            raise _broken(text, opened, modes[name].unclosed)


def _heredocs(
    text: str, modes: Mapping[str, Mode], waiting: list[tuple[str, str, str]], position: int, stop: int
) -> Generator[Marked, None, int]:
    """Yield the marks in the here-documents that wait for this line, and return where the last ends."""
    while waiting:
        position = yield from _heredoc(text, modes, waiting.pop(0), position, stop)
    return position


def _heredoc(
    text: str, modes: Mapping[str, Mode], here: tuple[str, str, str], start: int, stop: int
) -> Generator[Marked, None, int]:
    """Yield the marks in the text of a here-document, and return where the line that ends it begins to end.

    A word with quotes in it leads to the mode whose name ends in `_quoted`.
    """
    token, name, written = here
    word = _QUOTES.sub(r"\1", written)
    before, behind = _BLANKS[token]
    terminator = re.compile(f"^{before}{re.escape(word)}{behind}$", re.MULTILINE)
    found = terminator.search(text, start, stop)
    if not found:
        raise _broken(text, start - 1, f"no line {word} ends the here-document")
    quoted = f"{name}_quoted" if word != written else name
    for marked in _lex(text, modes, quoted, start, found.start()):
        yield _beside_end(text, marked, word)
    return found.end()


def _beside_end(text: str, marked: Marked, word: str) -> Marked:
    """Note whether the value could make its line the one that ends the here-document."""
    start = text.rfind("\n", 0, marked.offset) + 1
    stop = text.find("\n", marked.offset)
    line = text[start : len(text) if stop < 0 else stop].strip()
    could = re.fullmatch(".*".join(re.escape(part) for part in line.split(MARK)), word)
    if could and line.strip(MARK):
        return marked._replace(mode=NOWHERE)
    return marked._replace(heredoc=word, end=word if could else "")


def _marked(text: str, offset: int, name: str, token: str) -> Marked:
    before, behind = text[max(offset - 1, 0) : offset], text[offset + 1 : offset + 2]
    return Marked(ESCAPED if token == "lone" else name, offset, before, behind, token)


def _broken(text: str, offset: int, message: str) -> ShapeError:
    return ShapeError(message, text.count("\n", 0, offset) + 1)
