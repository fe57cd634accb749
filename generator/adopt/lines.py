"""Give each line of a file its place in the syntax tree, and the scalars on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from generator import languages
from generator.adopt.words import Mask, singular
from generator.findings.record import record
from generator.languages import LANGUAGES, dialects_of
from generator.languages.dockerfile.instructions import Instruction, named, parse
from generator.languages.node import Block, Leaf, Map, Node, Seq
from generator.languages.source import Source
from generator.languages.word import Word

Path = tuple[str, ...]
YAML = dialects_of("yaml")
_YAML = YAML | dialects_of("json")
IDENTITIES = (
    "name",
    "job_name",
    "alert",
    "record",
    "id",
    "key",
    "sid",
    "Sid",
    "containerPort",
    "port",
    "host",
    "path",
    "uses",
    "alias",
    "type",
)
_WITHOUT_KEYS = frozenset(["dockerfile", "shell", "typescript"])  # languages whose trees have none
_PROSE = frozenset(["markdown", "verbatim"])
_ASSIGNMENT = re.compile(
    r"""^\s*(?:export\s+|local\s+|readonly\s+|-?\s*)?(?P<key>[A-Za-z_][\w.-]*)\s*(?:=|:\s)\s*"""
    r"""(?:"(?P<double>[^"\\$`]*)"|'(?P<single>[^'\\]*)'|(?P<plain>[^\s"'#;{}()\[\]$`\\][^\s"'#;{}()$`\\]*))\s*[;,]?\s*(?:\#.*)?$"""
)
_OPTION = re.compile(r"-{0,2}(?:[a-z][\w-]*\.)*?(?P<name>[A-Za-z_][\w-]*(?:\.[\w-]+)?)=(?=.)")
_OPERATION_PATH = re.compile(r"""\s*(?:- )?path:\s*["']?(/[\w/.~-]+)["']?\s*$""")
_COMMENT = re.compile(r"^\s*(?:#|//|--|;|\*|/\*)")
_WORD = re.compile(r"""[^\s"'`=,;|&<>(){}\[\]]+""")
_SETS_ONE = frozenset(["EXPOSE", "USER", "WORKDIR", "STOPSIGNAL"])  # instructions of a Dockerfile


@record
class Scalar:
    """A scalar on a line: columns of its text and of all of it with its quotes, its path, and what is known of it.

    `is_weak` is set where only the look of the text makes it one.
    """

    start: int
    end: int
    path: Path
    quote: str = ""
    is_weak: bool = False
    is_code: bool = False
    is_list: bool = False

    @property
    def outer(self) -> tuple[int, int]:
        """The columns with the quotes."""
        return self.start - len(self.quote), self.end + len(self.quote)


@dataclass(slots=True)
class Line:
    """A line: its text with the line break, where it stands in the file, and its scalars.

    `key` is its place without the names of environments; `path` is the place in the file's own words. `is_node` is
    whether a key or item begins on it; otherwise it is a comment, a part of a text, or a closing bracket.
    """

    text: str
    key: Path = ()
    path: Path = ()
    scalars: list[Scalar] = field(default_factory=list)
    is_node: bool = False
    is_prose: bool = False
    masked: str = ""
    lists: list[Scalar] = field(default_factory=list)  # whole lists on the line, whose items are scalars
    shape: str = ""  # the text with one character in place of each scalar

    @property
    def face(self) -> list[str]:
        """The first word of a command, without the names of environments; empty for lines with keys."""
        return self.masked.split()[:1] if self.scalars and self.scalars[0].is_weak else []

    def with_lists(self) -> list[Scalar]:
        """Return the scalars, with a whole list in place of its items."""
        inside = [each for each in self.scalars if not any(a.start <= each.start < a.end for a in self.lists)]
        return sorted([*inside, *self.lists], key=lambda each: each.start)


def shape(text: str, scalars: Sequence[Scalar]) -> str:
    """Return a text with one character in place of each scalar."""
    if not scalars:
        return text
    parts, at = [], 0
    for scalar in scalars:
        parts.append(text[at : scalar.start])
        at = scalar.end
    return "\0".join([*parts, text[at:]])


