"""Report errors of YAML's syntax at the line that has to be fixed.

A parser notices many errors some lines later: an unclosed quote at the end of the file, a missing colon at the colon
of the next line. Its context has the place of the error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import yaml

from generator.findings import Finding, Span, error

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_ENTRY = re.compile(r"""\s*(- |-$|\?|#|---|\.\.\.|$|[^\s#].*?:(\s|$))""")  # a line that is complete by itself

_VALUE = re.compile(r"""\s*(?:- )*[^\s#"'][^#]*?:\s+([^\s#'"\[{|>&*!].*)""")

_HINTS = (
    ("mapping values are not allowed", "align the key, and end it with a colon; text with a colon needs quotes"),
    ("<document start>", "add a colon and a space after the key"),
    ("could not find expected ':'", "add a colon and a space after the key"),
    ("did not find expected key", "indent the key like its neighbours, and close quotes above it"),
    ("did not find expected '-' indicator", "begin each item of the list with - at the same indentation"),
    ("did not find expected ',' or ']'", "close the list with ], and separate its items with commas"),
    ("did not find expected ',' or '}'", "close the map with }, and separate its keys with commas"),
    ("did not find expected node content", "remove the character, or add a value here"),
    ("unexpected end of stream", "close the quote"),
    ("cannot start any token", "quote text that begins with this character"),
    ("unknown escape character", "write two backslashes for one; in single quotes one is enough"),
    ("found undefined tag", "quote text that begins with !"),
    ("while scanning an alias", "quote text that begins with *"),
    ("while scanning an anchor", "quote text that begins with &"),
    ("while scanning a block scalar", "write nothing after | or > on its line"),
    ("scanning a directive", "quote text that begins with %"),
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
    """Return line and column, from 0, of what has to be fixed."""
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
        return context.line, context.column  # the next entry of a block: the bracket is not closed
    return mark.line, mark.column


def _is_end(line: int, lines: list[str]) -> bool:
    """Return whether only white space follows from `line` on: then the unclosed part is the error, not the end."""
    return not any(text.strip() for text in lines[line:])


def _running_on(line: int, lines: list[str]) -> tuple[int, int] | None:
    """Return the place of text that continues in `line`: a key without a colon, or a value before a deeper map."""
    before = _content(range(line - 1, -1, -1), lines)
    after = _content(range(line + 1, len(lines)), lines)
    if before is None or lines[before].lstrip().startswith("#"):
        return None
    indent, deeper = _indent(lines[before]), _indent(lines[line])
    text = re.sub(r"\s#.*", "", lines[before])
    if indent <= deeper and not _ENTRY.match(text):
        return before, indent
    value = _VALUE.match(text)
    # When only `line` is deeper, that one is the error.
    is_odd = after is None or _indent(lines[after]) <= indent
    return (before, value.start(1)) if value and indent < deeper and not is_odd else None


def _content(numbers: Iterable[int], lines: list[str]) -> int | None:
    """Return the first of the lines that has text."""
    return next((number for number in numbers if lines[number].strip()), None)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _unreadable(problem: yaml.YAMLError, path: str, lines: list[str]) -> Finding:
    """Return the finding for a character that YAML does not allow."""
    found = ((number, _CONTROL.search(line)) for number, line in enumerate(lines, start=1))
    number, match = next(((number, match) for number, match in found if match), (1, None))
    message = f"not YAML: {getattr(problem, 'reason', None) or problem}"
    hint = "save the file as UTF-8"
    if match:
        message = f"not YAML: the control character U+{ord(match[0]):04X}"
        hint = f'remove it; inside double quotes it can be written as "\\u{ord(match[0]):04x}"'
    at = Span(path, number, match.start() + 1 if match else 1, 1, lines[number - 1] if lines else "")
    return error("located/syntax", message, at, hint=hint)
