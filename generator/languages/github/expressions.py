"""GitHub's expressions: what stands between `${{` and `}}`, and in an `if:`.

Sources: docs.github.com, "Evaluate expressions in workflows and actions"; the npm package @actions/expressions
0.3.61, which is GitHub's own parser, for what that page leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.findings.record import record

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
_LEVELS = (("||",), ("&&",), ("==", "!=", "<", ">", "<=", ">="))  # the loosest binding first


@record
class Literal:
    """A constant: `value` is a text, a number, a boolean or None."""

    value: str | float | bool | None
    at: int


@record
class Name:
    """A context."""

    name: str
    at: int


@record
class Part:
    """A property, element or, with `*`, all of them: `.name`, `[index]` or `.*`."""

    holder: Tree
    key: Tree | str
    at: int


@record
class Call:
    """A function that an expression calls."""

    name: str
    arguments: tuple[Tree, ...]
    at: int


@record
class Operation:
    """An operator with its one or two operands."""

    operator: str
    operands: tuple[Tree, ...]
    at: int


Tree = Literal | Name | Part | Call | Operation


@record
class Reference:
    """A context that an expression reads, as `("steps", "login", "outputs", "registry")`; `*` is any of them."""

    path: tuple[str, ...]
    offset: int


@dataclass
class Expression:
    """An expression: its tree, or what is wrong with it and where; places in the tree are those of the whole text."""

    text: str
    offset: int
    tree: Tree | None = None
    problem: str = ""
    problem_at: int = 0

    @property
    def references(self) -> list[Reference]:
        """The contexts that it reads."""
        nodes = list(walk(self.tree)) if self.tree else []
        inner = {id(node.holder) for node in nodes if isinstance(node, Part)}
        outer = [node for node in nodes if isinstance(node, Name | Part) and id(node) not in inner]
        return [found for node in outer if (found := reference(node))]

    @property
    def calls(self) -> list[Call]:
        """The functions that it calls."""
        return [node for node in walk(self.tree) if isinstance(node, Call)] if self.tree else []


def walk(tree: Tree) -> Iterator[Tree]:
    """Yield a tree and every tree in it, in the order of the text."""
    pending = [tree]
    while pending:
        current = pending.pop()
        yield current
        pending += reversed(children(current))


def children(tree: Tree) -> tuple[Tree, ...]:
    """Return the trees directly below a tree."""
    if isinstance(tree, Call):
        return tree.arguments
    if isinstance(tree, Operation):
        return tree.operands
    if isinstance(tree, Part):
        return (tree.holder, tree.key) if not isinstance(tree.key, str) else (tree.holder,)
    return ()


def reference(tree: Tree) -> Reference | None:
    """Return the context that a tree reads, when it begins with the name of one."""
    path: list[str] = []
    while isinstance(tree, Part):
        path.insert(0, key_of(tree))
        tree = tree.holder
    return Reference((tree.name, *path), tree.at) if isinstance(tree, Name) else None


def key_of(part: Part) -> str:
    """Return the name of a property, or `*` when it is computed."""
    if isinstance(part.key, str):
        return part.key
    return part.key.value if isinstance(part.key, Literal) and isinstance(part.key.value, str) else "*"


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
        expression.tree = reader.whole()
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


@record
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

    def whole(self) -> Tree:
        tree = self._level(0)
        if self._index < len(self.tokens):
            raise _ExpressionError(f"found {self._peek()} where the expression should end", self._place())
        return tree

    def _level(self, level: int) -> Tree:
        """Read operands joined by the operators of a level or one that binds tighter."""
        if level == len(_LEVELS):
            return self._operand()
        left = self._level(level + 1)
        while (operator := self._peek()) in _LEVELS[level]:
            at = self._at()
            self._index += 1
            left = Operation(operator, (left, self._level(level + 1)), at)
        return left

    def _operand(self) -> Tree:
        if self._index == len(self.tokens):
            raise _ExpressionError(
                "the expression ends where a value should stand", len(self._expression.text)
            )
        token, at = self.tokens[self._index], self._at()
        self._index += 1
        if token.text == "!":
            return Operation("!", (self._operand(),), at)
        if token.text == "(":
            inner = self._level(0)
            self._expect(")")
            return self._parts(inner)
        if token.kind == "name" and self._peek() == "(":
            return self._parts(self._call(token, at))
        if token.kind not in ("string", "number", "name"):
            raise _ExpressionError(f"found {token.text} where a value should stand", token.at)
        if token.kind == "name" and token.text.lower() not in _LITERALS:
            return self._parts(Name(token.text, at))
        return Literal(_value(token), at)

    def _call(self, name: _Token, at: int) -> Tree:
        self._index += 1
        arguments: list[Tree] = [] if self._peek() == ")" else [self._level(0)]
        while arguments and self._peek() == ",":
            self._index += 1
            arguments.append(self._level(0))
        if self._peek() != ")":
            raise _ExpressionError(f"{name.text}( has no )", name.at)
        self._index += 1
        return Call(name.text, tuple(arguments), at)

    def _parts(self, tree: Tree) -> Tree:
        """Read what follows a value: `.name`, `[index]` or `.*`."""
        while self._peek() in (".", "["):
            at = self._at()
            bracket = self._peek() == "["
            self._index += 1
            tree = Part(tree, self._in_brackets() if bracket else self._property(), at)
        return tree

    def _property(self) -> str:
        if self._index == len(self.tokens):
            raise _ExpressionError("a name should follow the dot", len(self._expression.text))
        token = self.tokens[self._index]
        if token.kind != "name" and token.text != "*":
            raise _ExpressionError(f"found {token.text} where a name should follow the dot", token.at)
        self._index += 1
        return token.text

    def _in_brackets(self) -> Tree | str:
        if self._peek() == "*":
            self._index += 1
            key: Tree | str = "*"
        else:
            key = self._level(0)
        self._expect("]")
        return key

    def _expect(self, text: str) -> None:
        if self._peek() != text:
            raise _ExpressionError(f"a {text} is missing", self._place())
        self._index += 1

    def _peek(self) -> str:
        return self.tokens[self._index].text if self._index < len(self.tokens) else ""

    def _at(self) -> int:
        return self._expression.offset + self.tokens[self._index].at

    def _place(self) -> int:
        return self.tokens[self._index].at if self._index < len(self.tokens) else len(self._expression.text)


def _value(token: _Token) -> str | float | bool | None:
    if token.kind == "string":
        return token.text[1:-1].replace("''", "'")
    if token.kind == "number":
        text = token.text
        return float(int(text, 0)) if re.match("[-+]?0[xo]", text) else float(text)
    words = {"true": True, "false": False, "null": None}
    return words[token.text.lower()] if token.text.lower() in words else float(token.text)
