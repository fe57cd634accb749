"""The values of an environment: `base.yaml`, then what `extends` names, then the environment's own file.

Maps merge by key, scalars and lists replace, null removes. The layers stay as they were read, so that
every value can say where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from generator.findings import Finding, Note, OetgenError, Span, error
from generator.located import KeyPath, Located, format_path, load, nearest
from generator.project import BASE, ENVIRONMENTS, Project, read

# Keys that are about the file and are no values.
FILE_KEYS = ("extends", "checks")


@dataclass(frozen=True, slots=True)
class Layer:
    """One source of values: a file, or one `--set`."""

    path: str
    located: Located
    text: str

    @property
    def data(self) -> dict[str, Any]:
        """The values of this layer alone."""
        return {key: value for key, value in self.located.data.items() if key not in FILE_KEYS}


@dataclass(frozen=True, slots=True)
class Values:
    """The merged values of one environment, and the layers they come from, lowest first."""

    env: str
    data: dict[str, Any]
    layers: tuple[Layer, ...]

    def origins(self, path: KeyPath) -> Iterator[Span]:
        """Yield where the value at `path` is set: the place that counts, then those it overrides."""
        for layer in reversed(self.layers):
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

    def __init__(self, project: Project) -> None:
        self.names = project.environment_names()
        self._project = project
        self._read: dict[str, tuple[Layer, list[Finding]]] = {}

    def layer(self, name: str, findings: list[Finding]) -> Layer:
        """Return the layer that a file is, and add what is wrong with it to `findings`."""
        if name not in self._read:
            self._read[name] = _read_layer(self._project, name)
        layer, found = self._read[name]
        findings += found
        return layer


def load_values(
    project: Project, env: str, settings: tuple[str, ...] = (), files: Files | None = None
) -> tuple[Values, list[Finding]]:
    """Read and merge the layers of `env`; `settings` are `PATH=VALUE` texts that override all files.

    `files` has what was read for other environments.

    Raises OetgenError when the project has no such environment.
    """
    findings: list[Finding] = []
    layers = [
        *_layers(files or Files(project), env, findings),
        *(_setting(text, findings) for text in settings),
    ]
    data: dict[str, Any] = {}
    for layer in layers:
        data = merge(data, layer.data)
    return Values(env, data, tuple(layers)), [replace(finding, environment=env) for finding in findings]


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


def _layers(files: Files, env: str, findings: list[Finding]) -> list[Layer]:
    known = files.names
    if env not in known:
        raise OetgenError(
            f'no environment "{env}": {ENVIRONMENTS}/ holds {", ".join(known) or "none"}',
            nearest(env, known) or f"make {ENVIRONMENTS}/{env}.yaml, or name one of those",
        )
    layers: list[Layer] = []
    name: str | None = env
    while name is not None:
        layer = files.layer(name, findings)
        layers.insert(0, layer)
        name = _parent(layer, known, {layer.path for layer in layers}, findings)
    return [files.layer(BASE, findings), *layers]


def _read_layer(project: Project, name: str) -> tuple[Layer, list[Finding]]:
    path = f"{ENVIRONMENTS}/{name}.yaml"
    findings: list[Finding] = []
    text, unreadable = read(project, path)
    located = Located({}) if unreadable else load(text, path)
    findings += [unreadable] if unreadable else located.findings
    if isinstance(located.data, dict):
        return Layer(path, located, text), findings
    if not located.findings and located.data is not None:
        at = located.values.get(())
        hint = 'write "key: value" lines'
        findings.append(
            error("values/not-a-map", "found no map of values at the top of the file", at, hint=hint)
        )
    return Layer(path, Located({}), text), findings


def _parent(layer: Layer, known: list[str], seen: set[str], findings: list[Finding]) -> str | None:
    """Return the environment that `layer` extends; a name that is unknown or goes in a circle is a finding."""
    parent = layer.located.data.get("extends")
    if parent is None:
        return None
    at = layer.located.values.get(("extends",))
    if parent not in known:
        message = f'extends "{parent}", expected one of {", ".join(known)}'
        findings.append(error("values/unknown-parent", message, at, hint=nearest(str(parent), known)))
        return None
    if f"{ENVIRONMENTS}/{parent}.yaml" in seen:
        message = f'extends "{parent}", which extends this file'
        findings.append(
            error("values/circular-extends", message, at, hint="take one of the extends: lines out")
        )
        return None
    return str(parent)


def _setting(text: str, findings: list[Finding]) -> Layer:
    """Read one `PATH=VALUE`; the value is one line of YAML. Raises OetgenError when there is no `=`."""
    dotted, equals, value = text.partition("=")
    path: KeyPath = tuple(dotted.split("."))
    if not equals or not all(path):
        raise OetgenError(
            f"--set {text} is not PATH=VALUE", "write, for example, --set services.backend.replicas=5"
        )
    span = Span("--set", 1, 1, len(dotted), text)
    located = load(value, "--set")
    findings += [
        replace(found, at=replace(span, column=len(dotted) + 2, length=len(value)))
        for found in located.findings
    ]
    data = located.data
    for part in reversed(path):
        data = {part: data}
    places = {path[:end]: span for end in range(1, len(path) + 1)}
    return Layer("--set", Located(data, places, {(): span, **places}), text)


def describe(values: Values, path: KeyPath) -> Note:
    """Return the note that says where the value at `path` comes from."""
    return Note(f"{format_path(path)} is set here", values.at(path))
