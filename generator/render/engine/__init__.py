"""Jinja2, set up so that a template renders to text with marks, and the values for the marks.

Every `{{ … }}` of a template becomes a call of `emit` in its syntax tree. `emit` stores the value and writes one
private character. Values are encoded only when the text of the whole file is known, and with it the site of each
value. So a value is never mistaken for text of the template, whatever macros and includes do with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateNotFound, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.runtime import Context

from generator.findings.record import record
from generator.languages import Scalar
from generator.project.cache import NO_CACHE, Cache
from generator.project.content import text_of as text_of_copy
from generator.project.folder import Project
from generator.project.limits import TimeLimitError
from generator.render import filters, limits
from generator.render.engine.captured import Captured, text_of
from generator.render.engine.diagnose import runtime_finding, syntax_finding
from generator.render.engine.errors import RefusedValueError, RenderError
from generator.render.engine.loader import AccessPath, Loader
from generator.render.engine.sandbox import Sandbox, environment, hidden_name
from generator.render.engine.sources import Location, Sources
from generator.render.marks import BEGIN, END, FIRST, LAST, resolve_marks
from generator.render.shape import Shapes
from generator.values.scanned import Scanned
from generator.values.settings import NO_SETTINGS, Settings

__all__ = [
    "AccessPath",
    "Captured",
    "Engine",
    "Loader",
    "Location",
    "RenderError",
    "Rendered",
    "Sandbox",
    "Sources",
    "Value",
    "environment",
    "hidden_name",
    "text_of",
]

Value = Scalar | filters.Structure
"""What one `{{ … }}` writes: a scalar, or a list or map through a filter."""
_SCALARS = frozenset([str, int, float, bool, type(None)])


@record
class Rendered:
    """A rendered template: its text with MARK in place of each value, and a digest of that.

    `values` has the value of each mark, in order, and `locations` the `{{ … }}` that it comes from.
    """

    text: str
    digest: str
    values: tuple[Value, ...]
    locations: tuple[Location, ...]

    def scalars(self) -> tuple[Scalar, ...] | None:
        """Return the values, or None when a filter writes one of them."""
        if filters.Structure in map(type, self.values):
            return None
        return tuple([value for value in self.values if not isinstance(value, filters.Structure)])


class Engine:
    """Renders the templates of one project. Not thread-safe."""

    def __init__(
        self,
        project: Project,
        cache: Cache = NO_CACHE,
        settings: Settings = NO_SETTINGS,
        scanned: Scanned | None = None,
    ) -> None:
        self.settings = settings
        self.sources = Sources(project, settings, cache)
        self.scanned = scanned or Scanned(str(project.root), NO_CACHE)
        self.shapes = Shapes(self.sources.root, cache)
        self.is_stopped = False  # whether a render was stopped because the time of the run is over
        self._values: list[Value] = []
        self._locations: list[Location] = []
        self._parts = 0  # scalars in the lists and maps among the values
        self._loader = Loader(self.sources, cache)
        self._jinja = environment(self._loader, {"emit": self._emit}, Sandbox)

    def render(self, name: str, context: Mapping[str, Any]) -> Rendered:
        """Render the template `name`. Raises RenderError."""
        self._values, self._locations, self._parts = [], [], 0
        self._jinja.budget = limits.Budget()
        try:
            marked = self._jinja.get_template(name).render(context)
            text, digest, order = resolve_marks(marked)
        except TemplateSyntaxError as problem:
            raise RenderError(syntax_finding(self._jinja, self.sources, problem)) from None
        except RenderError:
            raise
        except Exception as problem:
            self.is_stopped |= isinstance(problem, TimeLimitError)
            finding = runtime_finding(self.sources, name, problem, list(context))
            if finding is None:
                raise
            raise RenderError(finding) from None
        values = tuple([self._values[number] for number in order])
        form = self.sources.form(name)
        text, digest = form.applied(text), f"{digest} {form}"
        return Rendered(text, digest, values, tuple([self._locations[number] for number in order]))

    def names(self) -> list[str]:
        """Return the names of all templates, sorted."""
        return self.sources.names

    def copied(self) -> list[str]:
        """Return the names of all files that are copied as they are, sorted."""
        return self.sources.copied

    def prepare(self, name: str) -> None:
        """Load a template, so that the places in it are known. Raises RenderError."""
        try:
            self._jinja.get_template(name)
        except TemplateSyntaxError as problem:
            raise RenderError(syntax_finding(self._jinja, self.sources, problem)) from None

    def tree(self, name: str) -> nodes.Template:
        """Return the syntax tree of the template `name`, as it was written. Raises RenderError."""
        try:
            return self._loader.tree(self._jinja, name)
        except TemplateSyntaxError as problem:
            raise RenderError(syntax_finding(self._jinja, self.sources, problem)) from None

    def blocks(self, name: str) -> dict[str, nodes.Block]:
        """Return the blocks in the template `name`, which has a syntax tree."""
        return {block.name: block for block in self._loader.blocks(self._jinja, name)}

    def named(self, name: str) -> frozenset[AccessPath]:
        """Return the access paths of all values that the template `name` itself can name; none of a wrong one."""
        try:
            return self._loader.named(self._jinja, name)
        except (RenderError, TemplateNotFound, TemplateSyntaxError):
            return frozenset()

    def outline(self, name: str) -> str:
        """Return a digest of the template `name` without its literal text; "" where it is unknown."""
        return self._loader.outline(self._jinja, name).key

    def source(self, name: str) -> str:
        """Return the text of the template `name`; an empty one when it cannot be read."""
        try:
            if name in self.sources.copied:
                return text_of_copy(self.sources.content(name)[0])
            return self.sources.text(name)
        except (RenderError, TemplateNotFound):
            return ""

    def remember(self) -> None:
        """Write compiled templates and shapes to the cache."""
        self._loader.remember()
        self.shapes.remember()

    @pass_context  # prevents Jinja from calling it at compile time for constant expressions
    def _emit(self, context: Context, value: Any, location: Location) -> str:
        """Return the text for one `{{ … }}`: the last filter of each of them."""
        if type(value) in _SCALARS:
            return self._mark(value, location)
        if isinstance(value, Captured):
            return BEGIN + text_of(value).rstrip("\n") + END
        if isinstance(value, Undefined):
            return str(value)
        if isinstance(value, filters.Structure):
            self._check_parts(value.data)
            return self._store(value, location)
        return self._mark(value, location)

    def _mark(self, value: Any, location: Location) -> str:
        """Store `value`, and return its mark."""
        self._check(value)
        return self._store(value, location)

    def _store(self, value: Value, location: Location) -> str:
        number = FIRST + len(self._values)
        if number + self._parts > LAST:
            raise RefusedValueError("the file has too many values", "split the template")
        self._values.append(value)
        self._locations.append(location)
        return chr(number)

    def _check_parts(self, data: Any) -> None:
        """Check and count everything in a list or map that a filter writes."""
        if isinstance(data, dict):
            data = [*data.keys(), *data.values()]
        if isinstance(data, list):
            for each in data:
                self._check_parts(each)
        else:
            self._check(data)
            self._parts += 1

    def _check(self, value: Any) -> None:
        if type(value) not in _SCALARS and not isinstance(value, str | int | float):
            kind = {"dict": "a map", "list": "a list"}.get(type(value).__name__, type(value).__name__)
            raise RefusedValueError(
                f"found {kind}, expected one value", "add | yaml, | flow, | json or | hcl"
            )
        if isinstance(value, str) and len(value) > limits.SHORT:
            self._jinja.budget.write(len(value))
