"""Mutations of the real templates and values: each breaks one agreement, and a rule has to say so.

Where to mutate is decided by the text of the templates alone, before anything is rendered: every value that they put
out, every Terraform address, the lines and words of the tables below. What states no agreement with anything is in
`FREE`, with the reason. Run all of them, or every seventh, and print which rule catches what:

    python -m tests.checks.mutations
    python -m tests.checks.mutations 7
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from pathlib import Path

from generator.checks.outcome import check_tree
from generator.findings import Finding, Severity
from generator.findings.record import record
from generator.incremental.cache import DiskCache
from generator.pipeline import Pipeline
from generator.project import is_partial
from generator.project.folder import Project
from generator.render.engine import Engine
from generator.render.outputs import render_tree
from generator.render.tree import Tree
from generator.values.layers import Values, load_values
from tests.conftest import ROOT

TODAY = datetime.date(2026, 11, 24)


@dataclass(frozen=True)
class Mutation:
    """A change to one file of the project, and the environments in which it shows."""

    kind: str
    file: str
    line: int
    old: str
    new: str
    text: str | None  # of the whole file; None deletes it

    def __str__(self) -> str:
        return f"{self.kind:9} {self.file}:{self.line}: {self.old.strip()!r} -> {self.new.strip()!r}"


# Values that templates put out and that nothing else has to agree with, by the expression; and why.
FREE = (
    # template, expression, reason
    ("k8s/(?!kustomization|cluster)", "namespace", "kustomize sets the namespace of what it builds"),
    ("scripts/bootstrap", r"controllers\.resources.*", "what the controllers request is stated once"),
    (
        "terraform/main",
        r"cluster\.nodes\.max_size|zone",
        "how many nodes there are at most, and where, is stated once",
    ),
    ("terraform/iam", r'"StringEquals".*', "the kind of a comparison is stated once"),
    ("k8s/_container", r"database\.sslmode", "how the database is reached is stated once"),
    (r".*src/health", r"service\.health_module\..*", "a module of the application, whose files are not here"),
    (
        "_runbook/|RUNBOOK",
        ".*",
        "prose for people; tests/output/test_runbook.py holds its commands to the files",
    ),
    (".*", r"step\.name|service\.name \| capitalize.*", "a name for people"),
    (".*", r"timeouts\.\w+", "how long something may take is stated once"),
    (".*", r"(service\.)?probes?(\.\w+)?\.(initial_delay|period)", "how often a probe asks is stated once"),
    (
        ".*",
        r"service\.replicas|service\.autoscaling\.\w+",
        "how many copies there are is stated once; rules judge the number",
    ),
    (
        ".*",
        r"monitoring\.(log_retention_days|interval|metrics_namespace)",
        "CloudWatch's own settings are stated once",
    ),
    (
        ".*",
        r"(rds|elasticache)\.(instance_class|node_type|allocated_storage|max_allocated_storage|replicas|backup_\w+"
        r"|maintenance_window|password_version)",
        "an argument of AWS that is stated once",
    ),
    (
        ".*",
        r"cluster\.(public_access_cidrs.*|nodes\.(capacity_type|min_size))",
        "an argument of AWS that is stated once",
    ),
    (".*", r"terraform\.(required_version|needs)", "which Terraform may be used is stated once"),
    (".*", r"charts.*", "the version of a chart is stated once"),
    (".*", r"account|bucket|partition", "made by AWS, or by the shell"),
    (
        ".*",
        r"postgres\.storage|redis\.max_memory|resources\.\w+\.\w+",
        "an amount that is stated once; rules judge it",
    ),
    (
        "k8s/_container",
        r"project|name|value",
        "labels for people, and variables that the application alone knows",
    ),
    ("k8s/ingress", r"project", "the name of the Ingress, which nothing else says"),
    ("k8s/\\{service\\}-deployment", r"service\.name", "the name of the container, which nothing else says"),
    ("k8s/secrets", r"key", "the text of a placeholder"),
    (
        "k8s/\\{service\\}-migration",
        r"app",
        "a label that nothing selects, so that nothing selects it by mistake",
    ),
    ("compose", r"name|value|project", "names and variables for one machine"),
    ("_runtimes/", r"name", "a variable of the image, of which its argument is enough for the build"),
    (
        "terraform/(?!ecr)",
        r"project|suffix|environment|rds\.engine_version \| int",
        "the name of a thing in AWS that nothing else says; see WORDS for those that something says",
    ),
    ("scripts/bootstrap-state", r"project|region|output", "the name of a bucket that nothing else says"),
)


def mutations() -> Iterator[Mutation]:
    """Yield every mutation, in the order of the files."""
    for name in Project(ROOT).template_names():
        if name.startswith(_FOR_PEOPLE):
            continue
        text = (ROOT / "templates" / name).read_text("utf-8")
        yield from _outputs(name, text)
        yield from _addresses(name, text)
        yield from _lines(name, text)
        yield from _words(name, text)
    yield from _values()


_OUTPUT = re.compile(r"(?<!\$)\{\{ (.+?) \}\}")
_NOT_HERE = ("tests/environment.tftest", ".dockerignore", "_cloudwatch", "variables.tf", "outputs.tf")
# No program reads them, and no rule; tests/output/test_runbook.py tries their commands.
_FOR_PEOPLE = ("RUNBOOK.md", "_runbook/")


def _outputs(name: str, text: str) -> Iterator[Mutation]:
    """Write another text in place of each value."""
    if any(part in name for part in _NOT_HERE):
        return
    for found in _OUTPUT.finditer(text):
        expression = found[1]
        line = text[text.rfind("\n", 0, found.start()) + 1 : text.find("\n", found.end())]
        if line.lstrip().startswith(("#", "{#")) or any(
            re.match(template, name) and re.fullmatch(free, expression) for template, free, _ in FREE
        ):
            continue
        if ("(" in expression and "|" not in expression) or expression.endswith(
            ("| flow", "| hcl", "| yaml")
        ):
            continue  # a macro or a list: see LINES and WORDS
        is_number = re.search(r"port|uid|[a-z]id\b|size|_port", expression)
        new = "4242" if is_number else "99" if "version" in expression else "altered"
        yield _mutation("value", name, text, found.start(), found.end(), new)


# Declarations that nothing has to refer to.
_BY_ITSELF = (
    "_attachment",
    "aws_iam_role_policy",
    "pod_identity_association",
    "aws_ecr_lifecycle_policy",
    "aws_db_instance",
    "aws_cloudwatch_log_group",
)
_DECLARED = re.compile(r'^(resource|data|module|variable) "([^"]+)"(?: "([^"{}]+)")?', re.M)
_REFERENCE = re.compile(r"\b(?:(data\.)?aws_\w+|module|var|local)\.([a-z_]\w*)")


def _addresses(name: str, text: str) -> Iterator[Mutation]:
    """Rename each declaration of Terraform, and each reference to one."""
    if not name.endswith(".tf.j2"):
        return
    for found in _DECLARED.finditer(text):
        group = 3 if found[3] else 2
        if not found[2].endswith(_BY_ITSELF) and not (found[3] is None and found[1] in ("resource", "data")):
            yield _mutation("declared", name, text, found.start(group), found.end(group), f"{found[group]}_x")
    for found in _REFERENCE.finditer(text):
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if "#" not in line and "{%" not in line and "{{" not in line[-4:]:
            yield _mutation("reference", name, text, found.start(2), found.end(2), f"{found[2]}_x")


# Lines without which an agreement is broken: the template, and what the line begins with. Not here is what has no
# effect: a namespace that both a manifest and its kustomization have, and what the API server does without, as a
# volume without a type or a budget without limits.
LINES = (
    (r"k8s/kustomization", r"- .*\.yaml$|- name: "),
    (r"k8s/cluster/kustomization", r"- .*\.yaml$"),
    (
        r"k8s/\{service\}-deployment",
        r"- containerPort:|targetPort:|serviceAccountName:|readOnlyRootFilesystem_|app: |\{\{ \w+\(",
    ),
    (
        r"k8s/_container",
        r"runAsNonRoot|seccompProfile:|allowPrivilege|capabilities:|drop:|key: |requests:|limits:|memory:|cpu:|port:",
    ),
    (
        r"k8s/(postgres|redis)-deployment",
        r"- containerPort:|type: Recreate|strategy:|storageClassName|claimName"
        r"|- name: (PGDATA|tmp|data|run|postgres-storage)|value: /var|app: |readinessProbe|livenessProbe"
        r"|accessModes|- ReadWriteOnce",
    ),
    (r"k8s/network", r"policyTypes|- protocol|port: |k8s-app|uses-|except:|- \"\{\{ network.cidr"),
    (r"k8s/\{service\}-network", r"policyTypes|- protocol|port: |app: |- ipBlock|cidr:"),
    (
        r"k8s/\{service\}-scaling",
        r"app: |name: |kind: Deployment|minReplicas_|maxReplicas|averageUtilization",
    ),
    (
        r"k8s/ingress",
        r"- host:|name: \{\{ project \}\}-\{\{|number:|pathType|ingressClassName|- \{\{ service.host",
    ),
    (r"k8s/\{service\}-migration", r"restartPolicy|image:"),
    (r"k8s/secrets", r"\{\{ key"),
    (
        r"_runtimes/",
        r"EXPOSE|USER|ARG NEXT|RUN \{\{|FROM base AS (deps|builder)|CMD|RUN adduser|WORKDIR",
    ),
    (r"\{service\}/Dockerfile", r"FROM "),
    (
        r"\.github/workflows/\{service\}",
        r"needs: test|id: |DATABASE_URL: |runs-on: |\{\{ image_env|role-to-assume|aws-region|id-token"
        r"|permissions:|node-version|working-directory|POSTGRES_(DB|PASSWORD)|REVISION: "
        r"|\{\{ variable \}\}:|docker push \"[^\"]*:\$IMAGE_TAG\""
        r"|kubectl apply|resources: \[|images:|- \{name|--build-arg|\{\{ build_args|- \"\{\{ (database|cache)",
    ),
    (r"\.github/workflows/_steps", r"- \"(\.github|\{\{ (service|output))|ECR_|IMAGE_TAG|--build-arg"),
    (r"scripts/create-secrets", r"set -|: \"|--from-file|--namespace|kubectl"),
    (
        r"scripts/bootstrap-(cluster|state)",
        r"set -|account=|bucket=|vpc=|kubectl apply -k|--set serviceAccount|--set rbac",
    ),
    (r"compose\.yaml", r"condition|healthcheck:|postgres-data:|context:|NEXT_PUBLIC|target: |test: "),
    (r"\.env\.example", r"DATABASE_URL|REDIS_URL|POSTGRES_PASSWORD|\{\{ \w+ \}\}="),
    (r"\{service\}/src/health", r"'/(health|ready)|'\{\{"),
    (
        r"terraform/(?!tests)",
        r"resource_|final_snapshot|cluster_endpoint_public_access |principal_arn|\"kubernetes.io/role/elb|ingress \{_"
        r"|aws-ebs-csi-driver = |vpc_security_group_ids|namespaces +=|aws_region +=|environment +="
        r"|aws_iam_role\.|aws_ecr_repository"
        r"|role +=|policy_arn",
    ),
)


def _lines(name: str, text: str) -> Iterator[Mutation]:
    """Take out each line that a table names."""
    start = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        for template, pattern in LINES:
            if re.match(template, name) and re.match(pattern, bare) and not bare.endswith(("{", "[")):
                yield _mutation("deleted", name, text, start, start + len(line), "")
                break
        start += len(line)


# Words to write otherwise: the template, the word, and what is written instead.
WORDS = (
    # Kubernetes
    (r"k8s/", r"\bapp: (postgres|redis)$", "app: other"),
    (r"k8s/", r"(?<=name: )postgres-(pvc|storage)\b", "other-name"),
    (r"k8s/", r"(?<=claimName: )\S+", "other-claim"),
    (r"k8s/", r"(?<=kind: )Deployment$", "Deploymnet"),
    (r"k8s/", r"(?<=apiVersion: )(policy|autoscaling|networking\.k8s\.io|apps)/v\d", r"\1/v1beta1"),
    (r"k8s/", r"(?<=restartPolicy: )Never", "Always"),
    (r"k8s/", r"(?<=type: )RollingUpdate", "Rolling"),
    (r"k8s/\{service\}-deployment", r"(?<=maxSurge: )25%", "0"),
    (r"k8s/", r"(?<=type: )Recreate", "RollingUpdate"),
    (r"k8s/", r"(?<=pathType: )Prefix", "prefix"),
    (r"k8s/", r"(?<=path: )/$", "app"),
    (r"k8s/", r"(?<=protocol: )TCP", "tcp"),
    (r"k8s/_container", r"(?<=runAsNonRoot: )true", "false"),
    (r"k8s/_container", r"(?<=allowPrivilegeEscalation: )false", "true"),
    (r"k8s/_container", r"(?<=drop: )\[ALL\]", "[NET_RAW]"),
    (r"k8s/_container", r"(?<=type: )RuntimeDefault", "Unconfined"),
    (r"k8s/.*(postgres|redis)", r"(?<=runAsUser: )\d+", "0"),
    (r"k8s/", r"(?<=mountPath: )/tmp", "tmp"),
    (r"k8s/", r"(?<=- name: )(tmp|next-cache|run|data)$", "other"),
    (r"k8s/", r"(?<=storage\.k8s\.io/)v1", "v1beta1"),
    (r"k8s/cluster/storage", r"(?<=volumeBindingMode: )\w+", "Later"),
    (r"k8s/cluster/namespace", r"v\{\{ cluster\.version \}\}", "v1.20"),
    (
        r"k8s/kustomization",
        r"(?<=- )(network|ingress|postgres-deployment|redis-deployment)\.yaml",
        r"\1s.yaml",
    ),
    (r"k8s/kustomization", r"\{\{ name \}\}-(deployment|scaling|network)\.yaml", r"\1.yaml"),
    (r"k8s/ingress", r"(?<=security-groups: ).*", "other-group"),
    (r"k8s/ingress", r"(?<=ssl-redirect: )\"443\"", '"8443"'),
    (r"k8s/ingress", r"(?<=ingressClassName: )alb", "nginx"),
    (r"k8s/ingress", r"(?<=scheme: )internet-facing", "public"),
    (r"k8s/ingress", r'\{"HTTPS": 443\}', '{"HTTPS": 8443}'),
    (r"k8s/network", r"(?<=port: )53", "54"),
    (r"k8s/network", r"(?<=uses-)(database|cache|internet): \"true\"", r"\1: \"yes\""),
    (r"k8s/network", r"(?<=- )\d+\.\d+\.\d+\.\d+/\d+$", "not-a-range"),
    (r"k8s/network", r"0\.0\.0\.0/0", "0.0.0.0/33"),
    (r"k8s/\{service\}-scaling", r"(?<=maxUnavailable: )1", "0"),
    (r"k8s/\{service\}-deployment", r"(?<=name: )(PORT|HOSTNAME)$", r"\1 X"),
    (r"k8s/\{service\}-migration", r":\{\{ image_tag \}\}-migration", ":x y"),
    (r"_cloudwatch", r'"(mem|kubernetes|metrics_collected|cpu)"', r'"\1x"'),
    # Docker
    (r"_runtimes/", r"(?<=--from=)(deps|builder)", r"\1x"),
    (r"_runtimes/", r"(?<=AS )(deps|builder)$", r"\1x"),
    (r"_runtimes/", r"(?<=/app/)(node_modules|dist|public)", r"\1s"),
    (r"_runtimes/", r"^USER .*", "USER nobody"),
    (r"_runtimes/", r"^CMD \[.*\]", "CMD [node, server.js]"),
    (r"_runtimes/", r"^(EXPOSE|COPY|WORKDIR)\b", r"\1X"),
    (r"_runtimes/", r"(?<=ARG )APP_VERSION", "VERSION"),
    (r"_runtimes/", r"(?<=WORKDIR )/app", "app"),
    (r"_package_managers/npm", r"\bnpm ci\b", "yarn install --frozen-lockfile"),
    (r"_package_managers/npm", r"package-lock\.json", "yarn.lock"),
    # Workflows
    (r"\.github/.*\{service\}", r"(?<=needs: )test", "tests"),
    (r"\.github/.*\{service\}", r"(?<=id: )(login-ecr|deploy)", r"\1x"),
    (r"\.github/", r"steps\.(login-ecr|deploy)\b", r"steps.\1x"),
    (r"\.github/", r"outputs\.(registry|revision)", r"outputs.\1x"),
    (r"\.github/", r"(?<=\{ )github\.(sha|ref|workflow)", r"githb.\1"),
    (r"\.github/.*\{service\}", r"secrets\.(AWS_\w+)", r"secret.\1"),
    (r"\.github/.*\{service\}", r"(?<=: \$\{\{ secrets\.)\{\{ variable \}\}", "OTHER"),
    (r"\.github/.*\{service\}", r"vars\.AWS_ROLE_ARN", "var.AWS_ROLE_ARN"),
    (
        r"\.github/",
        r"(persist-credentials|cache-dependency-path|aws-region|role-to-assume|node-version):",
        r"\1s:",
    ),
    (r"\.github/.*\{service\}", r"\b(runs-on|working-directory|permissions|timeout-minutes):", r"\1s:"),
    (r"\.github/.*\{service\}", r"\"?\$(ECR_REGISTRY|ECR_REPOSITORY|IMAGE_TAG|REVISION)\b", r"$\1S"),
    (r"\.github/_?.*_steps", r"^(ECR_REGISTRY|ECR_REPOSITORY|IMAGE_TAG):", r"\1S:"),
    (r"\.github/.*\{service\}", r"deployment/(postgres|redis)", r"deployment/\1-x"),
    (r"\.github/.*\{service\}", r"deployment/\{\{ app \}\}", "deployment/other"),
    (r"\.github/.*\{service\}", r"job/\{\{ app \}\}-migration", "job/other"),
    (r"\.github/.*\{service\}", r"component=(shared|service)", r"component=\1x"),
    (r"\.github/.*\{service\}", r"migration=\"", 'migrate="'),
    (r"\.github/.*\{service\}", r"resources: \[\.\./k8s\]", "resources: [../manifests]"),
    (r"\.github/.*\{service\}", r"--target builder", "--target build"),
    (r"\.github/.*\{service\}", r"--build-arg APP_VERSION", "--build-arg VERSION"),
    (r"\.github/.*\{service\}", r"\{\{ output \}\}/(k8s|scripts/create-secrets\.sh)", r"{{ output }}/\1x"),
    (r"\.github/.*\{service\}", r"(?<=working-directory: \./)\{\{ service\.name \}\}", "app"),
    (r"\.github/.*\{service\}", r"actions/setup-node\"", 'actions/setup-nodes"'),
    (r"\.github/.*\{service\}", r":(5432|6379)\"$", r':1\1"'),
    (r"\.github/.*\{service\}", r"postgresql://%s:%s@localhost", "postgresql://%s:%s@database"),
    (r"\.github/.*\{service\}", r"redis://localhost", "redis://cache"),
    (r"\.github/.*\{service\}", r"POSTGRES_(DB|PASSWORD):", r"POSTGRES_\1S:"),
    (r"\.github/.*\{service\}", r"failure\(\)", "failed()"),
    (r"\.github/.*\{service\}", r"id-token: write", "id-token: read"),
    (r"\.github/.*\{service\}", r"environment: \{\{ environment \}\}", "environment: live"),
    (r"\.github/.*\{service\}", r"== 'pull_request'", '== "pull_request"'),
    (r"\.github/.*\{service\}", r"refs/heads/\{\{ branches\.deploy \}\}", "refs/heads/release"),
    (r"\.github/.*\{service\}", r"--namespace \{\{ namespace \}\}", "--namespace other"),
    (r"\.github/.*\{service\}", r" --namespace \{\{ namespace \}\}", ""),
    # Terraform
    (r"terraform/ecr", r"\"MUTABLE\"", '"IMMUTABLE"'),
    (
        r"terraform/main",
        r"\b(cluster_name|subnet_ids|eks_managed_node_groups|access_entries|public_subnets|azs) +=",
        r"\1x =",
    ),
    (r"terraform/", r"module\.(eks|vpc)\.(\w+)", r"module.\1.\2x"),
    (r"terraform/main", r"(?<=cluster_endpoint_public_access       = )true", "false"),
    (r"terraform/main", r"\baws_iam_(role|user)\b(?=\{%)", r"aws_iam_group"),
    (r"terraform/(security|cache)", r"(?<=from_port)( +)= \{\{.*\}\}", r"\1= 1"),
    (r"terraform/cache", r"default\.redis\{\{.*?\}\}|default\.redis7", "default.redis6"),
    (r"terraform/database", r"(?<=family = \")postgres.*?(?=\")", "postgres12"),
    (r"terraform/security", r"(?<=Name = \")\{\{ project \}\}-alb", "{{ project }}-lb"),
    (r"terraform/iam", r":environment:\{\{ environment \}\}", ":environment:live"),
    (r"terraform/iam", r":environment:\{\{ environment \}\}", ":*"),
    (r"terraform/iam", r"repo:\{\{ repository \}\}", "repo:somebody/else"),
    (r"terraform/database", r"/aws/rds/instance/\{\{ project \}\}", "/aws/rds/instance/other"),
    (r"terraform/main", r"(?<=identifier = \")\{\{ project \}\}", "other"),
    (r"terraform/", r"kubernetes\.io/role/elb", "kubernetes.io/roles/elb"),
    (r"terraform/(load|autos)", r"(?<=service_account = \")[\w-]+", "other"),
    (r"terraform/(load|autos)", r"(?<=namespace       = \")[\w-]+", "other"),
    (r"terraform/addons", r"aws-ebs-csi-driver", "aws-ebs-driver"),
    (r"terraform/terraform\.tfvars", r"^(aws_region|environment|db_password_version)\b", r"\1s"),
    (r"terraform/main", r"(?<==) \"?\{\{ terraform\.(eks|vpc)_module \}\}", ' "~> 3.0'),
    (r"terraform/", r"^\}$", ""),
    # Scripts
    (r"scripts/create-secrets", r"(?<=generic )\{\{ secret_name \}\}", "other-secret"),
    (r"scripts/create-secrets", r"--from-file=\{\{ key \}\}", "--from-file={{ key }}-x"),
    (r"scripts/", r"^#!/bin/bash", "#/bin/bash"),
    (r"scripts/", r"^set -euo pipefail", "set -e"),
    (r"scripts/", r"\$(bucket|account|vpc|definitions|policy)\b", r"$\1s"),
    (r"scripts/bootstrap-cluster", r"(?<=serviceAccount\.name=)[\w-]+", "other"),
    (r"scripts/bootstrap-cluster", r"(?<=kubectl apply -k )k8s/cluster", "k8s/base"),
    # Compose
    (r"compose\.yaml", r"^( +)(postgres|redis): \{condition", r"\1\2x: {condition"),
    (r"compose\.yaml", r"(?<=condition: )service_healthy", "healthy"),
    (r"compose\.yaml", r"(?<=target: )builder", "build"),
    (r"compose\.yaml", r"(?<=- )postgres-data", "data"),
    (r"compose\.yaml", r"(?<=\$\{)(POSTGRES_PASSWORD)", r"\1S"),
    (r"compose\.yaml", r"(?<=context: \./)\{\{ \w+ \}\}", "app"),
    (r"\.env", r"@postgres:", "@database:"),
    (r"\.env", r"redis://redis", "redis://cache"),
    # TypeScript
    (r"\{service\}/src/health", r"process\.env\.APP_VERSION", "process.env.RELEASE"),
    (r"\{service\}/src/health", r"(?<=await inTime\()(db|redis)\b", "mongo"),
    # Programs, their words and their time
    (
        r"_runtimes/|\{service\}/Dockerfile",
        r"(?<=^RUN )(apk add --no-cache|adduser --system)",
        "apt-get install",
    ),
    (r"_runtimes/", r"0\.0\.0\.0", "127.0.0.1"),
    (r"\.github/.*\{service\}|scripts/", r"(?<=\bkubectl )(rollout|wait|delete|apply|create)(?= )", r"\1s"),
    (r"\.github/.*\{service\}", r"(?<=--timeout=)\{\{ timeouts\.\w+ \}\}s", "36000s"),
    (r"\.github/_?.*_steps", r"actions/checkout", "actions/checkouts"),
    (
        r"\.github/.*\{service\}",
        r"^( +)(?=timeout-minutes: \{\{ timeouts\.test)",
        r"\1continue-on-error: true\n\1",
    ),
    (r"k8s/(ingress|\{service\}-deployment)", r"(?<=alb\.ingress\.kubernetes\.io/)([a-z-]+)(?=:)", r"\1x"),
    (r"k8s/\{service\}-deployment", r'(?<=\[sleep, )"15"', '"150"'),
    # AWS
    (r"terraform/main", r"(?<=storage_type          = )\"gp3\"", '"gp33"'),
    (r"terraform/(addons|database)", r"\b(pods\.eks|monitoring\.rds)(?=\.amazonaws\.com)", r"\1s"),
    (r"terraform/security", r'(?<=protocol    = )"tcp"', '"-1"'),
    (r"terraform/(main|versions)", r'(?<=required_version = ")', "=> "),
    # The comment at the top
    (r".*", r"^(#|//) (k8s|terraform|scripts|\.github)/", r"\1 other/"),
)


def _words(name: str, text: str) -> Iterator[Mutation]:
    for template, pattern, new in WORDS:
        if re.match(template, name):
            for found in re.finditer(pattern, text, re.M):
                yield _mutation("word", name, text, found.start(), found.end(), found.expand(new))


# Values to set otherwise: the file, what is there, and what is there instead.
VALUES = (
    ("base", 'version: "24"', 'version: "21"'),
    ("base", 'version: "24"', 'version: "20"'),
    ("base", 'version: "1.35"', 'version: "1.30"'),
    ("base", 'version: "1.35"', 'version: "1.21"'),
    ("base", "image: 15-alpine", "image: 16-alpine"),
    ("base", "image: 15-alpine", "image: 12-alpine"),
    ("base", "image: 7-alpine", "image: 6-alpine"),
    ("base", 'engine_version: "15"', 'engine_version: "16"'),
    ("base", 'engine_version: "15"', 'engine_version: "15.4"'),
    ("base", 'engine_version: "7.1"', 'engine_version: "6.2"'),
    ("base", "eks_module: ~> 20.0", "eks_module: ~> 19.0"),
    ("base", "eks_module: ~> 20.0", "eks_module: ~> 21.0"),
    ("base", "vpc_module: ~> 5.0", "vpc_module: ~> 3.0"),
    ("base", "aws_provider: ~> 5.0", "aws_provider: ~> 4.0"),
    ("base", "requests: {memory: 256Mi, cpu: 250m}", "requests: {memory: 1Gi, cpu: 250m}"),
    ("base", "requests: {memory: 512Mi, cpu: 500m}", "requests: {memory: 512Mi, cpu: 1500m}"),
    ("base", "requests: {memory: 512Mi, cpu: 250m}", "requests: {memory: 2Gi, cpu: 250m}"),
    (
        "base",
        "requests: {memory: 512Mi, cpu: 500m}\n      limits: {memory: 1Gi, cpu: 1000m}",
        "requests: {memory: 512Mi, cpu: 5000m}\n      limits: {memory: 1Gi, cpu: 6000m}",
    ),
    ("base", "limits: {memory: 128Mi, cpu: 250m}", "limits: {memory: 96Mi, cpu: 250m}"),
    ("base", "max_memory: 96mb", "max_memory: 512mb"),
    ("base", "memory: 256Mi", "memory: 256m"),
    ("base", "instance_types: [t3.medium]", "instance_types: [t3.small]"),
    ("base", "max_size: 10", "max_size: 1"),
    ("base", "uses: {database: true, cache: true, internet: true}", "uses: {cache: true, internet: true}"),
    ("base", "uses: {database: true, cache: true, internet: true}", "uses: {database: true, internet: true}"),
    ("base", "      redis-url: true\n", ""),
    ("base", "      database-url: true\n", ""),
    ("base", "migration: migrate", "migration: migrations"),
    ("base", "host: api.dev.oetpraxis.com", "host: app.dev.oetpraxis.com"),
    ("prod", "host: api.oetpraxis.com", "host: app.oetpraxis.com"),
    ("prod", "max_replicas: 4", "max_replicas: 1"),
    ("prod", "max_replicas: 6", "max_replicas: 60"),
    ("prod", "database: {runs_in: rds", "database: {runs_in: cluster and rds"),
    ("prod", "database: {runs_in: rds", "database: {runs_in: cluster"),
    ("prod", "database: {runs_in: rds", "database: {runs_in: none"),
    ("prod", "cache: {runs_in: elasticache", "cache: {runs_in: none"),
    (
        "base",
        "public_subnets: [10.0.101.0/24, 10.0.102.0/24, 10.0.103.0/24]",
        "public_subnets: [10.0.101.0/33, 10.0.102.0/24]",
    ),
    (
        "base",
        "  checkout: {ref: 3d3c42e5aac5ba805825da76410c181273ba90b1, version: v7.0.1}",
        "  checkout: {ref: 3d3c42e5aac5ba805825da76410c181273ba90b1}",
    ),
    ("base", "  deploy: main\n", "  deploy: release\n"),
    ("base", "instance_types: [t3.medium]", "instance_types: [t3.medum]"),
    ("base", "log_retention_days: 30", "log_retention_days: 31"),
)


def _values() -> Iterator[Mutation]:
    for file, old, new in VALUES:
        path = f"environments/{file}.yaml"
        text = (ROOT / path).read_text("utf-8")
        for found in re.finditer(re.escape(old), text):
            line = text.count("\n", 0, found.start()) + 1
            yield Mutation("setting", path, line, old, new, text[: found.start()] + new + text[found.end() :])


def _mutation(kind: str, name: str, text: str, start: int, end: int, new: str) -> Mutation:
    line = text.count("\n", 0, start) + 1
    return Mutation(kind, f"templates/{name}", line, text[start:end], new, text[:start] + new + text[end:])


@record
class Narrow(Project):
    """A project of which only some templates are rendered."""

    names: tuple[str, ...]

    def template_names(self) -> list[str]:
        return list(self.names)


@dataclass
class Laboratory:
    """A copy of the project in which mutations are tried, one at a time."""

    root: Path
    environments: tuple[str, ...] = ("prod", "dev", "spec")

    @cached_property
    def names(self) -> list[str]:
        return Project(self.root).template_names()

    @cached_property
    def cache(self) -> DiskCache:
        """The compiled templates and the shapes of the project as it is, for each mutation."""
        return DiskCache(str(self.root / ".cache"), str(self.root / ".cache" / "oetgen"))

    @cached_property
    def whole(self) -> dict[str, tuple[Tree, Values]]:
        engine = Engine(Project(self.root), self.cache)
        found = {}
        for env in self.environments:
            values, _ = load_values(Project(self.root), env)
            tree, findings = render_tree(engine, values)
            assert not findings, findings
            found[env] = (tree, values)
        engine.remember()
        return found

    @cached_property
    def before(self) -> dict[str, frozenset[tuple[str, str]]]:
        """What the rules say of the project as it is."""
        trace_of = Pipeline(Project(self.root)).trace
        return {env: _said(check_tree(*pair, trace_of, TODAY).findings) for env, pair in self.whole.items()}

    def caught(self, mutation: Mutation) -> tuple[list[str], bool]:
        """Return the codes of what is found, and whether the mutation changes any output at all."""
        with self.changed(mutation):
            return self._caught(mutation)

    @contextmanager
    def changed(self, mutation: Mutation) -> Iterator[None]:
        """Have the file changed for as long as it takes."""
        path = self.root / mutation.file
        original = path.read_text("utf-8")
        path.write_text(mutation.text or "", "utf-8")
        try:
            yield
        finally:
            path.write_text(original, "utf-8")

    def _caught(self, mutation: Mutation) -> tuple[list[str], bool]:
        changed = False
        for env in self.environments:
            tree, values, failed = self.render(mutation, env)
            if failed:
                return sorted({each.code for each in failed}), True
            assert tree
            if {one.path: one.text for one in tree.artifacts} == {
                one.path: one.text for one in self.whole[env][0].artifacts
            }:
                continue
            changed = True
            found = check_tree(tree, values, Pipeline(Project(self.root)).trace, TODAY).findings
            new = sorted({each.code for each in found if (each.code, each.message) not in self.before[env]})
            if new:
                return new, True
        if changed:
            proofs = Pipeline(Project(self.root)).validate_and_render(list(self.environments))
            serious = {
                each.code for proof in proofs for each in proof.findings if each.severity is not Severity.INFO
            }
            return sorted(serious), True
        return [], False

    def render(self, mutation: Mutation, env: str) -> tuple[Tree | None, Values, list[Finding]]:
        """Render what a mutation touches, and take the rest as it was."""
        tree, values = self.whole[env]
        name = mutation.file.removeprefix("templates/")
        project: Project = Project(self.root)
        if mutation.file.startswith("environments/"):
            values, found = load_values(project, env)
            if any(each.severity is Severity.ERROR for each in found):
                return None, values, found
        elif not is_partial(name):
            project = Narrow(self.root, (name, *(each for each in self.names if is_partial(each))))
        fresh, found = render_tree(Engine(project, self.cache), values)
        if found:
            return None, values, found
        kept = tree.artifacts if isinstance(project, Narrow) else ()
        files = {each.path: each for each in kept if each.template != name} | {
            each.path: each for each in fresh.artifacts
        }
        return Tree(env, tuple(files[path] for path in sorted(files))), values, []


def _said(findings: tuple[Finding, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((each.code, each.message) for each in findings)


def copy(target: Path) -> Laboratory:
    """Make a copy of the project's templates and values below `target`."""
    for folder in ("templates", "environments"):
        shutil.copytree(ROOT / folder, target / folder)
    laboratory = Laboratory(target)
    assert laboratory.whole  # as it is, before anything is changed
    return laboratory


