"""A lexer driven by a table: in which mode of a language's grammar does each mark stand?

Enough of each language to tell code from strings and comments; no more. Whether the result is valid is for
the consumers' own parsers to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from generator.formats.site import MARK

POP = "-"
ESCAPED = "escaped"
ESCAPE = rf"\\[^{MARK}]"


class Mode(NamedTuple):
    """One mode: the tokens that matter in it, and the mode that each named token leads to (POP leaves)."""

    pattern: re.Pattern[str]
    moves: Mapping[str, str]
    escapes: bool


class Marked(NamedTuple):
    """A mark: the mode it stands in (ESCAPED: behind a lone backslash) and the characters beside it."""

    mode: str
    before: str
    behind: str


def mode(moves: Mapping[str, str] | None = None, **tokens: str) -> Mode:
    """Build a mode from its tokens, in order of precedence, and the moves of those that change the mode."""
    alternatives = [f"(?P<{name}>{token})" for name, token in tokens.items()]
    pattern = re.compile("|".join([*alternatives, f"(?P<mark>{MARK})"]), re.MULTILINE | re.DOTALL)
    return Mode(pattern, moves or {}, "escape" in tokens)


def marks(text: str, modes: Mapping[str, Mode], start: str) -> Iterator[Marked]:
    """Yield every mark of `text` in order.

    A token whose name begins with `heredoc` has a group `<name>_word`, the terminator. The text of the
    here-document begins on the next line, and ends at a token `terminator` that is this word.
    """
    stack = [start]
    words: list[str] = []
    waiting: list[tuple[str, str]] = []
    position = 0
    while found := modes[stack[-1]].pattern.search(text, position):
        token = found.lastgroup or ""
        target = modes[stack[-1]].moves.get(token, "")
        if token == "mark":
            yield _marked(text, found.start(), stack[-1], modes[stack[-1]].escapes)
        elif token == "terminator":
            if found[0].strip() == words[-1]:
                words.pop()
                stack.pop()
        elif token.startswith("heredoc"):
            waiting.append((target, found[f"{token}_word"]))
        elif target == POP:
            del stack[max(len(stack) - 1, 1) :]
        elif target:
            stack.append(target)
        if token == "line" and waiting:
            stack += [name for name, _ in reversed(waiting)]
            words += [word for _, word in reversed(waiting)]
            waiting = []
        position = found.end() + (found.end() == found.start() and not target)


def _marked(text: str, offset: int, name: str, escapes: bool) -> Marked:
    before, behind = text[max(offset - 1, 0) : offset], text[offset + 1 : offset + 2]
    backslashes = len(text[:offset]) - len(text[:offset].rstrip("\\"))
    return Marked(ESCAPED if escapes and backslashes % 2 else name, before, behind)
