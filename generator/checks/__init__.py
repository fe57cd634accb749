"""The rules for the output: each file by the rules of its consumer, and all files against each other."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping

from generator.checks.rule import Rule
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
    terraform_arguments,
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
    "terraform-arguments": terraform_arguments,
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

# The codes of the check itself: for `checks:` in an environment's file, and for `--require`.
OWN: Mapping[str, str] = {
    "checks/unknown-rule": """An entry of `checks:` must name an existing rule.

Why: a misspelled entry suppresses nothing, although it looks as if it did.

Bad:

    checks: [{skip: checks/suport, reason: The document names these versions.}]

Good:

    checks: [{skip: checks/support, reason: The document names these versions.}]
""",
    "checks/idle-switch": """An entry of `checks:` must suppress at least one finding.

Why: an entry that no longer suppresses anything would hide the next finding of its rule.

Bad:

    checks: [{skip: checks/support, reason: Node 19 is the document's.}]      # and node.version is 24

Good:

    checks: []
""",
    "checks/not-installed": """A tool that `--require` names must be installed.

Why: in a pipeline, a check that was skipped looks like a check that passed.

Bad:

    oetgen check --require all                  # without the extra

Good:

    pip install '.[check]'
    oetgen check --require all
""",
}


def documentation() -> Iterator[tuple[str, str]]:
    """Yield the code of each rule and its text: the requirement, `Why:`, `Bad:` and `Good:`.

    A code that ends in `/*` belongs to an external tool; the tool's own code follows the slash.
    """
    from generator.checks.validators import VALIDATORS

    for name, rule in CHECKS.items():
        yield f"checks/{name}", inspect.cleandoc(rule.__doc__ or "")
    yield from OWN.items()
    for validator in VALIDATORS.values():
        yield f"{validator.CODES}/*", inspect.cleandoc(validator.__doc__ or "")