def split(text: str) -> list[str]:
    """Split a text after its line feeds, so that only the last line may be without one."""
    return [each for each in re.split(r"(?<=\n)", text) if each]


def read_lines(path: str, text: str, language: str, mask: Mask, *, loosely: bool) -> list[Line]:
    """Return the lines of a file.

    `loosely` an object is the only one of its kind, whatever its name is: files of one kind have other names.
    """
    lines = [Line(each) for each in split(text)]
    source = Source(path, text, language, path)
    node = _tree(source)
    if language == "dockerfile":
        _read_dockerfile(lines, source)
    elif node is None:
        _read_words(lines, language)
    else:
        _Reader(lines, source, language, mask, loosely).read(node)
    _complete(lines)
    for line in lines:
        line.scalars.sort(key=lambda scalar: scalar.start)
    return lines


def _tree(source: Source) -> Node | None:
    """Return the syntax tree of a valid file whose nodes have the keys of its lines."""
    if source.language not in LANGUAGES or source.language in _WITHOUT_KEYS:
        return None
    result = languages.read(source)
    return result.node if result and not result.problems else None


class _Reader:
    """Puts the places of the nodes of a tree on the lines of the file."""

    def __init__(self, lines: list[Line], source: Source, language: str, mask: Mask, loosely: bool) -> None:
        self._lines = lines
        self._source = source
        self._mask = mask
        self._is_yaml = language in _YAML
        self._loosely = loosely
        self._seen: set[int] = set()

    def read(self, node: Node) -> None:
        if self._is_yaml and isinstance(node, Seq):
            documents = list(node.items)
            kinds = Counter(each.text("kind") if isinstance(each, Map) else "" for each in documents)
            for number, each in enumerate(documents):
                key, path = self._document(each, number, kinds)
                self._node(each, key, path)
        else:
            self._node(node, (), ())

    def _document(self, node: Node, number: int, kinds: Counter[str]) -> tuple[Path, Path]:
        if isinstance(node, Map):
            kind, name = node.text("kind"), node.text("metadata", "name")
            if kind and node.text("apiVersion"):
                is_only = self._loosely and kinds[kind] == 1
                return (f"{kind}/{'' if is_only else self._mask(name)}",), (f"{kind}/{name}",)
        return ((f"document {number}",), ()) if kinds.total() > 1 else ((), ())

    def _node(self, node: Node, key: Path, path: Path) -> None:
        if id(node) in self._seen and not isinstance(node, Leaf):
            return  # an anchor that an alias repeats
        self._seen.add(id(node))
        if isinstance(node, Map):
            self._map(node, key, path)
        elif isinstance(node, Seq):
            self._seq(node, key, path)
        else:
            self._leaf(node, key, path)

    def _map(self, node: Map, key: Path, path: Path) -> None:
        for name, each in node.entries.items():
            if each.source is not self._source:
                continue
            inner, place = (*key, self._mask(name)), (*path, name)
            if isinstance(each, Seq) and each.items and all(isinstance(item, Block) for item in each.items):
                self._blocks(each, key, path)
                continue
            if each.key:
                self._mark(each.key[0], inner, place)
            self._node(each, inner, place)
            self._close(each, inner)

    def _blocks(self, node: Seq, key: Path, path: Path) -> None:
        for block in node.items:
            if isinstance(block, Block):
                name = ".".join([block.kind, *block.labels]) if block.labels else block.kind + identity(block)
                inner, place = (*key, self._mask(name)), (*path, name)
                self._mark(block.start, inner, place)
                self._label(block, place)
                self._map(block, inner, place)
                self._close(block, inner)

    def _label(self, block: Block, path: Path) -> None:
        """Note the last label of a block, which is its name."""
        number = self._source.line_of(block.start)
        line = self._lines[number - 1] if number <= len(self._lines) else Line("")
        label = f'"{block.labels[-1]}"' if block.labels else ""
        at = line.text.rfind(f"{label} {{", block.start - self._source.offset(number)) if label else -1
        if at >= 0:
            line.scalars.append(Scalar(at + 1, at + len(label) - 1, (*path, "name"), '"'))

    def _list(self, node: Seq, path: Path) -> None:
        """Note a list on one line whose items are texts and numbers."""
        if not all(isinstance(item, Leaf) and not item.is_code and not item.is_block for item in node.items):
            return
        first, last = self._source.line_of(node.start), self._source.line_of(max(node.end - 1, node.start))
        start, end = node.start - self._source.offset(first), node.end - self._source.offset(first)
        line = self._lines[first - 1] if first <= len(self._lines) else Line("")
        if first == last and line.text[start : start + 1] == "[" and line.text[end - 1 : end] == "]":
            line.lists.append(Scalar(start, end, path, is_list=True))

    def _seq(self, node: Seq, key: Path, path: Path) -> None:
        self._list(node, path)
        for item in node.items:
            if item.source is not self._source:
                continue
            name = identity(item)
            inner = (*key, self._mask(name))
            if isinstance(item, Leaf):
                self._mark(item.start, inner, path)
                set_ = None if item.is_code or item.is_block else _OPTION.match(item.text)
                own = (*path[:-1], *map(singular, path[-1:]))
                self._leaf(item, inner, (*own, set_["name"]) if set_ else own, set_[0] if set_ else "")
            else:
                self._mark_start(item, inner, (*path, name))
                self._node(item, inner, (*path, name))
                self._close(item, inner)

    def _mark_start(self, item: Node, key: Path, path: Path) -> None:
        first = next(iter(item.entries.values()), None) if isinstance(item, Map) else None
        if first is None or first.line != self._source.line_of(item.start):
            self._mark(item.start, key, path)

    def _leaf(self, node: Leaf, key: Path, path: Path, option: str = "") -> None:
        """Note a scalar, or what follows the `option` that it sets."""
        first, last = self._source.line_of(node.start), self._source.line_of(max(node.end - 1, node.start))
        if first != last or node.is_block:
            pointer = ""
            for number in range(first + 1, min(last, len(self._lines)) + 1):
                line = self._lines[number - 1]
                line.key, line.path = ("|", *key), path
                _read_word_line(line, path)
                pointer = _of_operation(line, path, pointer)
            return
        start, end = node.start - self._source.offset(first), node.end - self._source.offset(first)
        line = self._lines[first - 1] if first <= len(self._lines) else Line("")
        if start >= end or end > len(line.text.rstrip("\n")):
            return
        quote = (
            line.text[start] if line.text[start] in "\"'" and line.text[end - 1] == line.text[start] else ""
        )
        if quote and end - start < 2:
            return
        start, end = start + len(quote), end - len(quote)
        if option and line.text.startswith(option, start):
            line.scalars.append(Scalar(start + len(option), end, path))
        else:
            line.scalars.append(Scalar(start, end, path, quote, is_code=node.is_code))

    def _mark(self, offset: int, key: Path, path: Path) -> None:
        number = self._source.line_of(offset)
        line = self._lines[number - 1] if number <= len(self._lines) else Line("", is_node=True)
        if not line.is_node:
            line.key, line.path, line.is_node = key, path, True

    def _close(self, node: Node, key: Path) -> None:
        """Give the line with the bracket that ends a node its place."""
        if isinstance(node, Leaf):
            return
        number = self._source.line_of(max(node.end - 1, node.start))
        line = self._lines[number - 1] if number <= len(self._lines) else None
        if line and not line.is_node and line.text.strip()[:1] in ("}", "]", ")"):
            line.key, line.is_node = (*key, "}"), True


