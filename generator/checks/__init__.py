"""The rules that the output is held to: each file by its consumer's, all files against each other."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from generator.checks.at import Locator
from generator.checks.parsed import Parsed
from generator.checks.rule import NotApplicable, Rule
from generator.checks.rules import (
    action_inputs,
    action_references,
    api_rules,
    applied,
    build_arguments,
    capacity,
    cloudwatch_agent,
    cluster_access,
    cluster_name,
    compose,
    data_directory,
    database_name,
    database_port,
    database_version,
    dependencies,
    deploy_targets,
    environment_variables,
    final_snapshot,
    header,
    health_routes,
    hosts,
    images,
    kubernetes_names,
    kustomization,
    load_balancer,
    namespace,
    network_policies,
    node_version,
    oidc,
    one_database,
    package_manager,
    placeholders,
    pod_identity,
    pod_security,
    ports,
    region,
    resources,
    scaling,
    script_safety,
    secrets,
    selectors,
    served_versions,
    single_writer,
    stages,
    storage_class,
    support,
    syntax,
    terraform_modules,
    terraform_names,
    test_services,
    triggers,
    unset_variables,
    unused_objects,
    unused_resources,
    user,
    volumes,
    workflow_expressions,
    workflow_keys,
    workflow_steps,
)
from generator.engine import Engine
from generator.findings import Finding, Note
from generator.render import Tree
from generator.values import Values

# By the name of the rule; its findings have the code `checks/<name>`.
CHECKS: Mapping[str, Rule] = {
    "action-inputs": action_inputs,
    "action-references": action_references,
    "api-rules": api_rules,
    "applied": applied,
    "build-arguments": build_arguments,
    "capacity": capacity,
    "cloudwatch-agent": cloudwatch_agent,
    "cluster-access": cluster_access,
    "cluster-name": cluster_name,
    "compose": compose,
    "data-directory": data_directory,
    "database-name": database_name,
    "database-port": database_port,
    "database-version": database_version,
    "dependencies": dependencies,
    "deploy-targets": deploy_targets,
    "environment-variables": environment_variables,
    "final-snapshot": final_snapshot,
    "header": header,
    "health-routes": health_routes,
    "hosts": hosts,
    "images": images,
    "kubernetes-names": kubernetes_names,
    "kustomization": kustomization,
    "load-balancer": load_balancer,
    "namespace": namespace,
    "network-policies": network_policies,
    "node-version": node_version,
    "oidc": oidc,
    "one-database": one_database,
    "package-manager": package_manager,
    "placeholders": placeholders,
    "pod-identity": pod_identity,
    "pod-security": pod_security,
    "ports": ports,
    "region": region,
    "resources": resources,
    "scaling": scaling,
    "script-safety": script_safety,
    "secrets": secrets,
    "selectors": selectors,
    "served-versions": served_versions,
    "single-writer": single_writer,
    "stages": stages,
    "storage-class": storage_class,
    "support": support,
    "syntax": syntax,
    "terraform-modules": terraform_modules,
    "terraform-names": terraform_names,
    "test-services": test_services,
    "triggers": triggers,
    "unset-variables": unset_variables,
    "unused-objects": unused_objects,
    "unused-resources": unused_resources,
    "user": user,
    "volumes": volumes,
    "workflow-expressions": workflow_expressions,
    "workflow-keys": workflow_keys,
    "workflow-steps": workflow_steps,
}


@dataclass(frozen=True)
class Outcome:
    """What the rules say of one environment: findings at the lines of templates, and why a rule says nothing."""

    env: str
    findings: tuple[Finding, ...]
    inapplicable: tuple[tuple[str, str], ...]  # code, reason


def check_tree(tree: Tree, values: Values, engine: Engine, today: datetime.date) -> Outcome:
    """Hold one environment's output to every rule."""
    parsed = Parsed(tree, today)
    locator = Locator(engine, tree, values)
    findings: list[Finding] = []
    inapplicable: list[tuple[str, str]] = []
    for name, rule in CHECKS.items():
        try:
            findings += rule.check(parsed, values)
        except NotApplicable as reason:
            inapplicable.append((f"checks/{name}", str(reason)))
    located = [replace(locator.finding(each), environment=tree.env) for each in findings]
    return Outcome(tree.env, tuple(_together(located)), tuple(inapplicable))


def _together(findings: list[Finding]) -> Iterator[Finding]:
    """Say once what one line of a template does to several files."""
    merged: dict[Finding, list[Finding]] = {}
    for finding in findings:
        merged.setdefault(replace(finding, notes=()), []).append(finding)
    for first, *others in merged.values():
        places = [each.notes[0].at for each in others if each.notes and each.notes != first.notes]
        also = tuple(Note("and this one", at) for at in dict.fromkeys(places) if at and at != first.at)
        yield replace(first, notes=(*first.notes[:1], *also, *first.notes[1:])) if also else first


def documentation() -> Iterator[tuple[str, str]]:
    """Yield the code of each rule, and its docstring: what it wants, why, a bad and a good example."""
    for name, rule in CHECKS.items():
        yield f"checks/{name}", inspect.cleandoc(rule.__doc__ or "")
