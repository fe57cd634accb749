"""A version of Terraform, a provider or a module must be a constraint that Terraform reads, and a version in quotes.

Why: Terraform refuses "=> 1.0" and "1.x" with "Invalid version constraint" before it does anything else
(developer.hashicorp.com, "Version Constraints"). Without quotes `1.30` is a number, and equals 1.3.

Bad:

    version         = "^5.0"
    cluster_version = 1.30

Good:

    version         = "~> 5.0"
    cluster_version = "1.30"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context
from generator.checks.rules.terraform import modules
from generator.findings import Finding, error, error_if
from generator.languages.node import Block, Leaf, Map, walk
from generator.system.terraform import Module

CODE = "checks/terraform-versions"
ADVICE = "developer.hashicorp.com, Type Constraints: conversion of primitive types"
# constraint.go and version.go of github.com/hashicorp/go-version
_VERSION = (
    r"v?[0-9]+(?:\.[0-9]+)*(?:-[0-9]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*"
    r"|-?[A-Za-z\-~]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*)?(?:\+[0-9A-Za-z\-~]+(?:\.[0-9A-Za-z\-~]+)*)?\??"
)
_CONSTRAINT = re.compile(rf"\s*(?:=|!=|>|<|>=|<=|~>|)\s*{_VERSION}\s*")
_LOSES = re.compile(r"\d+\.(?:\d*[1-9])?0")
_CLUSTERS = ("cluster_version", "kubernetes_version")  # AWS has no version 1.3


def check(context: Context) -> Iterator[Finding]:
    for module in modules(context):
        for leaf in _constraints(module):
            parts = leaf.text.split(",")
            if leaf.text and not leaf.is_code and not all(map(_CONSTRAINT.fullmatch, parts)):
                message = f"{leaf.text} is not a version constraint, and Terraform refuses it"
                yield error(CODE, message, leaf.at, hint=_hint(leaf.text))
        for body in module.files.values():
            for node in walk(body):
                yield from _numbers(node) if isinstance(node, Map) else ()


def _constraints(module: Module) -> Iterator[Leaf]:
    for block in module.blocks("terraform"):
        yield from _leaves(block, "required_version")
        for providers in block.blocks("required_providers"):
            for name in providers:
                yield from _leaves(providers, name)
                yield from _leaves(providers.map(name), "version")
    for block in (*module.blocks("provider"), *module.blocks("module")):
        yield from _leaves(block, "version")


def _leaves(holder: Map, key: str) -> Iterator[Leaf]:
    leaf = holder.leaf(key)
    if leaf and isinstance(leaf.value, str):
        yield leaf


def _hint(text: str) -> str:
    right = {"=>": ">=", "=<": "<="}.get(text.strip()[:2]) or ("~>" if text.strip()[:1] in "^~" else "")
    return f"write {right}" if right else 'write a version, or an operator such as "~>" and a version'


def _numbers(holder: Map) -> Iterator[Finding]:
    """Yield a finding for each version without quotes that loses its last zero."""
    for name, node in holder.entries.items():
        is_number = isinstance(node, Leaf) and not node.is_code and isinstance(node.value, int | float)
        if isinstance(node, Leaf) and is_number and name.endswith("version") and _LOSES.fullmatch(node.text):
            is_cluster = name in _CLUSTERS or (
                isinstance(holder, Block) and "aws_eks_cluster" in holder.labels
            )
            message = f"{name} has no quotes, so {node.text} is the number {float(node.text):g}"
            yield error_if(is_cluster, CODE, message, node.at, hint=f'write "{node.text}"')
