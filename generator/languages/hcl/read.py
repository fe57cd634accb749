"""Terraform's language: blocks, arguments and expressions, with the place of each.

Source: github.com/hashicorp/hcl, hclsyntax/spec.md. What an expression cannot be known to be stays an `Expr`;
literals are plain Python values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generator.findings import Span
from generator.languages.hcl.tree import read
from generator.languages.source import Source

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\#[^\n]*|//[^\n]*|/\*.*?\*/)
    |(?P<newline>\n)
    |(?P<heredoc><<-?[^\W\d][\w-]*\n)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |(?P<name>[^\W\d][\w-]*)
    |(?P<quote>")
    |(?P<operator>==|!=|<=|>=|&&|\|\||=>|\.\.\.|[-+*/%<>!?:=.,(){}\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_BINARY = frozenset(["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%"])
_LITERALS = {"true": True, "false": False, "null": None}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Reference:
    """A name that an expression reads: `("var", "region")`, `("aws_iam_role", "deploy", "arn")`."""

    path: tuple[str, ...]
    offset: int

    @property
    def text(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class Expr:
    """An expression that is no literal; `parts` are the literal texts and expressions of a template."""

    text: str
    references: tuple[Reference, ...] = ()
    parts: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Attribute:
    """An argument: its name and value, and where both stand."""

    name: str
    value: Any
    offset: int
    value_offset: int
    end: int


class Object(dict[str, Any]):
    """An object of an expression: its values by key, and each as an Attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, Attribute] = {}


@dataclass
class Body:
    """What stands between the braces of a block, or in a file."""

    source: Source
    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    offset: int = 0
    duplicates: list[Attribute] = field(default_factory=list)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of an argument."""
        found = self.attributes.get(name)
        return found.value if found else default

    def at(self, name: str) -> Span:
        """Return the place of an argument's value, or of the block when it has no such argument."""
        found = self.attributes.get(name)
        if found is None:
            return self.source.at(self.offset) if self.offset else self.source.span(1)
        return place(self.source, found)

    def all(self, kind: str, *labels: str) -> list[Block]:
        """Return the blocks of a kind, with these labels in front."""
        return [each for each in self.blocks if each.kind == kind and each.labels[: len(labels)] == labels]

    def walk(self) -> Iterator[Body]:
        """Yield this body and those of all blocks in it."""
        yield self
        for block in self.blocks:
            yield from block.body.walk()


@dataclass
class Block:
    """A block: its kind, its labels and its body."""

    kind: str
    labels: tuple[str, ...]
    body: Body
    offset: int
    length: int

    @property
    def at(self) -> Span:
        return self.body.source.at(self.offset, self.length)


@dataclass
class File:
    """A file of HCL: its body and every reference in it, or what is wrong and where."""

    source: Source
    body: Body
    references: list[Reference] = field(default_factory=list)
    problem: str = ""
    problem_at: int = 0


def place(source: Source, attribute: Attribute) -> Span:
    """Return the place of an argument's value; of one over several lines, its first."""
    text = source.text[attribute.value_offset : attribute.end]
    return source.at(attribute.value_offset, len(text.split("\n")[0].rstrip()))


def read_file(source: Source) -> File:
    """Read a file of HCL: for the rules that do not read nodes yet."""
    file = File(source, Body(source))
    reader = _Reader(file)
    try:
        reader.body(file.body, "")
    except _Broken as broken:
        file.problem, file.problem_at = broken.message, broken.at
    except RecursionError:
        file.problem = "an expression is nested too deeply"
    return file


class _Broken(Exception):
    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


