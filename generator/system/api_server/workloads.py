"""How the fields of workloads relate: selectors and labels, rollouts, jobs, schedules.

Source: pkg/apis/apps/validation/validation.go and pkg/apis/batch/validation/validation.go of
github.com/kubernetes/kubernetes, 1.35; the functions are named below.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.languages.node import Map
from generator.system.api_server.pods import go_number
from generator.system.api_server.schema import Here, Refusal, Rules, is_absent, is_unknown
from generator.system.kubernetes import selects

_ZERO = ("0", "0%")
_MAX_UNAVAILABLE = 35  # the first minor version in which a StatefulSet has maxUnavailable by default


def _template(spec: Map, here: Here, policies: tuple[str, ...]) -> Iterator[Refusal]:
    """ValidatePodTemplateSpec, and what each kind adds to it."""
    pod = spec.map("template", "spec")
    at = here._replace(path=f"{here.path}.template.spec")
    policy = pod.text("restartPolicy")
    if (policy or "Always") not in policies and not is_unknown(policy):
        fact = f"is {policy or 'missing, and the default is Always'}, expected {' or '.join(policies)}"
        yield at.refuse(pod, "restartPolicy", fact, f"write restartPolicy: {policies[0]}")
    if policies == ("Always",) and not is_absent(pod.get("activeDeadlineSeconds")):
        yield at.refuse(pod, "activeDeadlineSeconds", "is only allowed in a Job and a Pod", "remove it")
    if not is_absent(pod.get("ephemeralContainers")):
        yield at.refuse(pod, "ephemeralContainers", "is not allowed in a template", "remove it")


def _selected(spec: Map, here: Here) -> Iterator[Refusal]:
    selector = spec.map("selector")
    texts = spec.map("template", "metadata", "labels").texts()
    if "selector" not in spec or any(
        map(is_unknown, [*texts.values(), *selector.map("matchLabels").texts().values()])
    ):
        return
    if not selector.map("matchLabels") and not selector.maps("matchExpressions"):
        yield here.refuse(spec, "selector", "is empty", "add matchLabels with the labels of its pods")
    elif not selects(selector, texts):
        hint = "give the pods the labels of the selector"
        yield here.refuse(spec, "selector", "does not match the labels of the template", hint)


def deployment(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateDeploymentSpec."""
    yield from _template(spec, here, ("Always",))
    yield from _selected(spec, here)
    ready = go_number(spec, "minReadySeconds") or 0
    deadline = go_number(spec, "progressDeadlineSeconds")
    if (600 if deadline is None else deadline) <= ready or (deadline or 0) < 0:
        fact = f"is {600 if deadline is None else deadline}, expected more than minReadySeconds ({ready})"
        yield here.refuse(spec, "progressDeadlineSeconds", fact, f"write at least {max(ready, 0) + 1}")


