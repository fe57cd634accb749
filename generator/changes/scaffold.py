"""Add an environment, or an entry of a map such as a service, by editing values files."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from generator.findings import OetgenError
from generator.findings.suggest import listed, nearest
from generator.project.names import environment_problem
from generator.render.result import RenderResult
from generator.system import System
from generator.system.kubernetes import Object
from generator.values.edit import Document, checked, edited, with_value
from generator.values.layers import Layer, Values, merge, value_at
from generator.values.schema import Schema
from generator.values.schema.declared import declared
from generator.values.source import KeyPath, format_path

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_PORT = re.compile(r"(.*_)?port")
_HOST_KEY = re.compile(r"(.*_)?(host|hostname|domain|fqdn)")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")


def new_environment(
    name: str, source: Values, names: list[str], accepts: Callable[[dict[str, Any]], bool]
) -> dict[str, str]:
    """Return the text of the file of a new environment: that of `source`, with the new name where the old one was.

    Of an environment by a matrix, it is the file of all that the matrix makes of it.
    A value stays where the schema, as `accepts` knows it, refuses the new name. `names` are the environments that
    exist. Raises OetgenError when the name is taken or invalid.
    """
    path = source.folders.values(name)
    if name in names:
        raise OetgenError(f"there is an environment {name} already", f"edit {path}, or choose another name")
    same = next((each for each in names if each.lower() == name.lower()), "")
    problem = environment_problem(name) or (
        f"{same} is the same name where upper case does not count" if same else ""
    )
    if problem:
        raise OetgenError(f'"{name}" cannot be the name of an environment: {problem}', "choose another name")
    layer, old = source.files[-1], source.folders.environment(source.path)
    data: dict[str, Any] = reduce(merge, (each.data for each in source.files), {})
    renamed = [
        (place, _renamed(value, old, name)) for place, value in _values(data) if _is_named(place, value, old)
    ]
    values = [(place, value) for place, value in renamed if accepts(with_value(source.data, place, value))]
    return {path: edited(layer.text, layer.path, values)}


def shared_names(old: RenderResult, new: RenderResult) -> list[str]:
    """Return what two environments call by the same name, and what only one of them can have in one place."""
    found = dict(_values(new.values.data))
    hosts = {
        value
        for path, value in _values(old.values.data)
        if found.get(path) == value and _is_host(path, value)
    }
    keys = [{each.key: each for each in _objects(result)} for result in (old, new)]
    alike = [each for key, each in keys[0].items() if key in keys[1]]
    namespaces = sorted({each.namespace for each in alike})
    counts = [f"{len(alike)} Kubernetes objects in namespace {', '.join(namespaces)}"] if alike else []
    return [f"host {host}" for host in sorted(hosts)] + counts


def _objects(result: RenderResult) -> list[Object]:
    found = System.of_tree(result.tree).objects if result.tree else []
    return [each for each in found if each.namespace and not each.is_kustomization]


def _is_host(path: KeyPath, value: Any) -> bool:
    is_name = isinstance(value, str) and _HOST.fullmatch(value)
    return bool(is_name and _HOST_KEY.fullmatch(str(path[-1])))


def _values(data: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield each scalar and list, with its path."""
    for key, value in data.items() if isinstance(data, dict) else ():
        if isinstance(value, dict):
            yield from _values(value, (*path, key))
        else:
            yield (*path, key), value


def _is_named(path: KeyPath, value: Any, env: str) -> bool:
    """Return whether a value names the environment; NODE_ENV and its like hold the mode of a framework."""
    is_mode = value == env and str(path[-1]).endswith("_ENV")
    return _renamed(value, env, "") != value and not is_mode


def _renamed(value: Any, old: str, new: str) -> Any:
    """Return a text, or a list of texts, with the word `new` in place of `old`."""
    if isinstance(value, list):
        return [_renamed(each, old, new) for each in value]
    if not isinstance(value, str):
        return value
    # Not /dev, the folder of the system.
    return re.sub(rf"(?<![A-Za-z0-9])(?<!^/)(?<!\s/){re.escape(old)}(?![A-Za-z0-9])", lambda _: new, value)


def new_entry(
    kind: str,
    name: str,
    like: str | None,
    environments: Sequence[Values],
    maps: Mapping[str, KeyPath],
    schema: Schema,
) -> dict[str, str]:
    """Return the texts of the values files that have the entry `like` of a map, with a copy of it called `name`.

    Names, hosts and ports in the copy are new ones. The first entry has what the schema requires, from its examples.
    Raises OetgenError for a kind or a name that is not possible.
    """
    where = maps.get(kind)
    if where is None:
        known = [*maps, "environment"]
        raise OetgenError(
            f"{kind} is nothing that can be added", nearest(kind, known) or f"use {' or '.join(known)}"
        )
    entries = {
        key: entry for values in environments for key, entry in (value_at(values.data, where) or {}).items()
    }
    if not entries and like is None:
        return _first_entry(kind, _named(name, kind), where, environments[0], schema)
    source = _like(entries, name, like, kind)
    layers = {layer.path: layer for values in environments for layer in values.files}
    texts: dict[str, str] = {}
    for path, layer in layers.items():
        entry = value_at(layer.located.data, (*where, source))
        if entry is not None:
            texts[path] = _with_copy(layer, where, source, name, entry, entries)
    return texts


