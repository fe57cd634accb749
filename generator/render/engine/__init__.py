"""Jinja2, set up so that a template yields text with marks, and the values to be filled in.

Every `{{ … }}` of a template becomes a call of `emit` in its syntax tree. It keeps the value aside and puts one
private character into the text; only when the whole file stands, and with it the place of every value, are
values encoded. So a value never passes for text of the template, whatever macros and includes do with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateNotFound, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from generator.languages import Scalar
from generator.project.cache import NO_CACHE, Cache
from generator.project.folder import Project
from generator.render import filters
from generator.render import limits as bounds
from generator.render.engine.explain import runtime_finding, syntax_finding
from generator.render.engine.failures import Refused, TemplateFailure
from generator.render.engine.loader import Loader
from generator.render.engine.sandbox import Sandbox, environment
from generator.render.engine.sources import Place, Sources
from generator.render.marks import BEGIN, END, FIRST, LAST, shape_of
from generator.render.shape import Outlines

__all__ = ["Engine", "Loader", "Place", "Rendered", "Sandbox", "Sources", "TemplateFailure", "environment"]

_SCALARS = frozenset([str, int, float, bool, type(None)])


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered file whose values are still marks.

    `values` has the value of each mark, in order, and `places` the `{{ … }}` that puts it out; `digest` is a hash of
    the shape.
    """

    shape: str
    digest: str
    values: tuple[Scalar, ...]
    places: tuple[Place, ...]


class Engine:
    """Renders the templates of one project. Not for several threads at once."""

    def __init__(self, project: Project, cache: Cache = NO_CACHE) -> None:
        self.sources = Sources(project)
        self.outlines = Outlines(self.sources.place, cache)
        self._values: list[Scalar] = []
        self._places: list[Place] = []
        self._budget = bounds.Budget()
        self._loader = Loader(self.sources, cache)
        hidden: dict[str, Callable[..., Any]]
        hidden = {"emit": self._emit, "tick": self._tick, "short": bounds.short}
        self._jinja = environment(self._loader, hidden, Sandbox)

    def render(self, name: str, context: Mapping[str, Any]) -> Rendered:
        """Render the template `name`. Raises TemplateFailure."""
        self._values, self._places = [], []
        self._budget = bounds.Budget()
        try:
            text = self._jinja.get_template(name).render(context)
            shape, key, order = shape_of(text)
        except TemplateSyntaxError as problem:
            raise TemplateFailure(syntax_finding(self._jinja, self.sources, problem)) from None
        except TemplateFailure:
            raise
        except Exception as problem:
            finding = runtime_finding(self.sources, name, problem, list(context))
            if finding is None:
                raise
            raise TemplateFailure(finding) from None
        values = tuple([self._values[number] for number in order])
        return Rendered(shape, key, values, tuple([self._places[number] for number in order]))

    def names(self) -> list[str]:
        """Return the names of all templates, sorted."""
        return self.sources.names

    def tree(self, name: str) -> nodes.Template:
        """Return the syntax tree of the template `name`, as it was written. Raises TemplateFailure."""
        try:
            return self._loader.tree(self._jinja, name)
        except TemplateSyntaxError as problem:
            raise TemplateFailure(syntax_finding(self._jinja, self.sources, problem)) from None

    def source(self, name: str) -> str:
        """Return the text of the template `name`, or nothing when it cannot be read."""
        try:
            return self.sources.text(name)
        except (TemplateFailure, TemplateNotFound):
            return ""

    def remember(self) -> None:
        """Keep what was compiled, and the outlines of what was rendered, for the next run."""
        self._loader.remember()
        self.outlines.remember()

    @pass_context  # so that Jinja does not call it while it compiles, on expressions that are constant
    def _emit(self, context: Context, value: Any, place: Place) -> str:
        """Put out the value of one `{{ … }}`: the filter that every one of them ends in."""
        if type(value) in _SCALARS:
            return self._mark(value, place)  # no Markup: a mark has nothing to escape
        if isinstance(value, Markup):
            return Markup(BEGIN + str(value).rstrip("\n") + END)
        if isinstance(value, Undefined):
            return str(value)
        if isinstance(value, filters.Structure):
            return Markup(BEGIN + value.write(value.data, lambda scalar: self._mark(scalar, place)) + END)
        return self._mark(value, place)

    @pass_context  # for the same reason
    def _tick(self, context: Context, nothing: None) -> None:
        """Count one round of a loop."""
        self._budget.tick()

    def _mark(self, value: Any, place: Place) -> str:
        """Keep `value` aside, and return the mark that stands for it."""
        if type(value) not in _SCALARS and not isinstance(value, str | int | float):
            kind = {"dict": "a map", "list": "a list"}.get(type(value).__name__, type(value).__name__)
            raise Refused(f"found {kind}, expected one value", "add | yaml, | flow, | json or | hcl")
        number = FIRST + len(self._values)
        if number > LAST:
            raise Refused("the file puts out too many values", "split the template")
        if isinstance(value, str) and len(value) > bounds.SHORT:
            self._budget.put(value)
        self._values.append(value)
        self._places.append(place)
        return chr(number)