def deployment_strategy(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateDeploymentStrategy."""
    rolling = node.map("rollingUpdate")
    if node.text("type") == "Recreate" and "rollingUpdate" in node:
        yield here.refuse(node, "rollingUpdate", "is not allowed with the type Recreate", "remove it")
    elif rolling.text("maxSurge") in _ZERO and rolling.text("maxUnavailable") in _ZERO:
        at = here._replace(path=f"{here.path}.rollingUpdate")
        yield at.refuse(
            rolling, "maxUnavailable", "is 0, as maxSurge is: no pod could be replaced", "set maxSurge: 25%"
        )


def stateful_set(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateStatefulSetSpec."""
    yield from _template(spec, here, ("Always",))
    yield from _selected(spec, here)
    strategy = spec.map("updateStrategy")
    if strategy.text("type") == "OnDelete" and "rollingUpdate" in strategy:
        at = here._replace(path=f"{here.path}.updateStrategy")
        yield at.refuse(strategy, "rollingUpdate", "is not allowed with the type OnDelete", "remove it")
    rolling = strategy.map("rollingUpdate")
    if rolling.text("maxUnavailable") in _ZERO and (here.minor is None or here.minor >= _MAX_UNAVAILABLE):
        at = here._replace(path=f"{here.path}.updateStrategy.rollingUpdate")
        yield at.refuse(rolling, "maxUnavailable", "is 0: no pod could be replaced", "write 1")


def daemon_set(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateDaemonSetSpec, ValidateRollingUpdateDaemonSet."""
    yield from _template(spec, here, ("Always",))
    yield from _selected(spec, here)
    rolling = spec.map("updateStrategy", "rollingUpdate")
    surge, absent = rolling.text("maxSurge") or "0", rolling.text("maxUnavailable") or "1"
    at = here._replace(path=f"{here.path}.updateStrategy.rollingUpdate")
    if surge in _ZERO and absent in _ZERO:
        yield at.refuse(
            rolling, "maxUnavailable", "is 0, as maxSurge is: no pod could be replaced", "write 1"
        )
    elif surge not in _ZERO and absent not in _ZERO and not (is_unknown(surge) or is_unknown(absent)):
        yield at.refuse(
            rolling, "maxSurge", f"is {surge}, which needs maxUnavailable: 0", "set maxUnavailable: 0"
        )


def replica_set(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateReplicaSetSpec."""
    yield from _template(spec, here, ("Always",))
    yield from _selected(spec, here)


def controller(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateReplicationControllerSpec."""
    yield from _template(spec, here, ("Always",))
    labels = spec.map("template", "metadata", "labels").texts()
    wanted = spec.map("selector").texts()
    if (
        not any(map(is_unknown, [*labels.values(), *wanted.values()]))
        and not wanted.items() <= labels.items()
    ):
        hint = "give the pods the labels of the selector"
        yield here.refuse(spec, "selector", "does not match the labels of the template", hint)


def job(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateJobSpec."""
    yield from _template(spec, here, ("Never", "OnFailure"))
    is_indexed = spec.text("completionMode") == "Indexed"
    if is_indexed and is_absent(spec.get("completions")):
        yield here.refuse(
            spec, "completions", "is missing with the completionMode Indexed", "add completions"
        )
    most = go_number(spec, "completions")
    if most is not None and (go_number(spec, "maxFailedIndexes") or 0) > most:
        yield here.refuse(
            spec, "maxFailedIndexes", f"is more than completions ({most})", f"write at most {most}"
        )
    if is_indexed and (go_number(spec, "parallelism") or 0) > 100_000:
        yield here.refuse(spec, "parallelism", "is more than 100000", "write a smaller number")
    for key in ("backoffLimitPerIndex", "successPolicy"):
        if key in spec and not is_indexed:
            yield here.refuse(spec, key, "needs completionMode: Indexed", "add completionMode: Indexed")
    if "maxFailedIndexes" in spec and "backoffLimitPerIndex" not in spec:
        yield here.refuse(spec, "maxFailedIndexes", "needs backoffLimitPerIndex", "add backoffLimitPerIndex")
    is_limited = "podFailurePolicy" in spec or "backoffLimitPerIndex" in spec
    if is_limited and spec.text("template", "spec", "restartPolicy") == "OnFailure":
        key = "podFailurePolicy" if "podFailurePolicy" in spec else "backoffLimitPerIndex"
        yield here.refuse(spec, key, "needs restartPolicy: Never", "write restartPolicy: Never")
    if "podFailurePolicy" in spec and spec.text("podReplacementPolicy") == "TerminatingOrFailed":
        yield here.refuse(
            spec, "podReplacementPolicy", "is not Failed, which podFailurePolicy needs", "remove it"
        )
    if "selector" in spec and spec.value("manualSelector") is not True:
        yield here.refuse(spec, "selector", "is only allowed with manualSelector: true", "remove it")


def failure_rule(node: Map, here: Here) -> Iterator[Refusal]:
    """validatePodFailurePolicyRule."""
    if ("onExitCodes" in node) == bool(node.seq("onPodConditions")):
        yield here.refuse(
            node, "", "has not exactly one of onExitCodes and onPodConditions", "keep one of them"
        )


def cron_job(spec: Map, here: Here) -> Iterator[Refusal]:
    """validateCronJobSpec."""
    if is_absent(spec.get("jobTemplate")):
        yield here.refuse(spec, "jobTemplate", "is missing", "add jobTemplate")
    elif is_absent(spec.get("jobTemplate", "spec")):
        yield here.refuse(
            spec.map("jobTemplate"), "spec", "is missing", "add spec with the template of its pods"
        )
    if spec.value("jobTemplate", "spec", "manualSelector") is True:
        at = here._replace(path=f"{here.path}.jobTemplate.spec")
        yield at.refuse(
            spec.map("jobTemplate", "spec"), "manualSelector", "is not allowed in a CronJob", "remove it"
        )
    if "timeZone" in spec and spec.value("timeZone") == "":
        yield here.refuse(spec, "timeZone", "is empty, expected a time zone", "remove it")


def template(node: Map, here: Here) -> Iterator[Refusal]:
    if is_absent(node.get("spec")):
        yield here.refuse(node, "spec", "is missing: the pods have no containers", "add spec with containers")


def job_object(node: Map, here: Here) -> Iterator[Refusal]:
    if is_absent(node.get("spec", "template")):
        yield here.refuse(node.map("spec"), "template", "is missing", "add the template of its pods")


def object_with_spec(node: Map, here: Here) -> Iterator[Refusal]:
    if is_absent(node.get("spec")):
        yield here.refuse(node, "spec", "is missing", "add spec")


def cron_job_object(node: Map, here: Here) -> Iterator[Refusal]:
    yield from object_with_spec(node, here)
    if len(node.text("metadata", "name")) > 52:
        at = here._replace(path="metadata")
        yield at.refuse(node.map("metadata"), "name", "is longer than 52 characters", "write a shorter name")


RULES: Rules = {
    "core.v1.ReplicationController": object_with_spec,
    "core.v1.ReplicationControllerSpec": controller,
    "apps.v1.Deployment": object_with_spec,
    "apps.v1.DeploymentSpec": deployment,
    "apps.v1.DeploymentStrategy": deployment_strategy,
    "apps.v1.StatefulSet": object_with_spec,
    "apps.v1.StatefulSetSpec": stateful_set,
    "apps.v1.DaemonSet": object_with_spec,
    "apps.v1.DaemonSetSpec": daemon_set,
    "apps.v1.ReplicaSet": object_with_spec,
    "apps.v1.ReplicaSetSpec": replica_set,
    "batch.v1.Job": job_object,
    "batch.v1.JobSpec": job,
    "batch.v1.PodFailurePolicyRule": failure_rule,
    "batch.v1.CronJob": cron_job_object,
    "batch.v1.CronJobSpec": cron_job,
    "core.v1.Pod": object_with_spec,
    "core.v1.Service": object_with_spec,
    "autoscaling.v2.HorizontalPodAutoscaler": object_with_spec,
    "autoscaling.v1.HorizontalPodAutoscaler": object_with_spec,
    "core.v1.PodTemplateSpec": template,
}
