"""GitLab's pipelines: the jobs and templates of a file and the local files that it includes, and their stages.

Sources: docs.gitlab.com, "CI/CD YAML syntax reference"; gitlab-org/gitlab, lib/gitlab/ci/yaml_processor.rb.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from generator.findings import Span
from generator.findings.record import record
from generator.languages.node import Leaf, Map, Node, Seq
from generator.languages.source import Source
from generator.system.model import System

_GLOBAL = frozenset(
    "after_script before_script cache default image include services spec stages types variables workflow".split()
)
_STAGES = ("build", "test", "deploy")
_INPUT = "$[["  # an input of a component, which is put in before the file is read


def roots(system: System) -> list[Source]:
    """Return the files with which pipelines begin, without those that others include or that take inputs."""
    files = system.of_language("gitlab")
    included = {path for each in files for path in _paths(system, each)}
    found = (
        each
        for each in files
        if posixpath.basename(each.path) == ".gitlab-ci.yml" and _INPUT not in each.text
    )
    return [each for each in found if each.path not in included]


@record
class Pipeline:
    """The jobs and templates of a pipeline, those of included files first, and its stages in order."""

    parts: Mapping[str, Map]
    stages: tuple[str, ...]

    @property
    def jobs(self) -> list[str]:
        """The names of what runs: a dot begins that of a template."""
        return [name for name in self.parts if not name.startswith(".")]

    def get(self, name: str, key: str, seen: frozenset[str] = frozenset()) -> Node | None:
        """Return a key of a job: its own, or that of the last template that it extends."""
        own = self.parts.get(name)
        if own is None or key in own or name in seen:
            return own.get(key) if own is not None else None
        found = (self.get(leaf.text, key, seen | {name}) for leaf in reversed(leaves(own, "extends")))
        return next((each for each in found if each is not None), None)

    def stage(self, name: str) -> str:
        """Return the stage of a job; "" where it is not a text."""
        node = self.get(name, "stage")
        return node.text if isinstance(node, Leaf) else "test" if node is None else ""


def read(system: System, root: Source) -> Pipeline | None:
    """Return the pipeline of a file, or None where it includes what the tree does not have."""
    parts: dict[str, Map] = {}
    stages: tuple[str, ...] = _STAGES
    folder, pending, seen = posixpath.dirname(root.path), [root.path], set()
    order = []
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        is_read = path in system.sources and system.sources[path].language == "gitlab"
        result = system.read(path) if is_read else None
        documents = result.node if result and not result.problems else None
        maps = documents.maps() if isinstance(documents, Seq) else ()
        if not maps:
            return None
        order.append(maps[-1])
        included = _included(maps[-1])
        if included is None:
            return None
        pending += [posixpath.normpath(posixpath.join(folder, each.lstrip("/"))) for each in included]
    for node in reversed(order):
        stages = tuple(node.seq("stages").texts()) or stages
        for name in node:
            if name not in _GLOBAL and isinstance(node.get(name), Map):
                parts[name] = node.map(name)
    return Pipeline(parts, (".pre", *stages, ".post"))


def _paths(system: System, source: Source) -> list[str]:
    """Return the paths of the local files that a file includes, from the root of the tree on."""
    node = system.first_map(source)
    return [each.lstrip("/") for each in (_included(node) or ())] if node else []


def _included(node: Map) -> list[str] | None:
    """Return the local files that a pipeline includes; None where it includes others, or some that are not named."""
    found = []
    own = node.get("include")
    for each in own.items if isinstance(own, Seq) else [own] if own is not None else []:
        text = each.text("local") if isinstance(each, Map) else each.text if isinstance(each, Leaf) else ""
        if not text or "://" in text or set("*$") & set(text):
            return None
        found.append(text)
    return found


def leaves(node: Map, key: str) -> list[Leaf]:
    """Return the texts at a key, of which there may be one or a list."""
    own = node.get(key)
    found = [own] if isinstance(own, Leaf) else own.leaves() if isinstance(own, Seq) else ()
    return [each for each in found if each.text]


def needed(job: Map) -> Iterator[tuple[str, Span]]:
    """Yield the jobs of the same pipeline that a job needs; of a `!reference [.template, needs]`, none."""
    for key in ("needs", "dependencies"):
        own = job.seq(key).leaves()
        if not any(leaf.text.startswith(".") for leaf in own):
            yield from ((leaf.text, leaf.at) for leaf in own)
    for each in job.seq("needs").maps():
        is_elsewhere = "pipeline" in each or "project" in each or each.value("optional") is True
        if each.text("job") and not is_elsewhere:
            yield each.text("job"), each.at_key("job")
