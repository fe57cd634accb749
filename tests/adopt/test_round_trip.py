"""What is adopted renders the same bytes, through oetgen itself."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.project.folder import Project
from generator.values.layers import Values, load_values, value_at
from tests.adopt.conftest import Adopter, read_tree
from tests.adopt.merges import deciding, sources, wrong_merges
from tests.conftest import ROOT, oetgen

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api{suffix}
  namespace: shop{suffix}
spec:
  replicas: {replicas}
  template:
    spec:
      containers:
      - name: api
        image: registry.example.com/shop/api:{tag}
        resources:
          limits: {{memory: {memory}, cpu: 500m}}
        env:
        - name: DATABASE_HOST
          value: db.{env}.example.com
        - name: LOG_LEVEL
          value: "{level}"
"""
PROD = {"suffix": "", "replicas": 3, "tag": "v1.4.2", "memory": "1Gi", "env": "prod", "level": "warn"}
DEV = {"suffix": "-dev", "replicas": 1, "tag": "v1.5.0", "memory": "512Mi", "env": "dev", "level": "debug"}


def test_a_difference_becomes_a_value_in_the_words_of_the_file(adopter: Adopter) -> None:
    adopted = adopter.proved(
        prod={"k8s/api.yaml": DEPLOYMENT.format(**PROD)}, dev={"k8s/api.yaml": DEPLOYMENT.format(**DEV)}
    )
    names = {each["name"] for each in adopted.document["values"]}
    assert {"services.api.replicas", "services.api.LOG_LEVEL", "namespace", "suffix"} <= names
    template = adopted.text("templates/k8s/api.yaml.j2")
    assert "  replicas: {{ services.api.replicas }}\n" in template
    assert "{% if" not in template
    assert adopted.document["verbatim"] == []


DOCKERFILE = """\
FROM --platform=linux/amd64 node:24-alpine AS build
ARG REVISION
ARG COMMIT={commit}
ENV PORT=8000 MODE="{mode}" \\
    # for all requests
    LIMIT={limit}
RUN echo started \\
  USER 1001
"""


def test_each_setting_of_an_instruction_is_a_value_of_its_own(adopter: Adopter) -> None:
    prod = DOCKERFILE.format(commit="abc123", mode="fast and safe", limit=80)
    dev = DOCKERFILE.format(commit="def456", mode="slow", limit=5)
    adopted = adopter.proved(prod={"api/Dockerfile": prod}, dev={"api/Dockerfile": dev})
    template = DOCKERFILE.format(commit="{{ api.COMMIT }}", mode="{{ api.MODE }}", limit="{{ api.LIMIT }}")
    assert adopted.text("templates/api/Dockerfile.j2") == template


# The paths of our own values that differ, and the values that adopt finds for them.
RECOVERED = {
    **{
        f"actions.{name}.{part}": f"actions.{name.replace('-', '_')}.{part}"
        for name in ("checkout", "setup-node", "amazon-ecr-login", "configure-aws-credentials")
        for part in ("ref", "version")
    },
    "branches.deploy": "branch",
    "branches.push": "on.branches",
    "cache.runs_in": "cache.enabled",
    "cluster.nodes.desired_size": "eks.desired_size",
    "cluster.nodes.min_size": "eks.min_size",
    "cluster.support": "eks.support_type",
    "cluster.version": "eks.cluster_version",
    "compose": "compose.enabled",
    "database.sslmode": "PGSSLMODE",
    "environment": "environment",
    "monitoring.addon": "cloudwatch_agent.enabled",
    "namespace": "namespace",
    "network.single_nat_gateway": "vpc.single_nat_gateway",
    "network.vpn_gateway": "vpc.enable_vpn_gateway",
    "node.version": "node.version",
    "oidc_provider": "iam.github.enabled",
    "rds.deletion_protection": "postgres.deletion_protection",
    "rds.engine_version": "postgres.engine_version",
    "rds.instance_class": "postgres.instance_class",
    "rds.multi_az": "postgres.multi_az",
    "rds.password": "postgres.password.enabled",
    "rollout.max_surge": "services.backend.max_surge",
    "services.backend.autoscaling.max_replicas": "services.backend.max_replicas",
    "services.backend.host": "hosts.api",
    "services.backend.replicas": "services.backend.replicas",
    "services.frontend.autoscaling.max_replicas": "services.frontend.max_replicas",
    "services.frontend.host": "hosts.app",
    "services.frontend.replicas": "services.frontend.replicas",
    "suffix": "suffix",
    "workflows": "workflows.enabled",
}
MIXED_CONDITIONS = 3  # that decide blocks of several values of ours
DIFFERING = 46  # paths of our own values that differ
# Where an environment's files do not have it: dev has no workflows, and in prod the autoscalers set the replicas.
MISSING = {
    "branches.push": {"dev"},
    "services.backend.replicas": {"prod"},
    "services.frontend.replicas": {"prod"},
    "services.frontend.autoscaling.max_replicas": {"dev", "spec", "staging"},
}


