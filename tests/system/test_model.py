"""The model of a rendered tree: what is read, what is not, and what the parts know of themselves."""

from __future__ import annotations

from fractions import Fraction

import pytest

from generator.languages.node import Leaf, Map
from generator.system import System, image_name
from generator.system.kubernetes import config_names, secret_names, selects
from generator.system.quantities import amount, quantity
from tests.conftest import rows

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  template:
    metadata: {labels: {app: web, "1": "2"}}
    spec:
      initContainers:
      - name: wait
        env: [{name: A, valueFrom: {secretKeyRef: {name: first, key: a}}}]
      containers:
      - name: web
        image: registry.example:5000/shop/web:1.2
        envFrom: [{secretRef: {name: second}}, {configMapRef: {name: settings}}]
      volumes:
      - {name: certificates, secret: {secretName: third}}
      - {name: files, configMap: {name: more}}
"""


def system(text: str) -> System:
    """Return the system that consists of one file of manifests."""
    return System.of_files({"k8s/a.yaml": text})


def test_objects_are_found_in_every_folder_and_identified_as_the_api_server_does() -> None:
    files = {
        "deploy/web.yml": DEPLOYMENT,
        "k8s/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
        "k8s/role.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"
        "metadata: {name: reader, namespace: nowhere}\n",
        "k8s/secret.yaml.example": "apiVersion: v1\nkind: Secret\nmetadata: {name: shown}\n",
        ".github/workflows/a.yml": "apiVersion: v1\nkind: Secret\non: push\n",
    }
    whole = System.of_files(files)
    assert list(whole.by_key) == [
        ("apps", "Deployment", "shop", "web"),
        ("rbac.authorization.k8s.io", "ClusterRole", "", "reader"),
    ]
    assert [each.subject for each in whole.manifests] == ["Deployment shop/web", "ClusterRole reader"]
    assert [each.identity for each in whole.objects if each.is_example] == ["Secret/shown"]
    assert [each.path for each in whole.kustomizations] == ["k8s/kustomization.yaml"]


def test_a_list_stands_for_its_items() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n- 5\n"
    )
    [service] = system(text).manifests
    assert (service.identity, service.at.line, service.at.column) == ("Service/a", 6, 20)


def test_kinds_of_operators_that_share_a_name_with_one_of_kubernetes_make_no_pods() -> None:
    text = "apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nmetadata: {name: a}\nspec: {template: {}}\n"
    whole = system(text)
    assert whole.workloads == [] and not whole.manifests[0].is_builtin


def test_pods_containers_and_what_they_read() -> None:
    [workload] = system(DEPLOYMENT).workloads
    assert [each.what for each in workload.all_containers] == [
        "container wait of Deployment/web",
        "container web of Deployment/web",
    ]
    assert [each.name for each in workload.containers] == ["web"]
    assert workload.pod_labels == {"app": "web", "1": "2"}
    assert [leaf.text for leaf in secret_names(workload)] == ["first", "second", "third"]
    assert [leaf.text for leaf in config_names(workload)] == ["settings", "more"]


def test_the_pods_of_a_cron_job_are_two_templates_down() -> None:
    text = "apiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {x: 1}}}}}\n"
    [job] = system(text).workloads
    assert job.pod_spec.value("x") == 1


@rows(
    "text, amount",
    [
        ("1", 1),
        ("1000m", 1),
        (".5", Fraction(1, 2)),
        ("1Gi", 1024**3),
        ("1G", 1000**3),
        ("2e3", 2000),
        ("1E", 10**18),
        ("-3k", -3000),
        ("100n", Fraction(1, 10**7)),
        ("", None),
        ("1g", None),
        ("1.2.3", None),
        ("1e", None),
        ("five", None),
    ],
)
def test_quantities(text: str, amount: Fraction | None) -> None:
    assert quantity(text) == amount


def test_a_boolean_is_no_quantity() -> None:
    assert amount(Leaf(True, text="1")) is None and amount(Map({})) is None
    assert amount(Leaf(1.5, text="1.50")) == Fraction(3, 2)


@rows(
    "selector, chosen",
    [
        ("{}", True),
        ("{matchLabels: {app: web}}", True),
        ("{matchLabels: {app: web, tier: x}}", False),
        ("{matchExpressions: [{key: app, operator: In, values: [web, api]}]}", True),
        ("{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}", False),
        ("{matchExpressions: [{key: tier, operator: DoesNotExist}, {key: app, operator: Exists}]}", True),
        ("{matchLabels: {app: web}, matchExpressions: [{key: tier, operator: Exists}]}", False),
        ("{matchExpressions: [{key: app, operator: Likes}]}", False),
    ],
)
def test_selectors(selector: str, chosen: bool) -> None:
    text = f"apiVersion: v1\nkind: Service\nspec: {{selector: {selector}}}\n"
    [service] = system(text).manifests
    assert selects(service.spec.map("selector"), {"app": "web"}) is chosen


def test_what_cannot_be_read_is_data() -> None:
    whole = System.of_files(
        {"k8s/bad.yaml": "kind: [\n", "k8s/good.yaml": DEPLOYMENT, "bad.yaml": "a: &x [*x]\n"}
    )
    assert {path: problem.at.line for path, problem in whole.unread.items()} == {
        "bad.yaml": 1,
        "k8s/bad.yaml": 2,
    }
    assert list(whole.nodes) == ["k8s/good.yaml"]
    assert [each.identity for each in whole.manifests] == ["Deployment/web"]


def test_the_documents_before_a_syntax_error_are_objects_but_not_compared() -> None:
    whole = system(f"{DEPLOYMENT}---\na: [\n")
    assert [each.identity for each in whole.manifests] == ["Deployment/web"]
    assert whole.by_key == {}


def test_an_object_is_applied_when_the_kustomization_beside_it_lists_its_file() -> None:
    listing = "apiVersion: kustomize.config.k8s.io/v1\nkind: Kustomization\nresources: [a.yaml]\n"
    whole = System.of_files(
        {
            "k8s/kustomization.yaml": listing,
            **dict.fromkeys(("k8s/a.yaml", "k8s/b.yaml", "c.yaml"), DEPLOYMENT),
        }
    )
    assert {each.path: whole.is_applied(each) for each in whole.manifests} == {
        "c.yaml": True,
        "k8s/a.yaml": True,
        "k8s/b.yaml": False,
    }


def test_systems_that_share_a_memory_read_a_file_once() -> None:
    old = System.of_files({"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    new = System.of_files({"a.yaml": "a: 1\n", "b.yaml": "b: 2\n"}, old.memory)
    assert old.nodes["a.yaml"] is new.nodes["a.yaml"]
    assert old.nodes["b.yaml"] != new.nodes["b.yaml"]


def test_a_step_is_given_the_variables_of_its_job_and_workflow_and_the_nearest_counts() -> None:
    text = """\
