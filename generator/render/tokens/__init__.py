"""Where the pieces of a template stand. Jinja's syntax tree knows lines; here a line number also knows its column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream


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
        """Return the same tokens with their places; `stream` is left alone, so that nothing is read twice."""
        self.written = written = list[Piece]()
        told = self._told(written, stream)
        return self.environment.lexer.wrap(told, stream.name, stream.filename)

    def _told(self, written: list[Piece], stream: TokenStream) -> Iterator[tuple[Place, str, str]]:
        """Yield what Jinja's lexer yields, with places, and put the pieces into `written`."""
        for piece in pieces(self.environment, self._source, stream.name, stream.filename):
            written.append(piece)
            yield Place.of(piece), piece.kind, piece.text


def pieces(
    environment: Environment, source: str, name: str | None = None, filename: str | None = None
) -> Iterator[Piece]:
    """Yield every token of a template, white space and comments too. Raises TemplateSyntaxError."""
    position = 0
    for line, kind, text in environment.lex(source, name, filename):
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
