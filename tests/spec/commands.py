"""Reads shell text into pipelines of commands, with quotes that change nothing taken out."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import dropwhile

import tree_sitter_bash
from tree_sitter import Language, Node

from .changes import ParseError
from .trees import one_line, parse, source

BASH = Language(tree_sitter_bash.language())
GITHUB_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
MASKED_EXPRESSION = re.compile(f"GITHUB_({b'${{'.hex()}[0-9a-f]*?{b'}}'.hex()})")
NEEDS_ESCAPE = re.compile(r"([^\w@%+=:,./-])")
PLAIN_WORD = re.compile(r"[\w./][\w./:-]*")

SIMPLE = {"command", "declaration_command", "unset_command", "test_command", "variable_assignment"}
GUARDS = {
    "if_statement",
    "elif_clause",
    "else_clause",
    "while_statement",
    "for_statement",
    "c_style_for_statement",
    "case_statement",
    "case_item",
    "function_definition",
}
BODIES = {"then", "do_group", "compound_statement", "case_item", ")"}
EXPANSIONS = {"simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"}
COMPOSED = {"concatenation", "variable_assignment"}
REDIRECTS = {"file_redirect", "heredoc_redirect", "herestring_redirect"}
WORDS = EXPANSIONS | COMPOSED | REDIRECTS | {"string"}


@dataclass(frozen=True)
class Expansion:
    text: str
    quoted: bool


Pieces = tuple[str | Expansion, ...]


@dataclass(frozen=True)
class Word:
    text: str
    pieces: Pieces


@dataclass(frozen=True)
class Command:
    program: Pieces
    words: tuple[Word, ...]
    place: str = ""

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class Pipeline:
    """One command or several joined by pipes; `guards` are the constructs that it depends on."""

    stages: tuple[Command, ...]
    guards: tuple[str, ...]

    @property
    def text(self) -> str:
        return " | ".join(stage.text for stage in self.stages)


@lru_cache(64)
def pipelines(text: str) -> tuple[Pipeline, ...]:
    """GitHub fills in `${{ … }}` before the shell reads the text, so a plain word stands for it."""
    masked = GITHUB_EXPRESSION.sub(lambda match: f"GITHUB_{match[0].encode().hex()}", text)
    return tuple(_with_places(list(_read(parse(BASH, masked), ()))))


def normalised(text: str) -> str:
    """The text with its layout taken out, for a place where it must be the same otherwise."""
    try:
        return " ".join(word.text for word in _words(parse(BASH, text)))
    except ParseError:
        return one_line(text)


def _with_places(pipelines: list[Pipeline]) -> list[Pipeline]:
    """The first words of a command are its place; a second such command is `docker push (2)`."""
    seen: Counter[str] = Counter()

    def placed(command: Command) -> Command:
        label = _label(command)
        seen[label] += 1
        return replace(command, place=label if seen[label] == 1 else f"{label} ({seen[label]})")

    return [replace(each, stages=tuple(placed(stage) for stage in each.stages)) for each in pipelines]


def _label(command: Command) -> str:
    after_assignments = dropwhile(lambda word: word.pieces != command.program, command.words)
    words = [word.text for word in after_assignments]
    count = 1
    while count < min(len(words), 3) and PLAIN_WORD.fullmatch(words[count]):
        count += 1
    return " ".join(words[:count])


def _read(node: Node, guards: tuple[str, ...]) -> Iterator[Pipeline]:
    if node.type in SIMPLE:
        yield Pipeline((_command(node),), guards)
    elif node.type == "pipeline":
        stages = (child for child in node.named_children if child.type != "comment")
        yield Pipeline(tuple(map(_command, stages)), guards)
    elif node.type == "redirected_statement" and node.named_children[0].type in SIMPLE:
        yield Pipeline((_command(node), *_after_heredoc(node)), guards)
    elif node.type == "negated_command":
        yield from _read(node.named_children[0], (*guards, "not"))
    else:
        yield from _read_children(node, guards)


def _read_children(node: Node, guards: tuple[str, ...]) -> Iterator[Pipeline]:
    if node.type in GUARDS:
        guards = (*guards, _header(node))
    for child in node.named_children:
        yield from _read(child, (*guards, *_beside(child)))


def _beside(node: Node) -> Iterator[str]:
    """The signs that decide if a command runs, or if the script stops when it fails."""
    after, before = node.next_sibling, node.prev_sibling
    if after is not None and after.type in {"&&", "||", "&"}:
        yield f"before {after.type}"
    if before is not None and before.type in {"&&", "||"}:
        yield f"after {before.type}"


def _header(node: Node) -> str:
    parts: list[str] = []
    for child in node.children:
        if child.type in BODIES:
            break
        parts.append(source(child))
        if node.type == "else_clause":
            break
    return _shown(" ".join(part for part in parts if part != ";"))


def _after_heredoc(node: Node) -> Iterator[Command]:
    """`cat <<EOF | kubectl apply -f -`: the grammar keeps the rest of the pipe in the redirect."""
    for redirect in node.named_children[1:]:
        for child in redirect.named_children:
            if child.type == "pipeline":
                yield from (_command(stage) for stage in child.named_children)


def _command(node: Node) -> Command:
    words = tuple(_words(node))
    name = _name(node)
    return Command(_pieces(name.children[0]) if name else words[0].pieces, words)


def _name(node: Node) -> Node | None:
    body = node.named_children[0] if node.type == "redirected_statement" else node
    return body.child_by_field_name("name") if body.type == "command" else None


def _words(node: Node) -> Iterator[Word]:
    if node.type == "comment":
        return
    if node.type in WORDS or not node.children:
        yield Word(_shown(source(node)), _pieces(node))
        return
    for child in node.children:
        yield from _words(child)


def _shown(text: str) -> str:
    """One line, with GitHub's expressions as they were written."""
    return one_line(MASKED_EXPRESSION.sub(lambda match: bytes.fromhex(match[1]).decode(), text))


