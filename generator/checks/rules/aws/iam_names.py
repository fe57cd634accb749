"""A policy that AWS manages and a service of AWS must be named as they are.

Checked: the ARNs of well-known policies, and the names of services that may assume a role (`checks/data/iam.yaml`).

Why: Terraform takes any text. AWS answers `terraform apply` with "Policy … does not exist or is not attachable" or
"Invalid principal in policy", when other resources are already created.

Bad:

    policy_arn = "arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy"

Good:

    policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Span, error, warning
from generator.findings.suggest import misspelt
from generator.languages.node import Leaf, Map, walk
from generator.system.terraform import Terraform

CODE = "checks/iam-names"
ADVICE = "docs.aws.amazon.com, AWS Managed Policy Reference Guide"
_POLICY = re.compile(r':iam::aws:policy/((?:[\w+=,.@-]+/)*)([\w+=,.@-]+)(?=")')
_SERVICE = re.compile(r'"?\bService\\?"?\s*[=:]\s*(\[[^\]]*\]|"[^"]*")')
_WORD = re.compile(r'"([^"$]+)"')
_LONG = 5  # letters
_LOWER = re.compile(r"[a-z_]+")


def check(context: Context) -> Iterator[Finding]:
    terraform = context.system.terraform
    texts = list(_texts(terraform))
    if not any("iam" in text or "Service" in text for text, _, _ in texts):
        raise NotApplicableError("Terraform names no policy and no service of AWS")
    for text, leaf, at in texts:
        for found in _POLICY.finditer(text):
            yield from _policy(
                found[1], found[2], leaf.source.at(at + found.start(1), len(found[1] + found[2]))
            )
    for name, place in _services(terraform, texts):
        if not name.endswith(tuple(words(table("iam")["services"]))):
            message = f"{name} is not the name of a service, which AWS refuses as a principal"
            yield error(CODE, message, place, hint=_service_hint(name))
        elif near := _principal(name):
            yield error(CODE, f"AWS has no service {name}", place, hint=near)


def _texts(terraform: Terraform) -> Iterator[tuple[str, Leaf, int]]:
    """Yield the code of each value, with its place in the file."""
    for body in terraform.files:
        for leaf in walk(body):
            if isinstance(leaf, Leaf) and leaf.end > leaf.start:
                yield leaf.source.text[leaf.start : leaf.end], leaf, leaf.start


def _policy(path: str, name: str, at: Span) -> Iterator[Finding]:
    known = {each: path for path, names in table("iam")["policies"].items() for each in words(names)}
    if name in known and known[name] != path:
        right = f"policy/{known[name]}{name}"
        message = f"AWS has no policy policy/{path}{name}: the ARN of {name} ends with {right}"
        yield error(CODE, message, at, hint=f"write {right}")
    elif name not in known:
        alike = [each for each in known if _LOWER.sub("", each) == _LOWER.sub("", name)]
        near = misspelt(name, alike)
        if near:
            message = f"{name} is not a policy of AWS that oetgen knows"
            yield warning(CODE, message, at, hint=f'did you mean "{near}"?')


def _services(terraform: Terraform, texts: list[tuple[str, Leaf, int]]) -> Iterator[tuple[str, Span]]:
    for block in terraform.blocks("data", "aws_iam_policy_document"):
        for principals in (each for node in block.maps("statement") for each in node.maps("principals")):
            if principals.text("type") == "Service":
                yield from _literals(principals)
    for text, leaf, at in texts:
        for found in _SERVICE.finditer(text) if "Principal" in text else ():
            for word in _WORD.finditer(found[1]):
                yield word[1], leaf.source.at(at + found.start(1) + word.start(1), len(word[1]))


def _principal(name: str) -> str:
    """Return the hint for the name of a service that is written like another one; short names are all alike."""
    head, end, _ = name.partition(".amazonaws.com")
    near = misspelt(head, words(table("iam")["principals"]), 1) if end and len(head) >= _LONG else ""
    return f'did you mean "{near}.amazonaws.com"?' if near else ""


def _literals(principals: Map) -> Iterator[tuple[str, Span]]:
    for leaf in principals.seq("identifiers").leaves():
        if not leaf.is_code:
            yield leaf.text, leaf.at


def _service_hint(name: str) -> str:
    """Return the hint with the end that the names of services have."""
    head = name.partition(".ama")[0] if ".ama" in name else name.partition(".")[0]
    return f"write {head}.amazonaws.com"
