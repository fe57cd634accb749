"""Load templates for Jinja: each `{{ … }}` ends in the filter `emit`, and loop iterations are counted."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, cast

from jinja2 import BaseLoader, Environment, Template, TemplateSyntaxError, meta, nodes
from jinja2.environment import TemplateModule

from generator.findings.record import record
from generator.languages.site import MARK
from generator.project import TEMPLATES
from generator.project.cache import NO_CACHE, Cache
from generator.project.limits import LimitError
from generator.render.engine.errors import RefusedTemplateError
from generator.render.engine.outline import LATEST, UNKNOWN, Outline, blank, filled
from generator.render.engine.sandbox import OwnTemplate, hidden_name
from generator.render.engine.sources import Sources
from generator.render.marks import END, FIRST, LAST
from generator.render.tokens import Lexeme, Position, PositionExtension
from generator.render.tokens.delimiters import CLOSE, show_braces
from generator.render.tokens.syntax_errors import missing_brace

_RESERVED = re.compile(f"[{MARK}-{END}{CLOSE}{chr(FIRST)}-{chr(LAST)}]")
_MAX_DEPTH = 100  # of blocks and expressions: that of Python's compiler
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # not text in any language; CRLF is LF here already

# The name of a value, and the keys that lead from there: of `service.port` ("service", "port").
AccessPath = tuple[str, ...]
# Changes the syntax tree of a template (with its name and source): a trace inserts its hooks.
Instrument = Callable[[Environment, nodes.Template, str, str], None]


@record
class _Parsed:
    """A syntax tree, all its nodes in the order of the source, and where each `{{ … }}` is.

    `named` are the access paths of the values that it can name.
    """

    tree: nodes.Template
    nodes: tuple[nodes.Node, ...]
    extents: tuple[tuple[int, int, int], ...]
    named: frozenset[AccessPath]


class _Code(NamedTuple):
    """A compiled template: its code, where each `{{ … }}` is, and what it imports, if it has only macros."""

    code: Any
    extents: tuple[tuple[int, int, int], ...]
    libraries: tuple[str, ...] | None


class Loader(BaseLoader):
    """Loads the templates of a project, with limits and `emit` in their syntax trees."""

    def __init__(
        self, sources: Sources, cache: Cache = NO_CACHE, instrument: Instrument | None = None
    ) -> None:
        self._sources = sources
        self._instrument = instrument
        self._trees: dict[str, _Parsed] = {}
        # Compiled templates by name, with a digest of their source: compiling takes ten times as long as rendering.
        self._cache = cache
        self._kind = "instrumented" if instrument else "templates"
        self._compiled: dict[str, Any] = cache.get(self._kind, sources.root, "") or {}
        self._has_new = False
        self._loading: set[str] = set()

    def load(
        self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        self._sources.text(name)  # raises where it cannot be read
        key = self._sources.key(name)
        known, code, extents, libraries = self._compiled.get(name, ("", None, (), None))
        if known != key:
            code, extents, libraries = self._code(environment, name)
            self._compiled[name] = (key, code, extents, libraries)
            self._has_new = True
        self._sources.extents[name] = extents
        kind = _Library if self._is_library(environment, name, libraries) else environment.template_class
        return kind.from_code(environment, code, dict(globals or {}))

    def _code(self, environment: Environment, name: str) -> _Code:
        """Return the code of a template: that of an equal one but for its text, filled, or new code."""
        if not self._cache.keeps_objects or self._instrument:
            return self._new_code(environment, name)
        outline = self.outline(environment, name)
        known = self._codes(name).get(outline.key)
        if known is None:
            return self._new_code(environment, name, outline)
        return known._replace(code=filled(known.code, outline.texts))

    def _codes(self, name: str) -> dict[str, _Code]:
        """Return the last codes of a template by the keys of their outlines."""
        return self._cache.recall("code", name, "") or {}

    def _new_code(self, environment: Environment, name: str, outline: Outline = UNKNOWN) -> _Code:
        """Compile a template; with an outline, keep the code for other texts."""
        if name in self._trees:
            self._cache.keep("syntax", name, "", None)  # what follows changes it
        parsed = self._trees.pop(name, None) or self._parse(environment, name)
        is_blank = bool(outline.key) and blank(parsed.nodes, outline.texts)
        extents = self._sources.extents[name]
        for node in parsed.nodes:
            if isinstance(node, nodes.Import | nodes.FromImport):
                node.with_context = True  # else Jinja keeps the module, and its marks, for the next file
        _add_emit(parsed.nodes, name, extents)
        _add_captures(parsed.nodes)
        _add_limits(parsed.nodes)
        if self._instrument:
            self._instrument(environment, parsed.tree, name, self._sources.code(name))
        # Jinja asks three times for nodes of few kinds in the whole tree: 0.97 of the time of a first render.
        vars(parsed.tree)["find_all"] = partial(_of_type, parsed.nodes)
        libraries = None if self._instrument else _libraries(parsed)
        new = _Code(_compiled(environment, parsed.tree, name), extents, libraries)
        if not is_blank:
            return new
        last = [*self._codes(name).items()][1 - LATEST :]
        self._cache.keep("code", name, "", dict(last) | {outline.key: new})
        return new._replace(code=filled(new.code, outline.texts))

    def outline(self, environment: Environment, name: str) -> Outline:
        """Return what stays of a template while its text is typed; unknown where it is wrong or no cache keeps it."""
        if not self._cache.keeps_objects:
            return UNKNOWN
        key = self._sources.key(name)
        known: Outline | None = self._cache.recall("outline", name, key)
        if known is None:
            known = self._outlined(environment, name) if key else UNKNOWN
            self._cache.keep("outline", name, key, known)
        return known

    def _outlined(self, environment: Environment, name: str) -> Outline:
        try:
            self._check(name)
            lexemes = _positions(environment).lexed(self._sources.code(name), name, f"{TEMPLATES}/{name}")
        except TemplateSyntaxError:
            return UNKNOWN
        return UNKNOWN if missing_brace(lexemes) else Outline.of(lexemes, self._sources.delimiters(name))

    def _is_library(self, environment: Environment, name: str, libraries: tuple[str, ...] | None) -> bool:
        """Return whether a template and its imports, `libraries`, need to run only once for all files."""
        if libraries is None:
            return False
        self._loading.add(name)
        is_library = all(
            each in self._sources.names
            and each not in self._loading
            and isinstance(environment.get_template(each), _Library)
            for each in libraries
        )
        self._loading.remove(name)
        return is_library

    def remember(self) -> None:
        """Write newly compiled templates to the cache."""
        if self._has_new:
            known = {name: self._compiled[name] for name in self._sources.names if name in self._compiled}
            self._cache.put(self._kind, self._sources.root, "", known)
            self._has_new = False

    def _parse(self, environment: Environment, name: str) -> _Parsed:
        self._check(name)
        source = self._sources.code(name)
        try:
            tree = environment.parse(source, name, f"{TEMPLATES}/{name}")
        except (RecursionError, ValueError) as problem:
            lexemes = _positions(environment).lexemes
            at = Position.of(lexemes[-1])
            if isinstance(problem, RecursionError):
                raise _too_deep(at, name) from None
            raise RefusedTemplateError(str(problem).partition(":")[0], "write a string", at, name) from None
        walked = _walked(tree)
        deepest, depth, _ = max(walked, key=itemgetter(1))
        if depth > _MAX_DEPTH:
            raise _too_deep(deepest.lineno, name)
        every = tuple([node for node, _, _ in walked[1:]])
        for node in every:
            if isinstance(node, nodes.EvalContextModifier | nodes.ScopedEvalContextModifier):
                hint = "remove the block: oetgen encodes every value"
                raise RefusedTemplateError("autoescape would write values unencoded", hint, node.lineno, name)
        lexemes = _positions(environment).lexemes
        diagnosis = missing_brace(lexemes)
        if diagnosis:
            raise RefusedTemplateError(diagnosis.message, diagnosis.hint, diagnosis.position, name)
        self._sources.extents[name] = tuple(_extents(lexemes))
        _restore_braces(every)
        key = self._sources.key(name) if self._cache.keeps_objects else ""
        if key and self._cache.recall("outline", name, key) is None:
            self._cache.keep("outline", name, key, Outline.of(lexemes, self._sources.delimiters(name)))
        named = frozenset(_named(walked)) if self._cache.keeps_objects else frozenset[AccessPath]()
        return _Parsed(tree, every, self._sources.extents[name], named)

    def _check(self, name: str) -> None:
        """Raise RefusedTemplateError when a template has a reserved or control character."""
        source = self._sources.text(name)
        reserved = _RESERVED.search(source) or _CONTROL.search(source)
        if reserved:
            position = Position.of(Lexeme.at(source, reserved.start()))
            what = "is reserved for oetgen" if reserved.re is _RESERVED else "is a control character"
            message = f"the character U+{ord(reserved[0]):04X} {what}"
            raise RefusedTemplateError(message, "remove it; editors may not show it", position, name)

    def tree(self, environment: Environment, name: str) -> nodes.Template:
        """Return the syntax tree of a template, to be read only; `load` uses it, so that nothing is parsed twice."""
        if name not in self._trees:
            key = self._sources.key(name)
            parsed = self._cache.recall("syntax", name, key)
            if parsed is None:
                parsed = self._parse(environment, name)
                self._cache.keep("syntax", name, key, parsed)
            self._sources.extents[name] = parsed.extents
            self._trees[name] = parsed
        return self._trees[name].tree

    def named(self, environment: Environment, name: str) -> frozenset[AccessPath]:
        """Return the access paths of all values that a template itself can name, where a cache keeps objects."""
        self.tree(environment, name)
        return self._trees[name].named

    def blocks(self, environment: Environment, name: str) -> Iterator[nodes.Block]:
        """Yield the blocks in the syntax tree of a template."""
        self.tree(environment, name)
        return (node for node in self._trees[name].nodes if isinstance(node, nodes.Block))

    def list_templates(self) -> list[str]:
        return self._sources.names


def _positions(environment: Environment) -> PositionExtension:
    return cast(PositionExtension, environment.extensions[PositionExtension.identifier])


def _walked(tree: nodes.Node) -> list[tuple[nodes.Node, int, frozenset[str]]]:
    """Return a syntax tree and all nodes in it, in the order of the source.

    With each are its depth, and the parameters of the macros that it is in, which hide the values of these names.
    """
    found = []
    waiting = [(tree, 0, frozenset[str]())]
    while waiting:
        node, depth, parameters = each = waiting.pop()
        found.append(each)
        if isinstance(node, nodes.Macro):
            parameters = parameters.union([argument.name for argument in node.args])
        elif isinstance(node, nodes.Block):  # sees no parameters
            parameters = frozenset()
        waiting += [(inner, depth + 1, parameters) for inner in [*node.iter_child_nodes()][::-1]]
    return found


def _named(walked: Iterable[tuple[nodes.Node, int, frozenset[str]]]) -> Iterator[AccessPath]:
    """Yield the access path of each value that a template can name; all that is in the value counts, too."""
    inner = set[int]()  # parts of longer paths
    for node, _, parameters in walked:
        path = _access_path(node)
        if not path:
            continue
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            inner.add(id(node.node))
        if id(node) not in inner and path[0] not in parameters:
            yield path


def _access_path(node: nodes.Node) -> AccessPath:
    if isinstance(node, nodes.Name):
        return (node.name,) if node.ctx == "load" else ()
    if isinstance(node, nodes.Getattr):
        part = node.attr
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        part = node.arg.value
    else:
        return ()
    outer = _access_path(node.node)
    return (*outer, part) if outer and isinstance(part, str) else ()


def _of_type(every: Iterable[nodes.Node], kinds: Any) -> Iterator[nodes.Node]:
    return (node for node in every if isinstance(node, kinds))


def _too_deep(position: int, name: str) -> RefusedTemplateError:
    hint = "split it, with {% set %}, a macro or an include"
    return RefusedTemplateError(f"it is nested more than {_MAX_DEPTH} levels deep", hint, position, name)


def _compiled(environment: Environment, tree: nodes.Template, name: str) -> Any:
    """Compile a template. Raises RefusedTemplateError when Jinja or Python cannot."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of {{ 1() }}, which typecheck reports
            return environment.compile(tree, name, f"{TEMPLATES}/{name}")
    except (TemplateSyntaxError, LimitError):
        raise
    except Exception as problem:
        why = problem.msg if isinstance(problem, SyntaxError) else str(problem) or type(problem).__name__
        hint = "write it more simply: fewer nested blocks, smaller expressions"
        raise RefusedTemplateError(
            f"it cannot be compiled: {why}", hint, max(_walked(tree), key=itemgetter(1))[0].lineno, name
        ) from None


