"""The values of an environment: `base.yaml`, then what `extends` names, then the environment's own file.

Maps merge by key, scalars and lists replace, null removes. The layers are kept as they were read, so that
the origin of every value is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from generator.findings import Finding, OetgenError, Severity, Span, error
from generator.findings.record import record
from generator.findings.suggest import listed, nearest
from generator.languages.site import HclCode
from generator.project import BASE, OUT, SETTINGS
from generator.project.cache import NO_CACHE, Cache, digest
from generator.project.folder import FOLDERS, Folders, Project, Variant, read
from generator.values.defaults import entry_defaults, with_defaults
from generator.values.source import KeyPath, Located, load, no_value, parse_path

# Keys that configure the file and are not values.
FILE_KEYS = ("extends", "checks")


@record
class Layer:
    """One source of values: a file, one `--set`, or the part of a file for one entry of a matrix."""

    path: str
    located: Located
    text: str
    is_part: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """The values of this layer alone; the settings of a project are all of its file."""
        if self.path == SETTINGS:
            return dict(self.located.data)
        return {key: value for key, value in self.located.data.items() if key not in FILE_KEYS}


@record
class Values:
    """The merged values of one environment, and the layers they come from, lowest first.

    `out` is the folder of its output where `oetgen.yaml` sets one, `variant` what a matrix makes it of.
    `code` are the paths of values that are expressions of HCL.
    """

    env: str
    data: dict[str, Any]
    layers: tuple[Layer, ...]
    out: str = ""
    variant: Variant | None = None
    code: frozenset[KeyPath] = frozenset()
    folders: Folders = FOLDERS

    @cached_property
    def context(self) -> dict[str, Any]:
        """The values as templates see them: those in `code` are expressions."""
        return _with_code(self.data, (), self.code) if self.code else self.data

    @property
    def path(self) -> str:
        """The file of the environment."""
        return self.folders.values(self.variant.file if self.variant else self.env)

    @property
    def files(self) -> tuple[Layer, ...]:
        """The whole files among its layers; the last is its own."""
        return tuple(each for each in self.layers if not each.is_part and each.path != "--set")

    @property
    def words(self) -> tuple[str, ...]:
        """The values that a matrix sets: the names of the entries."""
        return tuple(word for word, _ in self.variant.entries) if self.variant else ()

    @property
    def folder(self) -> str:
        """The folder of its output, relative to the project."""
        return self.out or f"{OUT}/{self.env}"

    @cached_property
    def sources(self) -> tuple[Layer, ...]:
        """Everything that sets values, lowest first: the defaults of entries, then the layers."""
        defaults = ((layer, entry_defaults(layer.located, self.data)) for layer in self.layers)
        return (*(replace(layer, located=located) for layer, located in defaults if located), *self.layers)

    def origins(self, path: KeyPath) -> Iterator[Span]:
        """Yield where the value at `path` is set: the effective place, then those it overrides."""
        for layer in reversed(self.sources):
            span = layer.located.keys.get(path) or layer.located.values.get(path)
            if span:
                yield span

    def at(self, path: KeyPath) -> Span | None:
        """Return the place of the value at `path`, or of the nearest map or list that holds it."""
        for end in range(len(path), 0, -1):
            for span in self.origins(path[:end]):
                return span
        return Span(self.layers[-1].path, 1) if self.layers else None


class Files:
    """The values files of a project, each read once however many environments it is a layer of."""

    def __init__(self, project: Project, cache: Cache = NO_CACHE) -> None:
        self.names = project.environment_names()
        self.files = sorted(
            {*self.names, *(each.file for each in project.variants.values())} - {*project.variants}
        )
        self.folders = project.folders
        self.cache = cache
        self._project = project
        self._read: dict[str, tuple[Layer, list[Finding]]] = {}
        self._merged: dict[tuple[str, ...], dict[str, Any]] = {}

    def merged(self, layers: list[Layer]) -> dict[str, Any]:
        """Return the merged values of these files, the lowest first; results are shared between environments."""
        key = tuple(layer.path for layer in layers)
        if key and key not in self._merged:
            self._merged[key] = merge(self.merged(layers[:-1]), layers[-1].data)
        return self._merged[key] if key else {}

    def layer(self, name: str) -> tuple[Layer, list[Finding]]:
        """Return the layer of a file, and the findings about it."""
        if name not in self._read:
            self._read[name] = _read_layer(self._project, name, self.cache)
        return self._read[name]


def load_values(
    project: Project, env: str, settings: tuple[str, ...] = (), files: Files | None = None
) -> tuple[Values, list[Finding]]:
    """Read and merge the layers of `env`; `settings` are `PATH=VALUE` texts that override all files.

    `files` keeps what was read for other environments. Raises OetgenError when the project has no such environment.
    """
    files = files or Files(project)
    variant = project.variants.get(env)
    layers, findings = _layers(files, variant.file if variant else env)
    more = [_setting(text) for text in settings]
    findings += [finding for _, found in more for finding in found]
    values = _merged(files, env, variant, layers, [layer for layer, _ in more])
    return values, [replace(finding, environment=env) for finding in findings]


def _merged(
    files: Files, env: str, variant: Variant | None, layers: list[Layer], more: list[Layer]
) -> Values:
    """Return the values of an environment; where a cache keeps objects, the same object for the same layers."""
    key = ""
    if files.cache.keeps_objects and not more:
        texts = (part for each in layers for part in (each.path, each.text))
        key = digest(repr((variant, files.folders)), *texts)
    known: Values | None = files.cache.recall("merged", env, key) if key else None
    if known:
        return known
    *shared, own = layers
    above = [own, *(_parts(layers, variant) if variant else ()), *more]
    data = files.merged(shared)
    for layer in above:
        data = merge(data, layer.data)
    values = Values(env, with_defaults(data), (*shared, *above), variant=variant, folders=files.folders)
    if key:
        files.cache.keep("merged", env, key, values)
    return values


def environments_of(project: Project, paths: Iterable[str]) -> list[str]:
    """Return the environments whose values come from one of the files `paths`, among others."""
    files, paths = Files(project), set(paths)
    values = [load_values(project, name, (), files)[0] for name in files.names]
    return [each.env for each in values if not paths.isdisjoint(layer.path for layer in each.layers)]


def _parts(layers: list[Layer], variant: Variant) -> Iterator[Layer]:
    """Yield what the entries of a matrix set: the values of entries that are maps, then the names of all."""
    for _, path in variant.entries:
        for layer in layers:
            entry = value_at(layer.data, path)
            if isinstance(entry, dict):
                keys, values = _below(path, layer.located.keys), _below(path, layer.located.values)
                yield Layer(layer.path, Located(entry, keys, values), layer.text, is_part=True)
    for word, path in variant.entries:
        for layer in layers:
            span = layer.located.keys.get(path) or layer.located.values.get(path)
            name = path[-1] if isinstance(path[-1], str) else value_at(layer.data, path)
            if span and name is not None:
                located = Located({word: name}, {(word,): span}, {(word,): span})
                yield Layer(layer.path, located, layer.text, is_part=True)


def _below(path: KeyPath, places: Mapping[KeyPath, Span]) -> dict[KeyPath, Span]:
    """Return the places below `path`, by their paths from there."""
    return {at[len(path) :]: span for at, span in places.items() if at[: len(path)] == path}


def _with_code(value: Any, path: KeyPath, code: frozenset[KeyPath]) -> Any:
    if isinstance(value, dict):
        return {key: _with_code(inner, (*path, key), code) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_code(inner, (*path, index), code) for index, inner in enumerate(value)]
    return HclCode(value) if path in code else value


def value_at(data: Any, path: KeyPath, default: Any = None) -> Any:
    """Return the value at `path` of `data`, or `default`."""
    for part in path:
        if isinstance(data, str):
            return default
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return default
    return data


def merge(lower: Any, upper: Any) -> Any:
    """Return `lower` overridden by `upper`."""
    if not isinstance(upper, dict):
        return upper
    merged = dict(lower) if isinstance(lower, dict) else {}
    for key, value in upper.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def _layers(files: Files, env: str) -> tuple[list[Layer], list[Finding]]:
    """Return `base.yaml`, the files that `env` extends and its own, with the findings about them."""
    known = files.files
    folders = files.folders
    if env not in known:
        raise OetgenError(
            f'no environment "{env}": {folders.environments}/ holds {listed(files.names) or "none"}',
            nearest(env, files.names)
            or f"create {folders.values(env)}{', or name one of these' if known else ''}",
        )
    base, found = files.layer(BASE)
    findings = list(found)
    layers: list[Layer] = []
    name: str | None = env
    while name is not None:
        layer, found = files.layer(name)
        findings += found
        layers.insert(0, layer)
        name = None
        if "extends" in layer.located.data:
            name, wrong = _parent(layers, known, folders)
            findings += [wrong] if wrong else []
    return [base, *layers], findings


def _read_layer(project: Project, name: str, cache: Cache) -> tuple[Layer, list[Finding]]:
    path = project.folders.values(name)
    text, unreadable = read(project, path)
    located = Located({}) if unreadable else cache.recall("values", path, text)
    if located is None:
        located = load(text, path)
        cache.keep("values", path, text, located)
    findings = [unreadable] if unreadable else list(located.findings)
    if isinstance(located.data, dict):
        if name == BASE and "extends" in located.data:
            message = "base.yaml cannot extend another file: every environment begins with it"
            at = located.at(("extends",))
            findings.append(error("values/base-extends", message, at, hint="remove the line"))
        return Layer(path, located, text), findings
    if not findings:
        findings.append(_empty(path, name) if located.data is None else _no_map(located))
    return Layer(path, Located({}), text), findings


def _empty(path: str, name: str) -> Finding:
    """Return the finding for a file without values: an error for base.yaml, a warning for an overlay."""
    if name == BASE:
        hint = "write {} for no defaults, or the default of each value"
        return error("values/empty", "the file has no values", Span(path, 1), hint=hint)
    message = "the file has no values: the environment equals base.yaml"
    hint = "write what differs from base.yaml, or {} for nothing"
    return Finding("values/empty", Severity.WARNING, message, Span(path, 1), hint=hint)


def _no_map(located: Located) -> Finding:
    message = "found no map at the top of the file"
    hint = 'write one line "key: value" for each value'
    return error("values/not-a-map", message, located.values.get(()), hint=hint)


def _parent(layers: list[Layer], known: list[str], folders: Folders) -> tuple[str | None, Finding | None]:
    """Return the environment that the lowest of `layers` extends, or None and perhaps the finding about it."""
    located = layers[0].located
    parent = located.data["extends"]
    if parent is None:
        return None, None
    if parent not in known:
        paths = [each.path for each in layers]
        others = [name for name in known if folders.values(name) not in paths]
        message = f'extends "{parent}", expected one of {listed(others)}'
        added = folders.values(str(parent))
        hint = nearest(str(parent), others) or f"name one of these, remove the line, or add {added}"
        if not isinstance(parent, str):
            message = f"`extends` needs the name of an environment, expected one of {listed(others)}"
            hint = "name one of these, or remove the line"
        elif not others:
            message, hint = f'extends "{parent}", which does not exist', f"remove the line, or add {added}"
        if parent == BASE:
            hint = "remove the line: every environment begins with base.yaml"
        return None, error("values/unknown-parent", message, located.values.get(("extends",)), hint=hint)
    paths = [each.path for each in layers]
    if folders.values(parent) in paths:
        return None, _circle(layers[: paths.index(folders.values(parent)) + 1])
    return parent, None


def _circle(layers: list[Layer]) -> Finding:
    """Return the finding for files that extend each other: the same one, whichever file comes first."""
    first = min(layers, key=lambda layer: layer.path)
    at = first.located.values.get(("extends",))
    if len(layers) == 1:
        return error("values/circular-extends", "the file extends itself", at, hint="remove the line")
    message = f'extends "{first.located.data["extends"]}", which leads back to this file'
    return error("values/circular-extends", message, at, hint="remove one of the `extends` lines")


_SETTING = re.compile(r'((?:"[^"]*"|[^"=])*)=(.*)', re.DOTALL)


def _setting(text: str) -> tuple[Layer, tuple[Finding, ...]]:
    """Read one `PATH=VALUE`, whose value is YAML. Raises OetgenError when it does not have that form."""
    found = _SETTING.fullmatch(text)
    parts = parse_path(found[1]) if found else None
    if not found or not parts:
        raise OetgenError(
            f"--set {text} is not PATH=VALUE", "write, for example, --set services.backend.replicas=5"
        )
    if parts[0][0] in FILE_KEYS:
        hint = "write it into a values file"
        raise OetgenError(f"--set {text}: {parts[0][0]} is not a value", hint)
    path: KeyPath = tuple(part for part, _ in parts)
    ends = [start - 1 for _, start in parts[1:]] + [len(found[1])]
    line = _one_line(text)
    keys = {
        path[: index + 1]: Span("--set", 1, start + 1, ends[index] - start, line)
        for index, (_, start) in enumerate(parts)
    }
    located = _value(found[2], found.start(2), line)
    data = located.data
    for part in reversed(path):
        data = {part: data}
    values = {(*path, *inner): span for inner, span in located.values.items()}
    keys |= {(*path, *inner): span for inner, span in located.keys.items()}
    return Layer("--set", Located(data, keys, values), text), located.findings


def _value(text: str, offset: int, line: str) -> Located:
    """Read the value of a `--set`, which begins at `offset` of `line`."""
    located = load(text, "--set")
    if located.data is None and not located.findings and not located.values:
        return Located(None, findings=(no_value(Span("--set", 1, 1, max(offset, 1), line)),))
    starts = [0, *(found.end() for found in re.finditer("\r\n|[\n\r]", text))]

    def moved(span: Span) -> Span:
        column = offset + starts[span.line - 1] + span.column
        return Span("--set", 1, column, span.length, line)

    return Located(
        located.data,
        {path: moved(span) for path, span in located.keys.items()},
        {path: moved(span) for path, span in located.values.items()},
        tuple(_moved(finding, moved) for finding in located.findings),
    )


def _moved(finding: Finding, moved: Callable[[Span], Span]) -> Finding:
    """Return `finding` with all of its places moved."""
    notes = tuple(replace(note, at=moved(note.at)) if note.at else note for note in finding.notes)
    return replace(finding, at=moved(finding.at) if finding.at else None, notes=notes)


def _one_line(text: str) -> str:
    """Return `text` with a symbol for each control character and lone surrogate, so that columns are kept."""
    line = "".join(chr(0x2400 + ord(char)) if char < " " else char for char in text)
    return line.encode("utf-8", "replace").decode()  # "?" for what was not UTF-8 on the command line
