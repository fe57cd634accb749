"""Name values after the places where they stand, in the words of the file's own field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.adopt.lines import Path
from generator.adopt.words import Mask, snake

NOISE = frozenset(
    "spec template metadata containers initContainers jobTemplate data stringData labels matchLabels selector "
    "annotations default locals terraform properties value with paths http backend rules defaults patch patches "
    "patchesJson6902".split()
)
# Names that are clear only with what they are of.
_BARE = frozenset(
    "arg count description enabled error_message id key kind name path priority type value".split()
)
_AMOUNTS = (("requests",), ("limits",))  # of the same resource
_GENERIC_LABELS = frozenset(["main", "this", "default", "primary", "example", "app", "default_", "current"])
WORKLOADS = frozenset(
    ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet", "Service", "Rollout"]
)
_KINDS = {
    "HorizontalPodAutoscaler": "autoscaling",
    "PodDisruptionBudget": "disruption_budget",
    "NetworkPolicy": "network",
    "ServiceAccount": "service_account",
}
# What the names of objects of a kind end with, after the name of the service.
_ENDINGS = {
    "HorizontalPodAutoscaler": r"(?:^|-)(?:hpa|autoscaler|autoscaling)$",
    "PodDisruptionBudget": r"(?:^|-)(?:pdb|disruption-budget)$",
    "NetworkPolicy": r"(?:^|-)(?:netpol|network-policy)$",
    "ServiceAccount": r"(?:^|-)(?:sa|service-account)$",
    "Service": r"(?:^|-)(?:svc|service)$",
    "Deployment": r"(?:^|-)(?:deploy|deployment)$",
    "StatefulSet": r"(?:^|-)(?:sts|statefulset)$",
    "CronJob": r"(?:^|-)cronjob$",
}
_NO_CHARTS = frozenset(["helm", "charts", "chart", "values", "deploy", "overlays", "environments"])
# Programs whose version is written in images and settings alike.
TOOLS = frozenset(
    "node python golang go ruby php openjdk java postgres mysql mariadb mongo redis nginx alpine debian ubuntu "
    "terraform kubectl helm rabbitmq kafka elasticsearch memcached traefik grafana prometheus vault consul".split()
)
RESERVED = frozenset(
    "extends checks loop range dict lipsum cycler joiner namespace_ service true false none not and or in is if else "
    "items keys values get pop update clear copy setdefault".split()
)


def sections(language: str, file: str, path: Path, mask: Mask) -> tuple[Path, Path]:
    """Return the section that a value belongs to and its name in it, each as words."""
    if language == "hcl":
        return _of_hcl(path, mask)
    if language == "dockerfile":
        return _of_folder(file, mask), tuple(map(as_word, path))
    if "/" in (path[:1] or ("",))[0] and path[0].partition("/")[0][:1].isupper():
        return _of_object(path, mask)
    return _of_path(language, file, path, mask)


def effective(path: Path) -> Path:
    """Return a path without the `value` of an item that has a name: of a variable in a list."""
    return (
        (*path[:-2], path[-2][1:-1])
        if path[-1:] == ("value",) and path[-2:-1] and path[-2][:1] == "["
        else path
    )


def placed(language: str, file: str, path: Path, mask: Mask, reference: str = "") -> tuple[Path, Path]:
    """Return the section and name of a value; of a tool's version, the tool. `reference` is an image or action."""
    section, name = sections(language, file, path, mask)
    tool = as_word(reference.rpartition("/")[2])
    if tool in TOOLS:
        return (tool,), ("version",)
    if reference and path[-1:] == ("uses",):
        return ("actions", tool), ("ref",)
    if reference and path[-2:] == ("uses", "version"):
        return ("actions", tool), ("version",)
    if reference:
        return section, (*name[:-1], "tag")
    found = re.fullmatch(r"(\w+?)_?version", name[-1].lower()) if name else None
    if found and found[1] in TOOLS:
        return (found[1],), ("version",)
    return section, name


def is_tool(section: Path, name: Path) -> bool:
    """Return whether a name is that of a tool's version or an action's commit: one value wherever it stands."""
    is_version = name == ("version",) and bool(section) and (section[0] in TOOLS or section[0] == "actions")
    return is_version or name == ("ref",)


def _of_object(path: Path, mask: Mask) -> tuple[Path, Path]:
    """Return the section and name of a value of a Kubernetes object."""
    kind, _, name = path[0].partition("/")
    path = effective(path)
    rest = _words(path[1:], mask, drop=mask(name))
    if path[-1:] == ("namespace",) or (kind == "Namespace" and path[-2:] == ("metadata", "name")):
        return (), ("namespace",)
    service = _service(mask(name), kind)
    if kind == "Kustomization":
        return _of_kustomization(path[1:], mask)
    if kind in WORKLOADS:
        section: Path = ("services", service)
    elif kind in _KINDS:
        section = ("services", service, _KINDS[kind])
    elif kind in ("ConfigMap", "Secret"):
        section = ("config",)
    else:
        section = (snake(kind),)
    return section, rest or ("name",)


def _of_kustomization(path: Path, mask: Mask) -> tuple[Path, Path]:
    """Return the section and name of a value of a kustomization: of an image, or of the object that it changes."""
    words = _words(path, mask)
    if len(path) > 2 and path[1].strip("[]"):
        if path[0] == "images":
            return words[:2], (words[-1].removeprefix("new_"),)
        if path[0] == "replicas":
            return ("services", words[1]), ("replicas",)
        if path[0] in ("patches", "patchesJson6902") and len(words) > 1:
            return words[:1], words[1:]
    return (), words or ("name",)