_OF_LIBRARIES = (nodes.Macro, nodes.Import, nodes.FromImport, nodes.Output)


class _Library(OwnTemplate):
    """A template of macros that read nothing but their arguments: all files share one module of it.

    Jinja makes a new module for each file that imports it, which takes a tenth of the time of an environment.
    """

    _module_of_all: TemplateModule | None = None

    def make_module(self, *arguments: Any, **keywords: Any) -> TemplateModule:
        if self._module_of_all is None:
            self._module_of_all = super().make_module()
        return self._module_of_all


def _libraries(parsed: _Parsed) -> tuple[str, ...] | None:
    """Return the names of the templates that a template of macros imports; None when it has more than macros."""
    if any(isinstance(node, nodes.Include) for node in parsed.nodes):
        return None
    for node in parsed.tree.body:
        texts = node.nodes if isinstance(node, nodes.Output) else []
        if not isinstance(node, _OF_LIBRARIES) or not all(
            isinstance(each, nodes.TemplateData) for each in texts
        ):
            return None
    names = []
    for node in parsed.nodes:
        if isinstance(node, nodes.Import | nodes.FromImport):
            if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):
                return None
            names.append(node.template.value)
    return None if meta.find_undeclared_variables(parsed.tree) else tuple(names)


def _extents(lexemes: Iterable[Lexeme]) -> Iterator[tuple[int, int, int]]:
    """Yield line, column and length (on its first line) of each `{{ … }}`, in order."""
    begin = Lexeme("", 0, 0, "")
    length = 0
    for lexeme in lexemes:
        if lexeme.kind == "variable_begin":
            begin, length = lexeme, 0
        length = lexeme.column + len(lexeme.text) - begin.column if lexeme.line == begin.line else length
        if lexeme.kind == "variable_end":
            yield begin.line, begin.column, length


