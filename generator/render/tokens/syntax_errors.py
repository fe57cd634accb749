"""Errors of a template's syntax, told where they have to be mended.

A parser notices only lines later that a `{{` or a block is never closed; what it was in the middle of tells where.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError

from generator.findings.suggest import alternatives, nearest
from generator.render.tokens import Piece, Place, pieces

LONE_HINT = "begin an expression with {{ and a statement with {%; text that must look like this goes into raw"
_BLOCKS = ("block", "call", "filter", "for", "if", "macro", "set", "with")  # tags that are closed by end…
_SKIPPED = frozenset(("whitespace", "comment_begin", "comment", "comment_end", "raw_begin", "raw_end"))
_TAGS = (*_BLOCKS, "elif", "else", "extends", "from", "import", "include", "raw")
# Text that was meant as an expression or a statement, and lacks its first brace.
_LONE_EXPRESSION = re.compile(r"(?<![{$\w])\{ *[A-Za-z_][\w.]*(?: *\|[^{}\n]*)? *\}\}")
_LONE_STATEMENT = re.compile(rf"\{{? *(?:{'|'.join(_TAGS)}|end(?:{'|'.join(_BLOCKS)}))\b[^{{}}\n]*%\}}")


@dataclass(frozen=True, slots=True)
class Mistake:
    """An error of syntax: the place that has to be mended, what is wrong there, and what to do.

    `opened` is the place of the block that it is about, when that is another one.
    """

    place: int
    message: str
    hint: str
    opened: Place | None = None


def lone_brace(written: Iterable[Piece]) -> Piece | None:
    """Return the first piece of text that looks like an expression or statement without its first brace."""
    is_raw = False
    for piece in written:
        is_raw = piece.kind == "raw_begin" or (is_raw and piece.kind != "raw_end")
        for found in _lone(piece.text) if piece.kind == "data" and not is_raw else ():
            before = piece.text[: found.start()]
            column = (
                piece.column + found.start() if "\n" not in before else found.start() - before.rfind("\n")
            )
            return Piece("data", piece.line + before.count("\n"), column, found[0])
    return None


def _lone(text: str) -> Iterator[re.Match[str]]:
    yield from _LONE_STATEMENT.finditer(text) if "%}" in text else ()
    for found in _LONE_EXPRESSION.finditer(text) if "}}" in text else ():
        line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
        if line.count("{") < line.count("}"):  # else it may be code: f({a: {b}})
            yield found


def mistake(environment: Environment, source: str, problem: TemplateSyntaxError) -> Mistake:
    """Return what is to be mended where Jinja's lexer or parser failed with `problem`."""
    written: list[Piece] = []
    is_lexed = False
    try:
        written.extend(pieces(environment, source))
        is_lexed = True
    except TemplateSyntaxError:
        pass
    lone = lone_brace(written)
    if lone and (lone.line, lone.column) <= _position(problem.lineno):
        return Mistake(Place.of(lone), f"found {lone.text.strip()}, which is text and no code", LONE_HINT)
    message = problem.message or "no template"
    if not is_lexed and message.startswith(
        ("unexpected", "Missing end")
    ):  # else the parser failed before the lexer
        return _of_lexer(message, problem.lineno, written, source)
    before = [piece for piece in written if (piece.line, piece.column) < _position(problem.lineno)]
    return _of_parser(message, problem.lineno, before, source)


def _position(place: int) -> tuple[int, int]:
    return int(place), place.column if isinstance(place, Place) else 10**6


def _of_lexer(message: str, line: int, before: list[Piece], source: str) -> Mistake:
    """Explain a failure of the lexer, which stopped behind the pieces of `before`."""
    last = before[-1] if before else Piece("data", 1, 1, "")
    start = _offset(last, source) + len(last.text)
    start += len(source[start:]) - len(source[start:].lstrip()) if start < len(source) else 0
    here = Place.of(_piece(source, min(start, max(len(source) - 1, 0))))
    if "end of comment" in message:
        return Mistake(Place.of(last), "the comment that begins here is never closed", "close it with #}")
    if "end of raw" in message:
        return Mistake(Place.of(last), "the raw block that begins here is never closed", "add {% endraw %}")
    unclosed = _unclosed(before, line, source)
    if unclosed:
        return unclosed
    char = source[start : start + 1]
    if char in ("'", '"'):
        return Mistake(here, f"the quote {char} that begins here is never closed", f"close it with {char}")
    wanted = re.search(r", expected '(.)'", message)
    if wanted:
        return Mistake(
            here, f"found {char}, expected {wanted[1]}", f"put {wanted[1]} before it, or take it out"
        )
    if char in ("}", ")", "]"):
        hint = "an expression ends in }} and a statement in %}; take the sign out, or open what it closes"
        return Mistake(here, f"found {char}, which closes nothing", hint)
    hint = "take it out; text in an expression stands in quotes"
    return Mistake(here, f"found {char}, which means nothing in an expression", hint)


