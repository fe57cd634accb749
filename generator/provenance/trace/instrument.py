"""Insert the recorder's hooks into the syntax tree of a template.

Each expression that writes something, decides something or gives a name its value is enclosed in two calls of the
recorder, which therefore knows what was read for it. Each line of literal text, each iteration of a loop and each
branch starts with a hook. The hooks are filters, as `emit` is; a template cannot call them, because typecheck reports
them as unknown filters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jinja2 import Environment, nodes

from generator.render.engine import hidden_name

HOOKS = (
    "load truth compared part made begin put text branch test enter leave end_branch join each keep iteration"
    " end_iteration empty end_loop set call called include end_include importing imported end_import"
).split()


class UntraceableError(Exception):
    """A template does something that the recorder cannot follow."""


def instrument(environment: Environment, tree: nodes.Template, name: str, source: str) -> None:
    """Insert the hooks into `tree`, the syntax tree of the template `name` with this source."""
    _Instrumenter(name, source, _text_locations(environment, source)).template(tree)


def _text_locations(environment: Environment, source: str) -> Iterator[tuple[int, int]]:
    """Yield line and column of each piece of literal text, in order."""
    end = 0
    for _, kind, text in environment.lex(source):
        start = source.find(text, end)
        if start < 0:
            continue
        end = start + len(text)
        if kind == "data":
            yield source.count("\n", 0, start) + 1, start - source.rfind("\n", 0, start)


def _hook(name: str, node: nodes.Expr, *arguments: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(
        node, hidden_name(f"trace_{name}"), list(arguments), [], None, None, lineno=node.lineno
    )


def _const(value: Any, line: int) -> nodes.Const:
    return nodes.Const(value, lineno=line)


def _do(name: str, line: int, *arguments: Any) -> nodes.ExprStmt:
    """Return a statement that calls a hook."""
    constants = [_const(argument, line) for argument in arguments]
    return nodes.ExprStmt(_hook(name, _const(None, line), *constants), lineno=line)


def _show(name: str, line: int, *arguments: Any) -> nodes.Output:
    """Return a statement that writes the mark which a hook returns."""
    constants = [_const(argument, line) for argument in arguments]
    return nodes.Output([_hook(name, _const(None, line), *constants)], lineno=line)


class _Instrumenter:
    """Instruments one template."""

    def __init__(self, name: str, source: str, texts: Iterator[tuple[int, int]]) -> None:
        self._name = name
        self._lines = source.split("\n")
        self._texts = texts
        self._own: set[str] = set()
        self._numbers: dict[int, int] = {}

    def template(self, tree: nodes.Template) -> None:
        self._own = {node.name for node in tree.find_all(nodes.Macro)}
        self._own |= {node.name for node in tree.find_all(nodes.Name) if node.ctx in ("store", "param")}
        self._numbers = {id(node): number for number, node in enumerate(conditions_and_loops(tree))}
        tree.body = self._body(tree.body)

    # Statements

    def _body(self, body: Iterable[nodes.Node]) -> list[nodes.Node]:
        instrumented: list[nodes.Node] = []
        for node in body:
            handler: Callable[[Any], list[nodes.Node]] = getattr(
                self, f"_{type(node).__name__.lower()}", self._other
            )
            instrumented += handler(node)
        return instrumented

    def _other(self, node: Any) -> list[nodes.Node]:
        """Instrument a statement that only holds others, such as a block."""
        if getattr(node, "body", None) is not None:
            node.body = self._body(node.body)
        return [node]

    def _output(self, node: nodes.Output) -> list[nodes.Node]:
        children: list[nodes.Expr] = []
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                children += self._text(child)
            elif isinstance(child, nodes.Filter) and child.name == hidden_name("emit") and child.node:
                own_line = _const(self._is_alone(child.args[0]), child.lineno)
                children.append(self._root("put", child.node, *child.args, own_line))
        node.nodes = children
        return [node]

    def _text(self, node: nodes.TemplateData) -> Iterator[nodes.Expr]:
        line, column = next(self._texts)
        for number, text in enumerate(re.findall(r"[^\n]*\n|[^\n]+", node.data)):
            location = (self._name, line + number, 1 if number else column)
            yield _hook("text", _const(location, node.lineno))
            yield nodes.TemplateData(text, lineno=node.lineno)

    def _if(self, node: nodes.If) -> list[nodes.Node]:
        names = sorted(_assigned([*node.body, *node.elif_, *node.else_]))
        own_line = self._has_own_lines(node)
        parts = [node, *node.elif_]
        for part in parts:
            number = self._numbers[id(part)]
            constants = [_const(each, part.lineno) for each in (part.lineno, number)]
            part.test = self._root("test", part.test, *constants)
        for part in parts:
            part.body = self._inside(part.body)
        node.else_ = self._inside(node.else_) if node.else_ else []
        joins = [
            nodes.Assign(
                nodes.Name(name, "store", lineno=node.lineno),
                _hook("join", nodes.Name(name, "load", lineno=node.lineno)),
                lineno=node.lineno,
            )
            for name in names
        ]
        start = _show("branch", node.lineno, self._name, node.lineno, own_line)
        return [start, node, *joins, _show("end_branch", node.lineno)]

    def _inside(self, body: list[nodes.Node]) -> list[nodes.Node]:
        return [_do("enter", 1), *self._body(body), _do("leave", 1)]

    def _for(self, node: nodes.For) -> list[nodes.Node]:
        if node.recursive:
            raise UntraceableError("it has a recursive loop")
        line = node.lineno
        number = self._numbers[id(node)]
        location = (self._name, line, number, self._has_own_lines(node), _target(node.target))
        node.iter = self._root("each", node.iter, *(_const(part, line) for part in location))
        if node.test:
            node.test = self._root("keep", node.test)
        node.body = [_show("iteration", line), *self._body(node.body), _do("end_iteration", line)]
        if node.else_:
            node.else_ = [_do("empty", line), *self._body(node.else_), _do("end_iteration", line)]
        return [node, _show("end_loop", line)]

    def _macro(self, node: nodes.Macro) -> list[nodes.Node]:
        node.defaults = [self._root("set", each) for each in node.defaults]
        node.body = self._body(node.body)
        return [node]

    def _callblock(self, node: nodes.CallBlock) -> list[nodes.Node]:
        self._call_parts(node.call)
        node.defaults = [self._root("set", each) for each in node.defaults]
        node.body = self._body(node.body)
        line = node.lineno
        return [_do("call", line, self._name, line, _callee(node.call)), node, _do("called", line)]

    def _assign(self, node: nodes.Assign) -> list[nodes.Node]:
        node.node = self._root("set", node.node)
        return [node]

    def _with(self, node: nodes.With) -> list[nodes.Node]:
        node.values = [self._root("set", each) for each in node.values]
        node.body = self._body(node.body)
        return [node]

    def _include(self, node: nodes.Include) -> list[nodes.Node]:
        line = node.lineno
        node.template = self._root("include", node.template, _const(self._name, line), _const(line, line))
        return [node, _do("end_include", line)]

    def _import(self, node: nodes.Import) -> list[nodes.Node]:
        return self._imports(node, [node.target])

    def _fromimport(self, node: nodes.FromImport) -> list[nodes.Node]:
        return self._imports(node, [pair[1] if isinstance(pair, tuple) else pair for pair in node.names])

    def _imports(self, node: nodes.Import | nodes.FromImport, names: list[str]) -> list[nodes.Node]:
        line = node.lineno
        node.template = self._root("importing", node.template)
        notes = [
            nodes.ExprStmt(_hook("imported", nodes.Name(name, "load", lineno=line)), lineno=line)
            for name in names
        ]
        return [node, *notes, _do("end_import", line)]

    def _filterblock(self, node: nodes.FilterBlock) -> list[nodes.Node]:
        self._constant(node.filter)
        return self._other(node)

    def _assignblock(self, node: nodes.AssignBlock) -> list[nodes.Node]:
        self._constant(node.filter)
        return self._other(node)

    def _extends(self, node: nodes.Extends) -> list[nodes.Node]:
        self._constant(node.template)
        return [node]

    def _constant(self, node: nodes.Node | None) -> None:
        if node is not None and next(node.find_all(nodes.Name), None):
            raise UntraceableError("a filter of a block, or the name after `extends`, is not constant")

    def _exprstmt(self, node: nodes.ExprStmt) -> list[nodes.Node]:
        return [node]  # inserted by the loader: a template cannot have one

    # Expressions

    def _root(self, hook: str, node: nodes.Node, *arguments: nodes.Expr) -> nodes.Filter:
        """Enclose the evaluation of the expression `node` in two calls of the recorder."""
        assert isinstance(node, nodes.Expr)
        return _hook(hook, _hook("begin", _const(None, node.lineno)), self._expression(node), *arguments)

    def _expression(self, node: nodes.Expr) -> nodes.Expr:
        """Return the expression with hooks in it."""
        if isinstance(node, nodes.Name):
            own = None if node.name in self._own else node.name
            return _hook("load", node, _const(own, node.lineno)) if node.ctx == "load" else node
        if isinstance(node, nodes.Call):
            self._call_parts(node)
            location = [_const(part, node.lineno) for part in (self._name, node.lineno, _callee(node))]
            return _hook("called", _hook("call", _const(None, node.lineno), *location), node)
        if isinstance(node, nodes.Concat):
            node.nodes = [_hook("part", self._expression(part)) for part in node.nodes]
            return self._made(node)
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
            node.node = _hook("part", self._expression(node.node))
            return self._made(node)
        self._children(node)
        if isinstance(node, nodes.Compare):
            node.expr = _hook("compared", node.expr)
            for operand in node.ops:
                if operand.op not in ("in", "notin"):
                    operand.expr = _hook("compared", operand.expr)
        elif isinstance(node, nodes.CondExpr):
            node.test = _hook("truth", node.test)
        elif isinstance(node, nodes.And | nodes.Or):
            node.left = _hook("truth", node.left)
        return node

    def _made(self, node: nodes.Expr) -> nodes.Filter:
        return _hook("made", _hook("begin", _const(None, node.lineno)), node)

    def _call_parts(self, node: nodes.Call) -> None:
        node.node = self._expression(node.node)
        node.args = [self._root("set", each) for each in node.args]
        for keyword in node.kwargs:
            keyword.value = self._root("set", keyword.value)

    def _children(self, node: nodes.Node) -> None:
        for field, value in node.iter_fields():
            if isinstance(value, nodes.Expr):
                setattr(node, field, self._expression(value))
            elif isinstance(value, list):
                setattr(node, field, [self._child(each) for each in value])

    def _child(self, value: Any) -> Any:
        if isinstance(value, nodes.Expr):
            return self._expression(value)
        if isinstance(value, nodes.Helper):  # a keyword argument, an entry of a map, an operand
            self._children(value)
        return value

    def _is_alone(self, location: nodes.Expr) -> bool:
        """Return whether a `{{ … }}` stands alone on its line."""
        assert isinstance(location, nodes.Const)
        _, line, column, length = location.value
        text = self._lines[line - 1]
        return not text[: column - 1].strip() and not text[column - 1 + length :].strip()

    def _has_own_lines(self, node: nodes.If | nodes.For) -> bool:
        """Return whether a statement stands alone on its line and consists of whole lines."""
        text = self._lines[node.lineno - 1].strip()
        is_alone = text.startswith("{%") and text.endswith("%}") and text.count("{%") == 1
        return is_alone and _ends_line([node])


def conditions_and_loops(tree: nodes.Template) -> Iterator[nodes.If | nodes.For]:
    """Yield every condition and every loop of a template, in the order in which the recorder numbers them."""
    for node in tree.find_all(nodes.Stmt):
        if isinstance(node, nodes.If | nodes.For):
            yield node


def _assigned(body: Iterable[nodes.Node]) -> Iterator[str]:
    """Yield the names that statements set for the statements after them: not those of a loop, a macro or a `with`."""
    for node in body:
        if isinstance(node, nodes.Assign | nodes.AssignBlock):
            yield from (each.name for each in _names(node.target))
        elif isinstance(node, nodes.If):
            yield from _assigned([*node.body, *node.elif_, *node.else_])


def _ends_line(body: Iterable[nodes.Node]) -> bool:
    """Return whether the output of statements, if there is any, ends at the end of a line."""
    for node in reversed(list(body)):
        if isinstance(node, nodes.Output):
            last = node.nodes[-1]
            return isinstance(last, nodes.TemplateData) and last.data.endswith("\n")
        if isinstance(node, nodes.If):
            branches = [node.body, *(each.body for each in node.elif_), node.else_]
            if not all(_ends_line(branch) for branch in branches):
                return False
        elif isinstance(node, nodes.For):
            if not (_ends_line(node.body) and _ends_line(node.else_)):
                return False
        elif not isinstance(node, nodes.Assign | nodes.AssignBlock | nodes.Macro | nodes.ExprStmt):
            return False  # for example an include: the other template may end anywhere
    return True


def _names(target: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(target, nodes.Name):
        yield target
    elif isinstance(target, nodes.Tuple):
        for item in target.items:
            yield from _names(item)


def _target(node: nodes.Node) -> str:
    """Return the names that a loop sets, as the template writes them."""
    return ", ".join(name.name for name in _names(node))


def _callee(node: nodes.Call) -> str:
    """Return the name of the called macro or method."""

    callee: nodes.Node | None = node.node
    while isinstance(callee, nodes.Filter):
        callee = callee.node
    if isinstance(callee, nodes.Name):
        return callee.name
    return callee.attr if isinstance(callee, nodes.Getattr) else ""