def _add_emit(every: Iterable[nodes.Node], name: str, extents: Iterable[tuple[int, int, int]]) -> None:
    """Add `| emit` to each expression that is written."""
    unused = iter(extents)
    for output in every:
        if isinstance(output, nodes.Output):
            for index, node in enumerate(output.nodes):
                if not isinstance(node, nodes.TemplateData):
                    location = nodes.Const((name, *next(unused)), lineno=node.lineno)
                    output.nodes[index] = _filter("emit", node, location)


def _add_captures(every: Iterable[nodes.Node]) -> None:
    """Make text that a block captures captured text, and insert that of call blocks and filter blocks."""
    for node in every:
        if isinstance(node, nodes.AssignBlock | nodes.FilterBlock):
            node.filter = _captured(node.filter, node.lineno)
            if isinstance(node, nodes.FilterBlock):
                node.filter = _filter("insert", node.filter)
        elif isinstance(node, nodes.CallBlock):
            node.call.node = _filter("inserted", node.call.node)
        elif isinstance(node, nodes.Compare):
            node.expr = _operand(node.expr)
            for operand in node.ops:
                operand.expr = _operand(operand.expr)


def _operand(node: nodes.Expr) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else _filter("operand", node)


def _captured(chain: nodes.Filter | None, line: int) -> nodes.Filter:
    """Return the filters of a block, after one that captures its text."""
    capture = _filter("capture", None, line=line)
    if chain is None:
        return capture
    first = chain
    while isinstance(first.node, nodes.Filter):
        first = first.node
    first.node = capture
    return chain