def main(arguments: list[str]) -> None:
    """Try every mutation, or every Nth from the Kth on; print which rules catch them, and which are not caught."""
    step = int(arguments[0]) if arguments else 1
    start = int(arguments[1]) if len(arguments) > 1 else 0
    processes = os.cpu_count() or 1
    with ProcessPoolExecutor(processes) as pool:
        parts = list(pool.map(_tried, range(processes), repeat(processes), repeat(step), repeat(start)))
    tried = sorted((each for part in parts for each in part), key=lambda each: each[0])
    missed = [mutation for _, mutation, codes in tried if not codes]
    kinds = Counter(mutation.kind for _, mutation, _ in tried)
    for code, count in sorted(Counter(code for *_, codes in tried for code in codes).items()):
        print(f"{count:5} {code}")
    print(f"{len(tried)} mutations ({', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))})")
    print(f"{len(tried) - len(missed)} caught: {(len(tried) - len(missed)) / len(tried):.1%}")
    for mutation in missed:
        print(f"not caught: {mutation}")
    sys.exit(len(missed) > len(tried) // 20)


def _tried(first: int, processes: int, step: int, start: int) -> list[tuple[int, Mutation, list[str]]]:
    """Try the share of one process; a mutation that changes no output is none."""
    with tempfile.TemporaryDirectory() as folder:
        laboratory = copy(Path(folder))
        assert laboratory.before
        share = list(enumerate(mutations()))[start + first * step :: processes * step]
        results = [(number, mutation, *laboratory.caught(mutation)) for number, mutation in share]
    return [(number, mutation, codes) for number, mutation, codes, changed in results if changed]


if __name__ == "__main__":
    main(sys.argv[1:])
