"""Jinja2, set up so that a template yields text with marks, and the values to be filled in.

Every `{{ … }}` of a template becomes a call of `emit` in its syntax tree. It keeps the value aside and puts one
private character into the text; only when the whole file stands, and with it the place of every value, are
values encoded. So a value never passes for text of the template, whatever macros and includes do with it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from jinja2 import (
    BaseLoader,
    Environment,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateRuntimeError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
    meta,
    nodes,
    pass_context,
)
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from generator import bounds, filters
from generator.cache import NO_CACHE, Cache, digest
from generator.findings import Finding, Note, Span, error
from generator.formats import Scalar
from generator.formats.site import MARK
from generator.layout import BEGIN, END, FIRST, LAST, shape_of
from generator.located import alternatives, nearest
from generator.outline import Outlines
from generator.project import TEMPLATES, Project, read
from generator.tokens import Piece, Places, extent
from generator.tokens import Place as Position
from generator.tokens.mistakes import LONE_HINT, lone_brace, mistake

_BRACE = "\ue001"  # a { that is none of Jinja's
_RESERVED = re.compile(f"[{MARK}-{END}{chr(FIRST)}-{chr(LAST)}]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # no text of any language; CRLF is LF by now
_SCALARS = frozenset([str, int, float, bool, type(None)])


Place = tuple[str, int, int, int]  # of a `{{ … }}`: the template, its line, column and length


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


class TemplateFailure(Exception):
    """A template is wrong, or cannot be rendered with these values."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class _Refused(TemplateRuntimeError):
    """A value that cannot be put out at all."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class _Explained(TemplateSyntaxError):
    """A template that is refused for a reason of ours."""

    def __init__(self, message: str, hint: str, place: int, name: str) -> None:
        super().__init__(message, place, name, f"{TEMPLATES}/{name}")
        self.hint = hint


class _MissingName(UndefinedError):
    """A name that nothing defines; `near` are the names that were there instead."""

    def __init__(self, name: str, near: list[str], message: str) -> None:
        super().__init__(message)
        self.name = name
        self.near = near


class _Strict(StrictUndefined):
    """Fails on every use, and knows which names there were."""

    def __init__(
        self, hint: str | None = None, obj: Any = None, name: str | None = None, exc: Any = UndefinedError
    ) -> None:
        if name is not None and exc is UndefinedError:
            name = str(name)  # of a list, it is the number of an item
            near = [str(key) for key in obj] if isinstance(obj, dict) else []
            exc = functools.partial(_MissingName, name, near)
            hint = hint or f'nothing defines "{name}"' + (f" among {', '.join(near[:9])}" if near else "")
        super().__init__(hint, obj, name, exc)


@dataclass(frozen=True, slots=True)
class _Source:
    """The text of a template, and line, column and length of each `{{ … }}` in it."""

    lines: tuple[str, ...]
    outputs: tuple[tuple[int, int, int], ...] = ()


_NO_SOURCE = _Source(())

# Puts more into the syntax tree of a template: a trace does, so that it can follow the render.
Weave = Callable[[Environment, nodes.Template, str, str], None]


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A syntax tree, and all its nodes in the order of the source."""

    tree: nodes.Template
    nodes: tuple[nodes.Node, ...]