def values_of(root: Path, names: tuple[str, ...]) -> dict[str, Values]:
    return {name: load_values(Project(root), name)[0] for name in names}


def classes(values: dict[str, Values], path: str, without: set[str]) -> list[list[bool]]:
    """Return which environments have the same value at a path."""
    data = [
        value_at(each.data, tuple(path.split("."))) for name, each in values.items() if name not in without
    ]
    return [[first == second for second in data] for first in data]


def test_our_own_environments(adopter: Adopter) -> None:
    names = ("prod", "staging", "dev", "spec")
    adopted = adopter.adopt(*(f"{name}={ROOT / 'out' / name}" for name in names), "--format", "json")
    assert adopted.result.status == 0, adopted.result
    for name in names:
        assert adopted.tree(name) == read_tree(ROOT / "out" / name)
    assert adopted.document["summary"]["verbatim"] == 0
    assert adopted.document["left"] == []
    assert len(adopted.document["values"]) <= 1.2 * DIFFERING
    lines = max(sum(data.count(b"\n") for data in adopted.tree(name).values()) for name in names)
    assert adopted.document["summary"]["template_lines"] <= 1.25 * lines
    ours, found = values_of(ROOT, names), values_of(adopted.root, names)
    for mine, its in RECOVERED.items():
        without = MISSING.get(mine, set())
        assert classes(ours, mine, without) == classes(found, its, without), (mine, its)
    assert len(RECOVERED) >= 0.8 * DIFFERING
    merged = sources(ROOT, adopted.root, ("prod", "dev"))  # python -m tests.adopt.merges: all
    assert len(merged) >= len(adopted.document["values"]) / 2
    assert wrong_merges(merged) == {}
    assert len(wrong_merges(deciding(ROOT, adopted.root, names))) <= MIXED_CONDITIONS


@pytest.mark.parametrize("example", sorted(path.name for path in (ROOT / "examples").iterdir()))
def test_the_examples(adopter: Adopter, example: str) -> None:
    out = ROOT / "examples" / example / "out"
    names = sorted(path.name for path in out.iterdir())
    adopted = adopter.adopt(*(f"{name}={out / name}" for name in names), "--format", "json")
    assert adopted.result.status == 0, adopted.result
    for name in names:
        assert adopted.tree(name) == read_tree(out / name)
    assert adopted.document["left"] == []


WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@{checkout}
    - name: Node
      uses: actions/setup-node@{node}
    - run: npm test
