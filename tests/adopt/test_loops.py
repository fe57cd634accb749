"""Documents of one file that differ in names, schedules and the like become one loop."""

from __future__ import annotations

import pytest

from tests.adopt.conftest import Adopter
from tests.adopt.test_siblings import JOB, JOBS, jobs
from tests.conftest import oetgen

HEAD = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop{suffix}\n"
TAIL = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: shop{suffix}
data:
  LEVEL: {level}
"""
PROD, DEV = [*jobs("", "1.4.2", memory="1Gi").values()], [*jobs("-dev", "1.5.0", without="backup").values()]


def test_documents_become_a_loop(adopter: Adopter) -> None:
    prod = "---\n".join([HEAD.format(suffix=""), *PROD, TAIL.format(suffix="", level="warn")])
    dev = "---\n".join([HEAD.format(suffix="-dev"), *DEV, TAIL.format(suffix="-dev", level="debug")])
    adopted = adopter.proved(prod={"k8s/all.yaml": prod}, dev={"k8s/all.yaml": dev})
    template = adopted.text("templates/k8s/all.yaml.j2")
    assert "{% for name, cronjob in cronjobs.items() %}\n---\napiVersion: batch/v1\n" in template
    assert "  name: shop-{{ name }}\n  namespace: {{ namespace }}\n" in template
    assert "{% endfor %}\n---\napiVersion: v1\nkind: ConfigMap\n" in template
    assert template.count("\n") == (HEAD + JOB + TAIL).count("\n") + 4
    assert list(adopted.values("base")["cronjobs"]) == list(JOBS)
    assert adopted.values("dev")["cronjobs"] == {"backup": None}
    places = {place for each in adopted.document["drift"] for place in each["places"]}
    last = next(at for at, line in enumerate(prod.splitlines(), start=1) if "LEVEL" in line)
    assert f"prod:k8s/all.yaml:{last}" in places, "drift names the lines of the files"
    assert oetgen("-C", str(adopted.root), "check", "--no-tools").status == 0


@pytest.mark.parametrize("first", ["", "---\n"])
def test_a_file_of_nothing_else(adopter: Adopter, first: str) -> None:
    files = {env: {"jobs.yaml": first + "---\n".join(each)} for env, each in (("prod", PROD), ("dev", DEV))}
    template = adopter.proved(**files).text("templates/jobs.yaml.j2")
    assert template.startswith("{% for name, cronjob in cronjobs.items() %}\n")
    assert ("{% if not loop.first %}\n---\n{% endif %}\n" in template) == (not first)


def unit(name: str, port: int, replicas: int) -> list[str]:
    labels = f"metadata:\n  name: {name}\n  labels:\n    app: {name}\n"
    return [
        f"apiVersion: apps/v1\nkind: Deployment\n{labels}spec:\n  replicas: {replicas}\n"
        f"  selector:\n    matchLabels:\n      app: {name}\n"
        f"  template:\n    metadata:\n      labels:\n        app: {name}\n"
        f"    spec:\n      containers:\n      - name: {name}\n        image: shop/{name}:1\n",
        f"apiVersion: v1\nkind: Service\n{labels}spec:\n  selector:\n    app: {name}\n  ports:\n  - port: {port}\n",
    ]


def test_documents_that_belong_together_are_one_entry(adopter: Adopter) -> None:
    files = {}
    for env, replicas in (("prod", 3), ("dev", 1)):
        every = [
            each for at, name in enumerate(("api", "mail", "web")) for each in unit(name, 8000 + at, replicas)
        ]
        files[env] = {"all.yaml": "---\n".join(every)}
    adopted = adopter.proved(**files)
    assert adopted.values("base")["services"] == {
        "api": {"port": 8000},
        "mail": {"port": 8001},
        "web": {"port": 8002},
    }
    assert adopted.values("prod")["services.*"] == {"replicas": 3}


def test_documents_in_another_order_stay_as_they_are(adopter: Adopter) -> None:
    adopted = adopter.proved(prod={"a.yaml": "---\n".join(PROD)}, dev={"a.yaml": "---\n".join(reversed(DEV))})
    assert adopted.document["joined"] == []


@pytest.mark.parametrize(
    "end", ["\n\n", "---\n", "--- # end\n", "", "{{ x }} {{ y }} {{ z }} {{ a }}\n", "\t}\n"]
)
def test_any_end_of_the_file_comes_back(adopter: Adopter, end: str) -> None:
    files = {env: {"a.yaml": "---\n".join(each) + end} for env, each in (("prod", PROD), ("dev", DEV))}
    adopter.proved(**files)
    windows = {env: {"a.yaml": each["a.yaml"].replace("\n", "\r\n").encode()} for env, each in files.items()}
    Adopter(adopter.folder / "windows").proved(**windows)


def test_runs_of_one_file_have_a_loop_each_and_share_the_entries_of_their_names(adopter: Adopter) -> None:
    names = ("api", "mail", "web", "auth")
    files = {}
    for env, replicas in (("prod", 3), ("dev", 1)):
        units = [unit(name, 8000 + at, replicas) for at, name in enumerate(names)]
        every = [*(one for one, _ in units), HEAD.format(suffix=""), *(two for _, two in units)]
        files[env] = {"all.yaml": "---\n".join([*every, *(PROD if env == "prod" else DEV)])}
    adopted = adopter.proved(**files)
    template = adopted.text("templates/all.yaml.j2")
    assert template.count("{% for name, service in services.items() %}\n") == 2
    assert template.count("{% for name, cronjob in cronjobs.items() %}\n") == 1
    assert adopted.values("base")["services"] == {name: {"port": 8000 + at} for at, name in enumerate(names)}
    assert adopted.values("dev")["cronjobs"] == {"backup": None}
    assert oetgen("-C", str(adopted.root), "check", "--no-tools").status == 0


def test_objects_of_one_kind_are_never_parts_of_one_entry(adopter: Adopter) -> None:
    names = [f"worker{at}" for at in range(6)]
    files = {
        env: {"all.yaml": "---\n".join(unit(name, 80, at % 2 + more)[0] for at, name in enumerate(names))}
        for env, more in (("prod", 3), ("dev", 1))
    }
    (joined,) = adopter.proved(**files).document["joined"]
    assert joined["entries"] == names


QUEUE = """\
# Holds {about}.
resource "aws_sqs_queue" "{name}" {{
  name                       = "shop-{name}{suffix}"
  visibility_timeout_seconds = {timeout}
  message_retention_seconds  = 86400
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true
  delay_seconds              = {delay}
  tags                       = {{ environment = "{env}" }}
}}
"""
QUEUES = {
    "mails": ("mails", 30, 0),
    "orders": ("orders", 60, 5),
    "prices": ("prices", 60, 0),
    "returns": ("returns", 30, 0),
    "stock": ("changes", 90, 0),
}
LOCALS = 'locals {\n  region = "eu-central-1"\n}\n'
OUTPUT = 'output "mails" {\n  value = aws_sqs_queue.mails.id\n}\n'


@pytest.mark.parametrize(
    ("before", "after"), [([], []), ([LOCALS], []), ([], [OUTPUT]), ([LOCALS], [OUTPUT])]
)
def test_blocks_of_terraform_become_a_loop(adopter: Adopter, before: list[str], after: list[str]) -> None:
    files = {}
    for env, suffix in (("prod", ""), ("dev", "-dev")):
        queues = [
            QUEUE.format(name=name, about=about, timeout=timeout, delay=delay, suffix=suffix, env=env)
            for name, (about, timeout, delay) in QUEUES.items()
            if (env, name) != ("dev", "stock")
        ]
        files[env] = {"main.tf": "\n".join([*before, *queues, *after])}
    adopted = adopter.proved(**files)
    template = adopted.text("templates/main.tf.j2")
    assert "{% for name, sqs_queue in sqs_queues.items() %}\n" in template
    assert (
        'resource "aws_sqs_queue" "{{ name }}" {\n  name                       = "shop-{{ name }}' in template
    )
    assert list(adopted.values("base")["sqs_queues"]) == list(QUEUES)
    assert adopted.values("dev")["sqs_queues"] == {"stock": None}
    assert oetgen("-C", str(adopted.root), "check", "--no-tools").status == 0


SERVICE = """\
  # Serves {name}.
  {name}:
    image: ghcr.io/shop/{name}:1.4.2
    container_name: shop{suffix}-{name}
    restart: unless-stopped
    environment:
      PORT: "{port}"
      LOG_LEVEL: {level}
    healthcheck:
      test: ["CMD-SHELL", "wget -qO- http://localhost:{port}/{path}/health > /dev/null"]
      interval: 10s
