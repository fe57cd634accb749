"""The files of one rendered tree, each read once, when it is first needed."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatch
from functools import cached_property
from types import MappingProxyType
from typing import Self, TypeVar

from generator.findings import Span
from generator.findings.record import record
from generator.languages import dialects_of, language_of, read
from generator.languages.dockerfile.instructions import Dockerfile
from generator.languages.dockerfile.instructions import parse as parse_dockerfile
from generator.languages.github import is_action
from generator.languages.node import Leaf, Map, Node, Problem, ReadResult, Seq
from generator.languages.shell.read import parse as parse_shell
from generator.languages.shell.script import Command, Script
from generator.languages.source import Source
from generator.languages.typescript.read import Program
from generator.render.tree import Tree
from generator.system import kubernetes, pipelines
from generator.system.compose import ComposeFile
from generator.system.images import Build, Component, component
from generator.system.kubernetes import Container, Key, Object, is_elsewhere
from generator.system.kustomize import Build as Kustomized
from generator.system.kustomize import Files, build, used_files, uses
from generator.system.terraform import JSON, Terraform
from generator.system.variants import Variants
from generator.system.workflows import Step, Workflow, of_action

Memory = dict[tuple[str, str, str], ReadResult | None]
_T = TypeVar("_T")
_YAML = dialects_of("json", "yaml")
_TREES = _YAML | {"dockerfile", "hcl"}
_ON_SERVER = frozenset(["--server-side", "--server-side=true"])


@record
class ShellFile:
    """A script."""

    source: Source
    script: Script

    def at(self, offset: int, length: int = 1) -> Span:
        return self.source.at(offset, length)


@record
class Run:
    """A command that a workflow or a script runs: `what` names which, `place` returns the place of a part."""

    command: Command
    what: str
    place: Callable[[int, int], Span]


class System:
    """The files of one environment, read as what they are.

    `memory` holds what was read already; systems that have files in common may share it.
    """

    def __init__(
        self, sources: Iterable[Source], env: str = "", memory: Memory | None = None, folder: str = ""
    ) -> None:
        self.env = env
        self.folder = folder
        self.sources: Mapping[str, Source] = {source.path: source for source in sources}
        self.memory: Memory = {} if memory is None else memory
        self.reads: Callable[[Source], ReadResult | None] = read
        self._shared: frozenset[Key] = frozenset()

    @classmethod
    def of_tree(cls, tree: Tree, memory: Memory | None = None) -> Self:
        """Return the system of a rendered tree; findings name its files as they are below `out/`."""
        return cls(
            (
                Source(each.path, each.text, each.format, f"{tree.folder}/{each.path}")
                for each in tree.artifacts
            ),
            tree.env,
            memory,
            tree.folder,
        )

    @classmethod
    def of_files(
        cls,
        files: Mapping[str, str],
        memory: Memory | None = None,
        languages: Mapping[str, str] = MappingProxyType({}),
        folder: str = "",
    ) -> Self:
        """Return the system of texts by path; `languages` has the languages of paths where they are known.

        Findings name its files as they are below `folder`.
        """
        top = f"{folder}/" if folder else ""
        return cls(
            (
                Source(path, text, languages.get(path) or language_of(path, text), f"{top}{path}")
                for path, text in sorted(files.items())
            ),
            memory=memory,
            folder=folder,
        )

    @property
    def texts(self) -> Mapping[str, str]:
        """The text of every file by path."""
        return {path: source.text for path, source in self.sources.items()}

    def text(self, path: str) -> str | None:
        """Return the text of a file, or None when there is no such file."""
        source = self.sources.get(path)
        return source.text if source else None

    def answer(self, name: str, compute: Callable[[System], _T]) -> _T:
        """Return what `compute` gives for the system; a simple value may be that of an earlier system."""
        return compute(self)

    def of_language(self, *languages: str) -> list[Source]:
        """Return the files of these languages, in the order of their paths."""
        return [source for source in self.sources.values() if source.language in languages]

    # Syntax trees

    def read(self, path: str) -> ReadResult | None:
        """Return the syntax tree of a file and its problems, or None for a language without a reader."""
        source = self.sources[path]
        key = (source.label, source.language, source.text)
        if key not in self.memory:
            self.memory[key] = self.reads(source) if source.language in _TREES else None
        return self.memory[key]

    @cached_property
    def documents(self) -> Mapping[str, ReadResult]:
        """Every YAML and JSON file, read, by path."""
        results = ((source.path, self.read(source.path)) for source in self.of_language(*_YAML))
        return {path: result for path, result in results if result}

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """The syntax tree of every file that was read without a problem, by path; no examples."""
        return {path: result.node for path, result in self._results() if not result.problems}

    @cached_property
    def unread(self) -> Mapping[str, Problem]:
        """The first problem of every file that has one, by path; no examples."""
        return {path: result.problems[0] for path, result in self._results() if result.problems}

    def _results(self) -> Iterator[tuple[str, ReadResult]]:
        for path in self.sources:
            result = None if path.endswith(".example") else self.read(path)
            if result is not None:
                yield path, result

    def first_map(self, source: Source) -> Map | None:
        """Return the first document of a YAML file that is a map."""
        result = self.read(source.path)
        node = result.node if result else None
        return next(iter(node.maps()), None) if isinstance(node, Seq) else None

    @cached_property
    def is_one(self) -> bool:
        """Whether its files deploy one system, so that they must agree: at most one root of Terraform and Compose."""
        modules = self.terraform.modules.values()
        roots = [each for each in modules if each.blocks("provider") and not each.calls]
        return len(roots) <= 1 and len({posixpath.dirname(each.source.path) for each in self.compose}) <= 1

    # Kubernetes

    @cached_property
    def written(self) -> list[Object]:
        """Every Kubernetes object as its file has it, those of examples and kustomizations too."""
        return [
            each
            for source in self.of_language(*_YAML - {"compose", "github"})
            if (result := self.read(source.path))
            for each in kubernetes.objects(source, result.node)
        ]

    @cached_property
    def objects(self) -> list[Object]:
        """Every Kubernetes object, those of examples too, as kustomizations build it, and every kustomization.

        What kustomizations only use (bases, patches, components) stands for itself nowhere.
        """
        if not self.kustomizations:
            return self.written
        files = self._kustomize_files
        broken = {each.kustomization.path for each in self.kustomized if each.is_broken}
        kept = self.used_by(broken) - self.patches
        used = {path for each in self.kustomizations for path in used_files(each, files)} - kept
        built = [one for each in self.kustomized for one in each.objects]
        order = {path: number for number, path in enumerate(self.sources)}
        return sorted(
            [*(each for each in self.written if each.path not in used), *built],
            key=lambda each: (order[each.path], each.node.start),
        )

    @cached_property
    def _kustomize_files(self) -> Files:
        return Files(self.sources, self.read)

    def used_by(self, roots: set[str]) -> set[str]:
        """Return kustomizations, those that they use, and the files that all of these list."""
        by_path = {each.path: each for each in self.kustomizations}
        pending, seen = [*roots], set(roots)
        while pending:
            inner = [path for path in uses(by_path[pending.pop()], self._kustomize_files) if path in by_path]
            pending += [path for path in inner if path not in seen]
            seen |= set(inner)
        return seen.union(*(used_files(by_path[one], self._kustomize_files) for one in seen))

    @cached_property
    def kustomized(self) -> list[Kustomized]:
        """What each kustomization builds that no other one uses."""
        files = self._kustomize_files
        used = {path for each in self.kustomizations for path in uses(each, files)}
        return [
            build(each, files)
            for each in self.kustomizations
            if each.path not in used and each.kind != "Component" and files.is_kustomization(each.path)
        ]

    def missing(self, kustomization: Object) -> list[Leaf]:
        """Return the resources that a kustomization lists and that should be in the tree, but are not."""
        folder = posixpath.dirname(kustomization.path)
        found = []
        for entry in kustomization.node.seq("resources").leaves():
            path = posixpath.normpath(posixpath.join(folder, entry.text))
            is_here = path in self.sources or any(other.startswith(f"{path}/") for other in self.sources)
            if not is_here and not is_elsewhere(entry.text, path):
                found.append(entry)
        return found

    def missing_for_generators(self, kustomization: Object) -> list[tuple[str, Leaf]]:
        """Return the files that the generators of a kustomization read and that the tree does not have."""
        folder = posixpath.dirname(kustomization.path)
        found = []
        for key in ("configMapGenerator", "secretGenerator"):
            for entry in kustomization.node.maps(key):
                listed = [*entry.seq("envs").leaves(), *entry.seq("files").leaves()]
                for leaf in [*listed, *filter(None, [entry.leaf("env")])]:
                    text = leaf.text.rpartition("=")[2]
                    path = posixpath.normpath(posixpath.join(folder, text))
                    if not (path in self.sources or path.startswith("../") or self.is_ignored(text)):
                        found.append((key, leaf))
        return found

    def is_ignored(self, path: str) -> bool:
        """Return whether a `.gitignore` of the tree names a file or a folder above it, so that it is elsewhere."""
        return any(fnmatch(part, each) for each in self._ignored for part in path.split("/"))

    @cached_property
    def _ignored(self) -> list[str]:
        files = [each for path, each in self.sources.items() if posixpath.basename(path) == ".gitignore"]
        return [line.strip().rstrip("/").rpartition("/")[2] for each in files for line in each.lines]

    def unknown_files(self, *, broken: bool = False) -> Mapping[str, Kustomized]:
        """Return the files of kustomizations whose build is not known, each with that build.

        With `broken`, also those that kustomize refuses, such as one with a base that is not there.
        """
        return {
            path: each
            for each in self.kustomized
            if each.unknown and (broken or not each.is_broken)
            for path in self.used_by({each.kustomization.path})
        }

    @cached_property
    def manifests(self) -> list[Object]:
        """The objects that are meant to be applied."""
        return [
            each
            for each in self.objects
            if not (each.is_kustomization or each.is_example or (each.is_partial and not each.root))
        ]

    @cached_property
    def by_key(self) -> Mapping[Key, Object]:
        """The objects that are meant to be applied and have a name, by what the API server identifies them by."""
        named = (each for each in self.manifests if each.name and each.path in self.nodes)
        return {self.key_of(each): each for each in named}

    def key_of(self, each: Object) -> Key:
        """Return the key of an object; where several kustomizations build one of that key, each has its own."""
        group, kind, namespace, name = each.key
        is_shared = bool(each.root) and each.key in self._shared
        return (group, kind, f"{each.root}:{namespace}", name) if is_shared else each.key

    def pair(self, other: System) -> None:
        """Distinguish, in both systems, the objects of one key that several kustomizations of either build."""
        self._shared = other._shared = self._repeated() | other._repeated()

    def _repeated(self) -> frozenset[Key]:
        repeated = Counter(key for key, _ in {(each.key, each.root) for each in self.manifests if each.root})
        return frozenset(key for key, count in repeated.items() if count > 1)

    @cached_property
    def kustomizations(self) -> list[Object]:
        return [each for each in self.written if each.is_kustomization]

    @cached_property
    def patches(self) -> frozenset[str]:
        """The files that kustomizations list as patches, or that are written as such: parts of objects."""
        listed = {path for each in self.kustomizations for path in each.patches}
        return frozenset(listed | {each.path for each in self.written if each.is_partial})

    def is_applied(self, each: Object) -> bool:
        """Return whether the kustomization in the folder of an object lists its file; True when there is none."""
        if each.root:
            return True
        folder = posixpath.dirname(each.path)
        beside = [other for other in self.kustomizations if posixpath.dirname(other.path) == folder]
        return not beside or any(each.path in other.resources for other in beside)

    def kind(self, *kinds: str) -> list[Object]:
        """Return the objects of these kinds."""
        return [each for each in self.manifests if each.kind in kinds]

    @cached_property
    def customs(self) -> list[Object]:
        """The objects of custom kinds, of which other programs may make pods, services and more."""
        return [each for each in self.manifests if each.name and not each.is_builtin]

    @cached_property
    def workloads(self) -> list[Object]:
        return [each for each in self.manifests if each.is_workload]

    def addressed(self, host: str, holder: Object) -> list[Object]:
        """Return the Services that a host is of for `holder`: web, web.shop, web.shop.svc.cluster.local."""
        name, _, rest = host.partition(".")
        namespace, _, end = rest.partition(".")
        if end and end != "svc" and not end.startswith("svc."):
            return []
        place = name, namespace or holder.namespace
        services = (each for each in self.kind("Service") if (each.name, each.namespace) == place)
        return [each for each in services if self.may_meet(each, holder)]

    def behind(self, service: Object) -> list[Object]:
        """Return the workloads whose pods a Service leads to."""
        selector = service.spec.map("selector").texts()
        return [
            each
            for each in self.workloads
            if selector
            and each.namespace == service.namespace
            and self.may_meet(each, service)
            and selector.items() <= each.pod_labels.items()
        ]

    def may_meet(self, each: Object, other: Object) -> bool:
        """Return whether two objects may be applied together: they are not of two kustomizations or variants."""
        if each.is_apart(other) or (each is not other and each.key == other.key):
            return False
        return not self._variants.apart(each.root or each.path, other.root or other.path)

    @cached_property
    def _variants(self) -> Variants:
        return Variants(self.manifests)

    @cached_property
    def containers(self) -> list[Container]:
        return [container for each in self.workloads for container in each.all_containers]

    # GitHub

    @cached_property
    def workflows(self) -> list[Workflow]:
        sources = (each for each in self.of_language("github") if each.path.startswith(".github/workflows/"))
        return [Workflow(source, node) for source in sources if (node := self.first_map(source))]

    @cached_property
    def actions(self) -> list[Workflow]:
        """The composite actions, each as a workflow of one job with its steps."""
        sources = (each for each in self.of_language("github") if is_action(each.path))
        found = ((each, node) for each in sources if (node := self.first_map(each)))
        return [action for each, node in found if (action := of_action(each, node))]

    def called_workflow(self, uses: str) -> Workflow | None:
        """Return the workflow of this tree that a job calls with `uses`, or None for any other."""
        path = uses.removeprefix("./")
        return next((each for each in self.workflows if each.path == path != uses), None)

    @cached_property
    def steps(self) -> list[Step]:
        return [step for workflow in self.workflows for step in workflow.steps]

    @cached_property
    def commands(self) -> list[tuple[Step, Command]]:
        """Every command of every workflow."""
        return [pair for workflow in self.workflows for pair in workflow.commands()]

    @cached_property
    def runs(self) -> list[Run]:
        """Every command of every workflow, script, and pipeline of another service."""
        runs = [Run(command, "the workflow", step.place) for step, command in self.commands]
        for script in self.scripts:
            what = f"the script {script.source.path}"
            runs += [Run(command, what, script.at) for command in script.script.commands]
        for code in self.pipelines:
            runs += [Run(command, code.source.path, code.place) for command in code.script.commands]
        return runs

    @cached_property
    def is_applied_on_server(self) -> bool:
        """Whether the files apply manifests by server-side apply, as Flux always does."""
        applies = (run.command for run in self.runs if run.command.starts_with("kubectl", "apply"))
        by_command = any(text in _ON_SERVER for command in applies for text in command.texts)
        return by_command or any(each.group == "kustomize.toolkit.fluxcd.io" for each in self.customs)

    @cached_property
    def pipelines(self) -> list[pipelines.Code]:
        """The shell code of other pipelines than GitHub's, and the recipes of Makefiles."""
        found = [
            code
            for source in self.of_language(*pipelines.LANGUAGES)
            if (node := self.first_map(source))
            for code in pipelines.codes(source, node)
        ]
        return found + [code for source in self.of_language("makefile") for code in pipelines.recipes(source)]

    @cached_property
    def code(self) -> str:
        """The text of all workflows and scripts, for what may be given anywhere in it."""
        return "\n".join(source.text for source in self.of_language("github", "shell")).replace("\\\n", " ")

    @cached_property
    def builds(self) -> list[Build]:
        return [
            Build(step, command)
            for step, command in self.commands
            if command.starts_with("docker", "build") or command.starts_with("docker", "buildx", "build")
        ]

    # Other languages

    @cached_property
    def dockerfiles(self) -> list[Dockerfile]:
        return [parse_dockerfile(source) for source in self.of_language("dockerfile")]

    @cached_property
    def terraform(self) -> Terraform:
        sources = (source for source in self.of_language("hcl") if not source.path.endswith(".example"))
        json = (path for path in self.sources if path.endswith(JSON))
        return Terraform({each.path: result for each in sources if (result := self.read(each.path))}, json)

    @cached_property
    def cluster_minor(self) -> int | None:
        """The minor version of Kubernetes that Terraform names for the cluster, or None."""
        version = self.terraform.cluster_version
        return int(version[0].partition(".")[2]) if version else None

    @cached_property
    def scripts(self) -> list[ShellFile]:
        return [ShellFile(source, parse_shell(source.text)) for source in self.of_language("shell")]

    @cached_property
    def compose(self) -> list[ComposeFile]:
        return [
            ComposeFile(source, node)
            for source in self.of_language("compose")
            if (node := self.first_map(source))
        ]

    @cached_property
    def programs(self) -> list[Program]:
        return [Program(source) for source in self.of_language("typescript")]

    @cached_property
    def components(self) -> list[Component]:
        """What is built from a folder of its own, by the folder's name."""
        return [component(each, self.containers, self.builds) for each in self.dockerfiles if each.folder]

    def component_of(self, path: str) -> Component | None:
        """Return the component whose folder holds the file at `path`."""
        return next((each for each in self.components if path.startswith(f"{each.name}/")), None)

    def built_by(self, file: ComposeFile, service: Map) -> Component | None:
        """Return the image that a service of Compose builds, where it is the only one of its folder."""
        node = service.map("build")
        context = posixpath.normpath(
            posixpath.join(file.folder, node.text("context") or service.text("build"))
        )
        found = [each for each in self.components if each.name == context]
        return found[0] if len(found) == 1 and "dockerfile" not in node else None