def _pieces(node: Node) -> Pieces:
    merged: list[str | Expansion] = []
    for piece in _raw_pieces(node):
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return tuple(piece for piece in merged if piece != "")


def _raw_pieces(node: Node) -> Iterator[str | Expansion]:
    if node.type in EXPANSIONS:
        yield _expansion(node, quoted=False)
    elif node.type == "raw_string":
        yield _escaped(source(node)[1:-1])
    elif node.type == "string":
        yield from _string_pieces(node)
    elif node.type in COMPOSED:
        for child in node.children:
            yield from _raw_pieces(child)
    elif node.type == "file_redirect":
        yield "".join(source(child) for child in node.children)
    else:
        yield source(node)


def _string_pieces(node: Node) -> Iterator[str | Expansion]:
    """What lies between the expansions is text, whether the grammar gives it a node or not."""
    text = node.text or b""
    position = 1
    for child in node.named_children:
        if child.type in EXPANSIONS:
            blank = len(source(child)) - len(source(child).lstrip())  # the grammar's, in strings
            start = child.start_byte - node.start_byte + blank
            yield _escaped(_double_quoted(text[position:start].decode()))
            yield _expansion(child, quoted=True)
            position = child.end_byte - node.start_byte
    yield _escaped(_double_quoted(text[position:-1].decode()))


def _expansion(node: Node, quoted: bool) -> Expansion:
    text = source(node).strip()
    braced = re.fullmatch(r"\$\{(\w+)\}", text)
    return Expansion(f"${braced[1]}" if braced else text, quoted)


def _double_quoted(text: str) -> str:
    return re.sub(r'\\([\\"$`])', r"\1", text)


def _escaped(text: str) -> str:
    """Quoted text as it would be written bare."""
    return NEEDS_ESCAPE.sub(r"\\\1", text)
