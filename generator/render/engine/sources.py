"""The texts of the templates, and the places in them that messages point at."""

from __future__ import annotations

import re

from jinja2 import TemplateNotFound, nodes

from generator.findings import Span
from generator.languages.site import MARK
from generator.project import TEMPLATES
from generator.project.folder import Project, read
from generator.render.engine.failures import TemplateFailure
from generator.render.tokens import Place as Position
from generator.render.tokens import extent

Place = tuple[str, int, int, int]  # of a `{{ … }}`: the template, its line, column and length


class Sources:
    """The templates of one project, each read when it is first asked for."""

    def __init__(self, project: Project) -> None:
        self.place = str(project.root)
        self.names = project.template_names()
        # Line, column and length of each `{{ … }}`, by template; the loader puts them here.
        self.outputs: dict[str, tuple[tuple[int, int, int], ...]] = {}
        self._project = project
        self._lines: dict[str, list[str]] = {}

    def text(self, name: str) -> str:
        """Return the text of a template. Raises TemplateNotFound, and TemplateFailure when it cannot be read."""
        if name not in self.names:
            raise TemplateNotFound(name)
        if name not in self._lines:
            text, unreadable = read(self._project, f"{TEMPLATES}/{name}")
            if unreadable:
                raise TemplateFailure(unreadable)
            self._lines[name] = text.split("\n")
        return "\n".join(self._lines[name])

    def line(self, name: str, number: int, word: str = "") -> Span:
        """Return the span of a line of the template `name`: of `word` in it, or of its only `{{ … }}`.

        Where `number` is the place of a token, `word` stands there or behind; without it, the span is the token's.
        """
        lines = self._lines.get(name, [])
        text = lines[number - 1] if 0 < number <= len(lines) else ""
        column, length = len(text) - len(text.lstrip()) + 1, len(text.strip()) or 1
        found = (
            _find_word(text, word, number.column - 1 if isinstance(number, Position) else 0) if word else None
        )
        outputs = [output for output in self.outputs.get(name, ()) if output[0] == number]
        if found:
            column, length = found.start() + 1, len(word)
        elif isinstance(number, Position):
            column, length = number.column, number.length
        elif len(outputs) == 1:
            _, column, length = outputs[0]
        return Span(f"{TEMPLATES}/{name}", int(number), column, length, text)

    def node(self, name: str, node: nodes.Node) -> Span:
        """Return the span of an expression of the template `name`."""
        found = extent(node)
        if found is None:
            return self.line(name, node.lineno)
        line, column, length = found
        text = self._lines[name][line - 1]
        return Span(f"{TEMPLATES}/{name}", line, column, _balanced(text[column - 1 :], length), text)

    def span(self, place: Place) -> Span:
        """Return the span of a `{{ … }}`."""
        name, line, column, length = place
        return Span(f"{TEMPLATES}/{name}", line, column, length, self._lines[name][line - 1])

    def find(self, name: str, line: str) -> Span:
        """Return the span of the template line that made `line` of a shape, as far as its text tells."""
        pattern = re.compile(r"\{\{.*\}\}".join(re.escape(part) for part in line.strip().split(MARK)))
        for number, text in enumerate(self._lines.get(name, []), start=1):
            if line.strip() and pattern.fullmatch(text.strip()):
                return self.line(name, number)
        return self.line(name, 1)


def _find_word(line: str, word: str, start: int = 0) -> re.Match[str] | None:
    """Find a word in the code of a line from `start` on, or in its text where the code has none."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    if start:
        return pattern.search(line, start)
    for code in re.finditer(r"\{\{.*?\}\}|\{%.*?%\}", line):
        found = pattern.search(line, code.start(), code.end())
        if found:
            return found
    return pattern.search(line)


def _balanced(text: str, length: int) -> int:
    """Return the length of an expression at the beginning of `text`, with the brackets that close those in it."""
    pairs = {")": "(", "]": "[", "}": "{"}
    depth = sum(text[:length].count(left) - text[:length].count(right) for right, left in pairs.items())
    for index in range(length, len(text)):
        if depth <= 0 or text[index] in "%|" or text[index : index + 2] == "}}":
            return length
        depth += (text[index] in pairs.values()) - (text[index] in pairs)
        length = index + 1 if depth <= 0 else length
    return length
