"""Errors of YAML's syntax, at the line that has to be mended.

A parser notices many a mistake only lines later: a quote that was never closed at the end of the file, a missing
colon at the colon of the next line. What it was in the middle of tells where to look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import yaml

from generator.findings import Finding, Span, error

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_ENTRY = re.compile(r"""\s*(- |-$|\?|#|---|\.\.\.|$|[^\s#].*?:(\s|$))""")  # a line that is whole by itself

_VALUE = re.compile(r"""\s*(?:- )*[^\s#"'][^#]*?:\s+([^\s#'"\[{|>&*!].*)""")

_HINTS = (
    ("mapping values are not allowed", "align the key, and end it with a colon; text with a colon needs quotes"),
    ("<document start>", "put a colon and a space behind the key"),
    ("could not find expected ':'", "put a colon and a space behind the key"),
    ("did not find expected key", "bring the key to the indentation of its neighbours, and close quotes above it"),
    ("did not find expected '-' indicator", "begin each item of the list with - at the same indentation"),
    ("did not find expected ',' or ']'", "close the list with ], and put a comma between its items"),
    ("did not find expected ',' or '}'", "close the map with }, and put a comma between its keys"),
    ("did not find expected node content", "take out the sign that begins nothing here, or put a value there"),
    ("unexpected end of stream", "close the quote"),
    ("cannot start any token", "put text that begins with this character in quotes"),
    ("unknown escape character", "write two backslashes for one; in single quotes one is enough"),
    ("found undefined tag", "put text that begins with ! in quotes"),
    ("while scanning an alias", "put text that begins with * in quotes"),
    ("while scanning an anchor", "put text that begins with & in quotes"),
    ("while scanning a block scalar", "let | or > stand alone at the end of its line"),
    ("scanning a directive", "put text that begins with % in quotes"),
)  # fmt: skip
_HINT = "check the indentation, colons and quotes of this line and the one before"


def syntax_error(problem: yaml.YAMLError, path: str, lines: list[str], events: list[yaml.Event]) -> Finding:
    """Return the finding for a parser's error; `events` are those that came before it."""
    if not isinstance(problem, yaml.MarkedYAMLError) or problem.problem_mark is None:
        return _unreadable(problem, path, lines)
    line, column = _place(problem, lines, events)
    message = f"not YAML: {problem.problem}" + (f" {problem.context}" if problem.context else "")
    text = lines[line] if line < len(lines) else ""
    hint = next((hint for words, hint in _HINTS if words in message), _HINT)
    if "\t" in text[: column + 1]:
        hint = "indent with spaces; YAML allows no tabs there"
    return error("located/syntax", message, Span(path, line + 1, column + 1, 1, text), hint=hint)


def _place(problem: yaml.MarkedYAMLError, lines: list[str], events: list[yaml.Event]) -> tuple[int, int]:
    """Return line and column, from 0, of what has to be mended."""
    mark = problem.problem_mark
    assert mark is not None
    context = problem.context_mark
    text = f"{problem.problem} {problem.context}"
    if context and ("quoted scalar" in text or "simple key" in text or _is_end(mark.line, lines)):
        return context.line, context.column
    last = events[-1] if events else None
    if isinstance(last, yaml.ScalarEvent) and last.start_mark and last.end_mark:
        runs_on = last.start_mark.line < mark.line == last.end_mark.line
        if runs_on and last.style in ("'", '"'):  # a quote that was closed by the next one
            return last.start_mark.line, last.start_mark.column
    if "mapping values are not allowed" in text or "<document start>" in text:
        return _running_on(mark.line, lines) or (mark.line, mark.column)
    if (
        context
        and "parsing a flow" in text
        and context.line < mark.line
        and _indent(lines[mark.line]) <= _indent(lines[context.line])
    ):
        return context.line, context.column  # the next entry of a block: the bracket was never closed
    return mark.line, mark.column


def _is_end(line: int, lines: list[str]) -> bool:
    """Say whether nothing but white space stands from `line` on: the end says nothing, what is not closed does."""
    return not any(text.strip() for text in lines[line:])


def _running_on(line: int, lines: list[str]) -> tuple[int, int] | None:
    """Return the place of text that runs on into `line`: a key without a colon, or a value before a deeper map."""
    before = _content(range(line - 1, -1, -1), lines)
    behind = _content(range(line + 1, len(lines)), lines)
    if before is None or lines[before].lstrip().startswith("#"):
        return None
    indent, deeper = _indent(lines[before]), _indent(lines[line])
    text = re.sub(r"\s#.*", "", lines[before])
    if indent <= deeper and not _ENTRY.match(text):
        return before, indent
    value = _VALUE.match(text)
    is_odd = (
        behind is None or _indent(lines[behind]) <= indent
    )  # only `line` is deeper: it is the one to mend
    return (before, value.start(1)) if value and indent < deeper and not is_odd else None


def _content(numbers: Iterable[int], lines: list[str]) -> int | None:
    """Return the first of the lines that has text."""
    return next((number for number in numbers if lines[number].strip()), None)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _unreadable(problem: yaml.YAMLError, path: str, lines: list[str]) -> Finding:
    """Return the finding for a character that YAML allows nowhere."""
    found = ((number, _CONTROL.search(line)) for number, line in enumerate(lines, start=1))
    number, match = next(((number, match) for number, match in found if match), (1, None))
    message = f"not YAML: {getattr(problem, 'reason', None) or problem}"
    hint = "save the file as UTF-8"
    if match:
        message = f"not YAML: the control character U+{ord(match[0]):04X}"
        hint = f'take it out; inside double quotes it can be written as "\\u{ord(match[0]):04x}"'
    at = Span(path, number, match.start() + 1 if match else 1, 1, lines[number - 1] if lines else "")
    return error("located/syntax", message, at, hint=hint)
