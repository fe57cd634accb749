"""The deploy role may do what a deploy does: it has AmazonEKSEditPolicy, in its namespace and nowhere else."""

from __future__ import annotations

import pytest

from tests.conftest import rows
from tests.output.manifests import ENVS, Object, committed, identity

READ = frozenset(("get", "list", "watch"))
WRITE = frozenset(("create", "delete", "deletecollection", "patch", "update"))

# Source: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html#access-policy-permissions-amazonekseditpolicy
# (its source text as of December 2024), by API group; the group `extensions` is left out, since nothing is served
# there any more.
READABLE = {
    "": "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers"
    " replicationcontrollers/scale serviceaccounts services services/status bindings events limitranges"
    " namespaces namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas"
    " resourcequotas/status pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy",
    "apps": "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status"
    " replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
    "autoscaling": "horizontalpodautoscalers horizontalpodautoscalers/status",
    "batch": "cronjobs cronjobs/status jobs jobs/status",
    "discovery.k8s.io": "endpointslices",
    "networking.k8s.io": "ingresses ingresses/status networkpolicies",
    "policy": "poddisruptionbudgets poddisruptionbudgets/status",
}
WRITABLE = {
    "": "configmaps events persistentvolumeclaims pods pods/attach pods/exec pods/portforward pods/proxy"
    " replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
    "apps": "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale"
    " statefulsets statefulsets/scale",
    "autoscaling": "horizontalpodautoscalers",
    "batch": "cronjobs jobs",
    "networking.k8s.io": "ingresses networkpolicies",
    "policy": "poddisruptionbudgets",
}

RESOURCES = {
    "ConfigMap": "configmaps",
    "Deployment": "deployments",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers",
    "Ingress": "ingresses",
    "Job": "jobs",
    "Namespace": "namespaces",
    "NetworkPolicy": "networkpolicies",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "Secret": "secrets",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
    "StorageClass": "storageclasses",
}

# kubectl: `apply` gets an object, then creates or patches it.
APPLY = frozenset(("get", "create", "patch"))
BESIDES = {
    ("batch", "jobs"): frozenset(("delete", "list", "watch")),  # delete, and wait for its end
    ("apps", "deployments"): frozenset(("list", "watch")),  # rollout status, rollout undo
    ("apps", "replicasets"): READ,  # the versions to go back to
    ("", "pods"): READ,  # logs of the migration
    ("", "pods/log"): frozenset(("get",)),
    ("", "secrets"): APPLY,  # scripts/create-secrets.sh
}


def granted(group: str, resource: str) -> frozenset[str]:
    """Return the verbs that the policy grants."""
    verbs: frozenset[str] = frozenset()
    if resource in READABLE.get(group, "").split():
        verbs |= READ
    if resource in WRITABLE.get(group, "").split():
        verbs |= WRITE
    return verbs


def missing(each: Object) -> frozenset[str]:
    """Return the verbs that applying an object needs and the policy does not grant."""
    group = each["apiVersion"].rpartition("/")[0]
    return APPLY - granted(group, RESOURCES[each["kind"]])


@pytest.mark.parametrize("env", ENVS)
def test_the_role_may_apply_everything_that_is_in_its_namespace(env: str) -> None:
    for each in committed(env).objects:
        if each["kind"] not in ("Namespace", "StorageClass"):
            assert not missing(each), identity(each)


@pytest.mark.parametrize("env", ENVS)
def test_it_may_not_apply_what_belongs_to_the_cluster(env: str) -> None:
    manifests = committed(env)
    for each in manifests.all("Namespace", "StorageClass"):
        assert missing(each) >= {"create", "patch"}, identity(each)


@rows("group, resource", BESIDES)
def test_it_may_do_what_else_a_deploy_does(group: str, resource: str) -> None:
    assert BESIDES[group, resource] <= granted(group, resource)


def test_nothing_grants_itself_more_rights() -> None:
    for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"):
        assert not [each for env in ENVS for each in committed(env).all(kind)]
    assert granted("rbac.authorization.k8s.io", "roles") == frozenset()
