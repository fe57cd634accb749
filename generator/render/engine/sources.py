"""The source texts of the templates, and the spans in them for findings."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import cached_property

from jinja2 import TemplateNotFound, nodes

from generator.findings import Span
from generator.languages.site import MARK
from generator.project import SUFFIX
from generator.project.cache import NO_CACHE, Cache, digest
from generator.project.content import text_of
from generator.project.files import states
from generator.project.folder import Folders, Project, read_copied, read_with_state
from generator.render.engine.errors import RenderError
from generator.render.engine.form import Form
from generator.render.tokens import Position, extent
from generator.render.tokens.delimiters import STANDARD, hide_others
from generator.values.settings import NO_SETTINGS, Settings

_SETTLED = 50_000_000  # ns; file systems record times in steps of a few milliseconds
_Content = tuple[Form, str, str]  # with a digest of both and what decides how they are read
Location = tuple[str, int, int, int]  # a template, line, column, and length (0: to the end of literal text)


class Sources:
    """The templates of one project and the files that are copied, each read at its first use."""

    def __init__(self, project: Project, settings: Settings = NO_SETTINGS, cache: Cache = NO_CACHE) -> None:
        self.root = str(project.root)
        self.entries = project.entries()
        self.names, self.copied = project.listed(self.entries)
        self._settings = settings
        self._shared = project.shared_names()
        self._forms: dict[str, Form] = {}
        # Line, column and length of each `{{ … }}`, by template; the loader sets them.
        self.extents: dict[str, tuple[tuple[int, int, int], ...]] = {}
        self._project = project
        self._cache = cache
        self._texts: dict[str, str] = {}
        self._lines: dict[str, list[str]] = {}  # of these texts
        self._keys: dict[str, str] = {}

    def text(self, name: str) -> str:
        """Return the text of a template. Raises TemplateNotFound, and RenderError when it cannot be read."""
        if name not in self._texts:
            if name not in self.names:
                raise TemplateNotFound(name)
            content = self._known(name) or self._read(name)
            self._forms[name], self._texts[name], self._keys[name] = content
        return self._texts[name]

    def _read(self, name: str) -> _Content:
        text, executable, unreadable = read_with_state(self._project, self.path(name))
        if unreadable:
            raise RenderError(unreadable)
        form, text = Form.of(text, executable=executable), text.replace("\r\n", "\n")
        content = form, text, digest(text, self.delimiters(name), repr(form))
        if name in self._looks:
            self._cache.keep("source", f"{self.root}\0{name}", self._look(name), content)
        return content

    def _known(self, name: str) -> _Content | None:
        """Return what an earlier engine of this process read of a file that looks the same.

        It is only there for speed: a keystroke in a template, and a save under `watch`, take 0.9 of the time.
        """
        known: _Content | None = None
        if name in self._looks:
            known = self._cache.recall("source", f"{self.root}\0{name}", self._look(name))
        return known

    def _look(self, name: str) -> str:
        return f"{self._looks[name]} {self.delimiters(name)}"

    @cached_property
    def _looks(self) -> Mapping[str, tuple[int, ...]]:
        """What the files look like that changed so long ago that each later change shows in their times."""
        if not self._cache.keeps_objects:
            return {}
        unsaved, now = self._project.unsaved, time.time_ns()
        names = [name for name in self.names if name not in self._shared and self.path(name) not in unsaved]
        try:
            found = zip(names, states(self.root, self.folders.templates, names), strict=True)
            looks = {
                name: (each.st_mtime_ns, each.st_ctime_ns, each.st_size, each.st_ino, each.st_mode)
                for name, each in found
            }
        except OSError:  # the one that cannot be read is reported when it is read
            return {}
        return {name: each for name, each in looks.items() if max(each[:2]) < now - _SETTLED}

    @property
    def folders(self) -> Folders:
        """Where values and templates are."""
        return self._project.folders

    def path(self, name: str) -> str:
        """Return what messages call a template: its path from the project, or in its package."""
        shared = self._shared.get(name)
        return f"{shared.label if shared else self.folders.templates}/{name}"

    def form(self, name: str) -> Form:
        """Return the form of a template. Raises as `text` does."""
        if name not in self._forms:
            self.text(name)
        return self._forms[name]

    def code(self, name: str) -> str:
        """Return the text of a template as Jinja reads it: with other characters for braces that are not its own."""
        return hide_others(self.text(name), self.delimiters(name))

    def delimiters(self, name: str) -> str:
        """Return the delimiters of the expressions of a template."""
        entry = self._settings.delimiters_of(name.removesuffix(SUFFIX))
        return entry or STANDARD

    def key(self, name: str) -> str:
        """Return a digest of the text of a template and what decides how it is read; "" if it cannot be read."""
        try:
            self.text(name)
        except (RenderError, TemplateNotFound):
            return ""
        return self._keys.get(name, "")

    def content(self, name: str) -> tuple[bytes, bool]:
        """Return the content of a file that is copied, and whether it is executable. Raises RenderError."""
        data, executable, unreadable = read_copied(self._project, self.path(name))
        if unreadable:
            raise RenderError(unreadable)
        self._texts[name] = text_of(data)
        return data, executable

    def lines(self, name: str) -> list[str]:
        """Return the lines of what was read; none before."""
        if name not in self._lines and name in self._texts:
            self._lines[name] = self._texts[name].split("\n")
        return self._lines.get(name, [])

    def written(self, name: str, number: int) -> str:
        """Return the line of the template `name` with a number, from 1; "" for a template with fewer lines."""
        lines = self.lines(name)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def line(self, name: str, number: int, word: str = "") -> Span:
        """Return the span of a line of the template `name`: of `word` in it, or of its only `{{ … }}`.

        From a Position of a token on, search for `word`; without `word`, return the token's span.
        """
        text = self.written(name, number)
        column, length = len(text) - len(text.lstrip()) + 1, len(text.strip()) or 1
        start = number.column - 1 if isinstance(number, Position) else 0
        match = _find_word(text, word, start) if word else None
        extents = [each for each in self.extents.get(name, ()) if each[0] == number]
        if match:
            column, length = match.start() + 1, len(word)
        elif isinstance(number, Position):
            column, length = number.column, number.length
        elif len(extents) == 1:
            _, column, length = extents[0]
        return Span(self.path(name), int(number), column, length, text)

    def node(self, name: str, node: nodes.Node) -> Span:
        """Return the span of an expression of the template `name`."""
        known = extent(node)
        if known is None:
            return self.line(name, node.lineno)
        line, column, length = known
        text = self.written(name, line)
        return Span(self.path(name), line, column, _balanced(text[column - 1 :], length), text)

    def span(self, location: Location) -> Span:
        """Return the span of a `{{ … }}`."""
        name, line, column, length = location
        return Span(self.path(name), line, column, length, self.written(name, line))

    def find(self, name: str, line: str) -> Span:
        """Return the span of the first template line that can have rendered `line` of a shape, or of line 1."""
        pattern = re.compile(r"\{\{.*\}\}".join(re.escape(part) for part in line.strip().split(MARK)))
        for number, text in enumerate(self.lines(name), start=1):
            if line.strip() and pattern.fullmatch(text.strip()):
                return self.line(name, number)
        return self.line(name, 1)


def _find_word(line: str, word: str, start: int = 0) -> re.Match[str] | None:
    """Return the match of a word in the code of a line from `start` on, or else in its text."""

    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    if start:
        return pattern.search(line, start)
    for code in re.finditer(r"\{\{.*?\}\}|\{%.*?%\}", line):
        match = pattern.search(line, code.start(), code.end())
        if match:
            return match
    return pattern.search(line)


def _balanced(text: str, length: int) -> int:
    """Return the length of an expression at the beginning of `text`, including its closing brackets."""
    pairs = {")": "(", "]": "[", "}": "{"}
    depth = sum(text[:length].count(left) - text[:length].count(right) for right, left in pairs.items())
    for index in range(length, len(text)):
        if depth <= 0 or text[index] in "%|" or text[index : index + 2] == "}}":
            return length
        depth += (text[index] in pairs.values()) - (text[index] in pairs)
        length = index + 1 if depth <= 0 else length
    return length
