"""GitHub's expressions: what stands between `${{` and `}}`, and in an `if:`.

Sources: docs.github.com, "Evaluate expressions in workflows and actions"; the npm package @actions/expressions
0.3.61, which is GitHub's own parser, for what that page leaves open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

OPENING = "${{"

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>'(?:[^']|'')*')
    |(?P<number>[-+]?(?:0x[0-9A-Fa-f]+|0o[0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.]))
    |(?P<name>[A-Za-z_][A-Za-z0-9_-]*)
    |(?P<operator>&&|\|\||==|!=|<=|>=|[<>!()\[\],.*])""",
    re.VERBOSE,
)
_LITERALS = frozenset(["true", "false", "null", "nan", "infinity"])
_BINARY = frozenset(["&&", "||", "==", "!=", "<=", ">=", "<", ">"])


@dataclass(frozen=True)
class Reference:
    """A context that an expression reads, as `("steps", "login", "outputs", "registry")`; `*` is any of them."""

    path: tuple[str, ...]
    offset: int


@dataclass(frozen=True)
class Call:
    """A function that an expression calls, and with how many arguments."""

    name: str
    arguments: int
    offset: int


@dataclass
class Expression:
    """An expression: what it reads and calls, or what is wrong with it and where."""

    text: str
    offset: int
    references: list[Reference] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    problem: str = ""
    problem_at: int = 0


def find(text: str) -> list[Expression]:
    """Return each `${{ … }}` of a text; offsets are those of the text."""
    found: list[Expression] = []
    position = 0
    while (start := text.find(OPENING, position)) >= 0:
        end = _end(text, start + len(OPENING))
        if end < 0:
            broken = Expression(text[start:], start, problem="a ${{ has no }}", problem_at=start)
            return [*found, broken]
        found.append(read(text[start + len(OPENING) : end], start + len(OPENING)))
        position = end + 2
    return found


def condition(text: str) -> list[Expression]:
    """Return the expressions of an `if:`, which needs no `${{` around it."""
    return find(text) if OPENING in text else [read(text, 0)]


def read(text: str, offset: int) -> Expression:
    """Read one expression; `offset` is added to every place in it."""
    expression = Expression(text, offset)
    reader = _Reader(expression)
    try:
        reader.tokens = list(reader.lex())
        if not reader.tokens:
            raise _ExpressionError("the expression is empty", 0)
        reader.whole()
    except _ExpressionError as broken:
        expression.problem, expression.problem_at = broken.message, offset + broken.at
    except RecursionError:
        expression.problem, expression.problem_at = "the expression is nested too deeply", offset
    return expression


def _end(text: str, start: int) -> int:
    """Return where the `}}` of an expression begins; one in a string is none."""
    in_string = False
    for index in range(start, len(text)):
        if text[index] == "'":
            in_string = not in_string
        elif not in_string and text.startswith("}}", index):
            return index
    return -1


class _ExpressionError(Exception):
    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


class _Reader:
    def __init__(self, expression: Expression) -> None:
        self._expression = expression
        self.tokens: list[_Token] = []
        self._index = 0

    def lex(self) -> list[_Token]:
        text, tokens, at = self._expression.text, [], 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if not found:
                hint = "; text stands in single quotes" if text[at] in "\"`'" else ""
                raise _ExpressionError(f"found {text[at]} in an expression{hint}", at)
            if found.lastgroup != "space":
                tokens.append(_Token(str(found.lastgroup), found[0], at))
            at = found.end()
        return tokens

    def whole(self) -> None:
        self._operands()
        if self._index < len(self.tokens):
            raise _ExpressionError(f"found {self._peek()} where the expression should end", self._place())

    def _operands(self) -> None:
        self._operand()
        while self._peek() in _BINARY:
            self._index += 1
            self._operand()

    def _operand(self) -> None:
        if self._index == len(self.tokens):
            raise _ExpressionError(
                "the expression ends where a value should stand", len(self._expression.text)
            )
        token = self.tokens[self._index]
        self._index += 1
        if token.text == "!":
            self._operand()
        elif token.text == "(":
            self._operands()
            self._expect(")")
            self._path([])
        elif token.kind == "name" and self._peek() == "(":
            self._call(token)
        elif token.kind == "name" and token.text.lower() not in _LITERALS:
            path = self._path([token.text])
            self._expression.references.append(Reference(tuple(path), self._expression.offset + token.at))
        elif token.kind not in ("string", "number", "name"):
            raise _ExpressionError(f"found {token.text} where a value should stand", token.at)

    def _call(self, name: _Token) -> None:
        self._index += 1
        count = 0
        while self._peek() != ")":
            self._operands()
            count += 1
            if self._peek() == ",":
                self._index += 1
            elif self._peek() != ")":
                raise _ExpressionError(f"{name.text}( has no )", name.at)
        self._index += 1
        self._expression.calls.append(Call(name.text, count, self._expression.offset + name.at))
        self._path([])

    def _path(self, path: list[str]) -> list[str]:
        """Read what follows a value: `.name`, `[index]` or `.*`."""
        while self._peek() in (".", "["):
            if self._peek() == ".":
                self._index += 1
                if self._index == len(self.tokens):
                    raise _ExpressionError("a name should follow the dot", len(self._expression.text))
                token = self.tokens[self._index]
                if token.kind != "name" and token.text != "*":
                    raise _ExpressionError(f"found {token.text} where a name should follow the dot", token.at)
                path.append(token.text)
                self._index += 1
            else:
                path.append(self._in_brackets())
        return path

    def _in_brackets(self) -> str:
        self._index += 1
        token = self.tokens[self._index] if self._index < len(self.tokens) else None
        if token and token.text == "*":
            self._index += 1
        else:
            self._operands()
        self._expect("]")
        return token.text[1:-1].replace("''", "'") if token and token.kind == "string" else "*"

    def _expect(self, text: str) -> None:
        if self._peek() != text:
            raise _ExpressionError(f"a {text} is missing", self._place())
        self._index += 1

    def _peek(self) -> str:
        return self.tokens[self._index].text if self._index < len(self.tokens) else ""

    def _place(self) -> int:
        return self.tokens[self._index].at if self._index < len(self.tokens) else len(self._expression.text)