class Engine:
    """Renders the templates of one project. Not for several threads at once."""

    def __init__(self, project: Project, cache: Cache = NO_CACHE) -> None:
        self.place = str(project.root)
        self.outlines = Outlines(self.place, cache)
        self._sources: dict[str, _Source] = {}
        self._values: list[Scalar] = []
        self._places: list[Place] = []
        self._budget = bounds.Budget()
        self._loader = Loader(project, self._sources, cache)
        hidden: dict[str, Callable[..., Any]] = {
            "emit": self._emit,
            "tick": self._tick,
            "short": bounds.short,
        }
        self._jinja = environment(self._loader, hidden, Sandbox)

    def render(self, name: str, context: Mapping[str, Any]) -> Rendered:
        """Render the template `name`. Raises TemplateFailure."""
        self._values, self._places = [], []
        self._budget = bounds.Budget()
        try:
            text = self._jinja.get_template(name).render(context)
            shape, key, order = shape_of(text)
        except TemplateSyntaxError as problem:
            raise TemplateFailure(self._syntax(problem)) from None
        except TemplateFailure:
            raise
        except Exception as problem:
            finding = self._runtime(name, problem, list(context))
            if finding is None:
                raise
            raise TemplateFailure(finding) from None
        values = tuple([self._values[number] for number in order])
        return Rendered(shape, key, values, tuple([self._places[number] for number in order]))

    def names(self) -> list[str]:
        """Return the names of all templates, sorted."""
        return self._loader.list_templates()

    def tree(self, name: str) -> nodes.Template:
        """Return the syntax tree of the template `name`, as it was written. Raises TemplateFailure."""
        try:
            return self._loader.tree(self._jinja, name)
        except TemplateSyntaxError as problem:
            raise TemplateFailure(self._syntax(problem)) from None

    def source(self, name: str) -> str:
        """Return the text of the template `name`, or nothing when it cannot be read."""
        try:
            return self._loader.source(name)
        except (TemplateFailure, TemplateNotFound):
            return ""

    def remember(self) -> None:
        """Keep what was compiled, and the outlines of what was rendered, for the next run."""
        self._loader.remember()
        self.outlines.remember()

    def line(self, name: str, number: int, word: str = "") -> Span:
        """Return the span of a line of the template `name`: of `word` in it, or of its only `{{ … }}`.

        Where `number` is the place of a token, `word` stands there or behind; without it, the span is the token's.
        """
        source = self._sources.get(name, _NO_SOURCE)
        text = source.lines[number - 1] if 0 < number <= len(source.lines) else ""
        column, length = len(text) - len(text.lstrip()) + 1, len(text.strip()) or 1
        found = (
            _find_word(text, word, number.column - 1 if isinstance(number, Position) else 0) if word else None
        )
        outputs = [output for output in source.outputs if output[0] == number]
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
        text = self._sources.get(name, _NO_SOURCE).lines[line - 1]
        return Span(f"{TEMPLATES}/{name}", line, column, _balanced(text[column - 1 :], length), text)

    def span(self, place: Place) -> Span:
        """Return the span of a `{{ … }}`."""
        name, line, column, length = place
        return Span(f"{TEMPLATES}/{name}", line, column, length, self._sources[name].lines[line - 1])

    def find(self, name: str, line: str) -> Span:
        """Return the span of the template line that made `line` of a shape, as far as its text tells."""
        pattern = re.compile(r"\{\{.*\}\}".join(re.escape(part) for part in line.strip().split(MARK)))
        for number, text in enumerate(self._sources.get(name, _NO_SOURCE).lines, start=1):
            if line.strip() and pattern.fullmatch(text.strip()):
                return self.line(name, number)
        return self.line(name, 1)

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
            raise _Refused(f"found {kind}, expected one value", "add | yaml, | flow, | json or | hcl")
        number = FIRST + len(self._values)
        if number > LAST:
            raise _Refused("the file puts out too many values", "split the template")
        if isinstance(value, str) and len(value) > bounds.SHORT:
            self._budget.put(value)
        self._values.append(value)
        self._places.append(place)
        return chr(number)

    def _syntax(self, problem: TemplateSyntaxError) -> Finding:
        name = (problem.name or "").removeprefix(f"{TEMPLATES}/")  # Jinja's lexer names the file instead
        message = problem.message or ""
        missing = re.search(r"[Nn]o (filter|test) named '([^']*)'", message)
        if missing:
            kind, word = missing.groups()
            known = sorted(filters.NAMES if kind == "filter" else self._jinja.tests)
            hint = nearest(word, known) or f"there are {alternatives(word, known)}"
            return error(
                "engine/syntax", f'no {kind} "{word}"', self.line(name, problem.lineno, word), hint=hint
            )
        if isinstance(problem, _Explained):
            return error("engine/syntax", message, self.line(name, problem.lineno), hint=problem.hint)
        found = mistake(self._jinja, _keep_expressions(self.source(name)), problem)
        notes = (Note("the block begins here", self.line(name, found.opened)),) if found.opened else ()
        shown = found.message.replace(_BRACE, "{")
        return error("engine/syntax", shown, self.line(name, found.place), notes=notes, hint=found.hint)

    def _runtime(self, name: str, problem: Exception, names: list[str]) -> Finding | None:
        """Return what went wrong while a template ran, or None when no template was running."""
        import traceback  # 5 ms

        prefix = f"{TEMPLATES}/"
        frames = [
            frame
            for frame in traceback.extract_tb(problem.__traceback__)
            if frame.filename.startswith(prefix)
        ]
        if not frames:
            if isinstance(problem, TemplateNotFound):
                return error("engine/failed", f'no template "{problem.name}"', self.line(name, 1))
            return None
        places = [(frame.filename.removeprefix(prefix), frame.lineno or 1) for frame in frames]
        inner, line = places[-1]
        notes = tuple(
            Note("used by this line", self.line(*place))
            for place in reversed(places[:-1])
            if place != places[-1]
        )
        if isinstance(problem, _MissingName):
            at = self.line(inner, line, problem.name)
            hint = (
                nearest(problem.name, problem.near or names)
                or "add it to environments/base.yaml, or mend the name"
            )
            return error("engine/undefined", str(problem), at, notes=notes, hint=hint)
        if isinstance(problem, TemplateNotFound):
            hint = nearest(str(problem.name), self._jinja.list_templates())
            return error(
                "engine/failed",
                f'no template "{problem.name}"',
                self.line(inner, line),
                notes=notes,
                hint=hint,
            )
        message = str(problem) or type(problem).__name__
        if isinstance(problem, RecursionError):
            message = "a macro or an include uses itself without end"
        hint = getattr(problem, "hint", "") or "mend the expression on this line"
        return error("engine/failed", message, self.line(inner, line), notes=notes, hint=hint)


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox; of a map, keys come before methods, so that a key may be called `items`."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        bounds.check_operator(operator, left, right)
        return bounds.short(super().call_binop(context, operator, left, right))

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


