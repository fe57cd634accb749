"""The build of a kustomization, step by step in the order of kustomize 5."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import replace

from generator.findings import Span
from generator.findings.record import record
from generator.languages.node import Leaf, Map, Node, ReadResult, Seq
from generator.languages.source import Source
from generator.system.kubernetes import Object, objects
from generator.system.kustomize import patches, references, replacements, transform
from generator.system.kustomize.generators import Generator, add_hash
from generator.system.kustomize.nodes import BrokenError, RefusedError, UnknownError, is_null
from generator.system.kustomize.objects import Resource

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_KNOWN = frozenset(
    "apiVersion kind metadata resources bases components patches patchesStrategicMerge patchesJson6902 labels"
    " commonLabels commonAnnotations namePrefix nameSuffix namespace images replicas configMapGenerator"
    " secretGenerator generatorOptions replacements sortOptions".split()
)
# Fields that are not evaluated: api/types/kustomization.go of github.com/kubernetes-sigs/kustomize, and older ones.
_OTHERS = frozenset(
    "buildMetadata configurations crds generators helmChartInflationGenerator helmCharts helmGlobals imageTags"
    " inventory openapi transformers validators vars".split()
)
_REMOTE = ("://", "github.com/", "git@", "git::", "gitlab.com/", "bitbucket.org/")
_LOCAL = "config.kubernetes.io/local-config"
_OPTIONS = "kustomize.config.k8s.io/"
_MAX_DEPTH = 50

Read = Callable[[str], ReadResult | None]


@record
class Build:
    """What a kustomization builds; `unknown` is the reason when that is not known, `is_broken` that
    kustomize refuses it, `is_refused` that it does so with any of its options, and then `at` is the place."""

    kustomization: Object
    objects: tuple[Object, ...] = ()
    unknown: str = ""
    is_broken: bool = False
    is_refused: bool = False
    at: Span | None = None


class Files:
    """The files that a build reads."""

    def __init__(self, sources: Mapping[str, Source], read: Read) -> None:
        self.sources, self.read = sources, read
        self._folders = {posixpath.dirname(path): path for name in NAMES[::-1] for path in self._all(name)}

    def _all(self, name: str) -> list[str]:
        return [path for path in self.sources if posixpath.basename(path) == name]

    def kustomization(self, folder: str) -> str:
        """Return the path of the kustomization in a folder, or "" when it has none."""
        return self._folders.get(folder, "")

    def is_kustomization(self, path: str) -> bool:
        """Return whether a folder is built by this file."""
        return self._folders.get(posixpath.dirname(path)) == path

    def documents(self, path: str) -> Seq:
        result = self.read(path) if path in self.sources else None
        if result is None:
            raise BrokenError(f"{path} is not in the tree, or not a file that can be read")
        if result.problems or not isinstance(result.node, Seq):
            raise BrokenError(f"{path} cannot be read")
        return result.node

    def text(self, path: str) -> str:
        if path not in self.sources:
            raise UnknownError(f"{path} is not a file of the tree")
        return self.sources[path].text


def build(kustomization: Object, files: Files) -> Build:
    """Return what `kubectl kustomize` makes of a kustomization."""
    resources: list[Resource] = []
    try:
        _Run(files).accumulate(kustomization.path, resources, ())
        for each in resources:
            if each.hashed:
                add_hash(each)
        references.fix(resources)
        return Build(
            kustomization, tuple(Object(each.source, each.node, kustomization.path) for each in resources)
        )
    except UnknownError as problem:
        is_broken, is_refused = (isinstance(problem, each) for each in (BrokenError, RefusedError))
        at = problem.at if isinstance(problem, RefusedError) else None
        return Build(kustomization, (), problem.message, is_broken, is_refused, at)


def used_files(kustomization: Object, files: Files) -> set[str]:
    """Return the files that a kustomization lists: objects and patches."""
    listed = {*kustomization.resources, *kustomization.patches}
    return {path for path in listed if path in files.sources}


def uses(kustomization: Object, files: Files) -> list[str]:
    """Return the kustomizations that one uses as bases and components."""
    folder = posixpath.dirname(kustomization.path)
    listed = [
        text for key in ("resources", "bases", "components") for text in kustomization.node.seq(key).texts()
    ]
    paths = (files.kustomization(_join(folder, text)) for text in listed)
    return [path for path in paths if path]


def _join(folder: str, text: str) -> str:
    path = posixpath.normpath(posixpath.join(folder, text))
    return "" if path == "." else path


def _below(folder: str, text: str) -> str:
    """Return the path of a file, which kustomize reads only from the folder of the kustomization and below it."""
    path = _join(folder, text)
    if folder and not path.startswith(f"{folder}/"):
        raise BrokenError(f"{text} is outside of the folder of its kustomization")
    return path


class _Run:
    """The build of one root."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def accumulate(self, path: str, resources: list[Resource], outer: tuple[str, ...]) -> None:
        """Add what a kustomization builds; a component changes what is there."""
        if path in outer or len(outer) > _MAX_DEPTH:
            raise RefusedError(f"{path} uses itself")
        source = self._files.sources[path]
        node = next(iter(self._files.documents(path).maps()), None)
        if node is None:
            raise BrokenError(f"{path} is empty")
        _check(node)
        folder, inner = posixpath.dirname(path), (*outer, path)

        def documents(name: str) -> Seq:
            return self._files.documents(_below(folder, name))

        for text in (*node.seq("resources").texts(), *node.seq("bases").texts()):
            resources += self._resource(folder, text, inner)
        _check_names(resources)
        Generator(source, node, lambda name: self._files.text(_below(folder, name))).run(resources)
        for text in node.seq("components").texts():
            component = self._folder(folder, text)
            self.accumulate(component, resources, inner)
        self._transform(node, resources, documents)
        resources[:] = [each for each in resources if not _is_local(each)]

    def _transform(self, node: Map, resources: list[Resource], documents: Callable[[str], Seq]) -> None:
        patches.run(resources, node, documents)
        namespace = node.leaf("namespace")
        if namespace is not None and namespace.text:
            transform.set_namespace(resources, namespace)
        transform.set_names(resources, node.leaf("namePrefix"), node.leaf("nameSuffix"))
        transform.set_labels(resources, node)
        patches.run_json(resources, node, documents)
        for entry in node.maps("replicas"):
            transform.set_replicas(resources, entry)
        transform.set_images(resources, node.maps("images"))
        for entry in node.maps("replacements"):
            listed = [entry]
            if entry.text("path"):
                listed = [
                    one
                    for each in documents(entry.text("path"))
                    for one in (
                        each.maps() if isinstance(each, Seq) else (each,) if isinstance(each, Map) else ()
                    )
                ]
            for each in listed:
                replacements.run(resources, each)

    def _resource(self, folder: str, text: str, outer: tuple[str, ...]) -> list[Resource]:
        path = _join(folder, text)
        if path not in self._files.sources:
            found: list[Resource] = []
            self.accumulate(self._folder(folder, text), found, outer)
        else:
            path = _below(folder, text)
            found = _read(self._files.sources[path], self._files.documents(path))
        return found

    def _folder(self, folder: str, text: str) -> str:
        if any(word in text for word in _REMOTE):
            raise UnknownError(f"{text} is not in the tree")
        path = self._files.kustomization(_join(folder, text))
        if not path:
            raise BrokenError(f"{text} has no kustomization in the tree")
        return path