"""


def test_the_version_beside_a_pinned_action_is_a_value(adopter: Adopter) -> None:
    one, other = "3d3c42e5aac5ba805825da76410c181273ba90b1", "820762786026740c76f36085b0efc47a31fe5020"
    forms = {
        "prod": {"checkout": f"{one} # v7.0.1", "node": f"{one} # v6.0.0"},
        "dev": {"checkout": "v4", "node": f"{other} # v7.0.0"},
        "qa": {"checkout": "v4", "node": f"{other} # v7.0.0"},
    }
    files = {name: {".github/workflows/a.yml": WORKFLOW.format(**form)} for name, form in forms.items()}
    adopted = adopter.proved(**files)
    template = adopted.text("templates/.github/workflows/a.yml.j2")
    version = "actions.checkout.version"
    assert (
        f"{{{{ actions.checkout.ref }}}}{{% if {version} %}} # {{{{ {version} }}}}{{% endif +%}}\n"
        in template
    )
    assert "@{{ actions.setup_node.ref }} # {{ actions.setup_node.version }}\n" in template
    assert adopted.values("prod")["actions"]["checkout"]["version"] == "v7.0.1"
    assert template.count("\n") == WORKFLOW.count("\n")


def test_a_version_that_looks_like_nothing_comes_back(adopter: Adopter) -> None:
    adopter.proved(
        prod={"a.yaml": "image: a # 0\n"}, dev={"a.yaml": "image: b # 1\n"}, qa={"a.yaml": "image: c\n"}
    )


def test_files_that_no_template_can_write_are_copied(adopter: Adopter) -> None:
    same: dict[str, str | bytes] = {
        "logo.png": b"\x89PNG\x00\xff\xfe",
        "windows.bat": b"echo one\r\necho two\r\n",
        "bom.txt": b"\xef\xbb\xbftext\n",
        "empty.txt": b"",
        "no-end.txt": b"no final line break",
        "page.html": "<p>{{ title }}</p>\n{% block x %}\n",
        "broken.yaml": "a: [\n",
    }
    adopted = adopter.proved(prod={**same, "a.yaml": "a: 1\n"}, dev={**same, "a.yaml": "a: 2\n"})
    assert adopted.document["summary"]["copied"] == len(same)


def test_differences_in_files_of_any_form(adopter: Adopter) -> None:
    prod: dict[str, str | bytes] = {
        "windows.bat": b"set NAME=prod-one\r\necho two\r\n",
        "no-end.txt": b"host=a.prod.example.com\nport=80",
        "chart.yaml": "name: {{ .Values.name }}\nreplicas: 3\n",
        "rules.yaml": "- expr: up == 0\n  text: '{{ $labels.a }} {{ $labels.b }} {{ $x }} {{ $y }} {{ $z }} is 1'\n",
        "broken.yaml": "a: [\nprod\n",
        "leading.yaml": "\n\nreplicas: 3\n",
        "unseen.env": 'NAME="a \u202e \xa0 3"\n',
    }
    dev: dict[str, str | bytes] = {
        "windows.bat": b"set NAME=dev-one\r\necho two\r\n",
        "no-end.txt": b"host=a.dev.example.com\nport=80",
        "chart.yaml": "name: {{ .Values.name }}\nreplicas: 1\n",
        "rules.yaml": "- expr: up == 0\n  text: '{{ $labels.a }} {{ $labels.b }} {{ $x }} {{ $y }} {{ $z }} is 2'\n",
        "broken.yaml": "a: [\ndev\n",
        "leading.yaml": "\n\nreplicas: 1\n",
        "unseen.env": 'NAME="a \u202e \xa0 1"\n',
    }
    adopter.proved(prod=prod, dev=dev)


def test_the_order_of_the_arguments_does_not_matter(tmp_path: Path) -> None:
    files = {name: DEPLOYMENT.format(**data) for name, data in (("prod", PROD), ("dev", DEV))}
    texts = []
    for order in (("prod", "dev"), ("dev", "prod")):
        adopter = Adopter(tmp_path / order[0])
        adopted = adopter.proved(**{name: {"api.yaml": files[name]} for name in order})
        folders = ("environments", "templates")
        texts.append({folder: read_tree(adopted.root / folder) for folder in folders})
    assert texts[0] == texts[1]


KEYS = st.sampled_from(["name", "replicas", "image", "host", "enabled", "args", "on", "x-y"])
SCALARS = st.one_of(
    st.integers(-5, 70000).map(str),
    st.sampled_from(
        [
            "true",
            "no",
            "'yes'",
            '"1.0"',
            "1.0",
            "10.0.0.0/24",
            "a-prod",
            "a-dev",
            "b",
            "~",
            '""',
            "{{ x }}",
            "'it''s'",
        ]
    ),
)


def _block(entries: list[tuple[str, str]], indent: str) -> str:
    return "".join(f"{indent}{key}: {value}\n" for key, value in dict(entries).items())


def _arguments(entries: list[tuple[str, str]]) -> str:
    return "".join(f'  k{at} = "{value}"\n' for at, (_, value) in enumerate(entries) if '"' not in value)


MAPS = st.lists(st.tuples(KEYS, SCALARS), min_size=1, max_size=5)
YAML = st.lists(st.tuples(KEYS, MAPS), min_size=1, max_size=4).map(
    lambda parts: "".join(f"{key}:\n{_block(entries, '  ')}" for key, entries in dict(parts).items())
)
HCL = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), MAPS), min_size=1, max_size=3).map(
    lambda parts: "".join(f'resource "t" "{name}" {{\n{_arguments(entries)}}}\n' for name, entries in parts)
)
LINES = st.lists(
    st.sampled_from(
        ["# a comment", "FROM node:24", "echo prod", "echo dev", "", "  x", "A=1", "A='2'", "{% raw %}", "}"]
    ),
    max_size=8,
).flatmap(lambda lines: st.sampled_from(["\n".join(lines), "\n".join([*lines, ""])]))
FILES = st.dictionaries(
    st.sampled_from(
        ["a.yaml", "k8s/b.yml", "main.tf", "Dockerfile", "run.sh", "notes.txt", ".env", "README.md"]
    ),
    st.one_of(YAML, HCL, LINES),
    min_size=1,
    max_size=3,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.lists(FILES, min_size=1, max_size=3))
def test_any_files_come_back(trees: list[dict[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        adopter = Adopter(Path(folder))
        names = ("prod", "dev", "qa")
        adopted = adopter("--format", "json", **dict(zip(names, trees, strict=False)))
        assert adopted.result.status == 0, adopted.result
        left = {(each["environment"], each["path"]) for each in adopted.document["left"]}
        for name, files in zip(names, trees, strict=False):
            wanted = {path: text.encode() for path, text in files.items() if (name, path) not in left}
            assert adopted.tree(name) == wanted


def test_a_file_whose_lines_end_otherwise_in_one_environment_is_one_template(adopter: Adopter) -> None:
    text = "level: {}\nname: shop\nport: 80\n"
    files = {
        "prod": {"a.yaml": text.format("warn").replace("\n", "\r\n").encode(), "b.yaml": b"x: 1\r\n"},
        "dev": {"a.yaml": text.format("debug").encode(), "b.yaml": b"x: 1\n"},
    }
    adopted = adopter.proved(**files)
    assert adopted.text("templates/a.yaml.j2") == "level: {{ level }}\nname: shop\nport: 80\n"
    assert adopted.text("oetgen.yaml").endswith("crlf:\n  a.yaml: crlf\n  b.yaml: crlf\n")
    assert adopted.values("base")["crlf"] is False and adopted.values("prod")["crlf"] is True
    assert oetgen("-C", str(adopted.root), "check", "--no-tools").status == 0


def test_a_folder_of_one_environment_has_one_condition_in_the_settings(adopter: Adopter) -> None:
    """A file of it that is text alone is copied, also one full of the braces of another program."""
    files = {
        "monitoring/rules.yaml": "a: '{{ $labels.pod }}'\nb: '{{ $value }}'\n",
        "monitoring/readme.txt": "{% x %}\n",
        "only.yaml": "a: 1\n",
    }
    adopted = adopter.proved(prod={"x.yaml": "a: prod-eu\n", **files}, dev={"x.yaml": "a: dev-eu\n"})
    assert adopted.text("oetgen.yaml").endswith(
        'only:\n  "monitoring/**": monitoring.enabled\n  only.yaml: only.enabled\n'
    )
    assert {path: adopted.text(f"templates/{path}") for path in files} == files
    assert oetgen("-C", str(adopted.root), "check", "--no-tools").status == 0
