"""Give a value another name in the schema, all values files and all templates, or refuse with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generator.editor.place import Edit, Range
from generator.editor.workspace import Rendering, Snapshot, Workspace
from generator.findings import OetgenError, Span
from generator.project.folder import read
from generator.render.typecheck.value_type import BELOW, EACH, Path
from generator.values.layers import FILE_KEYS, Layer, value_at
from generator.values.schema import Schema
from generator.values.schema.declared import declared
from generator.values.source import KeyPath, format_path

_NAME = re.compile(r"[A-Za-z_]\w*")


def rename(snapshot: Snapshot, path: KeyPath, new: str) -> list[Edit]:
    """Return the edits that give the value at `path` the name `new`. Raises OetgenError where one cannot be known."""
    schema, observations = snapshot.schema, snapshot.observations
    if schema is None or observations is None:
        raise OetgenError("the project has errors", "fix them first")
    old, name = path[-1], format_path(path)
    pattern = _pattern(schema, path)
    if not isinstance(old, str) or pattern[-1] == EACH or path[0] in FILE_KEYS:
        raise OetgenError(f"{name} is not declared by name in the schema", "rename it in the files by hand")
    if not _NAME.fullmatch(new):
        raise OetgenError(f'"{new}" is not a name for templates', "use letters, digits and _")
    if any(new in rule.get("properties", {}) for rule, _ in declared(schema, path[:-1])):
        raise OetgenError(f'there is already a "{new}"', "choose another name")
    _refuse_dynamic(snapshot, pattern, name)
    edits = [Edit(_bare(at), new) for at in _in_schema(schema, path[:-1], old)]
    for layer in snapshot.layers.values():
        edits += [Edit(_bare(at), new) for at in _in_layer(layer, pattern)]
    for _, use in observations.reading(pattern):
        if use.paths != (pattern,):
            raise OetgenError(
                f"{use.at.path}:{use.at.line} may name another value, too", "rename it there by hand"
            )
        if use.is_attribute == (len(pattern) > 1):  # a variable with the same value keeps its name
            edits.append(Edit(Range.of(use.at), new))
    return sorted(set(edits), key=lambda edit: edit.at)


def _pattern(schema: Schema, path: KeyPath) -> Path:
    """Return a path with EACH for each key that the schema does not declare by name."""
    pattern: list[str] = []
    for end in range(1, len(path) + 1):
        part = path[end - 1]
        rules = [rule for rule, _ in declared(schema, path[: end - 1])]
        by_name = isinstance(part, str) and any(part in rule.get("properties", {}) for rule in rules)
        pattern.append(str(part) if by_name else EACH)
    return tuple(pattern)


def _refuse_dynamic(snapshot: Snapshot, pattern: Path, name: str) -> None:
    """Raise OetgenError when a template reads a map around the value as a whole, or a path of a template names it."""
    observations = snapshot.observations
    for whole in observations.reads if observations else ():
        if whole[-1:] == (BELOW,) and _covers(whole[:-1], pattern):
            raise OetgenError(
                f"a template reads {'.'.join(whole[:-1])} as a whole, and with it the name of {name}",
                "rename it by hand",
            )
    for template in snapshot.project.template_names():
        if f"{{{pattern[-1]}}}" in template:
            raise OetgenError(
                f"the path of {snapshot.template_path(template)} names {name}", "rename it by hand"
            )


def _covers(whole: Path, pattern: Path) -> bool:
    """Return whether a map can be one around the value at `pattern`."""
    pairs = zip(whole, pattern, strict=False)
    return len(whole) < len(pattern) and all(EACH in pair or pair[0] == pair[1] for pair in pairs)


def _in_layer(layer: Layer, pattern: Path) -> Iterator[Span]:
    for path, span in layer.located.keys.items():
        if len(path) == len(pattern) and all(
            want in (EACH, part) for want, part in zip(pattern, path, strict=True)
        ):
            yield span


def _in_schema(schema: Schema, path: KeyPath, old: str) -> Iterator[Span]:
    """Yield the places of a key's name in the rules of its map: where it is declared, required, or a condition."""
    for _, place in declared(schema, path):
        yield from _names(schema, place, old)
    for _, place in declared(schema, path):
        yield from _names(schema, (*place, "if"), old)


def _names(schema: Schema, place: KeyPath, old: str) -> Iterator[Span]:
    rule = value_at(schema.data, place)
    if not isinstance(rule, dict):
        return
    located = schema.located
    for keyword in ("properties", "dependentRequired", "dependentSchemas"):
        if old in rule.get(keyword, {}):
            yield located.keys[(*place, keyword, old)]
    lists: list[tuple[KeyPath, list[str]]] = [(("required",), rule.get("required", []))]
    lists += [(("dependentRequired", key), names) for key, names in rule.get("dependentRequired", {}).items()]
    for inside, names in lists:
        for index, each in enumerate(names):
            if each == old:
                yield located.values[(*place, *inside, index)]


def _bare(span: Span) -> Range:
    """Return the range of a name without the quotes around it."""
    at = Range.of(span)
    text = span.text[at.start : at.end]
    return Range(at.path, at.line, at.start + 1, at.end - 1) if text[:1] in ("'", '"') else at


def proven(workspace: Workspace, path: KeyPath, new: str) -> list[Edit]:
    """Return the edits of `rename`, which changed no byte of the output when they were tried."""
    workspace.analyse()
    edits = rename(workspace.observe(), path, new)
    trial = Workspace(workspace.project.root)
    for file in dict.fromkeys(edit.at.path for edit in edits):
        trial.change(
            file, applied(read(workspace.project, file)[0], [edit for edit in edits if edit.at.path == file])
        )
    for file, text in workspace.unsaved.items():
        if file not in trial.unsaved:
            trial.change(file, text)
    before, after = workspace.snapshot.rendered, trial.analyse().rendered
    if _texts(before) != _texts(after):
        raise OetgenError(f"the new name of {format_path(path)} would change the output", "rename it by hand")
    return edits


def _texts(rendered: Mapping[tuple[str, str], Rendering]) -> dict[tuple[str, str], str]:
    return {key: each.text for key, each in rendered.items()}


def applied(text: str, edits: list[Edit]) -> str:
    """Return a text with edits, none of which is of whole lines, applied."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda each: each.at, reverse=True):
        line = lines[edit.at.line]
        lines[edit.at.line] = line[: edit.at.start] + edit.text + line[edit.at.end :]
    return "\n".join(lines)