def _add_limits(every: Iterable[nodes.Node]) -> None:
    """Count iterations and includes, and check the length of concatenated strings."""
    for node in every:
        if isinstance(node, nodes.For):
            literal = "".join(each.data for part in node.body for each in part.find_all(nodes.TemplateData))
            nothing = nodes.Const(None, lineno=node.lineno)
            count = _filter("count", nothing, nodes.Const(literal, lineno=node.lineno))
            node.body.insert(0, nodes.ExprStmt(count, lineno=node.lineno))
        elif isinstance(node, nodes.Include):
            node.template = _filter("count", node.template)
        elif isinstance(node, nodes.Concat):
            node.nodes = [_filter("check_size", nodes.Concat(node.nodes, lineno=node.lineno))]


def _filter(name: str, node: nodes.Expr | None, *arguments: nodes.Expr, line: int = 0) -> nodes.Filter:
    line = node.lineno if node else line
    return nodes.Filter(node, hidden_name(name), list(arguments), [], None, None, lineno=line)


def _restore_braces(every: Iterable[nodes.Node]) -> None:
    for node in every:
        if isinstance(node, nodes.TemplateData):
            node.data = show_braces(node.data)
        elif isinstance(node, nodes.Const) and isinstance(node.value, str):
            node.value = show_braces(node.value)