class _Reader:
    """Reads a file, one token ahead; in brackets, line breaks are blanks."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._text = file.source.text
        self._source = file.source
        self._at = 0
        self._end = 0  # of the last token taken
        self._depth = 0
        self._local: list[frozenset[str]] = []
        self.kind, self.token, self.start = "", "", 0
        self._next()

    def body(self, body: Body, end: str) -> None:
        """Read arguments and blocks up to `end`."""
        while True:
            self._skip_lines()
            if self.token == end and self.kind in ("operator", "end"):
                return
            if self.kind != "name":
                raise _Broken(f"expected an argument or a block, found {self._found()}", self.start)
            self._entry(body)
            if self.kind not in ("newline", "end") and self.token != end:
                raise _Broken(f"expected the end of the line, found {self._found()}", self.start)

    def _entry(self, body: Body) -> None:
        name, offset = self.token, self.start
        self._next()
        if self.token == "=" and self.kind == "operator":
            self._next()
            value_at = self.start
            value = self._expression()
            attribute = Attribute(name, value, offset, value_at, self._end)
            if name in body.attributes:
                body.duplicates.append(attribute)
            body.attributes[name] = attribute
            return
        labels = []
        while self.kind in ("name", "quote"):
            labels.append(self.token if self.kind == "name" else str(self._string()))
            if self.kind == "name":
                self._next()
        length = self._end - offset
        if self.token != "{":
            raise _Broken(f"expected = or {{ behind {name}, found {self._found()}", self.start)
        block = Block(name, tuple(labels), Body(self._source, offset=offset), offset, length)
        self._next()
        self.body(block.body, "}")
        self._next()
        body.blocks.append(block)

    # Expressions

    def _expression(self) -> Any:
        start, first = self.start, len(self._file.references)
        value = self._operand()
        is_literal = True
        while self.kind == "operator" and self.token in _BINARY:
            self._next()
            self._operand()
            is_literal = False
        if self.token == "?" and self.kind == "operator":
            self._next()
            self._expression()
            self._expect(":")
            self._expression()
            is_literal = False
        if is_literal:
            return value
        return Expr(self._text[start : self._end], tuple(self._file.references[first:]))

    def _operand(self) -> Any:
        start, first = self.start, len(self._file.references)
        if self.kind == "operator" and self.token in ("-", "!"):
            sign = self.token
            self._next()
            value = self._operand()
            if sign == "-" and isinstance(value, int | float) and not isinstance(value, bool):
                return -value
            return Expr(self._text[start : self._end], tuple(self._file.references[first:]))
        value = self._term()
        if self._postfix() or isinstance(value, _Unknown):
            return Expr(self._text[start : self._end], tuple(self._file.references[first:]))
        return value

    def _term(self) -> Any:
        if self.kind == "number":
            text = self.token
            self._next()
            return float(text) if re.search("[.eE]", text) else int(text)
        if self.kind == "quote":
            return self._string()
        if self.kind == "heredoc":
            return self._heredoc()
        if self.kind == "name":
            return self._name()
        if self.token == "(":
            self._open()
            self._expression()
            self._close(")")
            return _Unknown()
        if self.token == "[":
            return self._tuple()
        if self.token == "{":
            return self._object()
        raise _Broken(f"expected a value, found {self._found()}", self.start)

    def _name(self) -> Any:
        name, offset = self.token, self.start
        self._next()
        if self.token == "(" and self.kind == "operator":
            self._arguments()
            return _Unknown()
        if name in _LITERALS and self.token not in (".", "["):
            return _LITERALS[name]
        path = [name]
        while self.token == "." and self.kind == "operator" and self._ahead_is_name():
            self._next()
            path.append(self.token)
            self._next()
        if not any(name in names for names in self._local):
            self._file.references.append(Reference(tuple(path), offset))
        return _Unknown()

    def _ahead_is_name(self) -> bool:
        found = _TOKEN.match(self._text, self._at)
        return bool(found and found.lastgroup == "name")

    def _arguments(self) -> None:
        self._open()
        while self.token != ")" or self.kind != "operator":
            self._expression()
            if self.token == "...":
                self._next()
            if self.token == ",":
                self._next()
            elif self.token != ")":
                raise _Broken(f"expected , or ) behind an argument, found {self._found()}", self.start)
        self._close(")")

    def _postfix(self) -> bool:
        """Read `.name`, `[index]` and the like behind a value, and say whether there was any."""
        found = False
        while self.kind == "operator" and self.token in (".", "["):
            found = True
            if self.token == ".":
                self._next()
                if self.kind not in ("name", "number") and self.token != "*":
                    raise _Broken(f"expected a name behind the dot, found {self._found()}", self.start)
                self._next()
            else:
                self._open()
                if self.token == "*":
                    self._next()
                else:
                    self._expression()
                self._close("]")
        return found

    def _tuple(self) -> Any:
        self._open()
        if self._is_for():
            return self._for("]")
        items = []
        while self.token != "]" or self.kind != "operator":
            items.append(self._expression())
            if self.token == ",":
                self._next()
            elif self.token != "]":
                raise _Broken(f"expected , or ] behind an item, found {self._found()}", self.start)
        self._close("]")
        return items

    def _object(self) -> Any:
        self._open()
        if self._is_for():
            return self._for("}")
        found = Object()
        while self.token != "}" or self.kind != "operator":
            self._pair(found)
            if self.token == ",":
                self._next()
            elif self.token != "}" and "\n" not in self._text[self._end : self.start]:
                raise _Broken(f"expected a line break or a comma, found {self._found()}", self.start)
        self._close("}")
        return found

    def _pair(self, found: Object) -> None:
        offset = self.start
        if self.kind == "name":
            key = self.token
            self._next()
        else:
            value = self._operand()
            key = value if isinstance(value, str) else self._text[offset : self._end]
        if self.token not in ("=", ":"):
            raise _Broken(f"expected = or : behind {key}, found {self._found()}", self.start)
        self._next()
        value_at = self.start
        found[key] = self._expression()
        found.attributes[key] = Attribute(key, found[key], offset, value_at, self._end)

    def _is_for(self) -> bool:
        return self.kind == "name" and self.token == "for"

    def _for(self, end: str) -> Any:
        self._next()
        names = set()
        while self.token != "in":
            if self.kind == "name":
                names.add(self.token)
            elif self.token != ",":
                raise _Broken(f"expected the names of a for, found {self._found()}", self.start)
            self._next()
        self._next()
        self._expression()
        self._expect(":")
        self._local.append(frozenset(names))
        while self.token != end or self.kind != "operator":
            if self.token in ("=>", "...", "if"):
                self._next()
            else:
                self._expression()
        self._local.pop()
        self._close(end)
        return _Unknown()

    # Texts

    def _string(self) -> Any:
        """Read a quoted text: a str, or an Expr when it holds a template."""
        start, first = self.start, len(self._file.references)
        at = self._at
        parts: list[Any] = []
        text = ""
        while self._text[at : at + 1] != '"':
            char = self._text[at : at + 1]
            if char in ("", "\n"):
                raise _Broken("a string is not closed", start)
            if char == "\\":
                text += _ESCAPES.get(self._text[at + 1 : at + 2], self._text[at : at + 2])
                at += 2
            elif self._text.startswith(("$${", "%%{"), at):
                text += self._text[at + 1 : at + 3]
                at += 3
            elif self._text.startswith(("${", "%{"), at):
                parts += [text] if text else []
                text = ""
                value, at = self._interpolation(at)
                parts.append(value)
            else:
                text += char
                at += 1
        self._at = at + 1
        self._end = self._at
        self._next(keep_end=True)
        if not parts:
            return text
        parts += [text] if text else []
        return Expr(self._text[start : self._end], tuple(self._file.references[first:]), tuple(parts))

    def _interpolation(self, at: int) -> tuple[Any, int]:
        """Read `${ … }`, and return its value and where it ends; `%{ … }` only for what it refers to."""
        is_directive = self._text[at] == "%"
        saved = (self._depth, self._end)
        self._at = at + 2 + (self._text[at + 2 : at + 3] == "~")
        self._depth = 1
        self._next()
        if is_directive and self.token in ("if", "else", "endif", "for", "endfor"):
            return self._directive(saved)
        value = self._expression()
        if self.token == "~":
            self._next()
        if self.token != "}":
            raise _Broken(f"expected }} at the end of the template, found {self._found()}", self.start)
        end = self.start + 1
        self._depth, self._end = saved
        return value, end

    def _directive(self, saved: tuple[int, int]) -> tuple[Any, int]:
        end = self._text.find("}", self.start)
        while self.start < end and self.kind != "end":
            if self.token in ("if", "in"):
                self._next()
                self._expression()
            else:
                self._next()
        self._depth, self._end = saved
        return Expr("%{…}"), end + 1

    def _heredoc(self) -> Any:
        first, begin = len(self._file.references), self._at
        word = self.token.strip().lstrip("<-")
        end = re.compile(rf"^[ \t]*{re.escape(word)}[ \t]*$", re.MULTILINE).search(self._text, begin)
        if not end:
            raise _Broken("a heredoc has no end", self.start)
        body = self._text[begin : end.start()]
        for found in re.finditer(r"(?<!\$)\$\{", body):
            self._interpolation(begin + found.start())
        self._at = end.end()
        self._end = self._at
        self._next(keep_end=True)
        references = tuple(self._file.references[first:])
        return Expr(body, references) if references else body

    # Tokens

    def _next(self, *, keep_end: bool = False) -> None:
        """Take the next token; `_end` is then where the one before ended."""
        if not keep_end:
            self._end = self._at if self.kind else 0
        while True:
            found = _TOKEN.match(self._text, self._at)
            if not found:
                self.kind = "unknown" if self._at < len(self._text) else "end"
                self.token, self.start = self._text[self._at : self._at + 1], self._at
                self._at += 1 if self.kind == "unknown" else 0
                return
            self._at = found.end()
            if found.lastgroup == "space" or (found.lastgroup == "newline" and self._depth):
                continue
            self.kind = "heredoc" if found["heredoc"] else str(found.lastgroup)
            self.token, self.start = found[0], found.start()
            return

    def _open(self) -> None:
        self._depth += 1
        self._next()

    def _close(self, end: str) -> None:
        if self.token != end or self.kind != "operator":
            raise _Broken(f"expected {end}, found {self._found()}", self.start)
        self._depth -= 1
        self._next()

    def _expect(self, text: str) -> None:
        if self.token != text:
            raise _Broken(f"expected {text}, found {self._found()}", self.start)
        self._next()

    def _skip_lines(self) -> None:
        while self.kind == "newline":
            self._next()

    def _found(self) -> str:
        names = {"newline": "the end of the line", "end": "the end of the file"}
        return names.get(self.kind, self.token)


__all__ = ["Attribute", "Block", "Body", "Expr", "File", "Object", "Reference", "place", "read", "read_file"]


class _Unknown:
    """Something that only Terraform can evaluate."""