def _of_parser(message: str, place: int, before: list[Piece], source: str) -> Mistake:
    """Explain a failure of the parser at `place`; `before` are the pieces up to there."""
    open_blocks = _open_blocks(before)
    unknown = re.match(r"Encountered unknown tag '([^']*)'", message)
    if unknown:
        return _of_tag(unknown[1], place, open_blocks)
    if message.startswith("Unexpected end of template") and open_blocks:
        tag, piece = _askew(before) or open_blocks[-1]
        return Mistake(
            Place.of(piece), f"the {tag} that begins here is never closed", f"add {{% end{tag} %}}"
        )
    unclosed = _unclosed(before, place, source)
    if unclosed:
        return unclosed
    got = re.match(r"expected token '([^']*)', got '([^']*)'", message)
    if got:
        wanted, found = (_WORDS.get(word, word) for word in got.groups())
        hint = "between two values stands an operator, such as ~; text stands in quotes"
        return Mistake(
            place, f"found {found}, expected {wanted}", hint if wanted == "}}" else f"write {wanted} there"
        )
    no_value = re.match(r"(?:unexpected|Expected an expression, got) '([^']*)'", message)
    if no_value:
        found = _WORDS.get(no_value[1], no_value[1])
        return Mistake(place, f"found {found}, expected a value", "put a value there")
    return Mistake(place, *_OTHERS.get(message, (message[:1].lower() + message[1:].rstrip("."), _HINT)))


_WORDS = {
    "end of print statement": "}}",
    "end of statement block": "%}",
    "begin of print statement": "{{",
    "begin of statement block": "{%",
    "end of template": "the end of the file",
    "template data / text": "text",
    "name": "a name",
    "integer": "a number",
    "float": "a number",
    "string": "a text",
}
_HINT = "compare it with the manual of Jinja's template language"
_OTHERS = {
    "expected name or number": ("found no name behind the dot", "write the key, or take the dot out"),
    "expected call": ("found no call of a macro", "write {% call name() %}"),
    "invalid syntax for function call expression": (
        "found a value behind a named one",
        "put the arguments that have a name last",
    ),
    "tag name expected": ("found no tag", f"a statement begins with one of {', '.join(_TAGS)}"),
}


def _of_tag(tag: str, place: int, open_blocks: list[tuple[str, Piece]]) -> Mistake:
    """Explain a tag that Jinja does not know, or not here."""
    if not tag.startswith("end") and tag not in ("else", "elif"):
        hint = nearest(tag, _TAGS) or f"there are {alternatives(tag, _TAGS)}"
        return Mistake(place, f'no tag is called "{tag}"', hint)
    if not open_blocks:
        return Mistake(place, f"found {tag}, and no block is open", "take it out, or open the block above it")
    block, piece = open_blocks[-1]
    hint = f"put {{% end{block} %}} before it, or take it out"
    if not any(tag == f"end{each}" for each in _BLOCKS) and tag not in ("else", "elif"):
        hint = nearest(tag, [f"end{each}" for each in _BLOCKS]) or hint
    return Mistake(place, f"found {tag}, expected end{block}", hint, Place.of(piece))


def _open_blocks(before: list[Piece]) -> list[tuple[str, Piece]]:
    """Return the blocks that are open behind `before`, each with its tag, the innermost last."""
    found: list[tuple[str, Piece]] = []
    written = [piece for piece in before if piece.kind not in _SKIPPED]
    for index, piece in enumerate(written[:-1]):
        tag = written[index + 1]
        if piece.kind != "block_begin":
            continue
        if tag.text.startswith("end") and found and tag.text == f"end{found[-1][0]}":
            found.pop()
        elif tag.text in _BLOCKS and not _is_plain_set(written[index + 1 :]):
            found.append((tag.text, tag))
    return found


def _askew(before: list[Piece]) -> tuple[str, Piece] | None:
    """Return the block that is closed by an end tag which stands under another one, by their columns."""
    found: list[tuple[str, Piece, int]] = []
    written = [piece for piece in before if piece.kind not in _SKIPPED]
    for index, piece in enumerate(written[:-1]):
        tag = written[index + 1]
        if piece.kind != "block_begin":
            continue
        if found and tag.text == f"end{found[-1][0]}":
            block, opened, column = found.pop()
            if found and column > piece.column == found[-1][2]:
                return block, opened
        elif tag.text in _BLOCKS and not _is_plain_set(written[index + 1 :]):
            found.append((tag.text, tag, piece.column))
    return None


def _is_plain_set(written: list[Piece]) -> bool:
    """Say whether a statement is a `set` with a value, which has no end tag."""
    if written[0].text != "set":
        return False
    for piece in written:
        if piece.kind == "block_end":
            return False
        if piece.text == "=":
            return True
    return False


def _unclosed(before: list[Piece], line: int, source: str) -> Mistake | None:
    """Return the mistake that a quote, `{{` or `{%` is not closed on its line, when that is why `line` fails."""
    kinds = [piece.kind for piece in before]
    begins = [index for index, kind in enumerate(kinds) if kind in ("variable_begin", "block_begin")]
    if not begins or set(kinds[begins[-1] :]) & {"variable_end", "block_end"}:
        return None
    for piece in before[begins[-1] :]:
        if piece.kind == "string" and "\n" in piece.text:
            quote = piece.text[0]
            return Mistake(
                Place.of(piece),
                f"the quote {quote} that begins here is never closed",
                f"close it with {quote}",
            )
    last = before[begins[-1]]
    end = "}}" if last.kind == "variable_begin" else "%}"
    lines = source.rstrip("\n").split("\n")
    if end in lines[last.line - 1][last.column :] or last.line == int(line) < len(lines):
        return None
    return Mistake(
        Place.of(last), f"the {last.text} that begins here is never closed", f"close it with {end}"
    )


def _offset(piece: Piece, source: str) -> int:
    """Return where a piece begins in the source."""
    position = 0
    for _ in range(piece.line - 1):
        position = source.find("\n", position) + 1
    return position + piece.column - 1


def _piece(source: str, offset: int) -> Piece:
    """Return the one character at `offset` as a piece."""
    line = source.count("\n", 0, offset) + 1
    return Piece("", line, offset - source.rfind("\n", 0, offset), source[offset : offset + 1])