def _check_names(resources: list[Resource]) -> None:
    seen = set()
    for each in resources:
        key = (each.type, each.id.namespace or "default", each.id.name)
        if key in seen:
            raise BrokenError(f"{each.object.identity} is there twice")
        seen.add(key)


def _check(node: Map) -> None:
    for key, value in node.entries.items():
        is_empty = (isinstance(value, Leaf) and value.value is None) or (
            isinstance(value, Seq | Map) and not len(value)
        )
        if key not in _KNOWN | _OTHERS:
            raise RefusedError(f"a kustomization has no field {key}", node.key_place(key))
        if key not in _KNOWN and not is_empty:
            raise UnknownError(f"{key} of a kustomization is not evaluated")


def _read(source: Source, documents: Seq) -> list[Resource]:
    found = list(objects(source, documents))
    for document in documents:
        if isinstance(document, Map) and len(document):
            if not document.text("kind") or not document.text("apiVersion"):
                raise BrokenError(f"{source.path} holds a document without kind and apiVersion")
        elif not (isinstance(document, Leaf) and document.value is None):
            raise BrokenError(f"{source.path} holds a document that is no object")
    for each in found:
        if any(key.startswith(_OPTIONS) for key in each.metadata.map("annotations")):
            raise UnknownError(f"{each.identity} has annotations for kustomize")
        if not each.name:
            raise BrokenError(f"{each.kind} in {source.path} has no name")
    return [Resource(source, _plain(each.node)) for each in found]


def _plain(node: Map) -> Map:
    """Return an object without what kustomize leaves out of metadata: some nulls, and annotations without entries."""
    metadata = node.map("metadata")
    kept: dict[str, Node] = {
        key: value
        for key, value in metadata.entries.items()
        if not (key in ("namespace", "labels", "annotations") and is_null(value))
        and not (key == "annotations" and isinstance(value, Map) and not len(value))
    }
    if len(kept) == len(metadata.entries):
        return node
    return replace(node, entries={**node.entries, "metadata": replace(metadata, entries=kept)})


def _is_local(each: Resource) -> bool:
    annotations = each.node.map("metadata", "annotations")
    return _LOCAL in annotations and annotations.text(_LOCAL) != "false"
