"""Where the pieces of a template stand. Jinja's syntax tree knows lines; here a line number also knows its column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

SKIPPED = frozenset(("whitespace", "comment_begin", "comment", "comment_end", "raw_begin", "raw_end"))


class Piece(NamedTuple):
    """A token as it is written: what it is, its line and column from 1, and its text."""

    kind: str
    line: int
    column: int
    text: str


class Place(int):
    """The line of a token or of a node, which knows the column and the length of the token too."""

    column: int
    length: int

    @classmethod
    def of(cls, piece: Piece) -> Place:
        """Return the place of a token."""
        place = cls(piece.line)
        place.column = piece.column
        place.length = len(piece.text.partition("\n")[0])
        return place


class Places(Extension):
    """Tells Jinja's parser the places of tokens instead of their lines, so that each node keeps its own.

    `written` are the pieces of the template that was parsed last.
    """

    written: Sequence[Piece] = ()
    _source = ""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Keep the source for `filter_stream`."""
        self._source = source
        return source

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Yield the same tokens with their places."""
        written: list[Piece] = []
        self.written = written
        for token, piece in zip(stream, self._told(written), strict=False):
            yield Token(Place.of(piece), token.type, token.value)

    def _told(self, written: list[Piece]) -> Iterator[Piece]:
        """Yield the pieces that the parser is told, one for each token, and put all into `written`."""
        for piece in pieces(self.environment, self._source):
            written.append(piece)
            if piece.kind not in SKIPPED:
                yield piece


def pieces(environment: Environment, source: str) -> Iterator[Piece]:
    """Yield every token of a template, white space and comments too. Raises TemplateSyntaxError."""
    position = 0
    for line, kind, text in environment.lex(source):
        start = max(source.find(text, position), position)
        position = start + len(text)
        yield Piece(kind, line, start - source.rfind("\n", 0, start), text)


def extent(node: nodes.Node) -> tuple[int, int, int] | None:
    """Return line, column and length of what an expression covers on its first line, as far as it is known."""
    ends = []
    for each in (node, *node.find_all(nodes.Node)):
        place = each.lineno
        if isinstance(place, Place) and not isinstance(each, nodes.Compare):  # its place is that behind it
            length = 1 + len(each.attr) if isinstance(each, nodes.Getattr) else place.length
            ends.append((int(place), place.column, place.column + length))
    if not ends:
        return None
    line, start, _ = min(ends)
    return line, start, max(end for number, _, end in ends if number == line) - start
