"""The tokens of a template with their positions: Jinja's syntax tree has lines only, here they have columns too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.lexer import TOKEN_WHITESPACE, Token, TokenStream


class Lexeme(NamedTuple):
    """A token as the template writes it: its kind, line and column from 1, and text."""

    kind: str
    line: int
    column: int
    text: str

    @classmethod
    def at(cls, source: str, offset: int) -> Lexeme:
        """Return the one character at `offset` of the source."""
        line = source.count("\n", 0, offset) + 1
        return cls("", line, offset - source.rfind("\n", 0, offset), source[offset : offset + 1])


class Position(int):
    """The line of a token or of a node, with the column and the length of the token."""

    column: int
    length: int

    @classmethod
    def of(cls, lexeme: Lexeme) -> Position:
        """Return the position of a token."""
        position = cls(lexeme.line)
        position.column = lexeme.column
        position.length = len(lexeme.text.partition("\n")[0])
        return position


class PositionExtension(Extension):
    """Passes positions to Jinja's parser instead of lines, so that each node has the position of its token.

    `lexemes` are those of the template that was parsed last.
    """

    lexemes: Sequence[Lexeme] = ()
    _source = ""
    _lexed: tuple[str, Sequence[Lexeme]] = "", ()  # the source that was lexed last, and its tokens

    def lexed(self, source: str, name: str, filename: str) -> Sequence[Lexeme]:
        """Return the tokens of a template, for which the next parse needs no lexer. Raises TemplateSyntaxError."""
        self._lexed = source, list(lex(self.environment, source, name, filename))
        return self._lexed[1]

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Keep the source for `filter_stream`."""
        self._source = source
        return source

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Return the same tokens with positions; `stream` itself is not read, because the source is lexed here."""
        self.lexemes = list[Lexeme]()
        positioned = self._positioned(self.lexemes, stream)
        return self.environment.lexer.wrap(positioned, stream.name, stream.filename)

    def _positioned(self, lexemes: list[Lexeme], stream: TokenStream) -> Iterator[tuple[Position, str, str]]:
        known, tokens = self._lexed
        new = lex(self.environment, self._source, stream.name, stream.filename)
        for lexeme in tokens if known == self._source else new:
            lexemes.append(lexeme)
            if lexeme.kind != TOKEN_WHITESPACE:  # half of them; the parser gets none
                yield Position.of(lexeme), lexeme.kind, lexeme.text


def lex(
    environment: Environment, source: str, name: str | None = None, filename: str | None = None
) -> Iterator[Lexeme]:
    """Yield every token of a template, also white space and comments. Raises TemplateSyntaxError."""
    end = 0
    for line, kind, text in environment.lex(source, name, filename):
        start = max(source.find(text, end), end)
        end = start + len(text)
        yield Lexeme(kind, line, start - source.rfind("\n", 0, start), text)


def extent(node: nodes.Node) -> tuple[int, int, int] | None:
    """Return line, column and length of an expression on its first line, or None when it has no position."""
    ends = []
    for each in (node, *node.find_all(nodes.Node)):
        position = each.lineno
        if isinstance(position, Position) and not isinstance(
            each, nodes.Compare
        ):  # it has that of the next token
            length = 1 + len(each.attr) if isinstance(each, nodes.Getattr) else position.length
            ends.append((int(position), position.column, position.column + length))
    if not ends:
        return None
    line, start, _ = min(ends)
    return line, start, max(end for number, _, end in ends if number == line) - start
