"""Each edit is found, at its place and once; what adds or only looks different is not."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import rows

from .changes import ParseError
from .compare import LANGUAGES, Difference, differences
from .edits import Edit, after, append, change, cut, drop, each_of, move, prepend, within

DOCUMENT = Path(__file__).parent / "document"
ORIGINALS = {
    path.relative_to(DOCUMENT).as_posix(): path.read_text("utf-8")
    for path in DOCUMENT.rglob("*")
    if path.is_file()
}
FILES = sorted(ORIGINALS)

BACKEND = "k8s/backend-deployment.yaml"
FRONTEND = "k8s/frontend-deployment.yaml"
POSTGRES = "k8s/postgres-deployment.yaml"
MONITORING = "k8s/monitoring.yaml"
SECRETS = "k8s/secrets.yaml"
BACKEND_CI = ".github/workflows/backend.yml"
FRONTEND_CI = ".github/workflows/frontend.yml"
BACKEND_IMAGE = "backend/Dockerfile"
FRONTEND_IMAGE = "frontend/Dockerfile"
MAIN = "terraform/main.tf"
SECURITY = "terraform/security.tf"
SCRIPT = "scripts/create-secrets.sh"
HEALTH = "backend/src/health.ts"

CONTAINER = "spec.template.spec.containers"
AGENT = "ConfigMap/cloudwatch-config data.cwagentconfig.json"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(DOCUMENT, tmp_path_factory.mktemp("spec") / "rendered")


@pytest.fixture
def rendered(tree: Path) -> Iterator[Path]:
    """A copy of the document to edit; one tree, put back after each test, for a hundred copies."""
    yield tree
    for path in tree.rglob("*"):
        if path.is_file() and path.relative_to(tree).as_posix() not in ORIGINALS:
            path.unlink()
    for file, text in ORIGINALS.items():
        if not (tree / file).is_file() or (tree / file).read_text("utf-8") != text:
            (tree / file).write_text(text, "utf-8")


def rewrite(rendered: Path, file: str, edit: Edit) -> None:
    after_edit = edit(ORIGINALS[file])
    assert after_edit != ORIGINALS[file], "the edit changes nothing"
    (rendered / file).write_text(after_edit, "utf-8")


def places(rendered: Path, file: str) -> list[str]:
    found = differences(DOCUMENT, rendered)
    assert {each.file for each in found} <= {file}
    return [each.place for each in found]


def test_the_document_holds_all_that_the_document_says() -> None:
    assert len(FILES) == 13
    assert differences(DOCUMENT, DOCUMENT) == []
    assert [file for file in FILES if noticed(file, ORIGINALS[file])] == []


# What departs: what is done, the file, the edit, the place

KUBERNETES = [
    (
        "change a figure",
        BACKEND,
        change("replicas: 3", "replicas: 2"),
        "Deployment/oet-backend spec.replicas",
    ),
    (
        "retype a number as text",
        FRONTEND,
        change("replicas: 2", 'replicas: "2"'),
        "Deployment/oet-frontend spec.replicas",
    ),
    (
        "retype text as a number",
        BACKEND,
        change('value: "production"', "value: 1"),
        f"Deployment/oet-backend {CONTAINER}[backend].env[NODE_ENV].value",
    ),
    (
        "another way to update",
        POSTGRES,
        change("  replicas: 1\n", "  replicas: 1\n  strategy: {type: Recreate}\n"),
        "Deployment/postgres spec.strategy.type",
    ),
    (
        "another namespace",
        FRONTEND,
        change("  name: oet-frontend\n", "  name: oet-frontend\n  namespace: oet\n"),
        "metadata.namespace",
    ),
    (
        "empty a field",
        POSTGRES,
        change("claimName: postgres-pvc", "claimName:"),
        "Deployment/postgres spec.template.spec.volumes[postgres-storage].persistentVolumeClaim.claimName",
    ),
    (
        "drop a field",
        FRONTEND,
        drop("  type: ClusterIP\n"),
        "Service/oet-frontend-service spec.type",
    ),
    (
        "drop a block of fields",
        BACKEND,
        cut("        readinessProbe:", "---"),
        f"Deployment/oet-backend {CONTAINER}[backend].readinessProbe",
    ),
    (
        "drop an environment variable",
        BACKEND,
        cut("        - name: JWT_SECRET", "        - name: HUGGINGFACE_API_KEY"),
        f"Deployment/oet-backend {CONTAINER}[backend].env[JWT_SECRET]",
    ),
    (
        "rename an environment variable",
        FRONTEND,
        change("name: NODE_ENV", "name: NODE_ENVIRONMENT"),
        f"Deployment/oet-frontend {CONTAINER}[frontend].env[NODE_ENV].name",
    ),
    (
        "swap two environment variables",
        FRONTEND,
        move("        - name: NODE_ENV", "        resources:", "        - name: NEXT_PUBLIC_API"),
        f"Deployment/oet-frontend {CONTAINER}[frontend].env[NODE_ENV]",
    ),
    (
        "change a secret's key",
        POSTGRES,
        change("key: postgres-password", "key: password"),
        f"Deployment/postgres {CONTAINER}[postgres].env[POSTGRES_PASSWORD].valueFrom.secretKeyRef.key",
    ),
    (
        "change a container's port",
        POSTGRES,
        change("containerPort: 5432", "containerPort: 5433"),
        f"Deployment/postgres {CONTAINER}[postgres].ports[5432].containerPort",
    ),
    (
        "change a probe's port",
        BACKEND,
        after("readinessProbe", change("port: 8000", "port: 8001")),
        f"Deployment/oet-backend {CONTAINER}[backend].readinessProbe.httpGet.port",
    ),
    (
        "change where a volume is mounted",
        POSTGRES,
        change("/var/lib/postgresql/data", "/data"),
        f"Deployment/postgres {CONTAINER}[postgres].volumeMounts[postgres-storage].mountPath",
    ),
    (
        "change an item of a plain list",
        POSTGRES,
        change("- ReadWriteOnce", "- ReadWriteMany"),
        "PersistentVolumeClaim/postgres-pvc spec.accessModes[ReadWriteOnce]",
    ),
    (
        "change a label's value",
        FRONTEND,
        after("template:", within("labels:", "spec:", change("oet-frontend", "frontend"))),
        "Deployment/oet-frontend spec.template.metadata.labels.app",
    ),
    (
        "change the version of the interface",
        BACKEND,
        change("apps/v1", "apps/v1beta1"),
        "Deployment/oet-backend apiVersion",
    ),
    (
        "rename an object",
        FRONTEND,
        change("name: oet-frontend-service", "name: frontend-service"),
        "Service/oet-frontend-service",
    ),
    (
        "drop an object",
        POSTGRES,
        cut("apiVersion: v1\nkind: Service", "apiVersion: v1\nkind: PersistentVolumeClaim"),
        "Service/postgres-service",
    ),
    (
        "drop a secret's key",
        SECRETS,
        drop("  jwt-secret: <base64-encoded-jwt-secret>\n"),
        "Secret/oet-secrets data.jwt-secret",
    ),
    (
        "change a figure of the JSON",
        MONITORING,
        within('"cpu"', '"memory"', change("60", "30")),
        f"{AGENT} metrics.metrics_collected.cpu.metrics_collection_interval",
    ),
    (
        "move a section of the JSON",
        MONITORING,
        change('"logs_collected"', '"metrics_collected"'),
        f"{AGENT} logs.logs_collected",
    ),
    (
        "drop a field of the JSON",
        MONITORING,
        each_of(drop(',\n            "log_stream_name": "{pod_name}"')),
        f"{AGENT} logs.logs_collected.kubernetes.log_stream_name",
    ),
    (
        "drop an item of a JSON list",
        MONITORING,
        drop(', "cpu_usage_iowait"'),
        f"{AGENT} metrics.metrics_collected.cpu.measurement[cpu_usage_iowait]",
    ),
]

WORKFLOWS = [
    (
        "change a branch",
        FRONTEND_CI,
        change("[ main, develop ]", "[ main, staging ]"),
        "on.push.branches[develop]",
    ),
    ("drop a trigger", BACKEND_CI, cut("  pull_request:", "jobs:"), "on.pull_request"),
    ("change a name", BACKEND_CI, change("name: Backend CI/CD", "name: Backend"), "name"),
    (
        "change the version of an action",
        BACKEND_CI,
        change("setup-node@v4", "setup-node@v5"),
        "jobs.test.steps[Setup Node.js].uses",
    ),
    (
        "pin the action of a step without a name",
        FRONTEND_CI,
        after("deploy:", change("checkout@v4", "checkout@3d3c42e5 # v4")),
        "jobs.deploy.steps[actions/checkout].uses",
    ),
    (
        "retype a version as a number",
        BACKEND_CI,
        change("node-version: '19'", "node-version: 19"),
        "jobs.test.steps[Setup Node.js].with.node-version",
    ),
    (
        "drop a step",
        FRONTEND_CI,
        cut("    - name: Run linting", "    - name: Run tests"),
        "jobs.test.steps[Run linting]",
    ),
    (
        "move a step",
        BACKEND_CI,
        move("    - name: Run tests", "    - name: Build application", "    - name: Setup Node"),
        "jobs.test.steps[Run tests]",
    ),
    (
        "rename a step",
        BACKEND_CI,
        change("name: Run tests", "name: Test"),
        "jobs.test.steps[Run tests].name",
    ),
    (
        "drop a job's condition",
        FRONTEND_CI,
        drop("    if: github.ref == 'refs/heads/main'\n"),
        "jobs.deploy.if",
    ),
    ("rename a job", FRONTEND_CI, change("  deploy:\n", "  release:\n"), "jobs.deploy"),
    (
        "change a service's option",
        BACKEND_CI,
        change("--health-retries 5", "--health-retries 3"),
        "jobs.test.services.postgres.options",
    ),
    (
        "drop a variable of a step",
        BACKEND_CI,
        drop("        NODE_ENV: test\n"),
        "jobs.test.steps[Run tests].env.NODE_ENV",
    ),
    (
        "change the command of a run",
        FRONTEND_CI,
        change("run: npm ci", "run: npm install"),
        "jobs.test.steps[Install dependencies].run npm ci",
    ),
    (
        "change an argument in a run",
        BACKEND_CI,
        change("set image deployment/oet-backend", "set image deployment/api"),
        "jobs.deploy.steps[Deploy to EKS].run kubectl set image",
    ),
    (
        "drop an option in a run",
        FRONTEND_CI,
        drop(" --region us-east-1"),
        "jobs.deploy.steps[Deploy to EKS].run aws eks update-kubeconfig",
    ),
    (
        "drop one of two commands that begin alike",
        FRONTEND_CI,
        drop("        docker push $ECR_REGISTRY/$ECR_REPOSITORY:latest\n"),
        "jobs.deploy.steps[Build and push Docker image].run docker push (2)",
    ),
    (
        "swap two commands of a run",
        BACKEND_CI,
        move("        docker tag", "        docker push", "        docker build"),
        "jobs.deploy.steps[Build and push Docker image].run docker tag",
    ),
    (
        "go on when a command fails",
        BACKEND_CI,
        change("rollout status deployment/oet-backend", "rollout status deployment/oet-backend || :"),
        "jobs.deploy.steps[Deploy to EKS].run kubectl rollout status",
    ),
    (
        "run a command only after a test",
        BACKEND_CI,
        change("run: npm run migrate", 'run: "[ $CI ] && npm run migrate"'),
        "jobs.test.steps[Run database migrations].run npm run migrate",
    ),
    (
        "run a command on a condition only",
        BACKEND_CI,
        change("run: npm run migrate", 'run: if [ "$CI" ]; then npm run migrate; fi'),
        "jobs.test.steps[Run database migrations].run npm run migrate",
    ),
    (
        "drop a run",
        FRONTEND_CI,
        drop("      run: npm run lint\n"),
        "jobs.test.steps[Run linting].run",
    ),
]

DOCKERFILES = [
    (
        "change the base image",
        BACKEND_IMAGE,
        change("node:19-alpine", "node:24-alpine"),
        "base: FROM node:19-alpine AS base",
    ),
    ("change the user", FRONTEND_IMAGE, change("USER nextjs", "USER 1001"), "runner: USER nextjs"),
    ("drop an instruction", BACKEND_IMAGE, drop("EXPOSE 8000\n"), "runner: EXPOSE 8000"),
    (
        "drop an instruction that another stage has too",
        FRONTEND_IMAGE,
        within("AS runner", "RUN", drop("ENV NODE_ENV production\n")),
        "runner: ENV NODE_ENV=production",
    ),
    (
        "swap two instructions",
        FRONTEND_IMAGE,
        move("RUN chown", "\n# Auto", "RUN mkdir .next"),
        "runner: RUN chown nextjs:nodejs .next",
    ),
    (
        "move an instruction to another stage",
        BACKEND_IMAGE,
        move("RUN npm run build\n", "\n", "\nUSER nodeuser"),
        "builder: RUN npm run build",
    ),
    (
        "change a flag",
        BACKEND_IMAGE,
        change("--only=production", "--omit=dev"),
        "deps: RUN npm ci --only=production",
    ),
    (
        "drop the owner of a copy",
        BACKEND_IMAGE,
        change("--from=deps --chown=nodeuser:nodejs", "--from=deps"),
        "runner: COPY --from=deps --chown=nodeuser:nodejs /app/node_modules ./node_modules",
    ),
    (
        "change a word deep in a long command",
        FRONTEND_IMAGE,
        change("pnpm i;", "pnpm i --frozen-lockfile;"),
        "deps: RUN if [ -f yarn.lock ]; then yarn --frozen-lockfile; elif [ -f package-lock.jso …",
    ),
    (
        "change the value of a variable",
        FRONTEND_IMAGE,
        change('HOSTNAME "0.0.0.0"', 'HOSTNAME "127.0.0.1"'),
        'runner: ENV HOSTNAME="0.0.0.0"',
    ),
    (
        "start through a shell",
        BACKEND_IMAGE,
        change('CMD ["node", "dist/index.js"]', "CMD node dist/index.js"),
        'runner: CMD ["node", "dist/index.js"]',
    ),
    ("drop a stage", FRONTEND_IMAGE, cut("FROM base AS deps", "FROM base AS builder"), "deps"),
    ("rename a stage", BACKEND_IMAGE, change("FROM base AS runner", "FROM base AS app"), "runner"),
    (
        "end on another stage",
        BACKEND_IMAGE,
        append("FROM base AS debug\n"),
        "last stage",
    ),
]

TERRAFORM = [
    ("change a version", MAIN, change('"~> 19.0"', '"~> 20.0"'), "module.eks version"),
    (
        "change a figure",
        MAIN,
        change("allocated_storage     = 20", "allocated_storage     = 50"),
        "resource.aws_db_instance.postgres allocated_storage",
    ),
    (
        "retype a figure as text",
        MAIN,
        change("backup_retention_period = 7", 'backup_retention_period = "7"'),
        "resource.aws_db_instance.postgres backup_retention_period",
    ),
    (
        "change a nested attribute",
        MAIN,
        change("desired_size = 2", "desired_size = 3"),
        "module.eks eks_managed_node_groups.main.desired_size",
    ),
    (
        "drop a nested attribute",
        MAIN,
        drop('      capacity_type  = "ON_DEMAND"\n'),
        "module.eks eks_managed_node_groups.main.capacity_type",
    ),
    (
        "change an item of a list",
        MAIN,
        change('"10.0.2.0/24"', '"10.0.4.0/24"'),
        "module.vpc private_subnets",
    ),
    (
        "change an expression",
        MAIN,
        change('var.environment != "production"', "false"),
        "resource.aws_db_instance.postgres skip_final_snapshot",
    ),
    (
        "change what stands in an interpolation",
        MAIN,
        change('"${var.aws_region}b"', '"${var.region}b"'),
        "module.vpc azs",
    ),
    (
        "drop an attribute",
        MAIN,
        drop("  storage_encrypted     = true\n"),
        "resource.aws_db_instance.postgres storage_encrypted",
    ),
    (
        "change a provider's version",
        MAIN,
        within("required_providers", "provider", change('"~> 5.0"', '"~> 6.0"')),
        "terraform required_providers.aws.version",
    ),
    (
        "change a provider's region",
        MAIN,
        change("region = var.aws_region", 'region = "us-east-1"'),
        "provider.aws region",
    ),
    (
        "rename a block",
        MAIN,
        change('"aws_db_instance" "postgres"', '"aws_db_instance" "main"'),
        "resource.aws_db_instance.postgres",
    ),
    (
        "drop an ingress block",
        SECURITY,
        cut("  ingress {\n    from_port   = 443", "  egress"),
        "resource.aws_security_group.alb ingress[from_port=443]",
    ),
    (
        "change a figure of one of two blocks",
        SECURITY,
        change("to_port     = 443", "to_port     = 444"),
        "resource.aws_security_group.alb ingress[from_port=443].to_port",
    ),
    (
        "change an attribute of a nested block",
        SECURITY,
        change("[module.vpc.vpc_cidr_block]", '["0.0.0.0/0"]'),
        "resource.aws_security_group.rds ingress.cidr_blocks",
    ),
    (
        "change a tag",
        SECURITY,
        change('"oet-alb-sg"', '"alb"'),
        "resource.aws_security_group.alb tags.Name",
    ),
]

SCRIPTS = [
    ("change the shebang", SCRIPT, change("#!/bin/bash", "#!/bin/sh"), "shebang"),
    (
        "drop one of the literals",
        SCRIPT,
        drop('  --from-literal=jwt-secret="$JWT_SECRET" \\\n'),
        "kubectl create secret",
    ),
    (
        "change the variable of a literal",
        SCRIPT,
        change('"$STRIPE_SECRET_KEY"', '"$STRIPE_KEY"'),
        "kubectl create secret",
    ),
    (
        "take the quotes from a variable",
        SCRIPT,
        change('"$DATABASE_URL"', "$DATABASE_URL"),
        "kubectl create secret",
    ),
    (
        "keep a variable from being expanded",
        SCRIPT,
        change('"$DATABASE_URL"', "'$DATABASE_URL'"),
        "kubectl create secret",
    ),
    (
        "swap two literals",
        SCRIPT,
        move("  --from-literal=jwt", "  --from-literal=hugging", "  --from-literal=database"),
        "kubectl create secret",
    ),
    ("drop a stage of a pipe", SCRIPT, drop(" | kubectl apply -f -"), "kubectl apply"),
    (
        "cut a pipe in two",
        SCRIPT,
        change(" | kubectl", " > secret.yaml\nkubectl"),
        "kubectl apply",
    ),
    (
        "put a command between two stages of a pipe",
        SCRIPT,
        change("| kubectl apply", "| kubeseal | kubectl apply"),
        "kubectl create secret",
    ),
    ("change an option", SCRIPT, change("apply -f", "apply -k"), "kubectl apply"),
]

TYPESCRIPT = [
    (
        "drop a statement",
        HEALTH,
        drop("      await redis.ping()\n"),
        "healthRoutes > /ready > try > await redis.ping()",
    ),
    (
        "change a statement",
        HEALTH,
        change("SELECT 1", "SELECT 2"),
        "healthRoutes > /ready > try > await db.raw('SELECT 1')",
    ),
    (
        "swap two statements",
        HEALTH,
        move("      await redis", "      res.", "      await db"),
        "healthRoutes > /ready > try > await redis.ping()",
    ),
    (
        "move a statement out of its block",
        HEALTH,
        each_of(drop("await redis.ping()"), change("try {", "await redis.ping()\n    try {")),
        "healthRoutes > /ready > try > await redis.ping()",
    ),
    (
        "change a status",
        HEALTH,
        change("status(503)", "status(500)"),
        "healthRoutes > /ready > catch > res.status(503).json({})",
    ),
    (
        "drop a property",
        HEALTH,
        within("catch", "error:", drop("timestamp: new Date().toISOString(),")),
        "healthRoutes > /ready > catch > res.status(503).json({}) > timestamp",
    ),
    (
        "change a property",
        HEALTH,
        change("error.message", "String(error)"),
        "healthRoutes > /ready > catch > res.status(503).json({}) > error",
    ),
    (
        "change a property deep inside",
        HEALTH,
        change("database: 'healthy'", "database: 'up'"),
        "healthRoutes > /ready > try > res.status(200).json({}) > dependencies > database",
    ),
    ("rename a route", HEALTH, change("'/ready'", "'/readyz'"), "healthRoutes > /ready"),
    (
        "change a parameter",
        HEALTH,
        within("'/health'", "=>", change("req: Request", "_req: Request")),
        "healthRoutes > /health",
    ),
    ("keep the routes to itself", HEALTH, drop("export "), "healthRoutes"),
]

DEPARTURES = [*KUBERNETES, *WORKFLOWS, *DOCKERFILES, *TERRAFORM, *SCRIPTS, *TYPESCRIPT]


@pytest.mark.parametrize(
    ("file", "edit", "place"),
    [case[1:] for case in DEPARTURES],
    ids=[f"{file}: {what}" for what, file, _, _ in DEPARTURES],
)
def test_an_edit_is_one_difference_at_its_place(rendered: Path, file: str, edit: Edit, place: str) -> None:
    rewrite(rendered, file, edit)
    assert places(rendered, file) == [place]


# What does not depart: what is done, the file, the edit

ADDITIONS = [
    (
        "an environment variable",
        BACKEND,
        change(
            "        - name: JWT",
            '        - name: PORT\n          value: "8000"\n        - name: JWT',
        ),
    ),
    (
        "a container",
        POSTGRES,
        change("      containers:\n", "      containers:\n      - name: exporter\n        image: e:1\n"),
    ),
    (
        "a field",
        POSTGRES,
        change("  replicas: 1\n", "  replicas: 1\n  revisionHistoryLimit: 3\n"),
    ),
    ("an object", SECRETS, append("---\napiVersion: v1\nkind: Namespace\nmetadata: {name: oet}\n")),
    ("quotes around the same text", FRONTEND, change('"production"', "production")),
    ("quotes around a key", FRONTEND, change("  replicas: 2", '  "replicas": 2')),
    ("a comment in a manifest", BACKEND, change("replicas: 3", "replicas: 3  # three")),
    (
        "flow for block style",
        POSTGRES,
        change("  accessModes:\n    - ReadWriteOnce\n", "  accessModes: [ReadWriteOnce]\n"),
    ),
    ("JSON on fewer lines", MONITORING, change('"cpu": {\n          ', '"cpu": {')),
    (
        "a section of the JSON",
        MONITORING,
        change('"logs": {', '"agent": {"region": "x"}, "logs": {'),
    ),
    (
        "a step",
        BACKEND_CI,
        change("    - name: Run tests", "    - run: npm run lint\n    - name: Run tests"),
    ),
    ("a job", BACKEND_CI, append("\n  scan:\n    runs-on: ubuntu-latest\n    steps: []\n")),
    ("a trigger", FRONTEND_CI, change("on:\n", "on:\n  workflow_dispatch:\n")),
    ("`on` in quotes", FRONTEND_CI, change("\non:\n", '\n"on":\n')),
    (
        "a name for a step without one",
        FRONTEND_CI,
        after("deploy:", change("- uses: actions", "- name: Check out\n      uses: actions")),
    ),
    (
        "a command in a run",
        FRONTEND_CI,
        change("        docker tag", '        echo "pushed"\n        docker tag'),
    ),
    (
        "an option in a run",
        BACKEND_CI,
        change("kubectl rollout status", "kubectl --namespace oet rollout status --timeout=300s"),
    ),
    (
        "quotes around a bare variable in a run",
        BACKEND_CI,
        change(
            "build -t $ECR_REGISTRY/$ECR_REPOSITORY:$IMAGE_TAG",
            'build -t "${ECR_REGISTRY}/$ECR_REPOSITORY:$IMAGE_TAG"',
        ),
    ),
    (
        "a command on two lines",
        BACKEND_CI,
        change("update-kubeconfig --region", "update-kubeconfig \\\n          --region"),
    ),
    ("an instruction", BACKEND_IMAGE, change("USER nodeuser", "ENV PORT=8000\nUSER nodeuser")),
    ("a stage", BACKEND_IMAGE, change("# Production", "FROM base AS test\nRUN npm test\n")),
    ("a comment in a Dockerfile", BACKEND_IMAGE, change("EXPOSE", "# the port\nEXPOSE")),
    (
        "the other form of ENV",
        FRONTEND_IMAGE,
        change('ENV PORT 3000\nENV HOSTNAME "0.0.0.0"\n', 'ENV PORT="3000" \\\n    HOSTNAME=0.0.0.0\n'),
    ),
    (
        "an instruction on two lines",
        BACKEND_IMAGE,
        change("RUN addgroup --system", "RUN addgroup \\\n      --system"),
    ),
    ("spaces in a JSON array", BACKEND_IMAGE, change('["node", "dist', '[ "node","dist')),
    ("an attribute", MAIN, change("vpc_id          = ", "enable_irsa = true\n  vpc_id = ")),
    ("a nested attribute", MAIN, change("min_size     = 1", "min_size = 1\n      disk_size = 50")),
    ("a Terraform block", MAIN, append('\nvariable "aws_region" {\n  type = string\n}\n')),
    ("a `terraform` block", MAIN, append('\nterraform {\n  backend "s3" {}\n}\n')),
    (
        "a second configuration of a provider",
        MAIN,
        prepend('provider "aws" {\n  alias  = "dns"\n  region = "eu-west-1"\n}\n'),
    ),
    (
        "an ingress block",
        SECURITY,
        change(
            "  ingress {\n    from_port   = 80\n",
            "  ingress {\n    from_port = 22\n  }\n\n  ingress {\n    from_port   = 80\n",
        ),
    ),
    (
        "another order of blocks",
        SECURITY,
        after("alb", move("  ingress {\n    from_port   = 443", "  egress", "  tags")),
    ),
    (
        "a list on several lines",
        MAIN,
        change('["t3.medium"]', '[\n        "t3.medium", # enough\n      ]'),
    ),
    ("an expression without spaces", MAIN, change('environment != "prod', 'environment!="prod')),
    (
        "an object on one line",
        SECURITY,
        change('{\n    Name = "oet-rds-sg"\n  }', '{ "Name" : "oet-rds-sg" }'),
    ),
    ("a comment in Terraform", MAIN, change("max_size     = 10", "max_size = 10 // ten")),
    (
        "a shell command",
        SCRIPT,
        change("#!/bin/bash\n", '#!/bin/bash\nset -euo pipefail\n: "${DATABASE_URL:?}"\n'),
    ),
    ("an option", SCRIPT, change("kubectl apply", "kubectl apply --server-side")),
    (
        "other quotes of the same text",
        SCRIPT,
        change("generic oet-secrets", "'generic' \"oet-secrets\""),
    ),
    ("a brace around a variable's name", SCRIPT, change('"$JWT_SECRET"', '"${JWT_SECRET}"')),
    ("an import", HEALTH, prepend("import { db } from './db';\n")),
    (
        "a statement",
        HEALTH,
        change("await redis.ping()", "await redis.ping()\n      await s3.head()"),
    ),
    ("a property", HEALTH, change("redis: 'healthy'", "redis: 'healthy', stripe: 'healthy'")),
    ("semicolons", HEALTH, change("await redis.ping()", "await redis.ping();")),
    ("double quotes", HEALTH, change("'not ready'", '"not ready"')),
    (
        "a chain on several lines",
        HEALTH,
        change("res.status(503)", "res\n        .status(503)\n        "),
    ),
    ("a comment in TypeScript", HEALTH, change("try {", "try { /* both */")),
]


@pytest.mark.parametrize(
    ("file", "edit"),
    [case[1:] for case in ADDITIONS],
    ids=[f"{file}: {what}" for what, file, _ in ADDITIONS],
)
def test_an_addition_or_another_layout_is_no_difference(rendered: Path, file: str, edit: Edit) -> None:
    rewrite(rendered, file, edit)
    assert differences(DOCUMENT, rendered) == []


# What a difference says

TEXTS = [
    (BACKEND, change("replicas: 3", 'replicas: "3"'), "3", "'3'"),
    (
        POSTGRES,
        drop("        - containerPort: 5432\n"),
        "[{containerPort: 5432}]",
        "null",
    ),
    (
        BACKEND_CI,
        drop(" --region us-east-1"),
        "--region us-east-1",
        "",
    ),
    (
        BACKEND_CI,
        change("run: npm run migrate", 'run: if [ "$CI" ]; then npm run migrate; fi'),
        "npm run migrate",
        'if [ "$CI" ]: npm run migrate',
    ),
    (
        FRONTEND_IMAGE,
        change("COPY . .", "COPY   src ."),
        "COPY . .",
        "COPY src .",
    ),
    (
        FRONTEND_IMAGE,
        move("RUN chown", "\n# Auto", "RUN mkdir .next"),
        "RUN chown nextjs:nodejs .next",
        "RUN chown nextjs:nodejs .next (out of order)",
    ),
    (
        SECURITY,
        cut("  ingress {\n    from_port   = 443", "  egress"),
        'ingress { from_port = 443, to_port = 443, protocol = "tcp", cidr_blocks = ["0.0.0.0/0"] }',
        "",
    ),
    (
        MAIN,
        within("azs", "private", change("[", "slice([\n"), change("]", "], 0,2)")),
        '["${var.aws_region}a", "${var.aws_region}b", "${var.aws_region}c"]',
        'slice(["${var.aws_region}a", "${var.aws_region}b", "${var.aws_region}c"], 0, 2)',
    ),
    (
        HEALTH,
        change("error.message", "error instanceof Error?error.message:String( error )"),
        "error: error.message",
        "error: error instanceof Error ? error.message : String(error)",
    ),
]


@pytest.mark.parametrize(("file", "edit", "document", "there"), TEXTS)
def test_a_difference_quotes_both_sides_in_one_layout(
    rendered: Path, file: str, edit: Edit, document: str, there: str
) -> None:
    rewrite(rendered, file, edit)
    (found,) = differences(DOCUMENT, rendered)
    assert (found.document, found.rendered) == (document, there)


def test_differences_come_sorted(rendered: Path) -> None:
    rewrite(rendered, BACKEND, change("replicas: 3", "replicas: 2"))
    rewrite(rendered, MAIN, change("max_size     = 10", "max_size = 5"))
    rewrite(rendered, BACKEND_IMAGE, drop("USER nodeuser"))
    found = differences(DOCUMENT, rendered)
    assert [each.file for each in found] == [BACKEND_IMAGE, BACKEND, MAIN]


# Files


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_one_difference(rendered: Path, file: str) -> None:
    (rendered / file).unlink()
    assert differences(DOCUMENT, rendered) == [Difference(file, "file", file, "")]


def test_the_secrets_are_rendered_as_an_example_and_still_compared(rendered: Path) -> None:
    rewrite(rendered, SECRETS, drop("type: Opaque\n"))
    (rendered / SECRETS).rename(rendered / f"{SECRETS}.example")
    assert differences(DOCUMENT, rendered) == [
        Difference(SECRETS, "Secret/oet-secrets type", "Opaque", ""),
        Difference(SECRETS, "file", SECRETS, f"{SECRETS}.example"),
    ]


def test_a_terraform_block_may_stand_in_another_file_of_the_folder(rendered: Path) -> None:
    main = ORIGINALS[MAIN]
    start = main.index('resource "aws_db_instance"')
    (rendered / MAIN).write_text(main[:start], "utf-8")
    (rendered / "terraform" / "rds.tf").write_text(main[start:], "utf-8")
    assert differences(DOCUMENT, rendered) == []


def test_nothing_hides_behind_a_renamed_terraform_file(rendered: Path) -> None:
    rewrite(rendered, SECURITY, change('"oet-alb-sg"', '"alb"'))
    (rendered / SECURITY).rename(rendered / "terraform" / "groups.tf")
    assert places(rendered, SECURITY) == ["file", "resource.aws_security_group.alb tags.Name"]


BROKEN = [
    (BACKEND, append("---\n}")),
    (BACKEND, change("  replicas: 3", "  replicas: 3\n  replicas: 2")),
    (
        BACKEND,
        append("---\napiVersion: v1\nkind: Service\nmetadata: {name: oet-backend-service}\n"),
    ),
    (BACKEND_CI, append("  - x")),
    (BACKEND_IMAGE, append("ENV PORT\n")),
    (MAIN, append("module {")),
    (MAIN, append('module "eks" {\n}\n')),
    (SCRIPT, append("if true\n")),
    (HEALTH, append("}")),
]


@pytest.mark.parametrize(("file", "edit"), BROKEN)
def test_a_file_that_its_consumer_would_refuse_is_a_difference(rendered: Path, file: str, edit: Edit) -> None:
    rewrite(rendered, file, edit)
    found = differences(DOCUMENT, rendered)
    assert "does not parse: " in found[0].rendered
    assert {each.place for each in found} == {"file"}


# Nothing of the document goes unread


def noticed(file: str, text: str) -> bool:
    compare = LANGUAGES[Path(file).suffix or Path(file).name]
    try:
        return any(compare(ORIGINALS[file], text))
    except ParseError:
        return True


def without_each_line(file: str) -> Iterator[tuple[str, str]]:
    lines = ORIGINALS[file].splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.strip() and not re.match(r"\s*(#[^!]|//)", line):
            yield line.strip(), "".join(lines[:number] + lines[number + 1 :])


def with_the_last_word_of_each_line_changed(file: str) -> Iterator[tuple[str, str]]:
    text = ORIGINALS[file]
    for line in re.finditer(r"^(?!\s*(?:# |//)).*\w", text, re.MULTILINE):
        yield line[0].strip(), f"{text[: line.end()]}x{text[line.end() :]}"


@rows("file", FILES)
def test_no_line_of_the_document_can_go_unnoticed(file: str) -> None:
    assert [line for line, text in without_each_line(file) if not noticed(file, text)] == []


@pytest.mark.parametrize("file", FILES)
def test_no_line_of_the_document_can_change_unnoticed(file: str) -> None:
    edited = with_the_last_word_of_each_line_changed(file)
    assert [line for line, text in edited if not noticed(file, text)] == []