def identity(node: Node) -> str:
    """Return the name of an item in brackets, which are empty where it has none."""
    if isinstance(node, Map):
        target = node.entries.get("target")
        for holder, name in (*((node, each) for each in IDENTITIES), (target, "name")):
            leaf = holder.entries.get(name) if isinstance(holder, Map) else None
            if isinstance(leaf, Leaf) and leaf.text:
                return f"[{leaf.text.partition('@')[0] if name == 'uses' else leaf.text}]"
    return "[]"


def _read_words(lines: list[Line], language: str) -> None:
    """Give the lines of a file without a tree the section that they stand in, and their scalars."""
    section: Path = ()
    for line in lines:
        if language in _PROSE or _COMMENT.match(line.text):
            line.is_prose = True
            continue
        header = re.match(r"^\[+([\w.\- ]+)\]+\s*$", line.text)
        if header:
            section, line.key, line.is_node = (header[1],), (header[1],), True
            continue
        _read_word_line(line, section)


def _read_word_line(line: Line, path: Path) -> None:
    if _COMMENT.match(line.text):
        line.is_prose = True
        return
    found = _ASSIGNMENT.match(line.text)
    if found:
        group = found.lastgroup or "plain"
        group = next(name for name in ("double", "single", "plain") if found[name] is not None)
        quote = {"double": '"', "single": "'"}.get(group, "")
        line.scalars = [Scalar(*found.span(group), (*path, found["key"]), quote)]
        line.key, line.is_node = line.key or (*path, found["key"]), True
        line.path = (*path, found["key"])
        return
    words = list(_WORD.finditer(line.text))
    line.scalars = [
        Scalar(*word.span(), (*path, *_word_path(words, number)), is_weak=True)
        for number, word in enumerate(words)
    ]


