"""Syntax errors of a template, reported where they have to be fixed.

A parser notices an unclosed `{{` or block only lines later; the tokens before it show where it begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jinja2 import Environment, TemplateSyntaxError

from generator.findings.record import record
from generator.findings.suggest import alternatives, nearest
from generator.render.tokens import Lexeme, Position, lex

_BLOCKS = ("block", "call", "filter", "for", "if", "macro", "set", "with")  # tags with an end tag
_SKIPPED = frozenset(("whitespace", "comment_begin", "comment", "comment_end", "raw_begin", "raw_end"))
_TAGS = (*_BLOCKS, "elif", "else", "extends", "from", "import", "include", "raw")
# Text that was meant as an expression or a statement, but lacks its first brace.
_EXPRESSION = re.compile(r"(?<![{$\w])\{ *[A-Za-z_][\w.]*(?: *\|[^{}\n]*)? *\}\}")
_STATEMENT = re.compile(rf"\{{? *(?:{'|'.join(_TAGS)}|end(?:{'|'.join(_BLOCKS)}))\b[^{{}}\n]*%\}}")


@record
class Diagnosis:
    """A syntax error: where to fix it, what is wrong there, and what to do.

    `opened` is the position of the unclosed block that the error is about, when that is another one.
    """

    position: int
    message: str
    hint: str
    opened: Position | None = None


def missing_brace(lexemes: Iterable[Lexeme]) -> Diagnosis | None:
    """Return the diagnosis for the first text that looks like an expression or statement without its first brace."""
    is_raw = False
    for lexeme in lexemes:
        is_raw = lexeme.kind == "raw_begin" or (is_raw and lexeme.kind != "raw_end")
        match = next(_unopened(lexeme.text), None) if lexeme.kind == "data" and not is_raw else None
        if match:
            before = lexeme.text[: match.start()]
            column = match.start() + (-before.rfind("\n") if "\n" in before else lexeme.column)
            text = Lexeme("data", lexeme.line + before.count("\n"), column, match[0])
            message = f"found {match[0].strip()}, which is text, not an expression: missing {{"
            if match.re is _STATEMENT:
                message = f"found {match[0].strip()}, which is text, not a statement: missing {{%"
            hint = "begin an expression with {{ and a statement with {%; put literal braces into {% raw %}"
            return Diagnosis(Position.of(text), message, hint)
    return None


def _unopened(text: str) -> Iterator[re.Match[str]]:
    yield from _STATEMENT.finditer(text) if "%}" in text else ()
    for match in _EXPRESSION.finditer(text) if "}}" in text else ():
        line = text[text.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0]
        if line.count("{") < line.count("}"):  # else it may be code: f({a: {b}})
            yield match


def diagnose(environment: Environment, source: str, problem: TemplateSyntaxError) -> Diagnosis:
    """Return what to fix where Jinja's lexer or parser failed with `problem`."""
    lexemes: list[Lexeme] = []
    is_lexed = False
    try:
        lexemes.extend(lex(environment, source))
        is_lexed = True
    except TemplateSyntaxError:
        pass
    brace = missing_brace(lexemes)
    if brace and _order(brace.position) <= _order(problem.lineno):
        return brace
    message = problem.message or "not a template"
    if not is_lexed and message.startswith(("unexpected", "Missing end")):  # else the parser failed first
        return _of_lexer(message, problem.lineno, lexemes, source)
    before = [each for each in lexemes if (each.line, each.column) < _order(problem.lineno)]
    return _of_parser(message, problem.lineno, before, source)


def _order(position: int) -> tuple[int, int]:
    return int(position), position.column if isinstance(position, Position) else 10**6


def _of_lexer(message: str, line: int, before: list[Lexeme], source: str) -> Diagnosis:
    """Explain an error of the lexer, which stopped after the tokens in `before`."""
    last = before[-1] if before else Lexeme("data", 1, 1, "")
    start = _offset(last, source) + len(last.text)
    start += len(source[start:]) - len(source[start:].lstrip()) if start < len(source) else 0
    here = Position.of(Lexeme.at(source, min(start, max(len(source) - 1, 0))))
    if "end of comment" in message:
        hint = "close it with #}, or put a literal {# into {% raw %}"
        return Diagnosis(Position.of(last), "the comment that begins here is never closed", hint)
    if "end of raw" in message:
        return _never_closed(last, "raw block", "{% endraw %}")
    unclosed = _unclosed(before, line, source)
    if unclosed:
        return unclosed
    char = source[start : start + 1]
    if char in ("'", '"'):
        return Diagnosis(here, f"the quote {char} that begins here is never closed", f"close it with {char}")
    wanted = re.search(r", expected '(.)'", message)
    if wanted:
        hint = f"add {wanted[1]} before it, or remove it"
        return Diagnosis(here, f"found {char}, expected {wanted[1]}", hint)
    if char in ("}", ")", "]"):
        hint = "end an expression with }} and a statement with %}; remove the bracket, or open it"
        return Diagnosis(here, f"found {char} without its opening bracket", hint)
    hint = "remove it, or quote the text"
    return Diagnosis(here, f"found {char}, which is not allowed in an expression", hint)


