"""Templates of the project as Jinja runs them: each `{{ … }}` ends in the filter `emit`, and loops are counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any, cast

from jinja2 import BaseLoader, Environment, Template, meta, nodes
from jinja2.environment import TemplateModule

from generator.languages.site import MARK
from generator.project import TEMPLATES
from generator.project.cache import NO_CACHE, Cache, digest
from generator.render.engine.failures import Explained
from generator.render.engine.sources import Sources
from generator.render.marks import END, FIRST, LAST
from generator.render.tokens import Piece, Places
from generator.render.tokens import Place as Position
from generator.render.tokens.syntax_errors import LONE_HINT, lone_brace

BRACE = "\ue001"  # a { that is none of Jinja's
_RESERVED = re.compile(f"[{MARK}-{END}{chr(FIRST)}-{chr(LAST)}]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # no text of any language; CRLF is LF by now

# Puts more into the syntax tree of a template: a trace does, so that it can follow the render.
Weave = Callable[[Environment, nodes.Template, str, str], None]


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A syntax tree, and all its nodes in the order of the source."""

    tree: nodes.Template
    nodes: tuple[nodes.Node, ...]


class Loader(BaseLoader):
    """Loads templates of the project, and puts `emit` around each expression that they put out."""

    def __init__(self, sources: Sources, cache: Cache = NO_CACHE, weave: Weave | None = None) -> None:
        self._sources = sources
        self._weave = weave
        self._trees: dict[str, _Parsed] = {}
        # Compiled templates by name, with a hash of their source: compiling all takes ten times as long as rendering.
        self._cache = cache
        self._kind = "woven" if weave else "templates"
        self._compiled: dict[str, Any] = cache.get(self._kind, sources.place, "") or {}
        self._has_new = False
        self._loading: set[str] = set()

    def load(
        self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        source = self._sources.text(name)
        known, code, outputs, libraries = self._compiled.get(name, ("", None, (), None))
        if known != digest(source):
            parsed = self._trees.pop(name, None) or self._parse(environment, name)
            outputs = self._sources.outputs[name]
            for node in parsed.nodes:
                if isinstance(node, nodes.Import | nodes.FromImport):
                    node.with_context = True  # else Jinja keeps the module, and its marks, for the next file
            _put_emit(parsed.nodes, name, outputs)
            _put_bounds(parsed.nodes)
            if self._weave:
                self._weave(environment, parsed.tree, name, keep_expressions(source))
            libraries = None if self._weave else _libraries(parsed)
            code = environment.compile(parsed.tree, name, f"{TEMPLATES}/{name}")
            self._compiled[name] = (digest(source), code, outputs, libraries)
            self._has_new = True
        self._sources.outputs[name] = outputs
        kind = _Library if self._is_library(environment, name, libraries) else environment.template_class
        return kind.from_code(environment, code, dict(globals or {}))

    def _is_library(self, environment: Environment, name: str, libraries: tuple[str, ...] | None) -> bool:
        """Say whether a template, which imports `libraries`, and all of these need to be run only once."""
        if libraries is None:
            return False
        self._loading.add(name)
        found = all(
            each in self._sources.names
            and each not in self._loading
            and isinstance(environment.get_template(each), _Library)
            for each in libraries
        )
        self._loading.remove(name)
        return found

    def remember(self) -> None:
        """Keep what was compiled for the next run."""
        if self._has_new:
            known = {name: self._compiled[name] for name in self._sources.names if name in self._compiled}
            self._cache.put(self._kind, self._sources.place, "", known)
            self._has_new = False

    def _parse(self, environment: Environment, name: str) -> _Parsed:
        source = keep_expressions(self._checked(name))
        tree = environment.parse(source, name, f"{TEMPLATES}/{name}")
        parsed = _Parsed(tree, tuple(tree.find_all(nodes.Node)))
        for node in parsed.nodes:
            if isinstance(node, nodes.EvalContextModifier | nodes.ScopedEvalContextModifier):
                hint = "take the block out: every value is encoded for its place"
                raise Explained("autoescape would put values out unencoded", hint, node.lineno, name)
        written = cast(Places, environment.extensions[Places.identifier]).written
        lone = lone_brace(written)
        if lone:
            message = f"found {lone.text.strip()}, which is text and no code"
            raise Explained(message, LONE_HINT, Position.of(lone), name)
        self._sources.outputs[name] = tuple(_places(written))
        _restore_braces(parsed.nodes)
        return parsed

    def _checked(self, name: str) -> str:
        """Return the text of a template, which holds none of the characters that are ours."""
        source = self._sources.text(name)
        reserved = _RESERVED.search(source) or _CONTROL.search(source)
        if reserved:
            line = source.count("\n", 0, reserved.start()) + 1
            place = Position.of(
                Piece("", line, reserved.start() - source.rfind("\n", 0, reserved.start()), ".")
            )
            what = "is reserved for oetgen" if reserved.re is _RESERVED else "is no text"
            message = f"the character U+{ord(reserved[0]):04X} {what}"
            raise Explained(message, "take it out: no font has a sign for it", place, name)
        return source

    def tree(self, environment: Environment, name: str) -> nodes.Template:
        """Return the syntax tree of a template for reading; `load` takes it over, so that nothing is parsed twice."""
        if name not in self._trees:
            self._trees[name] = self._parse(environment, name)
        return self._trees[name].tree

    def list_templates(self) -> list[str]:
        return self._sources.names


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


def keep_expressions(source: str) -> str:
    """Hide the braces of `${{` and `${#` from Jinja; in `${{{`, the last two are Jinja's."""
    source = source.replace("${{{", f"${BRACE}{{{{").replace("${{", f"${BRACE}{BRACE}")
    return source.replace("${#", f"${BRACE}#")


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
            node.data = node.data.replace(BRACE, "{")
        elif isinstance(node, nodes.Const) and isinstance(node.value, str):
            node.value = node.value.replace(BRACE, "{")