def _of_operation(line: Line, path: Path, pointer: str) -> str:
    """Name the `value` on a line of a JSON patch after its `path`; return the path that holds for the next line."""
    found = _OPERATION_PATH.match(line.text)
    if found:
        return re.sub(r"(?:/(?:[0-9]+|-))+$", "", found[1]).replace("~1", "/")
    if not pointer or line.path != (*path, "value"):
        return "" if line.text.lstrip().startswith("- ") else pointer
    line.path = (*path, f"[{pointer}]", "value")
    line.scalars = [replace(each, path=line.path) for each in line.scalars]
    return pointer


def _word_path(words: Sequence[re.Match[str]], number: int) -> Path:
    """Return a name for a word of a command: the option before it, or the command."""
    before = words[number - 1][0] if number else ""
    if before.startswith("-") and before.strip("-"):
        return (before.strip("-"),)
    return (words[0][0].rpartition("/")[2],) if words and number else ()


def _read_dockerfile(lines: list[Line], source: Source) -> None:
    """Give the lines of a Dockerfile what its instructions set, and the words of all others."""
    for instruction in parse(source).instructions:
        for key, path, value in _settings(instruction):
            number = source.line_of(value.offset)
            line, start = lines[number - 1], value.offset - source.offset(number)
            if not line.is_node:
                line.key, line.path, line.is_node = key, path, True
            text = value.text
            quote = text[0] if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0] else ""
            if text and line.text.startswith(text, start):  # otherwise it continues on the next line
                at, end = start + len(quote), start + len(text) - len(quote)
                line.scalars.append(Scalar(at, end, path[-1:], quote))
    for line in lines:
        if not line.is_node:
            _read_word_line(line, ())


def _settings(instruction: Instruction) -> Iterator[tuple[Path, Path, Word]]:
    """Yield the key and path of each value that an instruction sets, and the value with its quotes."""
    keyword, words = instruction.keyword, instruction.words
    if keyword == "FROM" and words:
        image, *stage = instruction.texts
        yield ("FROM", " ".join(stage) or image.partition(":")[0]), ("image",), words[0]
    elif keyword == "ARG":
        for word in words:
            key = (keyword, word.text.partition("=")[0])
            yield key, key, word.part(word.text.find("=") + 1 or len(word.text))
    elif keyword in ("ENV", "LABEL"):
        for name, value in named(instruction):
            yield (keyword, name.text), (keyword, name.text), value
    elif keyword in _SETS_ONE:
        yield (keyword,), (keyword.lower(),), instruction.rest


def _complete(lines: list[Line]) -> None:
    """Give comments and blank lines the place of what comes after them."""
    key: Path = ("end",)
    for line in reversed(lines):
        if line.is_node or line.key:
            key = line.key
        else:
            line.key = ("#", *key)
            line.is_prose = line.is_prose or bool(_COMMENT.match(line.text))