on: [push, workflow_dispatch]
env: {A: workflow, B: workflow}
defaults: {run: {working-directory: ./app/}}
jobs:
  build:
    environment: {name: production}
    permissions: {contents: read}
    env: {B: job}
    steps:
    - env: {C: "3"}
      run: |
        cd src
        docker build -t $A/${B}:$C --build-arg X=$B web
  deploy:
    needs: build
    runs-on: windows-2022
    steps:
    - run: docker build .
"""
    whole = System.of_files({".github/workflows/a.yml": text})
    [workflow] = whole.workflows
    [build] = whole.builds
    step = build.step
    assert (build.folder, build.tags, build.arguments["X"][0]) == ("app/web", ["workflow/job:3"], "job")
    assert (build.at.line, build.at.column) == (13, 9)
    assert step.variables["B"] == Leaf("job") and list(step.variables) == ["A", "B", "C"]
    assert [each.text for each in workflow.jobs[1].needs] == ["build"]
    environment = workflow.jobs[0].environment
    assert environment and environment.text == "production"
    assert workflow.jobs[0].permission("contents") == "read"
    assert workflow.trigger("push") == Map({}) and workflow.trigger("pull_request") is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("postgres:17", ("", "postgres", "17")),
        ("localhost/a/b", ("localhost", "a/b", "")),
        ("registry.example:5000/a/b:1.2@sha256:0", ("registry.example:5000", "a/b", "1.2")),
        ("library/redis@sha256:0", ("", "library/redis", "sha256:0")),
    ],
)
def test_names_of_images(text: str, parts: tuple[str, str, str]) -> None:
    assert image_name(text) == parts


SHELLS = [
    ("runs-on: ubuntu-24.04", "run: a", True),
    ("runs-on: [self-hosted, linux]", "run: a", True),
    ("runs-on: x", "{run: a, shell: 'bash -e {0}'}", True),
    ("runs-on: windows-2025", "{run: a, shell: bash}", True),
    ("strategy: {matrix: {os: [ubuntu-24.04, macos-15]}}\n    runs-on: ${{ matrix.os }}", "run: a", True),
    ("runs-on: [self-hosted, windows]", "run: a", False),
    ("runs-on: Windows-2022", "run: a", False),
    ("runs-on: {group: a, labels: windows}", "run: a", False),
    (
        "strategy: {matrix: {os: [ubuntu-24.04, windows-2025]}}\n    runs-on: ${{ matrix.os }}",
        "run: a",
        False,
    ),
    ("runs-on: ${{ matrix.os }}", "run: a", False),
    ("runs-on: ${{ inputs.os }}", "run: a", False),
    ("runs-on: x\n    defaults: {run: {shell: pwsh}}", "run: a", False),
    *(
        ("runs-on: x", f"{{run: a, shell: {named}}}", False)
        for named in ("pwsh", "powershell", "cmd", "python", "node")
    ),
]


@rows("job, step, is_shell", SHELLS)
def test_a_step_is_shell_where_it_is_known_to_be(job: str, step: str, is_shell: bool) -> None:
    text = f"jobs:\n  j:\n    {job}\n    steps:\n    - {step}\n"
    (found,) = System.of_files({".github/workflows/a.yml": text}).steps
    assert found.is_shell == is_shell
    assert bool(found.script.commands) == is_shell


def test_a_workflow_can_name_another_shell_for_all_steps() -> None:
    text = "defaults: {run: {shell: pwsh}}\njobs:\n  j:\n    runs-on: x\n    steps:\n    - run: a\n"
    (found,) = System.of_files({".github/workflows/a.yml": text}).steps
    assert not found.is_shell
