"""The manifests are valid for their cluster, and what one object says of another is true."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dockerfile
import kubernetes_validate
import pytest
import yaml

from tests.conftest import ROOT, Sandbox, breadth, copy_project
from tests.output.manifests import (
    ENVS,
    NAME,
    WORKLOADS,
    Manifests,
    Object,
    committed,
    containers,
    identity,
    matches,
    named,
    pod,
    read,
)
from tests.test_stack import WORKER, add_values, rendered


@pytest.fixture(params=ENVS)
def manifests(request: pytest.FixtureRequest) -> Manifests:
    """The committed manifests of each environment in turn."""
    return committed(request.param)


def services(manifests: Manifests) -> dict[str, Object]:
    """Return the Deployment of each service of ours, by the service's name."""
    return {
        each["metadata"]["labels"][NAME]: each
        for each in manifests.all("Deployment")
        if each["metadata"]["name"].startswith("oet-")
    }


def container(each: Object) -> Object:
    """Return the one container that runs for as long as its pod."""
    (found,) = pod(each)["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def variables(each: Object) -> dict[str, Any]:
    """Return the environment variables of a container: a text, or the reference to a secret."""
    entries = container(each)["env"]
    names = [entry["name"] for entry in entries]
    assert len(set(names)) == len(names), f"{identity(each)} sets a variable twice"
    return {
        entry["name"]: entry["value"] if "value" in entry else entry["valueFrom"]["secretKeyRef"]
        for entry in entries
    }


# Schemas


def invalid(objects: list[Object], version: str) -> list[str]:
    """Return what Kubernetes of that version, taken strictly, says against each object."""
    found = []
    for each in objects:
        try:
            assert kubernetes_validate.validate(each, version, strict=True) == version
        except kubernetes_validate.ValidationError as problem:
            found.append(f"{identity(each)}: {problem.message}")
    return found


def test_every_object_is_valid_for_the_version_of_its_cluster(manifests: Manifests) -> None:
    assert invalid(manifests.objects, manifests.cluster["cluster_version"]) == []


def test_an_invalid_object_is_noticed() -> None:
    manifests = committed("spec")
    version = manifests.cluster["cluster_version"]
    assert version == "1.27"
    wrong = copy.deepcopy(named(manifests.objects, "Deployment", "oet-backend"))
    wrong["spec"]["replica"] = 3
    assert invalid([wrong], version)
    # Kubernetes 1.27 does not know yet what would be the shorter way to wait before a stop.
    wrong = copy.deepcopy(named(manifests.objects, "Deployment", "oet-backend"))
    container(wrong)["lifecycle"]["preStop"] = {"sleep": {"seconds": 15}}
    assert invalid([wrong], "1.27")
    assert invalid([wrong], "1.35") == []


SCALED = """
    uses: {cache: true}
    migration: setup
    autoscaling: {max_replicas: 3, cpu_percent: 50}
"""
UNSEEN = """
services:
  frontend: {host: null, urls: null}
  backend: {host: null, probes: null, health_module: null}
"""
OTHER_FIGURES = """
database: {port: 6000, user: reader, name: other}
cache: {port: 7000}
service_port: 8080
uid: 2000
"""
OTHER_PLACE = """
account: "123456789012"
image_tag: "1.10"
region: eu-west-3
node: {package_manager: pnpm}
"""
VARIANTS = {
    "a worker": ("prod", WORKER),
    "a worker that is told nothing": ("prod", WORKER + "    env: null\n    secrets: null\n"),
    "a worker with everything": ("dev", WORKER + SCALED),
    "nothing to be seen from outside": ("prod", UNSEEN),
    "another place": ("spec", OTHER_PLACE),
    "other figures": ("dev", OTHER_FIGURES),
}


@breadth("variant", VARIANTS, 3)
def test_other_values_make_valid_objects_too(project: Sandbox, variant: str) -> None:
    env, values = VARIANTS[variant]
    add_values(project, env, values)
    manifests = read(rendered(project, env))
    assert invalid(manifests.objects, manifests.cluster["cluster_version"]) == []
    check_references(manifests)


# What refers to what


def check_references(manifests: Manifests) -> None:
    for check in (
        selectors_choose_their_own_pods_and_no_others,
        every_port_is_the_same_port,
        every_secret_key_exists,
        every_volume_is_there_and_is_mounted,
        every_account_is_used_and_every_user_of_one_has_it,
        claims_have_a_class_and_one_user,
        targets_exist,
        every_host_leads_to_a_service,
    ):
        check(manifests)


def test_everything_that_is_referred_to_exists(manifests: Manifests) -> None:
    check_references(manifests)


def selectors_choose_their_own_pods_and_no_others(manifests: Manifests) -> None:
    pods = {identity(each): pod(each)["metadata"]["labels"] for each in manifests.all(*WORKLOADS)}
    for each in manifests.all("Deployment"):
        chosen = [name for name, labels in pods.items() if matches(each["spec"]["selector"], labels)]
        assert chosen == [identity(each)]
        for constraint in pod(each)["spec"].get("topologySpreadConstraints", []):
            assert constraint["labelSelector"] == each["spec"]["selector"]
    for each in manifests.all("Service"):
        selector = {"matchLabels": each["spec"]["selector"]}
        chosen = [name for name, labels in pods.items() if matches(selector, labels)]
        assert len(chosen) == 1, identity(each)
        assert chosen[0].startswith("Deployment/")
        assert each["metadata"]["name"] == f"{chosen[0].removeprefix('Deployment/')}-service"


def every_port_is_the_same_port(manifests: Manifests) -> None:
    for each in manifests.all("Deployment"):
        ports = [port["containerPort"] for port in container(each).get("ports", [])]
        asked = [
            container(each)[probe]["httpGet"]["port"]
            for probe in ("startupProbe", "livenessProbe", "readinessProbe")
            if "httpGet" in container(each).get(probe, {})
        ]
        name = f"{each['metadata']['name']}-service"
        behind = [
            port["targetPort"]
            for service in manifests.all("Service")
            if service["metadata"]["name"] == name
            for port in service["spec"]["ports"]
        ]
        assert behind == ports, identity(each)
        assert set(asked) <= set(ports), identity(each)


def every_secret_key_exists(manifests: Manifests) -> None:
    (example,) = yaml.load_all(
        (manifests.root / "k8s" / "secrets.yaml.example").read_text("utf-8"), yaml.CSafeLoader
    )
    keys = set(example["data"])
    script = (manifests.root / "scripts" / "create-secrets.sh").read_text("utf-8")
    assert set(re.findall(r"--from-(?:literal|file)=([-._\w]+)=", script)) == keys
    used = [
        value
        for each in manifests.all(*WORKLOADS)
        for value in (variables(each).values() if "env" in container(each) else [])
        if isinstance(value, dict)
    ]
    assert {value["name"] for value in used} <= {example["metadata"]["name"]}
    assert {value["key"] for value in used} <= keys
    assert f"generic {example['metadata']['name']} " in script


def every_volume_is_there_and_is_mounted(manifests: Manifests) -> None:
    for each in manifests.all(*WORKLOADS):
        volumes = [volume["name"] for volume in pod(each)["spec"]["volumes"]]
        mounts = [mount["name"] for mount in container(each)["volumeMounts"]]
        assert sorted(mounts) == sorted(set(volumes)), identity(each)
        paths = [mount["mountPath"] for mount in container(each)["volumeMounts"]]
        assert len(set(paths)) == len(paths)


def every_account_is_used_and_every_user_of_one_has_it(manifests: Manifests) -> None:
    accounts = {each["metadata"]["name"] for each in manifests.all("ServiceAccount")}
    used = [pod(each)["spec"].get("serviceAccountName") for each in manifests.all(*WORKLOADS)]
    assert sorted(name for name in used if name) == sorted(accounts)


def claims_have_a_class_and_one_user(manifests: Manifests) -> None:
    users: dict[str, list[Object]] = {}
    for each in manifests.all(*WORKLOADS):
        for volume in pod(each)["spec"]["volumes"]:
            if "persistentVolumeClaim" in volume:
                users.setdefault(volume["persistentVolumeClaim"]["claimName"], []).append(each)
    claims = {each["metadata"]["name"]: each for each in manifests.all("PersistentVolumeClaim")}
    assert set(users) == set(claims)
    (storage,) = manifests.all("StorageClass")
    for name, claim in claims.items():
        assert claim["spec"]["storageClassName"] == storage["metadata"]["name"]
        (user,) = users[name]
        assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
        assert user["spec"]["replicas"] == 1
        assert user["spec"]["strategy"] == {"type": "Recreate"}


def targets_exist(manifests: Manifests) -> None:
    deployments = {each["metadata"]["name"]: each for each in manifests.all("Deployment")}
    for each in manifests.all("PodDisruptionBudget"):
        own = deployments[each["metadata"]["name"]]
        assert each["spec"]["selector"] == own["spec"]["selector"]
        assert each["spec"]["maxUnavailable"] == 1
    scaled = set()
    for each in manifests.all("HorizontalPodAutoscaler"):
        target = each["spec"]["scaleTargetRef"]
        own = deployments[target["name"]]
        assert (target["apiVersion"], target["kind"]) == (own["apiVersion"], own["kind"])
        assert 1 <= each["spec"]["minReplicas"] <= each["spec"]["maxReplicas"]
        assert "cpu" in container(own)["resources"]["requests"], "a share of what is not asked for is none"
        scaled.add(target["name"])
    for name, each in deployments.items():
        assert ("replicas" in each["spec"]) != (name in scaled), f"{name}: two who say how many copies"


def every_host_leads_to_a_service(manifests: Manifests) -> None:
    hosts = {}
    for each in manifests.all("Ingress"):
        (tls,) = each["spec"]["tls"]
        assert tls["hosts"] == [rule["host"] for rule in each["spec"]["rules"]]
        for rule in each["spec"]["rules"]:
            (path,) = rule["http"]["paths"]
            backend = path["backend"]["service"]
            service = named(manifests.objects, "Service", backend["name"])
            assert backend["port"]["number"] in [port["port"] for port in service["spec"]["ports"]]
            hosts[rule["host"]] = backend["name"]
    for each in services(manifests).values():
        for name, value in variables(each).items() if "env" in container(each) else ():
            if isinstance(value, str) and value.startswith("https://"):
                assert urlsplit(value).hostname in hosts, name


BREAKS = [
    ("Deployment/oet-backend", "spec.template.metadata.labels.app", "oet-bakend"),
    ("Deployment/oet-backend", "spec.template.metadata.labels.app", "oet-frontend"),
    ("Deployment/oet-backend", "spec.template.spec.containers.0.ports.0.containerPort", 8001),
    ("Deployment/oet-backend", "spec.template.spec.containers.0.livenessProbe.httpGet.port", 8001),
    ("Deployment/oet-backend", "spec.template.spec.containers.0.env.0.valueFrom.secretKeyRef.key", "url"),
    ("Deployment/oet-backend", "spec.template.spec.containers.0.env.0.valueFrom.secretKeyRef.name", "oet"),
    ("Deployment/oet-backend", "spec.template.spec.containers.0.env.0.name", "REDIS_URL"),
    ("Deployment/oet-backend", "spec.template.spec.containers.0.volumeMounts.0.name", "temp"),
    ("Deployment/oet-backend", "spec.template.spec.serviceAccountName", "oet-frontend"),
    ("Deployment/oet-frontend", "spec.template.spec.containers.0.env.0.value", "https://api.example.com"),
    ("Deployment/postgres", "spec.template.spec.volumes.0.persistentVolumeClaim.claimName", "postgres"),
    ("Deployment/postgres", "spec.strategy.type", "RollingUpdate"),
    ("Deployment/postgres", "spec.replicas", 2),
    ("PersistentVolumeClaim/postgres-pvc", "spec.storageClassName", "gp2"),
    ("Service/oet-backend-service", "spec.selector.app", "oet-backend-migration"),
    ("Service/oet-backend-service", "spec.ports.0.targetPort", 80),
    ("PodDisruptionBudget/oet-backend", "spec.selector.matchLabels.app", "backend"),
    ("HorizontalPodAutoscaler/oet-backend", "spec.scaleTargetRef.name", "oet-frontend"),
    ("HorizontalPodAutoscaler/oet-backend", "spec.maxReplicas", 2),
    ("Ingress/oet-ingress", "spec.rules.0.http.paths.0.backend.service.name", "oet-frontend"),
    ("Ingress/oet-ingress", "spec.rules.0.http.paths.0.backend.service.port.number", 3000),
    ("Ingress/oet-ingress", "spec.rules.1.host", "www.oetpraxis.com"),
]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of prod, and the database in the cluster too."""
    project = copy_project(ROOT, tmp_path_factory.mktemp("everything"))
    add_values(project, "prod", "database: {runs_in: cluster and rds}")
    return rendered(project)


@pytest.mark.parametrize(("where", "path", "value"), BREAKS)
def test_a_wrong_reference_is_noticed(everything: Path, where: str, path: str, value: Any) -> None:
    manifests = read(everything)
    check_references(manifests)
    node: Any = named(manifests.objects, *where.split("/"))
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        node = node[part]
    assert node[last] != value
    node[last] = value
    with pytest.raises((AssertionError, KeyError, ValueError)):
        check_references(manifests)


# The services


def test_the_image_and_the_manifest_agree(manifests: Manifests) -> None:
    """On the port, and on the number of the user, which Kubernetes needs to know is not root."""
    for name, each in services(manifests).items():
        commands = dockerfile.parse_file(str(manifests.root / name / "Dockerfile"))
        exposed = [
            int(port) for command in commands if command.cmd.upper() == "EXPOSE" for port in command.value
        ]
        assert exposed == [port["containerPort"] for port in container(each)["ports"]]
        user = next(
            found[1] for command in commands for found in re.finditer(r"--uid (\d+)", command.original)
        )
        context = pod(each)["spec"]["securityContext"]
        assert context["runAsUser"] == context["runAsGroup"] == context["fsGroup"] == int(user)


def test_every_service_is_told_where_to_listen(manifests: Manifests) -> None:
    for name, each in services(manifests).items():
        told = variables(each)
        assert told["PORT"] == str(container(each)["ports"][0]["containerPort"])
        assert told.get("HOSTNAME") == ("0.0.0.0" if name == "frontend" else None)


def test_only_what_uses_the_database_is_told_how_to_connect_to_it(manifests: Manifests) -> None:
    mode = "require" if "aws_db_instance" in manifests.terraform("main.tf").get("resource", {}) else "disable"
    found = services(manifests)
    assert variables(found["backend"])["PGSSLMODE"] == mode
    assert "PGSSLMODE" not in variables(found["frontend"])


def test_every_container_has_limits_and_every_server_is_watched(manifests: Manifests) -> None:
    for each in manifests.all(*WORKLOADS):
        for one in containers(each):
            for part in ("requests", "limits"):
                assert set(one["resources"][part]) == {"cpu", "memory"}
            if "ports" in one:
                assert {"livenessProbe", "readinessProbe"} <= set(one), identity(each)


def test_a_probe_waits_longer_than_the_health_check_it_asks(manifests: Manifests) -> None:
    """The backend gives its database and its cache two seconds each to answer."""
    for each in manifests.all("Deployment"):
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe in container(each):
                assert container(each)[probe]["timeoutSeconds"] > 2


def test_a_new_version_takes_nothing_away_and_an_old_one_finishes(manifests: Manifests) -> None:
    for name, each in services(manifests).items():
        assert each["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        command, seconds = container(each)["lifecycle"]["preStop"]["exec"]["command"]
        assert command == "sleep"
        assert int(seconds) + 30 <= pod(each)["spec"]["terminationGracePeriodSeconds"], name
        start = container(each)["startupProbe"]
        assert start["periodSeconds"] * start["failureThreshold"] >= 60


def test_copies_are_spread_over_zones_and_machines(manifests: Manifests) -> None:
    for each in services(manifests).values():
        keys = [one["topologyKey"] for one in pod(each)["spec"]["topologySpreadConstraints"]]
        assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]


def test_what_is_written_has_a_volume(manifests: Manifests) -> None:
    found = services(manifests)
    for name, paths in {"backend": ["/tmp"], "frontend": ["/tmp", "/app/.next"]}.items():
        assert [mount["mountPath"] for mount in container(found[name])["volumeMounts"]] == paths


# The way in


def test_the_load_balancer_is_what_terraform_and_the_services_say(manifests: Manifests) -> None:
    (ingress,) = manifests.all("Ingress")
    says = {
        key.removeprefix("alb.ingress.kubernetes.io/"): value
        for key, value in ingress["metadata"]["annotations"].items()
    }
    assert ingress["spec"]["ingressClassName"] == "alb"
    group = manifests.terraform("security.tf")["resource"]["aws_security_group"]["alb"]
    assert says["security-groups"] == group["tags"]["Name"]
    assert says["manage-backend-security-group-rules"] == "true"
    opened = {port: kind for one in json.loads(says["listen-ports"]) for kind, port in one.items()}
    assert opened == {80: "HTTP", 443: "HTTPS"}
    assert says["ssl-redirect"] == "443"
    assert (says["scheme"], says["target-type"]) == ("internet-facing", "ip")
    for name, each in services(manifests).items():
        service = named(manifests.objects, "Service", f"oet-{name}-service")
        path = service["metadata"]["annotations"]["alb.ingress.kubernetes.io/healthcheck-path"]
        assert path == container(each)["readinessProbe"]["httpGet"]["path"]


def test_each_environment_has_hosts_and_a_namespace_of_its_own() -> None:
    hosts: dict[str, list[str]] = {}
    for env in ENVS:
        (ingress,) = committed(env).all("Ingress")
        hosts[env] = [rule["host"] for rule in ingress["spec"]["rules"]]
    assert hosts["prod"] == hosts["spec"] == ["app.oetpraxis.com", "api.oetpraxis.com"]
    assert not set(hosts["prod"]) & set(hosts["staging"])
    assert not set(hosts["prod"] + hosts["staging"]) & set(hosts["dev"])
    assert [committed(env).namespace for env in ENVS] == ["oet-dev", "oet", "oet", "oet-staging"]


def test_autoscalers_are_where_the_values_say_and_begin_with_the_documents_figures() -> None:
    found = {
        env: {
            each["metadata"]["name"]: (each["spec"]["minReplicas"], each["spec"]["maxReplicas"])
            for each in committed(env).all("HorizontalPodAutoscaler")
        }
        for env in ENVS
    }
    assert found == {
        "dev": {},
        "prod": {"oet-frontend": (2, 4), "oet-backend": (3, 6)},
        "spec": {},
        "staging": {},
    }


# The database and the cache in the cluster


@pytest.mark.parametrize("env", ["dev", "spec"])
def test_the_database_keeps_its_data_and_starts_on_a_new_volume(env: str) -> None:
    manifests = committed(env)
    postgres = named(manifests.objects, "Deployment", "postgres")
    (volume,) = (one for one in container(postgres)["volumeMounts"] if one["name"] == "postgres-storage")
    told = variables(postgres)
    assert Path(told["PGDATA"]).parent == Path(volume["mountPath"])
    assert told["PGPORT"] == str(container(postgres)["ports"][0]["containerPort"])
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        command = container(postgres)[probe]["exec"]["command"]
        assert command[0] == "pg_isready"
        assert told["POSTGRES_USER"] in command
        assert told["POSTGRES_DB"] in command
    (storage,) = manifests.all("StorageClass")
    assert storage["provisioner"] == "ebs.csi.aws.com"
    assert storage["parameters"] == {"type": "gp3", "encrypted": "true"}
    assert storage["volumeBindingMode"] == "WaitForFirstConsumer"
    assert storage["allowVolumeExpansion"] is True


@pytest.mark.parametrize("env", ENVS)
def test_the_stores_are_in_the_cluster_where_the_values_say(env: str) -> None:
    names = {each["metadata"]["name"] for each in committed(env).all("Deployment")}
    in_cluster = {"postgres", "redis"} if env in ("dev", "spec") else set()
    assert names - {"oet-frontend", "oet-backend"} == in_cluster


def test_the_cache_keeps_nothing() -> None:
    redis = named(committed("dev").objects, "Deployment", "redis")
    arguments = container(redis)["args"]
    assert arguments[arguments.index("--save") + 1] == ""
    assert arguments[arguments.index("--port") + 1] == str(container(redis)["ports"][0]["containerPort"])
    assert not any("persistentVolumeClaim" in volume for volume in pod(redis)["spec"]["volumes"])


# The migration


def test_a_migration_is_told_what_its_service_is_told_and_ends_by_itself(manifests: Manifests) -> None:
    job = named(manifests.objects, "Job", "oet-backend-migration")
    service = services(manifests)["backend"]
    own = container(job)
    assert own["name"] == "migration"
    assert own["image"] == f"{container(service)['image']}-migration"
    assert own["command"] == ["npm", "run", "migrate"]
    of_the_server = {"PORT": variables(service)["PORT"]}
    of_npm = {"HOME": "/tmp", "NPM_CONFIG_UPDATE_NOTIFIER": "false"}
    assert {**variables(job), **of_the_server} == {**variables(service), **of_npm}
    assert own["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]
    assert pod(job)["spec"]["restartPolicy"] == "Never"
    spec = job["spec"]
    assert (spec["backoffLimit"], spec["activeDeadlineSeconds"]) == (0, 900)
    assert spec["ttlSecondsAfterFinished"] > 0
    uses = {key: value for key, value in pod(service)["metadata"]["labels"].items() if key != "app"}
    assert pod(job)["metadata"]["labels"] == {"app": "oet-backend-migration", **uses}


def test_a_migration_runs_before_its_service_is_there(manifests: Manifests) -> None:
    """On an empty cluster only what is shared, and the secret, has been applied by then."""
    job = named(manifests.objects, "Job", "oet-backend-migration")
    assert "serviceAccountName" not in pod(job)["spec"]
    for policy in manifests.all("NetworkPolicy"):
        if matches(policy["spec"]["podSelector"], pod(job)["metadata"]["labels"]):
            assert policy["metadata"]["labels"]["app.kubernetes.io/component"] == "shared"


def test_a_secret_that_a_service_no_longer_receives_is_gone(project: Sandbox) -> None:
    add_values(project, "dev", "services: {backend: {secrets: {stripe-secret-key: false}}}")
    backend = services(read(rendered(project, "dev")))["backend"]
    assert "STRIPE_SECRET_KEY" not in variables(backend)
    assert "JWT_SECRET" in variables(backend)


def test_a_variable_that_the_manifests_set_cannot_be_set_twice(project: Sandbox) -> None:
    add_values(project, "dev", 'services: {backend: {env: {PORT: "80"}}}')
    result = project.oetgen("render", "dev")
    assert result.status == 1
    assert 'found the key "PORT", expected the name of an environment variable other than PORT' in result.err


def test_a_host_needs_a_port(project: Sandbox) -> None:
    add_values(project, "prod", WORKER + "    host: worker.oetpraxis.com\n")
    result = project.oetgen("render", "prod")
    assert result.status == 1
    assert "port" in result.err