def _named(name: str, kind: str) -> str:
    """Return a name. Raises OetgenError when it cannot be one."""
    if not _NAME.fullmatch(name):
        raise OetgenError(f'"{name}" cannot be the name of a {kind}', "use letters, digits and - inside")
    return name


def _first_entry(kind: str, name: str, where: KeyPath, values: Values, schema: Schema) -> dict[str, str]:
    """Return base.yaml with the first entry of a map. Raises OetgenError when the schema has too few examples."""
    base = values.layers[0]
    path = (*where, name)
    if not declared(schema, path):
        message = f"there are no {where[-1]} here: {schema.path} does not declare {format_path(where)}"
        hint = f"declare it there, and write a template with {{{kind}}} in its path"
        raise OetgenError(message, hint)
    defaults = value_at(base.located.data, (*where[:-1], f"{where[-1]}.*")) or {}
    try:
        entry = _example(schema, next((rule for rule, _ in declared(schema, path)), {}), without=defaults)
    except LookupError as missing:
        message = (
            f"there is no {kind} that a new one can resemble, and {schema.path} has no example of {missing}"
        )
        hint = f"write the first one by hand, at {format_path(path)} in {base.path}"
        raise OetgenError(message, hint) from None
    return {base.path: edited(base.text, base.path, [(path, entry)])}


def _example(schema: Schema, rule: Any, key: str = "a value", without: Collection[str] = ()) -> Any:
    """Return a value that a rule allows. Raises LookupError, with the key, where it names none."""
    rule = schema.resolved(rule)
    for word in ("default", "const"):
        if word in rule:
            return rule[word]
    for word in ("enum", "examples"):
        if rule.get(word):
            return rule[word][0]
    kinds = rule.get("type", "object")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "object":
        inner = rule.get("properties", {})
        wanted = [each for each in rule.get("required", ()) if each not in without]
        return {each: _example(schema, inner.get(each, {}), each) for each in wanted}
    simple = {"boolean": False, "integer": rule.get("minimum", 1), "number": rule.get("minimum", 1)}
    if kind == "array" and not rule.get("minItems"):
        return []
    if kind not in simple:
        raise LookupError(key)
    return simple[kind]


def _like(entries: Mapping[str, Any], name: str, wanted: str | None, kind: str) -> str:
    """Return the entry that a new one is to resemble. Raises OetgenError when it must be named, or does not exist."""
    known = list(entries)
    if _named(name, kind) in entries:
        raise OetgenError(
            f"there is a {kind} {name} already", "choose another name, or edit the values files"
        )
    if wanted is None and len(known) == 1:
        return known[0]
    if not known:
        raise OetgenError(f"no {kind} {wanted}", f"leave out --like for the first {kind}")
    if wanted is None:
        raise OetgenError(f"which {kind} does {name} resemble?", f"add --like with one of {listed(known)}")
    if wanted not in entries:
        raise OetgenError(f"no {kind} {wanted}", nearest(wanted, known) or f"name one of {listed(known)}")
    return wanted


def _with_copy(
    layer: Layer, where: KeyPath, source: str, name: str, entry: Any, entries: Mapping[str, Any]
) -> str:
    document = Document(layer.text)
    document.copy_entry((*where, source), name)
    wanted = with_value(layer.located.data, (*where, name), entry)
    for path, value in _values(entry):
        other = _own(path, value, source, name, entries)
        if other != value:
            document.set((*where, name, *path), other)
            wanted = with_value(wanted, (*where, name, *path), other)
    return checked(document.text, layer.path, wanted)


def _own(path: KeyPath, value: Any, source: str, name: str, entries: Mapping[str, Any]) -> Any:
    """Return the value of the new entry at `path`: that of `source`, unless each entry needs one of its own."""
    key = str(path[-1]) if path else ""
    if isinstance(value, int) and not isinstance(value, bool) and _PORT.fullmatch(key):
        return _free_port(value, path, entries)
    renamed = _renamed(value, source, name)
    if renamed == value and _is_host(path, value):
        return f"{name}.{value.partition('.')[2]}"
    return renamed


def _free_port(port: int, path: KeyPath, entries: Mapping[str, Any]) -> int:
    """Return the next port that no entry has; the same one if other entries share theirs, too."""
    found = [value_at(entry, path) for entry in entries.values()]
    taken = [each for each in found if isinstance(each, int)]
    if len(set(taken)) < len(taken):
        return port
    while port in taken:
        port += 1
    return port
