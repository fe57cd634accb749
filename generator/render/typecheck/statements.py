"""Checks the statements of templates: what they write, loop over, set, include, import and extend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from generator.findings import Finding
from generator.render.engine import Engine, RenderError
from generator.render.engine.sandbox import CARRYING, MOVING
from generator.render.typecheck import expressions, filter_calls, operators, signatures
from generator.render.typecheck.checker import Checker, Observe, other_arguments
from generator.render.typecheck.macros import Argument, Macro, bind, own_names
from generator.render.typecheck.narrowing import narrow
from generator.render.typecheck.reporter import Reporter
from generator.render.typecheck.schema_types import SchemaTypes
from generator.render.typecheck.scope import Fact, Scope, access_path
from generator.render.typecheck.value_type import (
    ANY,
    LIST,
    MACRO,
    MAP,
    MODULE,
    OTHER,
    SCALARS,
    STRING,
    TEXT,
    Conditions,
    Type,
    either,
    of_kind,
    tuple_of,
    unknown,
)

_MOST_FOLLOWED = 5000  # macros, includes and blocks; a project has hundreds
_GLOBALS = {"range": ANY}
_BLOCK = Type(
    frozenset({MACRO}), target=((),)
)  # self.name(): the block itself is checked where it is defined
_HANDLERS = {**expressions.HANDLERS, **operators.HANDLERS, **filter_calls.HANDLERS}

Blocks = dict[str, tuple[tuple[str, nodes.Block], ...]]
Defined = tuple[str, int, str]  # template, line and name of a macro


class Statements:
    """Follows templates from their first line through every branch, macro, include and import."""

    def __init__(self, engine: Engine, types: SchemaTypes, observe: Observe | None = None) -> None:
        self.reporter = Reporter(engine)
        self.used: set[str] = set()
        self.uses_any = False  # whether an included name can be any string
        self.failures: list[Finding] = []
        self._engine = engine
        self._types = types
        self._checker = Checker(types, self.reporter, _HANDLERS, self._call, observe)
        self._active: list[
            tuple[str | int, frozenset[str]]
        ] = []  # macros, templates and blocks that are being followed
        self._followed = 0
        self.defined: dict[Defined, Macro] = {}
        self.called: set[Defined] = set()
        self._overrides: Blocks = {}
        self._root = Scope({})

    def template(self, name: str, names: dict[str, Type]) -> None:
        """Follow the template `name`, which sees `names`."""
        tree = self.tree(name)
        if tree:
            self.reporter.template = name
            self._root = Scope(_GLOBALS | names)
            self._overrides = {}
            self._template(name, tree, self._root)

    def uncalled(self, macros: Mapping[Defined, Macro]) -> None:
        """Follow macros that no template calls, with unknown arguments."""
        self.reporter.reading = False
        for key, macro in macros.items():
            if key not in self.called:
                arguments = {name: Argument(ANY) for name in macro.arguments}
                own = own_names(macro, None) | {"caller": Type(holds=True)}
                self._follow_macro(macro, arguments, own, 0, Scope({}))

    def tree(self, name: str) -> nodes.Template | None:
        """Return the syntax tree of a template, or None when it has an error, which is then in `failures`."""
        self.used.add(name)
        try:
            return self._engine.tree(name)
        except RenderError as failure:
            self.failures.append(failure.finding)
            return None

    def _template(self, name: str, tree: nodes.Template, scope: Scope) -> None:
        """Follow a whole template: the one that it extends comes last, and writes its blocks."""
        own = self._engine.blocks(name)
        if own:
            scope.names["self"] = Type(frozenset({MODULE}), target={"self": dict.fromkeys(own, _BLOCK)})
        extends = next((node for node in tree.body if isinstance(node, nodes.Extends)), None)
        if extends is None:
            self._body(tree.body, scope)
            return
        position = tree.body.index(extends)
        silent = (nodes.Output, nodes.Block)  # they write nothing after `extends`
        self._body([node for node in tree.body[:position] if not isinstance(node, nodes.Block)], scope)
        self._body([node for node in tree.body[position + 1 :] if not isinstance(node, silent)], scope)
        outer = self._overrides
        self._overrides = outer | {
            block: (*outer.get(block, ()), (name, node)) for block, node in own.items()
        }
        for parent, conditions in self._templates(extends.template, scope):
            self._check_overrides(parent, own)
            self._follow(parent, extends, scope, conditions)
        self._overrides = outer

    def _check_overrides(self, parent: str, own: dict[str, nodes.Block]) -> None:
        """Report the blocks in `own` that the extended template does not have."""
        inherited = self._blocks_of(parent)
        for name, block in own.items():
            if inherited is not None and name not in inherited:
                where = self.reporter.path(parent)
                self.reporter.unknown("block", name, sorted(inherited), block, where=where)

    def _blocks_of(self, name: str, depth: int = 0) -> set[str] | None:
        """Return the names of the blocks of a template and those that it extends; None when they are unknown."""
        tree = self.tree(name)
        if tree is None or depth > 9:
            return None
        blocks = {block.name for block in tree.find_all(nodes.Block)}
        for extends in tree.find_all(nodes.Extends):
            if (
                not isinstance(extends.template, nodes.Const)
                or extends.template.value not in self._engine.names()
            ):
                return None
            blocks |= self._blocks_of(extends.template.value, depth + 1) or set()
        return blocks

    def _body(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        for node in body:
            handler: Callable[[Any, Scope], None] | None
            handler = getattr(self, f"_{type(node).__name__.lower()}", None)
            if handler:
                handler(node, scope)
            else:
                self._checker.type_of(node, scope)

    def _output(self, node: nodes.Output, scope: Scope) -> None:
        for each in node.nodes:
            if isinstance(each, nodes.TemplateData):
                continue
            value = self._checker.use(each, scope)
            if value.is_only(MAP, LIST):
                notes = self._types.note(value, "declares its type")
                hint = "add | yaml, | flow, | json or | hcl"
                message = f"found {value.describe()}, expected one value"
                self.reporter.error("typecheck/needs-filter", message, each, hint=hint, notes=notes)
            elif value.is_only(MACRO, MODULE, OTHER):
                message = f"found {value.describe()}, expected one value"
                self.reporter.error("typecheck/wrong-type", message, each, hint="add parentheses to call it")

    def _if(self, node: nodes.If, scope: Scope) -> None:
        self._checker.use(node.test, scope)
        if_true, if_false = narrow(self._checker, node.test, scope)
        branches = [self._branch(node.body, scope, if_true)]
        if node.elif_:
            first, *more = node.elif_
            rest = nodes.If(first.test, first.body, more, node.else_, lineno=first.lineno)
            branches.append(self._branch([rest], scope, if_false))
        else:
            branches.append(self._branch(node.else_, scope, if_false))
        _join(scope, branches)

    def _branch(self, body: list[nodes.Node], scope: Scope, facts: Iterable[Fact]) -> Scope:
        inner = scope.child(facts)
        self._body(body, inner)
        return inner

    def _for(self, node: nodes.For, scope: Scope) -> None:
        iterable = self._checker.use(node.iter, scope)
        if iterable.may_be_text and not iterable.is_only(TEXT):
            self.reporter.rendered_text("a loop", node.iter)
        if iterable.is_only(*SCALARS, TEXT, MACRO, MODULE):
            message = f"found {iterable.describe()}, expected a list or a map"
            notes = self._types.note(iterable, "declares its type")
            hint = "loop over a list, a map or range(…)"
            self.reporter.error("typecheck/not-iterable", message, node.iter, hint=hint, notes=notes)
        self.reporter.read(iterable)
        for key in self._types.flags(iterable):
            self.reporter.read(key)
        item = of_kind(STRING) if iterable.is_only(MAP) else unknown(iterable)
        if iterable.is_only(LIST):
            item = self._types.each(iterable).named()
        inner = scope.child()
        self._unpack(node.target, item, inner)
        inner.set("loop", _loop(item, node.recursive))
        if node.test:
            self._checker.use(node.test, inner)
            inner = inner.child(narrow(self._checker, node.test, inner)[0])
        self._body(node.body, inner)
        self._body(node.else_, scope.child())

    def _unpack(self, target: nodes.Node, value: Type, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope.set(target.name, value)
        elif isinstance(target, nodes.Tuple):
            parts = value.parts
            if value.may_be_text:
                self.reporter.rendered_text("a list of names", target)
            if parts and len(parts) != len(target.items):
                message = f"found {len(target.items)} names, expected {len(parts)}"
                self.reporter.error("typecheck/not-iterable", message, target, hint="write key, value")
            elif value.is_only(STRING, *SCALARS, MAP):
                message = f"found {value.describe()}, expected a pair"
                self.reporter.error(
                    "typecheck/not-iterable", message, target, hint="use .items() to get pairs from a map"
                )
            for index, each in enumerate(target.items):
                self._unpack(each, parts[index] if index < len(parts) else unknown(value), scope)

    def _assign(self, node: nodes.Assign, scope: Scope) -> None:
        is_pair = isinstance(node.target, nodes.Tuple)
        value = self._checker.type_of(node.node, scope)
        if is_pair and value.missing:
            self._checker.report_missing(value, node.node)
        if isinstance(node.node, nodes.Tuple | nodes.List) and is_pair:
            value = tuple_of(self._checker.type_of(each, scope).named() for each in node.node.items)
        if isinstance(node.target, nodes.NSRef):
            self._checker.type_of(nodes.Name(node.target.name, "load", lineno=node.target.lineno), scope)
            return
        tests, path = narrow(self._checker, node.node, scope), access_path(node.node)
        name = node.target.name if isinstance(node.target, nodes.Name) else ""
        below = scope.facts_below(path, name) if path and name else ()
        self._unpack(node.target, value.named(), scope)
        scope.facts |= frozenset(below)
        if name and (tests[0] or tests[1]):
            scope.tests[name] = tests

    def _assignblock(self, node: nodes.AssignBlock, scope: Scope) -> None:
        self._rendered_text(node.filter, node.body, scope)
        if not isinstance(node.target, nodes.NSRef):
            self._unpack(node.target, of_kind(TEXT), scope)

    def _filterblock(self, node: nodes.FilterBlock, scope: Scope) -> None:
        self._rendered_text(node.filter, node.body, scope)

    def _rendered_text(self, chain: nodes.Node | None, body: list[nodes.Node], scope: Scope) -> None:
        """Follow a body whose rendered text goes through filters."""
        self._body(body, scope.child())
        while isinstance(chain, nodes.Filter):
            arguments = [self._checker.use(each, scope) for each in (*chain.args, *other_arguments(chain))]
            if chain.name in MOVING:
                filter_calls.check_moving(self._checker, chain, arguments)
            elif chain.name not in CARRYING:
                message = f"rendered text cannot go through | {chain.name}"
                hint = "use only indent and trim on the text of a block"
                self.reporter.error("typecheck/captured-text", message, chain, chain.name, hint=hint)
            chain = chain.node

    def _with(self, node: nodes.With, scope: Scope) -> None:
        inner = scope.child()
        for target, value in zip(node.targets, node.values, strict=True):
            self._assign(nodes.Assign(target, value, lineno=node.lineno), inner)
        self._body(node.body, inner)

    def _scope(self, node: nodes.Scope, scope: Scope) -> None:
        self._body(node.body, scope.child())

    def _block(self, node: nodes.Block, scope: Scope) -> None:
        chain = (*self._overrides.get(node.name, ()), (self.reporter.template, node))
        base = scope if node.scoped else self._root
        self._follow_block(chain, base.child(scope.shared_facts(base)), node)

    def _follow_block(self, chain: tuple[tuple[str, nodes.Block], ...], scope: Scope, at: nodes.Node) -> None:
        (template, block), *rest = chain
        why = "no template that this one extends has the block"
        parent = Type(frozenset({MACRO}), target=(tuple(rest),)) if rest else replace(ANY, missing=why)
        inner = scope.child()
        inner.names["super"] = parent
        if not self._may_follow(block, inner):
            return
        if template == self.reporter.template:
            self._body(block.body, inner)
        else:
            with self.reporter.inside(template, at.lineno):
                self._body(block.body, inner)
        self._active.pop()

    def _extends(self, node: nodes.Extends, scope: Scope) -> None:
        """Follow an `extends` inside a condition; `_template` follows the one of the whole template."""
        for name, conditions in self._templates(node.template, scope):
            self._follow(name, node, scope, conditions)

    def _include(self, node: nodes.Include, scope: Scope) -> None:
        for name, conditions in self._templates(node.template, scope, optional=node.ignore_missing):
            self._follow(name, node, scope if node.with_context else Scope(dict(_GLOBALS)), conditions)

    def _follow(self, name: str, node: nodes.Node, scope: Scope, conditions: Conditions) -> Scope:
        """Follow another template, and return the names that it sets."""
        inner = scope.child()
        tree = self.tree(name)
        if tree and self._may_follow(name, inner):
            root, self._root = self._root, inner if not isinstance(node, nodes.Extends) else self._root
            with self.reporter.inside(name, node.lineno, conditions):
                self._template(name, tree, inner)
            self._root = root
            self._active.pop()
        return inner

    def _may_follow(self, what: nodes.Node | str, scope: Scope) -> bool:
        """Return whether to follow something, and mark it as active.

        Nothing is followed inside itself, unless other names of its scope may have captured text.
        """
        self._followed += 1
        names = frozenset(name for name, value in scope.names.items() if value.has_text)
        call = (what if isinstance(what, str) else id(what), names)
        if call in self._active or self._followed > _MOST_FOLLOWED:
            return False
        self._active.append(call)
        return True

    def _templates(
        self, node: nodes.Expr, scope: Scope, optional: bool = False
    ) -> list[tuple[str, Conditions]]:
        """Return the templates that an expression can name, with their conditions, and report unknown ones."""
        if isinstance(node, nodes.List | nodes.Tuple):
            known = [each for item in node.items for each in self._templates(item, scope, optional=True)]
            if not known and not optional:
                hint = "fix a name, or add: ignore missing"
                self.reporter.error(
                    "typecheck/unknown-template", "none of these templates exists", node, hint=hint
                )
            return known
        value = self._checker.use(node, scope)
        if value.may_be_text:
            self.reporter.rendered_text("the name of a template", node)
        if value.choices is None:
            self.uses_any = True
            if value.is_only(STRING):
                hint = "name one template, or choose by a value whose schema has an enum"
                message = "the name of the template can be any string"
                self.reporter.error("typecheck/any-template", message, node, hint=hint)
        names = self._engine.names()
        choices = value.choices or {}
        for name in sorted(set(choices) - set(names)):
            if not optional:
                hint = f"fix the name, or add the template {self.reporter.path(name)}"
                self.reporter.unknown("template", name, names, node, hint=hint)
        return [(name, choices[name]) for name in sorted(choices) if name in names]

    def _import(self, node: nodes.Import, scope: Scope) -> None:
        modules = {
            name: self._exports(name, node, scope, conditions)
            for name, conditions in self._templates(node.template, scope)
        }
        scope.set(node.target, Type(frozenset({MODULE}), target=modules) if modules else ANY)

    def _fromimport(self, node: nodes.FromImport, scope: Scope) -> None:
        pairs = [pair if isinstance(pair, tuple) else (pair, pair) for pair in node.names]
        imported: dict[str, Type] = {}
        for template, conditions in self._templates(node.template, scope):
            exports = self._exports(template, node, scope, conditions)
            for name, alias in pairs:
                if name not in exports:
                    where = self.reporter.path(template)
                    hint = "fix the name, or add it to that template"
                    self.reporter.unknown("attribute", name, list(exports), node, where=where, hint=hint)
                value = exports.get(name, ANY)
                imported[alias] = either(imported[alias], value) if alias in imported else value
        for _, alias in pairs:
            scope.set(alias, imported.get(alias, ANY))

    def _exports(
        self, name: str, node: nodes.Import | nodes.FromImport, scope: Scope, conditions: Conditions
    ) -> dict[str, Type]:
        """Return the names that a template sets at its top level."""
        outer = scope if node.with_context else Scope(dict(_GLOBALS))
        inner = self._follow(name, node, outer, conditions)
        return {key: value for key, value in inner.names.items() if outer.names.get(key) is not value}

    def _macro(self, node: nodes.Macro, scope: Scope) -> None:
        macro = Macro(self.reporter.template, node, scope, self.reporter.conditions)
        self.defined.setdefault(_key(macro), macro)
        for default in node.defaults:
            self._checker.type_of(default, _argument_scope(macro))
        scope.set(node.name, macro.type())

    def _callblock(self, node: nodes.CallBlock, scope: Scope) -> None:
        body = Macro(self.reporter.template, node, scope, self.reporter.conditions)
        self.defined.setdefault(_key(body), body)
        function = self._checker.use(node.call.node, scope)
        if function.is_only(MACRO):
            self._call(function, node.call, scope, body)
        else:
            self._checker.use(node.call, scope)

    def _call(self, function: Type, call: nodes.Call, scope: Scope, caller: Macro | None = None) -> Type:
        """Follow the macros or blocks that a call can mean, with the types of its arguments."""
        for target in function.target:
            if isinstance(target, Macro):
                arguments, others = bind(self._checker, target, call, scope, caller)
                own = own_names(target, caller) | others
                self._follow_macro(target, arguments, own, call.lineno, scope)
            elif target:
                self._follow_block(target, scope, call)  # super()
        return of_kind(TEXT)

    def _follow_macro(
        self, macro: Macro, arguments: dict[str, Argument], own: dict[str, Type], line: int, caller: Scope
    ) -> None:
        self.called.add(_key(macro))
        inner = macro.scope.child(caller.shared_facts(macro.scope))
        facts: set[Fact] = set()
        inner.names |= own
        for name, argument in arguments.items():
            path = access_path(argument.node)
            facts |= caller.facts_below(path, name) if path else set()
            inner.set(name, argument.value)
        inner.facts |= facts
        for name, default in zip(reversed(macro.arguments), reversed(macro.node.defaults), strict=False):
            if inner.names[name].missing and arguments[name].node is None:
                inner.set(name, self._checker.type_of(default, inner))
        if self._may_follow(macro.node, inner):
            with self.reporter.inside(macro.template, line, macro.conditions):
                self._body(macro.node.body, inner)
            self._active.pop()


def _key(macro: Macro) -> Defined:
    return macro.template, int(macro.node.lineno), macro.name


def _argument_scope(macro: Macro) -> Scope:
    """Return the scope of the defaults of a macro's arguments, which see the other arguments."""
    inner = macro.scope.child()
    inner.names |= dict.fromkeys(macro.arguments, ANY)
    return inner


def _loop(item: Type, is_recursive: bool) -> Type:
    fields = {name: of_kind(kind) for name, kind in signatures.LOOP.items()}
    fields["previtem"] = replace(item, missing="the first item has none before it")
    fields["nextitem"] = replace(item, missing="the last item has none after it")
    fields |= {name: Type(frozenset({OTHER})) for name in ("cycle", "changed")}
    kinds = frozenset({OTHER, MAP}) if is_recursive else frozenset({MAP})
    return Type(kinds, {"additionalProperties": False}, fields=fields, target="loop")


def _join(scope: Scope, branches: list[Scope]) -> None:
    """Set the names that branches have set: one that a branch lacks may be missing after them."""

    before = scope.names
    changed = {
        name for branch in branches for name, value in branch.names.items() if value is not before.get(name)
    }
    for name in sorted(changed):
        values = [branch.names.get(name) for branch in branches]
        known = [value for value in values if value is not None]
        joined = known[0]
        for value in known[1:]:
            joined = either(joined, value)
        if len(known) < len(values):
            joined = replace(joined, missing="only one branch of a condition sets it", source=None)
        if scope.names.get(name) != joined:
            scope.set(name, joined)
    scope.facts |= frozenset.intersection(*(branch.facts for branch in branches))