_OF_LIBRARIES = (nodes.Macro, nodes.Import, nodes.FromImport, nodes.Output)


class _Library(Template):
    """A template of macros that read nothing but what they are given: one module of it does for all files.

    Jinja makes the module anew for each file that imports it: a tenth of the time of an environment.
    """

    _one: TemplateModule | None = None

    def make_module(self, *arguments: Any, **keywords: Any) -> TemplateModule:
        if self._one is None:
            self._one = super().make_module()
        return self._one


def _libraries(parsed: _Parsed) -> tuple[str, ...] | None:
    """Return the names of what a template of nothing but macros imports; None when it is no such template."""
    body = parsed.tree.body
    if not all(isinstance(node, _OF_LIBRARIES) for node in body):
        return None
    texts = [part for node in body if isinstance(node, nodes.Output) for part in node.nodes]
    imports = [node.template for node in parsed.nodes if isinstance(node, nodes.Import | nodes.FromImport)]
    names = [node.value for node in imports if isinstance(node, nodes.Const) and isinstance(node.value, str)]
    is_library = (
        all(isinstance(text, nodes.TemplateData) for text in texts)
        and len(names) == len(imports)
        and not any(isinstance(node, nodes.Include) for node in parsed.nodes)
        and not meta.find_undeclared_variables(parsed.tree)
    )
    return tuple(names) if is_library else None


_S = TypeVar("_S", bound=Sandbox)