"""
JOB_OF_WORKFLOW = """\
  {name}:
    runs-on: ubuntu-24.04
    environment: {env}
    steps:
    - uses: actions/checkout@v4
    - run: ./deploy.sh --environment {env} --folder services/{path}
    - run: ./wait.sh --port {port}
    - run: ./notify.sh --about {name}
"""
VARIABLE = """\
        - name: {name}
          valueFrom:
            secretKeyRef:
              name: shop{suffix}
              key: {key}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
    - name: shop
      image: shop:1
      env:
"""
THINGS = [("api", 8001, "api"), ("cart", 8002, "carts"), ("mail", 8003, "mails"), ("stock", 8004, "stock")]
SECRETS = ["DB_HOST", "DB_NAME", "MAIL_FROM", "QUEUE", "REGION", "TOPIC", "ZONE"]


def service_file(env: str, divider: str) -> str:
    suffix, level = {"prod": ("", "warn"), "dev": ("-dev", "debug")}[env]
    each = [
        SERVICE.format(name=name, port=port, path=path, suffix=suffix, level=level)
        for name, port, path in THINGS
    ]
    return f"services:\n{divider.join(each)}{divider}volumes: {{}}\n"


def jobs_file(env: str) -> str:
    each = [JOB_OF_WORKFLOW.format(name=name, port=port, path=path, env=env) for name, port, path in THINGS]
    return "on: push\njobs:\n" + "".join(each)


def pod_file(env: str) -> str:
    suffix = {"prod": "", "dev": "-dev"}[env]
    each = [VARIABLE.format(name=name, key=name.lower(), suffix=suffix) for name in SECRETS]
    return POD + "".join(each)


@pytest.mark.parametrize("divider", ["", "\n", "\n\n"])
def test_services_of_compose_become_a_loop(adopter: Adopter, divider: str) -> None:
    files = {env: {"compose.yaml": service_file(env, divider)} for env in ("prod", "dev")}
    adopted = adopter.proved(**files)
    template = adopted.text("templates/compose.yaml.j2")
    loop = template.split("{% for name, service in services.items() %}\n")
    assert len(loop) == 2
    assert loop[0] == "services:\n"
    assert loop[1].endswith(f"\n{divider}{{% endfor %}}\nvolumes: {{}}\n")
    assert "  # Serves {{ name }}.\n  {{ name }}:\n" in loop[1]
    assert "localhost:{{ service.PORT }}/{{ service.test }}/health > /dev/null" in loop[1]
    assert adopted.values("base")["services"] == {
        name: {"PORT": str(port), "test": path} for name, port, path in THINGS
    }


def test_jobs_of_a_workflow_become_a_loop(adopter: Adopter) -> None:
    files = {env: {".github/workflows/deploy.yml": jobs_file(env)} for env in ("prod", "dev")}
    adopted = adopter.proved(**files)
    template = adopted.text("templates/.github/workflows/deploy.yml.j2")
    assert "jobs:\n{% for name, job in jobs.items() %}\n  {{ name }}:\n" in template
    assert "--environment {{ environment }} --folder services/{{ job.folder }}\n" in template
    assert "- run: ./wait.sh --port {{ job.port }}\n" in template
    assert list(adopted.values("base")["jobs"]) == [name for name, _, _ in THINGS]


def test_variables_of_a_container_become_a_loop(adopter: Adopter) -> None:
    adopted = adopter.proved(**{env: {"pod.yaml": pod_file(env)} for env in ("prod", "dev")})
    template = adopted.text("templates/pod.yaml.j2")
    assert (
        "      env:\n{% for name, variable in variables.items() %}\n        - name: {{ name }}\n" in template
    )
    assert list(adopted.values("base")["variables"]) == SECRETS


@pytest.mark.parametrize(
    "text",
    [
        "jobs: {a: {x: 1}, b: {x: 2}, c: {x: 3}}\n",
        "x:\n- - name: a\n- - name: b\n- - name: c\n",
        "x: &base\n  a: &one\n    k: 1\n  b:\n    <<: *one\n  c:\n    <<: *one\n",
        "x:\n  a:\n    k: |+\n\n      text\n\n  b:\n    k: |\n      # text\n\n  # of c\n\n  c:\n    k: ''\n# end\n",
        "x:\n-\n  name: a\n-\n  name: b\n-\n  name: c\n",
    ],
)
def test_items_without_lines_of_their_own_come_back(adopter: Adopter, text: str) -> None:
    every = "".join(
        f"part{number}:\n" + "".join(f"  {line}" for line in text.splitlines(True)) for number in range(5)
    )
    adopter.proved(prod={"a.yaml": every + "env: prod\n"}, dev={"a.yaml": every + "env: dev\n"})
