"""Answers in a template: completion, hover, definitions, and where each line of the output comes from."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator

from jinja2.filters import FILTERS as JINJA_FILTERS

from generator.editor import values
from generator.editor.place import Range, line_of
from generator.editor.values import Item
from generator.editor.workspace import Snapshot
from generator.provenance.trace import Segment, SourceMap
from generator.render.filters import FILTERS, NAMES
from generator.render.typecheck.macros import Macro
from generator.render.typecheck.observed import Use
from generator.render.typecheck.value_type import EACH, Path, Type
from generator.report import markdown
from generator.values.layers import value_at
from generator.values.source import KeyPath, format_path

_OPEN = re.compile(r"\{\{|\{%")
_CHAIN = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*\.)?(\w*)$")
_FILTER = re.compile(r"\|\s*(\w*)$")
_TAGS = "if elif else endif for endfor set endset macro endmacro call endcall include import from filter raw".split()
_MOST_SHOWN = 40  # characters of a value beside its name
_MOST_WRITTEN = 4  # examples of written values in a hover


def complete(snapshot: Snapshot, path: str, text: str, line: int, column: int) -> Iterator[Item]:
    """Yield names, attributes, filters and tags that may stand at a place inside `{{ }}` or `{% %}`."""
    before = line_of(text, line)[:column]
    code = _code(before)
    if code is None or snapshot.observations is None or _is_in_text(code):
        return
    if found := _FILTER.search(code):
        at = Range(path, line, column - len(found[1]), column)
        for name in NAMES:
            yield Item(name, at, name, _signature(name), _explained(name))
        return
    chain = _CHAIN.search(code)
    base, word = (chain[1] or "", chain[2]) if chain else ("", "")
    at = Range(path, line, column - len(word), column)
    names = snapshot.observations.visible(snapshot.project.template_of(path), line + 1)
    if base:
        yield from _attributes(snapshot, names.get(base.split(".")[0]), base.split(".")[1:-1], at)
        return
    if "{%" in before and not code.strip(" -").removesuffix(word).strip():
        yield from (Item(tag, at, tag, "tag") for tag in _TAGS)
        return
    for name, kind in sorted(names.items()):
        yield Item(name, at, name, _detail(kind), _path_explained(snapshot, kind.path))


def _uses(snapshot: Snapshot, path: str) -> list[Use]:
    name = snapshot.project.template_of(path)
    return snapshot.observations.uses.get(name, []) if snapshot.observations else []


def use_at(snapshot: Snapshot, path: str, line: int, column: int) -> Use | None:
    """Return the name at a place of a template."""
    return next((use for use in _uses(snapshot, path) if Range.of(use.at).holds(line, column)), None)


def value_paths(snapshot: Snapshot, use: Use) -> list[KeyPath]:
    """Return the values that a name can mean, with the entries of maps that the environments have."""
    found: dict[KeyPath, None] = {}
    for path in use.paths:
        for data in (each.data for each in snapshot.values()):
            found |= dict.fromkeys(_matching(data, path))
    return list(found)


def hover(snapshot: Snapshot, path: str, text: str, line: int, column: int) -> str:
    """Return what is known of a name in a template, and how its value is written at this place, as Markdown."""
    use = use_at(snapshot, path, line, column)
    if use is None:
        found = re.search(r"\|\s*(\w+)", line_of(text, line)[max(0, column - 30) :])
        return (
            f"**{found[1]}**{_signature(found[1])}\n\n{_explained(found[1])}"
            if found and found[1] in NAMES
            else ""
        )
    if use.macros:
        return "\n\n".join(
            f"macro **{_macro_text(each)}** in {snapshot.template_path(each.template)}" for each in use.macros
        )
    parts = [values.explain(snapshot, each) for each in value_paths(snapshot, use)[:3]]
    parts = parts or [f"**{use.at.text[use.at.column - 1 :][: use.at.length]}**: {use.types[0].describe()}"]
    return "\n\n---\n\n".join([*parts, *written(snapshot, path, line, column)])


def definition(snapshot: Snapshot, path: str, text: str, line: int, column: int) -> list[Range]:
    """Return where the name at a place is defined: base.yaml or the schema, a macro, or a template that is named."""
    if target := _named_template(text, line, column):
        return [Range(snapshot.template_path(target), 0, 0, 0)]
    use = use_at(snapshot, path, line, column)
    if use is None:
        return []
    if use.macros:
        return [
            Range(snapshot.template_path(each.template), int(each.node.lineno) - 1, 0, 0)
            for each in use.macros
        ]
    found = [at for each in value_paths(snapshot, use) for at in values.settings(snapshot, each)]
    paths = value_paths(snapshot, use) or [tuple(each) for each in use.paths]
    return list(dict.fromkeys(found)) or [at for each in paths for at in values.declaration(snapshot, each)]


def written(snapshot: Snapshot, path: str, line: int, column: int) -> Iterator[str]:
    """Yield how the value of the `{{ }}` at a place is written in the output, with the reason."""
    rows: dict[tuple[str, str, str], None] = {}
    for env, source_map, number, segment in segments(
        snapshot, snapshot.project.template_of(path), line, column
    ):
        out = source_map.text.split("\n")[number][segment.start : segment.end]
        rows[
            f"{env}/{source_map.path}:{number + 1}", markdown.code(repr(segment.value)), markdown.code(out)
        ] = None
    if rows:
        shown = list(rows)[:_MOST_WRITTEN]
        more = f"\n\nand {len(rows) - len(shown)} more places" if len(rows) > len(shown) else ""
        yield markdown.table(("written in", "value", "as"), *shown) + more


def hints(snapshot: Snapshot, path: str, env: str, lines: range) -> Iterator[tuple[Range, str]]:
    """Yield the value in an environment of each name on these lines that names one scalar."""
    data = snapshot.results[env].values.data if env in snapshot.results else {}
    for use in _uses(snapshot, path):
        found = {
            value_at(data, each)
            for whole in use.paths
            for each in _matching(data, whole)
            if _is_scalar(data, each)
        }
        if use.at.line - 1 in lines and len(found) == 1:
            yield Range.of(use.at), json.dumps(found.pop(), ensure_ascii=False)[:_MOST_SHOWN]


def _is_scalar(data: object, path: KeyPath) -> bool:
    return not isinstance(value_at(data, path), dict | list)


def segments(
    snapshot: Snapshot, template: str, line: int, column: int
) -> Iterator[tuple[str, SourceMap, int, Segment]]:
    """Yield environment, source map, line (from 0) and segment of what the `{{ }}` at a place wrote."""
    for env, indexes in snapshot.indexes.items():
        for source_map in (index.file for index in indexes if index.file.certain):
            for number, parts in enumerate(source_map.lines):
                for segment in parts:
                    at = segment.location
                    if (
                        at
                        and at[0] == template
                        and at[1] == line + 1
                        and at[2] - 1 <= column < at[2] - 1 + at[3]
                    ):
                        yield env, source_map, number, segment


def _code(before: str) -> str | None:
    """Return the code of an open `{{` or `{%` up to the place; None outside of one."""
    opened = [
        found.end() for found in _OPEN.finditer(before) if before[found.start() - 1 : found.start()] != "$"
    ]
    if not opened or re.search(r"\}\}|%\}", before[opened[-1] :]):
        return None
    return before[opened[-1] :]


def _is_in_text(code: str) -> bool:
    return code.count('"') % 2 == 1 or code.count("'") % 2 == 1


def _attributes(snapshot: Snapshot, kind: Type | None, parts: list[str], at: Range) -> Iterator[Item]:
    types = snapshot.observations.types if snapshot.observations else None
    for part in parts:
        kind = types.key(kind, part) if kind and types else None
    if kind is None or types is None:
        return
    for name in types.keys(kind):
        inner = types.key(kind, name)
        if inner:
            yield Item(name, at, name, _detail(inner), _path_explained(snapshot, inner.path))


def _path_explained(snapshot: Snapshot, path: Path | None) -> str:
    paths = [each for data in snapshot.values() for each in _matching(data.data, path or ())] if path else []
    return values.explain(snapshot, paths[0]) if paths else ""


def _matching(data: object, path: Path, inside: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the paths in `data` that a path with EACH stands for."""
    if not path:
        yield inside
        return
    here = value_at(data, inside)
    entries = here if isinstance(here, dict) else dict(enumerate(here)) if isinstance(here, list) else {}
    for key in entries if path[0] == EACH else [path[0]]:
        if key in entries:
            yield from _matching(data, path[1:], (*inside, key))


def _named_template(text: str, line: int, column: int) -> str:
    """Return the template that an `include` or `import` on a line names at a column."""
    for found in re.finditer(r"""(?:include|import|from|extends)\s+(["'])([^"']+)\1""", line_of(text, line)):
        if found.start(2) <= column <= found.end(2):
            return found[2]
    return ""


def _detail(kind: Type) -> str:
    return format_path(kind.path) if kind.path else kind.describe()


def _macro_text(macro: Macro) -> str:
    return f"{macro.name}({', '.join(macro.arguments)})"


def _signature(name: str) -> str:
    function = FILTERS.get(name) or JINJA_FILTERS.get(name)
    if function is None:
        return ""
    try:
        parameters = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ""
    hidden = ("context", "eval_ctx", "environment", "value", "s", "seq", "obj", "data", "a", "d")
    return f"({', '.join(each for each in parameters if each not in hidden)})"


def _explained(name: str) -> str:
    function = FILTERS.get(name) or JINJA_FILTERS.get(name)
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ") if function else ""
