"""The strings and heredocs of an HCL file, with the keys that lead to each and the text that its consumer gets.

A value in place of a string counts as one.

JSON is read too: to this reader it is HCL, but that only Terraform takes `${` in it for a template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, NamedTuple

from generator.languages import LANGUAGES
from generator.languages.embedded import Embedded
from generator.languages.site import MARK, ShapeError, Site

_TOKEN = re.compile(
    rf"""(?P<comment>(?:\#|//)[^\n]*|/\*.*?\*/)
    | <<(?P<flush>-?)(?P<word>[^\W\d][\w-]*)(?=\n)
    | (?P<quote>") | (?P<open>[{{(\[]) | (?P<close>[}})\]])
    | (?P<set>[:=])(?![=>]) | (?P<other>[=!<>]=|=>) | (?P<next>[,\n]) | (?P<name>[\w.{MARK}-]+)""",
    re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(
    r'\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\[nrt"\\]|\$\$\{|%%\{|(?P<sequence>[$%]\{)|(?P<end>")', re.DOTALL
)
_WITHOUT_TEMPLATES = re.compile(r'\\u[0-9A-Fa-f]{4}|\\[nrt"\\]|(?P<sequence>(?!))|(?P<end>")')
_IN_HEREDOC = re.compile(r"\$\$\{|%%\{|(?P<sequence>[$%]\{)")
_IN_SEQUENCE = re.compile(r'[{}"]')
_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\"}


_FLUSH = ("flush", "flush_start")
_TEXTS = ("string", "heredoc", *_FLUSH)  # where a value is a part of a text
_WHOLE = ("code", "bare")  # where it is a whole one
_ENDS = re.compile(r"[ \t]*(?:[,\n\])}#]|//|\Z)")


class Literal(NamedTuple):
    """A string or heredoc; `text` is what its consumer gets, with a word in place of each `${…}`.

    In its path, the words of a block are followed by the number of the block. `start` and `end` are the
    offsets of its content, and `indent` is the indentation that a `<<-` removes.
    """

    path: tuple[Any, ...]
    text: str
    start: int
    end: int
    indent: str = ""


@dataclass
class _Frame:
    """What a bracket opens: a body or map (`{`), a list (`[`), or the arguments of a function (`(`)."""

    bracket: str
    path: tuple[Any, ...]
    words: list[str] = field(default_factory=list)
    key: str | None = None
    index: int = 0

    def here(self) -> tuple[Any, ...]:
        """Return the path of the value that stands here."""
        if self.bracket == "[":
            return (*self.path, self.index)
        if self.bracket == "(":
            return self.path
        return (*self.path, *([self.key] if self.key is not None else self.words))

    def step(self, separator: str) -> None:
        """Go on to the next entry."""
        if self.bracket == "[":
            self.index += separator == ","
        elif self.bracket == "{":
            self.words, self.key = [], None

    def assign(self) -> None:
        """Note that what stands here so far is a key."""
        if self.bracket == "{" and self.key is None and self.words:
            self.key = self.words[-1]


def with_embedded(host: str, shape: str, found: list[Site], *, has_templates: bool = True) -> list[Site]:
    """Return the sites `found`, with those of the languages in its strings and heredocs by the table for `host`."""
    every = list(literals(shape, has_templates=has_templates))
    document = Embedded(host, {literal.path: literal.text for literal in every})
    result = list(found)
    for literal in every:
        first, marks = shape.count(MARK, 0, literal.start), shape.count(MARK, literal.start, literal.end)
        if marks and literal.text.count(MARK) == marks:
            part = slice(first, first + marks)
            result[part] = _in_literal(document, literal, found[part])
    return result


def _in_literal(document: Embedded, literal: Literal, outer: list[Site]) -> list[Site]:
    """Return the sites in a string or heredoc: those of the language in it, within those of its host."""
    outer = [replace(at, indent=literal.indent) if at.position in _FLUSH else at for at in outer]
    finder = document.finder(literal.path)
    if not finder:
        return outer
    try:
        inner = finder(literal.text)
    except ShapeError:  # what Terraform makes of `%{ if … }` is not known
        inner = LANGUAGES["code"].sites(literal.text)
    return [
        site.within(at) if at.position in (*_TEXTS, *_WHOLE) else at
        for site, at in zip(inner, outer, strict=True)
    ]


def literals(text: str, *, has_templates: bool = True) -> Iterator[Literal]:
    """Yield the strings and heredocs of `text` that do not stand inside another one."""
    pieces = _PIECE if has_templates else _WITHOUT_TEMPLATES
    stack = [_Frame("{", ())]
    blocks = count()
    position = 0
    while found := _TOKEN.search(text, position):
        position = found.end()
        if found["quote"]:
            value, end = _string(text, position, pieces)
            if value is not None:
                yield Literal(stack[-1].here(), value, position, end)
                stack[-1].words.append(value)
            position = end + 1
        elif found["name"] == MARK and _is_value(stack[-1]) and _ENDS.match(text, position):
            yield Literal(stack[-1].here(), MARK, found.start(), position)
        elif found["word"]:
            start, position = position + 1, _heredoc_end(text, found["word"], position + 1)
            yield _heredoc(text, stack[-1].here(), start, position, bool(found["flush"]))
        else:
            _punctuation(stack, text, found, blocks)


def _is_value(frame: _Frame) -> bool:
    """Return whether what stands here is the value of a key, or an item of a list."""
    return frame.bracket == "[" or (frame.bracket == "{" and frame.key is not None)


def _punctuation(stack: list[_Frame], text: str, found: re.Match[str], blocks: Iterator[int]) -> None:
    frame = stack[-1]
    if found["open"]:
        is_index = found["open"] == "[" and text[found.start() - 1 : found.start()].isidentifier()
        is_block = found["open"] == frame.bracket == "{" and frame.key is None
        path = (*frame.here(), *([next(blocks)] if is_block else []))
        stack.append(_Frame("(" if is_index else found["open"], path))
    elif found["close"]:
        del stack[max(len(stack) - 1, 1) :]
    elif found["set"]:
        frame.assign()
    elif found["next"]:
        frame.step(found["next"])
    elif found["name"] and frame.key is None:
        frame.words.append(found["name"])


def _string(text: str, start: int, pieces: re.Pattern[str] = _PIECE) -> tuple[str | None, int]:
    """Return the text of the string whose content begins at `start`, and where it ends; None when it has no end."""
    parts: list[str] = []
    position = start
    while found := pieces.search(text, position):
        parts.append(text[position : found.start()])
        if found["end"]:
            return "".join(parts), found.start()
        piece, position = _piece(text, found)
        parts.append(piece)
    return None, len(text)


def _piece(text: str, found: re.Match[str]) -> tuple[str, int]:
    """Return what an escape stands for, or a word in place of a sequence, and where it ends."""
    piece = found[0]
    if found["sequence"]:
        end = _sequence_end(text, found.end())
        marks = MARK * text.count(MARK, found.start(), end)
        return (f"x{marks}x" if piece == "${" else marks), end
    if piece[0] == "\\":
        char = _ESCAPES.get(piece)
        return char or chr(min(int(piece[2:], 16), 0x10FFFF)), found.end()
    return piece[1:], found.end()


def _sequence_end(text: str, position: int) -> int:
    """Return the offset after the brace that ends a template sequence."""
    depth = 1
    while depth and (found := _IN_SEQUENCE.search(text, position)):
        position = found.end()
        if found[0] == '"':
            position = _string(text, position)[1] + 1
        else:
            depth += 1 if found[0] == "{" else -1
    return min(position, len(text)) if not depth else len(text)


def _heredoc_end(text: str, word: str, start: int) -> int:
    found = re.compile(rf"^[^\S\n]*{re.escape(word)}[^\S\n]*$", re.MULTILINE).search(text, start)
    return found.start() if found else len(text)


def _heredoc(text: str, path: tuple[Any, ...], start: int, end: int, is_flush: bool) -> Literal:
    parts: list[str] = []
    position = start
    while found := _IN_HEREDOC.search(text, position, end):
        piece, after = _piece(text, found)
        parts += text[position : found.start()], piece
        position = min(after, end)
    literal = Literal(path, "".join([*parts, text[position:end]]), start, end)
    return _flushed(literal) if is_flush else literal


def _flushed(literal: Literal) -> Literal:
    """Remove the smallest indentation of the lines from all of them, as `<<-` does; blank lines do not count."""
    lines = literal.text.split("\n")
    indents = [line[: len(line) - len(line.lstrip())] for line in lines if line.strip()]
    indent = min(indents, key=len, default="")
    cut = [line[len(indent) :] if line.strip() else line for line in lines]
    return literal._replace(text="\n".join(cut), indent=indent)
