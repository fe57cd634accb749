"""The usual names of files in repositories of deployments: all of them render with a value in them.

The names are those of public repositories: docker/awesome-compose, GoogleCloudPlatform/microservices-demo,
prometheus/prometheus, and the documentation of each consumer.
"""

from __future__ import annotations

from generator.languages import LANGUAGES, EncodeError, language_of
from tests.conftest import rows
from tests.languages.helpers import render

HOSTILE = "a\"b'c; $(id) <x> # y\nz"
ENCODED = """
application.properties | a.b=•
gradle.properties | a=•
log4j2.properties | a=b •
.gitlab-ci.yml | job: {variables: {A: •}}
.circleci/config.yml | jobs: {a: {environment: {A: •}}}
.ct.yaml | charts: [•]
.goreleaser.yaml | project_name: •
.pre-commit-config.yaml | repos: [{repo: •}]
.hadolint.yaml | ignored: [•]
.github/dependabot.yml | updates: [{directory: •}]
.github/release.yml | changelog: [•]
.devcontainer/devcontainer.json | {"name": "•"}
.vscode/settings.json | {"a": "•"}
.vscode/launch.json | {"a": •}
.vscode/extensions.json | {"recommendations": ["•"]}
.eslintrc.json | {"a": "•"}
.prettierrc.json | {"a": "•"}
tsconfig.json | {"a": "•"}
tsconfig.app.json | {"a": "•"}
.github/renovate.json5 | {a: '•'}
package.json | {"name": "•"}
composer.json | {"name": "•"}
appsettings.Production.json | {"a": "•"}
dashboard.json | {"title": "•"}
task-definition.json | {"family": "•"}
main.tf | a = "•"
prod.tfvars | a = "•"
main.tf.json | {"a": "•"}
build.pkr.hcl | a = "•"
job.nomad.hcl | a = "•"
terragrunt.hcl | a = "•"
Chart.yaml | description: •
values.yaml | name: •
helmfile.yaml | releases: [{name: •}]
skaffold.yaml | metadata: {name: •}
kustomization.yaml | namePrefix: •
argocd/application.yaml | apiVersion: argoproj.io/v1alpha1\\nkind: Application\\nmetadata: {name: •}
prometheus.yml | global: {external_labels: {a: •}}
alertmanager.yml | route: {receiver: •}
loki-config.yaml | common: {path_prefix: •}
otel-collector.yaml | service: {a: •}
promtail.yml | a: •
playbook.yml | - hosts: •
inventory.yaml | all: {hosts: {•: {}}}
serverless.yml | service: a\\nstage: •
docker-bake.json | {"a": "•"}
mkdocs.yml | site_name: •
openapi.yaml | info: {title: •}
traefik.yml | a: •
envoy.yaml | node: {id: •}
dapr.yaml | a: •
pyproject.toml | name = "•"
Cargo.toml | name = •
config.toml | title = "•"
fly.toml | app = "•"
netlify.toml | command = "•"
wrangler.toml | name = "•"
traefik.toml | a = "•"
Pipfile | name = "•"
logback.xml | <a>•</a>
pom.xml | <a b="•"/>
index.html | <p>•</p>
Directory.Build.props | <Project>•</Project>
App.csproj | <Project>•</Project>
site.plist | <dict>•</dict>
deploy.sh | echo •
entrypoint.sh | echo "•"
settings.py | A = '•'
gunicorn.conf.py | bind = •
vite.config.ts | const a = '•'
eslint.config.js | const a = "•"
tailwind.config.mjs | const a = •
ecosystem.config.cjs | const a = •
"""
PLAIN = """
.drone.yaml | steps: [{name: •}]
.yamllint | rules: [•]
Dockerfile | FROM a\\nENV A="•"
README.md | `•`
nginx.conf | server { root "/a •"; }
conf.d/default.conf | server {\\n  listen •;\\n}
Makefile | A = •
rules.mk | A := •
.env | A=•
.env.example | A=a•
.env.production | A="•"
web.service | [Service]\\nExecStart=/a b•
backup.timer | [Timer]\\nOnCalendar=•
journald.conf | [Journal]\\nSystemMaxUse=•
eth0.network | [Match]\\nName=•
setup.cfg | [a]\\nb = •
tox.ini | [a]\\nb = •
alembic.ini | [a]\\nb = •
.editorconfig | [*]\\nindent_size = •
.npmrc | registry=•
supervisord.conf | [program:a]\\ncommand=•
my.cnf | [mysqld]\\nport = •
Procfile | web: •
crontab | 0 3 * * * root a •
init.sql | create table •;
Jenkinsfile | a '•'
build.gradle | a '•'
Vagrantfile | a '•'
Rakefile | a '•'
Tiltfile | a('•')
main.bicep | a '•'
policy.rego | a = "•"
Caddyfile | a { reverse_proxy • }
Corefile | . { forward . • }
haproxy.cfg | server a •
CODEOWNERS | * •
.dockerignore | •
.gitignore | •/
.helmignore | •
.gitattributes | * •
requirements.txt | a==•
.tool-versions | nodejs •
.python-version | •
.nvmrc | •
redis.conf | maxmemory •
postgresql.conf | port = •
pg_hba.conf | host a b • c
sshd_config | Port •
sysctl.d/99-a.conf | a = •
logrotate.conf | rotate •
fluent-bit.conf | Host •
robots.txt | Disallow: •
LICENSE | Copyright •
main.go | var a = "•"
run.ps1 | a "•"
app.rb | a '•'
Dockerfile.worker | FROM •
Containerfile | FROM •
action.yml | name: ${{ • }}
.gitlab/agents/a/config.yaml.gotmpl | a: •
templates/_helpers.tpl | a •
"""
_ROWS = [
    (path, text.replace("\\n", "\n") + "\n", kind)
    for kind, table in (("encoded", ENCODED), ("plain", PLAIN))
    for path, text in (line.split(" | ", 1) for line in table.strip().splitlines())
]


def test_there_are_more_than_ninety_names() -> None:
    assert len({path for path, *_ in _ROWS}) == len(_ROWS) > 120


@rows("path, text, kind", _ROWS)
def test_a_value_is_encoded_or_refused_with_a_way_out(path: str, text: str, kind: str) -> None:
    language = language_of(path, text)
    assert language in LANGUAGES
    assert "web1" in render(language, text, "web1")
    try:
        assert "a" in render(language, text, HOSTILE)
        assert kind == "encoded"
    except EncodeError as refused:
        assert kind == "plain", str(refused)
        assert str(refused)
        assert refused.hint