def _service(name: str, kind: str) -> str:
    """Return the service that an object is of: its name, without the word for its kind at the end."""
    word = as_word(re.sub(_ENDINGS.get(kind, "$"), "", name))
    return word if word and word not in RESERVED else "app"


def _of_hcl(path: Path, mask: Mask) -> tuple[Path, Path]:
    section: list[str] = []
    rest: list[str] = []
    for number, part in enumerate(path):
        kind, *labels = part.split(".") if number == 0 or "." in part else [part]
        if number == 0 and kind == "variable":
            inner = path[2:] if path[1:2] == ("default",) else path[1:]
            return (), tuple(as_word(each) for each in labels[:1]) + _words(inner, mask)
        if number == 0 and kind in ("module", "resource", "data", "output", "provider", "backend") and labels:
            label = mask(labels[-1].rpartition("/")[2])  # registry.terraform.io/hashicorp/tls
            type_ = re.sub(r"^[a-z0-9]+_", "", labels[0]) if kind in ("resource", "data") else labels[0]
            section.append(as_word(type_ if label in _GENERIC_LABELS or not label else label))
        elif number == 0 and kind in ("locals", "terraform") and len(path) > 1:
            continue
        elif kind not in NOISE:
            rest += [as_word(mask(each.strip("[]"))) for each in (labels or [kind]) if each.strip("[]")]
    return tuple(section), tuple(filter(None, rest)) or ("name",)


def _of_path(language: str, file: str, path: Path, mask: Mask) -> tuple[Path, Path]:
    words = _words(path, mask)
    chart = _of_folder(file, mask) if is_of_chart(file) else ()
    if chart and chart[0] not in _NO_CHARTS:
        return (*chart, *words[: len(words) > 1]), words[len(words) > 1 :] or ("name",)
    if language == "compose" and words[:1] == ("services",) and len(words) > 2:
        return words[:2], tuple("env" if each == "environment" else each for each in words[2:])
    if language == "github" and words[:1] == ("jobs",) and len(words) > 2:
        return words[1:2], words[2:]
    if len(words) > 1:
        return words[:1], words[1:]
    stem = file_stem(file, mask)
    return ((stem,) if stem and not words else ()), words or ("name",)


def _of_folder(file: str, mask: Mask) -> Path:
    folder = [as_word(mask(part)) for part in file.split("/")[:-1]]
    return tuple(filter(None, folder))[-1:]


def is_of_chart(file: str) -> bool:
    """Return whether a file has the values of a chart of Helm, which its folder names."""
    return bool(re.match(r"values\b", file.rpartition("/")[2]))


def file_stem(file: str, mask: Mask) -> str:
    """Return the name of a file as a word, without its ending and the names of environments, or "" of values.yaml."""
    if is_of_chart(file):
        return ""
    name = file.rpartition("/")[2]
    if name == ".env" or name.startswith(".env."):
        return "env_file"
    parts = (as_word(mask(part)).lower() for part in name.lstrip(".").split("."))
    return next(filter(None, parts), "")


def _words(path: Sequence[str], mask: Mask, drop: str = "") -> Path:
    found: list[str] = []
    for part in path:
        item = part.strip("[]") if part.startswith("[") else part
        if part == "[]" or item in NOISE or (part.startswith("[") and mask(item) == drop):
            continue
        if "/" in item or "@" in item:
            item = re.sub(r"@.*", "", item).rpartition("/")[2]
        word = as_word(mask(item) or item)
        if word and (not found or found[-1] != word):
            found.append(word)
    return tuple(found)


def as_word(text: str) -> str:
    """Return a text as one part of the name of a value."""
    return snake(text)[:40].rstrip("_")


def candidates(section: Path, name: Path, file: str, mask: Mask) -> Iterator[Path]:
    """Yield names for a value, the preferred one first."""
    name = without_reserved(name) or ("name",)
    is_bare = not section and name[-1] in _BARE
    short = name[-2:] if is_bare or name[-2:-1] in _AMOUNTS else name[-1:]
    if section and short[0].startswith(f"{section[-1]}_"):
        short = (short[0][len(section[-1]) + 1 :],)
    yield unreserved((*section, *short))
    for count in range(len(short) + 1, len(name) + 1):
        yield unreserved((*section, *name[-count:]))
    folder = [as_word(mask(part)) for part in file.split("/")]
    stem = file_stem(file, mask)
    yield unreserved((stem, *section, *name))
    if len(folder) > 1:
        yield unreserved((folder[-2], stem, *section, *name))
    whole = (*section, *name)
    yield unreserved(("_".join(whole),))
    number = 2
    while True:
        yield unreserved((*whole[:-1], f"{whole[-1]}_{number}"))
        yield unreserved((f"{whole[0]}_{number}", *whole[1:]))
        number += 1


def without_reserved(path: Path) -> Path:
    """Return a name without words at its end that templates reserve, where something is left."""
    while len(path) > 1 and path[-1] in RESERVED:
        path = path[:-1]
    return path


def unreserved(path: Path) -> Path:
    """Return a name without empty parts, and with another word for each that templates reserve."""
    return tuple(f"{part}_" if part in RESERVED else part for part in path if part)
