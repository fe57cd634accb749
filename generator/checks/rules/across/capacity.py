"""The machines must have enough capacity for the resource requests of the pods.

The minimum number of replicas must fit on the initial number of machines, unless an autoscaler adds machines.
The maximum number of replicas, including those that a rollout adds, must fit on the maximum number of
machines. Each pod must fit on one machine.

Why: a pod that fits on no machine stays `Pending`, and no autoscaler can change that. A pod that needs a
sixth machine where the maximum is five stays `Pending` when the load is highest.

Bad:

    resources: {requests: {cpu: "4"}}            # on machines of two processors

Good:

    instance_types = ["m5.2xlarge"]
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from fractions import Fraction

from generator.checks.data import table
from generator.checks.rule import Context, NotApplicableError
from generator.checks.rules.kubernetes.scaling import copies
from generator.findings import Finding, Note, Span, warning
from generator.findings.record import record
from generator.languages.node import Map
from generator.system import System
from generator.system.kubernetes import Object
from generator.system.quantities import quantity

CODE = "checks/capacity"
ADVICE = "kubernetes.io, Resource Management for Pods and Containers"
_KI = 1024


@record
class Size:
    """An amount of CPU, memory and pods."""

    cpu: Fraction
    memory: Fraction
    pods: int

    def fits(self, other: Size) -> bool:
        return self.cpu <= other.cpu and self.memory <= other.memory and self.pods <= other.pods

    def less(self, other: Size) -> Size:
        return Size(self.cpu - other.cpu, self.memory - other.memory, self.pods - other.pods)


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    groups = list(_groups(system))
    if not groups or not system.workloads or not system.is_one:
        raise NotApplicableError("there is no node group, or no workload")
    group, at = groups[0]
    machine = _machine(system, group)
    if machine is None:
        raise NotApplicableError("no data about the instance types")
    yield from _numbers(system, group, at)
    added = [
        entry
        for name, entry in table("kubernetes")["system"].items()
        if name == "core" or _has_addon(system, name)
    ]
    room = machine
    for pod in (pod for entry in added for pod in entry["each"]):
        room = room.less(_size(pod))
    few, most = [], []
    for workload in system.workloads:
        request = _request(workload)
        if not request.fits(room):
            note = Note("the instance types", at["instance_types"])
            message = (
                f"a pod of {workload.identity} fits on no machine:"
                f" it requests {_shown(request)}, expected at most {_shown(room)}"
            )
            at_request = _place(workload, "memory" if request.memory > room.memory else "cpu")
            hint = "lower its requests, or use larger machines"
            yield warning(CODE, message, at_request, notes=(note,), hint=hint)
            return
        fewest, many = copies(system, workload)
        is_job = workload.kind in ("Job", "CronJob")
        few += [request] * (0 if is_job else fewest)
        most += [request] * (1 if is_job else many + _surge(workload, many))
    once = [_size(pod) for entry in added for pod in entry["once"]]
    first = [] if _scales(system) else [(few, "desired_size", "initially")]
    for wanted, key, when in (*first, (most, "max_size", "at most")):
        needed, there = _needed([*wanted, *once], room), system.terraform.text(group, key)
        if there.isdigit() and needed > int(there):
            note = Note("the instance types", at["instance_types"])
            message = f"the pods need {needed} machines, but there are {when} {there}"
            yield warning(
                CODE,
                message,
                at[key],
                notes=(note,),
                hint=f"set {key} to {needed}, or lower the requests of the pods",
            )


def _groups(system: System) -> Iterator[tuple[Map, dict[str, Span]]]:
    for block in system.terraform.clusters:
        for path, found in system.terraform.objects(block.get("eks_managed_node_groups")):
            if len(path) == 1 and "instance_types" in found:
                names = ("instance_types", "desired_size", "max_size", "min_size")
                yield found, {name: found.at_key(name) if name in found else block.at for name in names}


def _numbers(system: System, group: Map, at: dict[str, Span]) -> Iterator[Finding]:
    sizes = [(key, system.terraform.text(group, key)) for key in ("min_size", "desired_size", "max_size")]
    known = [(key, int(text)) for key, text in sizes if text.isdigit()]
    for (low, less), (high, more) in itertools.pairwise(known):
        if less > more:
            note = Note(high, at[high])
            yield warning(
                CODE,
                f"{low} is {less}, expected at most {high}, {more}",
                at[low],
                notes=(note,),
                hint=f"set {low} to {more} or less",
            )


def _machine(system: System, group: Map) -> Size | None:
    types = system.terraform.texts(group, "instance_types")
    machines = table("kubernetes")["machines"]
    if not types or any(name not in machines for name in types):
        return None
    sizes = [_size(machines[name]) for name in types]
    return min(sizes, key=lambda size: (size.cpu, size.memory))


def _size(entry: dict[str, int]) -> Size:
    return Size(Fraction(entry["cpu"], 1000), Fraction(entry["memory"] * _KI), entry.get("pods", 1))


def _scales(system: System) -> bool:
    """Return whether an autoscaler adds machines for pending pods."""
    words = [
        word for script in system.scripts for command in script.script.all("helm") for word in command.texts
    ]
    return any("autoscaler" in word or "karpenter" in word for word in words)


def _has_addon(system: System, name: str) -> bool:
    return any(re.search(rf"\b{name}\b\"?\s*=", file.source.text) for file in system.terraform.files)


def _request(workload: Object) -> Size:
    amounts = [container.node.map("resources", "requests") for container in workload.containers]
    cpu = sum((quantity(each.text("cpu")) or Fraction() for each in amounts), Fraction())
    memory = sum((quantity(each.text("memory")) or Fraction() for each in amounts), Fraction())
    return Size(cpu, memory, 1)


def _place(workload: Object, resource: str) -> Span:
    """Return where the container that requests most of a resource does so."""
    requests = (container.node.map("resources", "requests") for container in workload.containers)
    most = max(requests, key=lambda each: quantity(each.text(resource)) or Fraction(), default=None)
    return most.at_key(resource) if most is not None and resource in most else workload.at


def _surge(workload: Object, copies: int) -> int:
    strategy = workload.spec.map("strategy")
    if workload.kind != "Deployment" or strategy.text("type") == "Recreate":
        return 0
    text = strategy.map("rollingUpdate").text("maxSurge") or "25%"
    return (
        math.ceil(copies * int(text[:-1]) / 100)
        if text[:-1].isdigit() and text.endswith("%")
        else int(text)
        if text.isdigit()
        else 0
    )


def _needed(requests: list[Size], room: Size) -> int:
    """Fill machines with pods, the largest first, each into the first machine that has room."""
    rooms: list[Size] = []
    for wanted in sorted(requests, key=lambda size: (size.cpu, size.memory), reverse=True):
        index = next((number for number, each in enumerate(rooms) if wanted.fits(each)), None)
        if index is None:
            rooms.append(room.less(wanted))
        else:
            rooms[index] = rooms[index].less(wanted)
    return len(rooms)


def _shown(size: Size) -> str:
    return f"{float(size.cpu):g} processors and {float(size.memory) / 2**20:.0f} MiB"