class Loader(BaseLoader):
    """Loads templates of the project, and puts `emit` around each expression that they put out."""

    def __init__(
        self,
        project: Project,
        sources: dict[str, _Source],
        cache: Cache = NO_CACHE,
        weave: Weave | None = None,
    ) -> None:
        self._project = project
        self._sources = sources
        self._weave = weave
        self._names = project.template_names()
        self._trees: dict[str, _Parsed] = {}
        # Compiled templates by name, with a hash of their source: compiling all takes ten times as long as rendering.
        self._cache = cache
        self._kind = "woven" if weave else "templates"
        self._compiled: dict[str, Any] = cache.get(self._kind, str(project.root), "") or {}
        self._has_new = False
        self._loading: set[str] = set()

    def load(
        self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        source = self.source(name)
        known, code, outputs, libraries = self._compiled.get(name, ("", None, (), None))
        if known != digest(source):
            parsed = self._trees.pop(name, None) or self._parse(environment, name)
            outputs = self._sources[name].outputs
            for node in parsed.nodes:
                if isinstance(node, nodes.Import | nodes.FromImport):
                    node.with_context = True  # else Jinja keeps the module, and its marks, for the next file
            _put_emit(parsed.nodes, name, outputs)
            _put_bounds(parsed.nodes)
            if self._weave:
                self._weave(environment, parsed.tree, name, _keep_expressions(source))
            libraries = None if self._weave else _libraries(parsed)
            code = environment.compile(parsed.tree, name, f"{TEMPLATES}/{name}")
            self._compiled[name] = (digest(source), code, outputs, libraries)
            self._has_new = True
        self._sources[name] = replace(self._sources[name], outputs=outputs)
        kind = _Library if self._is_library(environment, name, libraries) else environment.template_class
        return kind.from_code(environment, code, dict(globals or {}))

    def _is_library(self, environment: Environment, name: str, libraries: tuple[str, ...] | None) -> bool:
        """Say whether a template, which imports `libraries`, and all of these need to be run only once."""
        if libraries is None:
            return False
        self._loading.add(name)
        found = all(
            each in self._names
            and each not in self._loading
            and isinstance(environment.get_template(each), _Library)
            for each in libraries
        )
        self._loading.remove(name)
        return found

    def remember(self) -> None:
        """Keep what was compiled for the next run."""
        if self._has_new:
            known = {name: self._compiled[name] for name in self._names if name in self._compiled}
            self._cache.put(self._kind, str(self._project.root), "", known)
            self._has_new = False

    def source(self, name: str) -> str:
        """Return the text of a template."""
        if name not in self._names:
            raise TemplateNotFound(name)
        if name not in self._sources:
            source, unreadable = read(self._project, f"{TEMPLATES}/{name}")
            if unreadable:
                raise TemplateFailure(unreadable)
            self._sources[name] = _Source(tuple(source.split("\n")))
        return "\n".join(self._sources[name].lines)

    def _parse(self, environment: Environment, name: str) -> _Parsed:
        source = _keep_expressions(self._checked(name))
        tree = environment.parse(source, name, f"{TEMPLATES}/{name}")
        parsed = _Parsed(tree, tuple(tree.find_all(nodes.Node)))
        for node in parsed.nodes:
            if isinstance(node, nodes.EvalContextModifier | nodes.ScopedEvalContextModifier):
                hint = "take the block out: every value is encoded for its place"
                raise _Explained("autoescape would put values out unencoded", hint, node.lineno, name)
        written = cast(Places, environment.extensions[Places.identifier]).written
        lone = lone_brace(written)
        if lone:
            message = f"found {lone.text.strip()}, which is text and no code"
            raise _Explained(message, LONE_HINT, Position.of(lone), name)
        self._sources[name] = replace(self._sources[name], outputs=tuple(_places(written)))
        _restore_braces(parsed.nodes)
        return parsed

    def _checked(self, name: str) -> str:
        """Return the text of a template, which holds none of the characters that are ours."""
        source = self.source(name)
        reserved = _RESERVED.search(source) or _CONTROL.search(source)
        if reserved:
            line = source.count("\n", 0, reserved.start()) + 1
            place = Position.of(
                Piece("", line, reserved.start() - source.rfind("\n", 0, reserved.start()), ".")
            )
            what = "is reserved for oetgen" if reserved.re is _RESERVED else "is no text"
            message = f"the character U+{ord(reserved[0]):04X} {what}"
            raise _Explained(message, "take it out: no font has a sign for it", place, name)
        return source

    def tree(self, environment: Environment, name: str) -> nodes.Template:
        """Return the syntax tree of a template for reading; `load` takes it over, so that nothing is parsed twice."""
        if name not in self._trees:
            self._trees[name] = self._parse(environment, name)
        return self._trees[name].tree

    def list_templates(self) -> list[str]:
        return self._names


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


def environment(loader: BaseLoader, hidden: Mapping[str, Callable[..., Any]], sandbox: type[_S]) -> _S:
    """Return an environment of the class `sandbox`; `hidden` are filters that no template can call itself."""
    jinja = sandbox(
        loader=loader,
        undefined=_Strict,
        autoescape=True,  # makes captured text Markup, which `emit` puts in as it is
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        optimized=False,  # else what is constant and wrong fails while Jinja compiles, and has no line
        extensions=[Places],
        cache_size=-1,
    )
    builtin = {name: _bounded(name, jinja.filters[name]) for name in sorted(filters.BUILTIN)}
    jinja.filters = builtin | filters.FILTERS | dict(hidden)
    jinja.globals = {"range": jinja.globals["range"]}
    return jinja


def _bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return one of Jinja's filters, which looks at the size of its result before it computes it."""
    if name not in ("format", "indent", "join", "replace"):
        return function

    @functools.wraps(function)  # which also keeps what Jinja noted about its first argument
    def bounded(*arguments: Any, **keywords: Any) -> Any:
        values = arguments[1:] if isinstance(arguments[0], nodes.EvalContext) else arguments
        bounds.check_filter(name, *values)
        return bounds.short(function(*arguments, **keywords))

    return bounded


def _keep_expressions(source: str) -> str:
    """Hide the braces of `${{` and `${#` from Jinja; in `${{{`, the last two are Jinja's."""
    source = source.replace("${{{", f"${_BRACE}{{{{").replace("${{", f"${_BRACE}{_BRACE}")
    return source.replace("${#", f"${_BRACE}#")


def _places(written: Iterable[Piece]) -> Iterator[tuple[int, int, int]]:
    """Yield line, column and length of each `{{ … }}`, in order; of one of several lines, of its first."""
    begin = Piece("", 0, 0, "")
    length = 0
    for piece in written:
        if piece.kind == "variable_begin":
            begin, length = piece, 0
        length = piece.column + len(piece.text) - begin.column if piece.line == begin.line else length
        if piece.kind == "variable_end":
            yield begin.line, begin.column, length


def _put_emit(found: Iterable[nodes.Node], name: str, places: Iterable[tuple[int, int, int]]) -> None:
    """Put `| emit` behind each expression that is put out."""
    unused = iter(places)
    for output in found:
        if isinstance(output, nodes.Output):
            for index, node in enumerate(output.nodes):
                if not isinstance(node, nodes.TemplateData):
                    place = nodes.Const((name, *next(unused)), lineno=node.lineno)
                    output.nodes[index] = nodes.Filter(
                        node, "emit", [place], [], None, None, lineno=node.lineno
                    )


def _put_bounds(found: Iterable[nodes.Node]) -> None:
    """Count the rounds of loops, and look at the length of texts that are joined."""
    for node in found:
        if isinstance(node, nodes.For):
            nothing = nodes.Const(None, lineno=node.lineno)
            tick = nodes.Filter(nothing, "tick", [], [], None, None, lineno=node.lineno)
            node.body.insert(0, nodes.ExprStmt(tick, lineno=node.lineno))
        elif isinstance(node, nodes.Concat):
            inner = nodes.Concat(node.nodes, lineno=node.lineno)
            node.nodes = [nodes.Filter(inner, "short", [], [], None, None, lineno=node.lineno)]


def _restore_braces(found: Iterable[nodes.Node]) -> None:
    for node in found:
        if isinstance(node, nodes.TemplateData):
            node.data = node.data.replace(_BRACE, "{")
        elif isinstance(node, nodes.Const) and isinstance(node.value, str):
            node.value = node.value.replace(_BRACE, "{")