def _of_parser(message: str, position: int, before: list[Lexeme], source: str) -> Diagnosis:
    """Explain an error of the parser at `position`; `before` are the tokens up to there."""
    open_blocks = _open_blocks(before)
    unknown = re.match(r"Encountered unknown tag '([^']*)'", message)
    if unknown:
        return _of_tag(unknown[1], position, open_blocks)
    if message.startswith("Unexpected end of template") and open_blocks:
        tag = _misaligned(before) or open_blocks[-1]
        return _never_closed(tag, tag.text, f"{{% end{tag.text} %}}")
    unclosed = _unclosed(before, position, source)
    if unclosed:
        return unclosed
    got = re.match(r"expected token '([^']*)', got '([^']*)'", message)
    if got:
        wanted, actual = (_WORDS.get(word, word) for word in got.groups())
        hint = "write an operator such as ~ between two values; quote text"
        hint = hint if wanted == "}}" else f"write {wanted} there"
        return Diagnosis(position, f"found {actual}, expected {wanted}", hint)
    no_value = re.match(r"(?:unexpected|Expected an expression, got) '([^']*)'", message)
    if no_value:
        actual = _WORDS.get(no_value[1], no_value[1])
        return Diagnosis(position, f"found {actual}, expected a value", "write a value there")
    return Diagnosis(position, *_OTHERS.get(message, (message[:1].lower() + message[1:].rstrip("."), _HINT)))


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
    "string": "a string",
}
_HINT = "see the syntax in Jinja's Template Designer Documentation"
_OTHERS = {
    "expected name or number": ("expected a name after the dot", "write the key, or remove the dot"),
    "expected call": ("expected a call of a macro", "write {% call name() %}"),
    "invalid syntax for function call expression": (
        "found a positional argument after a keyword argument",
        "write the keyword arguments last",
    ),
    "tag name expected": ("expected a tag", f"begin the statement with one of {', '.join(_TAGS)}"),
}


def _of_tag(tag: str, position: int, open_blocks: list[Lexeme]) -> Diagnosis:
    """Explain a tag that Jinja does not know, or does not allow here."""
    if not tag.startswith("end") and tag not in ("else", "elif"):
        others = f"use one of {alternatives(tag, _TAGS)}; put tags of another program into {{% raw %}}"
        hint = nearest(tag, _TAGS) or others
        return Diagnosis(position, f'there is no tag "{tag}"', hint)
    if not open_blocks:
        return Diagnosis(
            position, f"found {tag} without an open block", "remove it, or open the block above it"
        )
    block = open_blocks[-1]
    hint = f"write {{% end{block.text} %}} before it, or remove it"
    ends = [f"end{each}" for each in _BLOCKS]
    if tag not in (*ends, "else", "elif"):
        hint = nearest(tag, ends) or hint
    return Diagnosis(position, f"found {tag}, expected end{block.text}", hint, Position.of(block))


def _tags(before: list[Lexeme]) -> Iterator[tuple[Lexeme, Lexeme]]:
    """Yield the beginning and the tag of each statement that opens or closes a block."""
    code = [each for each in before if each.kind not in _SKIPPED]
    for index, begin in enumerate(code[:-1]):
        tag = code[index + 1]
        is_block = tag.text in _BLOCKS and not _is_plain_set(code[index + 1 :])
        if begin.kind == "block_begin" and (is_block or tag.text.startswith("end")):
            yield begin, tag


def _open_blocks(before: list[Lexeme]) -> list[Lexeme]:
    """Return the tags of the blocks that are open after `before`, the innermost last."""
    opened: list[Lexeme] = []
    for _, tag in _tags(before):
        if not tag.text.startswith("end"):
            opened.append(tag)
        elif opened and tag.text == f"end{opened[-1].text}":
            opened.pop()
    return opened


def _misaligned(before: list[Lexeme]) -> Lexeme | None:
    """Return the tag of a block whose end tag has the column of the block around it."""
    opened: list[tuple[Lexeme, int]] = []
    for begin, tag in _tags(before):
        if not tag.text.startswith("end"):
            opened.append((tag, begin.column))
        elif opened and tag.text == f"end{opened[-1][0].text}":
            block, column = opened.pop()
            if opened and column > begin.column == opened[-1][1]:
                return block
    return None


def _is_plain_set(code: list[Lexeme]) -> bool:
    """Return whether a statement is a `set` with a value, which has no end tag."""
    if code[0].text != "set":
        return False
    signs = (each.text for each in code if each.kind == "block_end" or each.text == "=")
    return next(signs, "") == "="


def _unclosed(before: list[Lexeme], line: int, source: str) -> Diagnosis | None:
    """Return the diagnosis for a quote, `{{` or `{%` that is not closed on its line, when that makes `line` fail."""
    kinds = [each.kind for each in before]
    begins = [index for index, kind in enumerate(kinds) if kind in ("variable_begin", "block_begin")]
    if not begins or set(kinds[begins[-1] :]) & {"variable_end", "block_end"}:
        return None
    for lexeme in before[begins[-1] :]:
        if lexeme.kind == "string" and "\n" in lexeme.text:
            return _never_closed(lexeme, f"quote {lexeme.text[0]}", lexeme.text[0])
    last = before[begins[-1]]
    end = "}}" if last.kind == "variable_begin" else "%}"
    lines = source.rstrip("\n").split("\n")
    if end in lines[last.line - 1][last.column :] or last.line == int(line) < len(lines):
        return None
    return _never_closed(last, last.text, end)


def _never_closed(lexeme: Lexeme, what: str, end: str) -> Diagnosis:
    return Diagnosis(
        Position.of(lexeme), f"the {what} that begins here is never closed", f"close it with {end}"
    )


def _offset(lexeme: Lexeme, source: str) -> int:
    """Return where a token begins in the source."""
    start = 0
    for _ in range(lexeme.line - 1):
        start = source.find("\n", start) + 1
    return start + lexeme.column - 1
