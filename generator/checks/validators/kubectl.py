"""`kubectl kustomize`: build each kustomization as an apply does, without a cluster.

Why: a kustomization that cannot be built cannot be applied.

Bad:

    resources: [backend.yaml]        # and the file is called backend-deployment.yaml

Good:

    resources: [backend-deployment.yaml]
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import textwrap
from collections.abc import Iterator
from typing import Any

from generator.checks.validators.work import SHORT, Work, finding
from generator.findings import Finding
from generator.languages.node import Leaf, Map, Node, Seq, leaves, plain, walk
from generator.system import System
from generator.system.kubernetes import Object, is_kustomization_file

NAME = "kubectl"
CODES = "kubectl"
INSTALL = "https://kubernetes.io/docs/tasks/tools"
IN_PROCESS = False
READS: tuple[str, ...] | None = ()
# It looks for plugins on PATH; and should a file lead elsewhere, no program is found and no server is reached.
_OFFLINE = {"PATH": os.devnull, "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


# Everything that kustomize loads by its name; https://kubectl.docs.kubernetes.io/references/kustomize/kustomization
_LOADED = frozenset(
    """bases components configurations crds env envs files generators openapi patches patchesJson6902
    patchesStrategicMerge path replacements resources transformers validators valuesFile""".split()
)
_LOGGED = re.compile(r'E\d{4} \S+ +\d+ \S+\] "command failed" err="(.*)"')
_LONGEST = 300  # characters of a message
_REMOTE = re.compile(r"^[a-z+]+::|://|^[^/]*@|^(?:[\w-]+\.)+[a-z]+[:/]|[?]", re.IGNORECASE)


def version(work: Work) -> str | None:
    path = work.program(NAME)
    return None if path is None else work.version_of(path, lambda: _version(work, path))


def _version(work: Work, path: str) -> str:
    done = work.call([path, "version", "--client", "--output", "json"], _OFFLINE)
    try:
        return str(json.loads(done.stdout)["clientVersion"]["gitVersion"]).removeprefix("v").partition("-")[0]
    except (ValueError, KeyError):
        return "unknown"


# Whether one with these alone can be built does not depend on the values of objects, but on their names and types.
_NAMES = frozenset(["apiVersion", "kind", "metadata"])
_BY_NAMES = frozenset(
    "apiVersion kind resources namespace images labels commonLabels commonAnnotations".split()
)


def run(work: Work) -> Iterator[Finding]:
    path = work.program(NAME)
    for system in work.systems:
        if any(_leaves(each, system.folder) for each in system.kustomizations):
            continue  # kustomize would fetch it with git or from the network, or read it from elsewhere
        decides = tuple(_decides(system))
        if work.clean.has(*decides):
            continue
        work.write(system.sources.values())
        is_clean, reported = True, set(_reported(system))
        for each in system.kustomizations:
            if reported & system.used_by({each.path}):
                is_clean = False
                continue
            folder = posixpath.dirname(each.source.label)
            done = work.call([path or NAME, "kustomize", folder], {**_OFFLINE, **SHORT})
            if done.returncode:
                is_clean = False
                at = each.node.key_place("resources")
                hint = f"run kubectl kustomize {folder}"
                yield finding(system, "kubectl/kustomize", _message(done.stderr, str(work.folder)), at, hint)
        if is_clean:
            work.clean.add(*decides)


def _reported(system: System) -> Iterator[str]:
    """Yield the kustomizations that the rule `kustomization` reports, since they cannot be built."""
    for each in system.kustomizations:
        if system.missing(each) or system.missing_for_generators(each):
            yield each.path
    refused = {each.kustomization.path for each in system.kustomized if each.is_refused}
    yield from (path for path in system.used_by(refused) if is_kustomization_file(path))


def _message(printed: str, folder: str) -> str:
    """Return what kubectl printed on one line, without the head that its log has."""
    text = " ".join(printed.replace(folder, "").split())
    logged = _LOGGED.fullmatch(text)
    text = logged[1].replace('\\"', '"') if logged else text
    return textwrap.shorten(text.removeprefix("error: "), _LONGEST, placeholder=" …")


def _decides(system: System) -> Iterator[str]:
    """Yield what decides whether the kustomizations of a system can be built.

    It is only there for speed: with it, a check with tools takes 0.8 of the time after one value changed.
    """
    paths = {each.path for each in system.kustomizations}
    folders = tuple(posixpath.join(posixpath.dirname(path), "") for path in paths)
    is_by_names = all(_BY_NAMES.issuperset(each.node) for each in system.kustomizations)
    for path, source in system.sources.items():
        if path.startswith(folders):
            result = system.read(path) if is_by_names else None
            yield path
            yield (
                repr(_shape(result.node, is_built=path in paths))
                if result and not result.problems
                else source.text
            )


def _shape(node: Node, key: str = "", *, is_built: bool) -> Any:
    """Return a node with the types of its values in place of the values, but for what names an object.

    Of a kustomization itself, only the tag of an image has no effect on whether it can be built.
    """
    if isinstance(node, Map) and key != "metadata":
        return {name: _shape(inner, name, is_built=is_built) for name, inner in node.entries.items()}
    if isinstance(node, Seq):
        return [_shape(each, is_built=is_built) for each in node]
    is_kept = key in _NAMES or (is_built and not (key == "newTag" and _is_text(node)))
    return plain(node) if is_kept else type(plain(node)).__name__


def _is_text(node: Node) -> bool:
    """Return whether a value is text to every reader of YAML: `y` and `1e3` are not to some."""
    return isinstance(node, Leaf) and (bool(node.style) or (len(node.text) > 1 and node.text[0].isalpha()))


def _leaves(kustomization: Object, top: str) -> bool:
    """Return whether a kustomization loads something that is not a file of the same environment."""
    folder = posixpath.dirname(kustomization.source.label)
    for key, node in _loaded(kustomization.node):
        for leaf in leaves(node):
            name = str(leaf.value)
            name = name.partition("=")[2] or name if key == "files" else name
            place = posixpath.normpath(posixpath.join(folder, name))
            if "\n" not in name and (_REMOTE.search(name) or not place.startswith(f"{top}/")):
                return True
    return False


def _loaded(node: Node) -> Iterator[tuple[str, Node]]:
    for each in walk(node):
        if isinstance(each, Map):
            yield from ((key, inner) for key, inner in each.entries.items() if key in _LOADED)
