"""An annotation for a load balancer or an ingress controller must have a name that the controller reads.

Checked: `alb.ingress.kubernetes.io`, `nginx.ingress.kubernetes.io` and
`service.beta.kubernetes.io/aws-load-balancer-…`, where a name is one or two letters away from a known one
(`checks/data/annotations.yaml`).

Why: Kubernetes accepts any annotation, and the controller ignores those that it does not know: the load balancer
works with the default, as if the line were missing.

Bad:

    alb.ingress.kubernetes.io/ssl-redirekt: "443"

Good:

    alb.ingress.kubernetes.io/ssl-redirect: "443"
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, warning
from generator.findings.suggest import misspelt
from generator.system.kubernetes import Object

CODE = "checks/annotations"
ADVICE = "the annotations of each controller, as checks/data/annotations.yaml names them"


def check(context: Context) -> Iterator[Finding]:
    known = {prefix: words(names) for prefix, names in table("annotations").items()}
    objects = [
        each
        for each in context.system.manifests
        if any(name.startswith(tuple(known)) for name in each.metadata.map("annotations"))
    ]
    if not objects:
        raise NotApplicableError("no object has an annotation for a load balancer or an ingress controller")
    for each in objects:
        for prefix, names in known.items():
            yield from _misspelt(each, prefix, names)


def _misspelt(each: Object, prefix: str, names: frozenset[str]) -> Iterator[Finding]:
    annotations = each.metadata.map("annotations")
    for key in annotations:
        near = misspelt(key.removeprefix(prefix), names) if key.startswith(prefix) else ""
        if near:
            message = f"no controller reads the annotation {key} of {each.identity}"
            yield warning(CODE, message, annotations.key_place(key), hint=f'did you mean "{prefix}{near}"?')
