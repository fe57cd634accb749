"""`oetgen new` and `oetgen promote` show what an edit of values files does, then write; check passes after."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path

import pytest
import yaml

from tests.conftest import Result, Sandbox, oetgen

BASE, DEV, PROD, STAGING = (f"environments/{name}.yaml" for name in ("base", "dev", "prod", "staging"))


def starter(folder: Path, name: str) -> Sandbox:
    assert oetgen("-q", "-C", str(folder), "init", "--starter", name).status == 0
    project = Sandbox(folder)
    assert project.oetgen("render", "--all").status == 0
    return project


@pytest.fixture
def minimal(tmp_path: Path) -> Sandbox:
    return starter(tmp_path, "minimal")


@pytest.fixture
def vm(tmp_path: Path) -> Sandbox:
    return starter(tmp_path, "compose-vm")


@pytest.fixture
def cluster(tmp_path: Path) -> Sandbox:
    return starter(tmp_path, "kubernetes")


def is_clean(project: Sandbox) -> bool:
    result = project.oetgen("check", "--strict", "--no-tools")
    assert result.status == 0, result.out
    return True


def values(project: Sandbox, path: str) -> object:
    return yaml.safe_load(project.read(path))


def test_promote_gives_the_named_values_and_keeps_comments_and_order(minimal: Sandbox) -> None:
    minimal.write(
        PROD, "# The production system.\nworkers: 8 # measured\n\nurl: https://shop.example.com # ours\n"
    )
    result = minimal.oetgen("promote", "dev", "prod", "features", "--yes")
    assert result.status == 0, result.err
    assert "dev → prod: 1 value\n  features.new_checkout: false → true\n" in result.out
    assert "+  new_checkout: true" in result.out  # of the values and of the output
    assert minimal.read(PROD) == (
        "# The production system.\nworkers: 8 # measured\n\nurl: https://shop.example.com # ours\n"
        "features:\n  new_checkout: true\n"
    )
    assert "new_checkout: true" in minimal.read("out/prod/config/app.yaml")
    assert is_clean(minimal)
    assert "prod has these values of dev already" in minimal.oetgen("promote", "dev", "prod", "features").out


def test_promote_without_paths_leaves_what_names_an_environment(vm: Sandbox) -> None:
    result = vm.oetgen("promote", "staging", "prod", "--yes")
    assert result.status == 0, result.err
    assert "not copied, since they name an environment: services.web.host" in result.out
    assert values(vm, PROD) == {
        "services": {
            "web": {"host": "shop.example.com", "memory": "512m", "env": {"LOG_LEVEL": "debug"}},
            "worker": {"memory": "512m"},
        },
        "backup": {"keep_days": 7},
    }
    assert is_clean(vm)


def test_promote_shows_the_hazards_before_anything_is_written(vm: Sandbox) -> None:
    vm.write(STAGING, vm.read(STAGING) + "database:\n  version: '16'\n")
    vm.oetgen("render", "staging")
    before = vm.snapshot("."), vm.read(PROD)
    result = vm.oetgen("promote", "staging", "prod", "database.version", "--dry-run")
    assert result.status == 0
    assert "-    image: postgres:17-alpine\n+    image: postgres:16-alpine\n" in result.out
    assert "\nprod: 1 file changed: 1 refused by PostgreSQL" in result.out
    assert "\nREFUSED BY POSTGRESQL in prod\n" in result.out
    whole = vm.oetgen("promote", "staging", "prod", "database.version", "--dry-run", "--verbose")
    assert "--- a/environments/prod.yaml\n" in whole.out
    assert "prod: effects of applying it, compared with the output so far" in whole.out
    assert (vm.snapshot("."), vm.read(PROD)) == before


def test_promote_removes_what_the_other_environment_has_not(cluster: Sandbox) -> None:
    cluster.replace(PROD, "    replicas: 3\n", "    replicas: 3\n    env: {EXTRA: both}\n")
    cluster.oetgen("render", "prod")
    result = cluster.oetgen("promote", "dev", "prod", "services.web.env", "--yes")
    assert result.status == 0, result.err
    assert "EXTRA: both → not set" in result.out
    assert yaml.safe_load(cluster.read(PROD))["services"]["web"]["env"] == {"LOG_LEVEL": "debug"}
    assert is_clean(cluster)


def test_promote_gives_back_what_null_has_removed(cluster: Sandbox) -> None:
    cluster.replace(PROD, "  worker:\n    replicas: 2\n", "  worker: null # not yet\n")
    cluster.oetgen("render", "prod")
    result = cluster.oetgen("promote", "dev", "prod", "services.worker.image", "--yes")
    assert result.status == 0, result.err
    assert yaml.safe_load(cluster.read(PROD))["services"]["worker"]["command"] == [
        "python",
        "-m",
        "shop.worker",
    ]
    assert "# not yet" in cluster.read(PROD)
    assert is_clean(cluster)


def test_a_new_environment_is_called_by_its_name_everywhere(vm: Sandbox) -> None:
    result = vm.oetgen("new", "environment", "demo", "--from", "staging", "--yes")
    assert result.status == 0, result.err
    assert vm.read("environments/demo.yaml") == vm.read(STAGING).replace("staging.shop", "demo.shop")
    assert "out/demo: 5 created" in result.out
    assert "warning" not in result.out
    assert is_clean(vm)


def test_a_new_environment_overrides_what_names_the_old_one_in_the_defaults(cluster: Sandbox) -> None:
    result = cluster.oetgen("new", "environment", "qa", "--from", "dev", "--yes")
    assert result.status == 0, result.err
    found = yaml.safe_load(cluster.read("environments/qa.yaml"))
    assert found["namespace"] == "shop-qa"
    assert found["services"]["web"]["host"] == "qa.shop.example.com"
    assert "# The test environment" in cluster.read("environments/qa.yaml")
    assert is_clean(cluster)


def test_a_new_environment_may_have_no_files(minimal: Sandbox) -> None:
    for template in (minimal.root / "templates").rglob("*.j2"):
        minimal.write(
            template.relative_to(minimal.root).as_posix(), "{% if workers > 8 %}x: {{ app }}{% endif %}\n"
        )
    result = minimal.oetgen("new", "environment", "qa", "--from", "dev", "--yes")
    assert result.status == 0, result.err
    assert "no generated file changes" in result.out
    assert (minimal.root / "environments/qa.yaml").is_file()


def test_promote_into_an_empty_file(minimal: Sandbox) -> None:
    minimal.write(PROD, "# as in base.yaml\n")
    minimal.oetgen("render", "--all")
    assert minimal.oetgen("promote", "dev", "prod", "log_level", "--yes").status == 0
    assert minimal.read(PROD) == "# as in base.yaml\nlog_level: debug\n"
    assert is_clean(minimal)


def test_promote_to_what_the_other_environment_extends(minimal: Sandbox) -> None:
    minimal.write(DEV, "extends: prod\n\nlog_level: debug # see everything\n")
    minimal.oetgen("render", "--all")
    result = minimal.oetgen("promote", "dev", "prod", "--yes")
    assert result.status == 0, result.err
    assert minimal.read(DEV) == "extends: prod\n\nlog_level: debug # see everything\n"
    assert minimal.read(PROD).endswith("workers: 8\nlog_level: debug\n")
    assert is_clean(minimal)


def test_a_new_environment_with_the_names_of_another_is_a_warning(cluster: Sandbox) -> None:
    result = cluster.oetgen("new", "environment", "copy", "--from", "prod", "--dry-run")
    assert result.status == 0
    assert (
        "warning: copy and prod have the same host shop.example.com, 5 Kubernetes objects in namespace shop\n"
        in result.out
    )


def test_a_name_stays_where_the_schema_refuses_the_new_one(minimal: Sandbox) -> None:
    minimal.replace(
        "environments/schema.json",
        '"workers": {',
        '"stage": {"enum": ["dev", "prod"], "description": "x"},\n    "workers": {',
    )
    minimal.replace(BASE, "workers: 2\n", "workers: 2\nstage: dev\n")
    minimal.write("templates/stage.txt.j2", "{{ stage }}\n{{ app }}-dev /dev/null\n")
    minimal.oetgen("render", "--all")
    assert minimal.oetgen("new", "environment", "qa", "--from", "dev", "--yes").status == 0
    assert "stage" not in minimal.read("environments/qa.yaml")
    assert minimal.read("out/qa/stage.txt").endswith("dev\nshop-dev /dev/null\n")


def test_a_new_service_gets_a_place_in_each_file_that_has_the_other(vm: Sandbox) -> None:
    vm.replace(
        BASE, "    command: [python, -m, shop.worker]\n", "    command: [python, -m, shop.worker] # a queue\n"
    )
    vm.oetgen("render", "--all")
    result = vm.oetgen("new", "service", "mailer", "--like", "worker", "--yes")
    assert result.status == 0, result.err
    assert (
        "  mailer:\n    image: ghcr.io/example/shop-web:1.4.0\n    command: [python, -m, shop.mailer] # a queue\n\n"
        "database:\n"
    ) in vm.read(BASE)
    assert "  worker: {memory: 1g}\n  mailer: {memory: 1g}\n" in vm.read(PROD)
    assert "mailer" not in vm.read(STAGING)
    assert is_clean(vm)


def test_a_new_service_gets_a_host_and_a_port_of_its_own(cluster: Sandbox) -> None:
    result = cluster.oetgen("new", "service", "api", "--like", "web", "--yes")
    assert result.status == 0, result.err
    base, prod = (yaml.safe_load(cluster.read(path))["services"]["api"] for path in (BASE, PROD))
    assert (base["port"], base["host"], prod["host"]) == (8001, "api.shop.example.com", "api.example.com")
    assert is_clean(cluster)


def test_a_word_of_the_settings_stands_for_its_map(minimal: Sandbox) -> None:
    minimal.write("oetgen.yaml", "each:\n  tenant: customers.tenants\n")
    schema = json.loads(minimal.read("environments/schema.json"))
    domain = {"type": "string", "description": "x", "pattern": "^[a-z.]+$"}
    tenant = {"type": "object", "description": "x", "required": ["domain"], "properties": {"domain": domain}}
    tenants = {"type": "object", "description": "x", "additionalProperties": tenant}
    schema["properties"]["customers"] = {
        "type": "object",
        "description": "x",
        "required": ["tenants"],
        "properties": {"tenants": tenants},
    }
    schema["required"].append("customers")
    minimal.write("environments/schema.json", json.dumps(schema))
    first = "    first: {domain: first.example.com}\n"
    minimal.write(BASE, minimal.read(BASE) + f"customers:\n  tenants:\n{first}")
    minimal.write("templates/tenants/{tenant}.txt.j2", "{{ tenant.domain }}\n")
    assert minimal.oetgen("render", "--all").status == 0
    result = minimal.oetgen("new", "tenant", "acme", "--yes")
    assert result.status == 0, result.err
    assert minimal.read(BASE).endswith(f"{first}    acme: {{domain: acme.example.com}}\n")
    assert minimal.read("out/prod/tenants/acme.txt").endswith("acme.example.com\n")
    assert is_clean(minimal)


REFUSED = {
    "promote dev prod nothing.here": "neither dev nor prod has a value nothing.here",
    "promote dev prod workerz": 'did you mean "workers"?',
    "promote dev dev": "dev is named twice",
    "promote dev prodd": 'did you mean "prod"?',
    "promote dev prod log_level": "nothing was written: there is no terminal to ask\n  hint: add --yes, or --dry-run",
    "promote dev prod log_level --yes --dry-run": "--dry-run and --yes contradict each other",
    "new environment dev --from prod": "there is an environment dev already",
    "new environment Dev --from prod": '"Dev" cannot be the name of an environment: dev is the same name',
    "new environment ../x --from prod": "cannot be the name of an environment",
    "new environment qa": "which environment does qa resemble?\n  hint: add --from with one of dev, prod",
    "new environment qa --from prd": 'did you mean "prod"?',
    "new environment qa --from prod --like x": "--like is not for a new environment",
    "new service x": "there are no services here: environments/schema.json does not declare services",
    "new servise x": 'did you mean "service"?',
    "new service x --from dev": "--from is not for a new service",
}


@pytest.mark.parametrize("command", REFUSED)
def test_what_is_refused_changes_nothing(command: str, minimal: Sandbox) -> None:
    before = minimal.snapshot(".")
    result = minimal.oetgen(*shlex.split(command))
    assert result.status == 2, result.out
    assert REFUSED[command] in result.err
    assert minimal.snapshot(".") == before


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("new service web --like worker --yes", "there is a service web already"),
        ("new service 'a b' --like worker --yes", '"a b" cannot be the name of a service'),
        ("new service x --like werker --yes", 'did you mean "worker"?'),
        ("new service x --yes", "add --like with one of web, worker"),
        ("new service Mailer --like worker --yes", "error[schema/"),
    ],
)
def test_a_service_that_is_refused_changes_nothing(command: str, message: str, vm: Sandbox) -> None:
    before = vm.snapshot(".")
    result = vm.oetgen(*shlex.split(command))
    assert result.status
    assert message in result.err
    assert vm.snapshot(".") == before


def test_a_hand_edited_file_stops_it_before_the_values_change(minimal: Sandbox) -> None:
    minimal.replace("out/prod/config/app.yaml", "level: info", "level: error")
    before = minimal.snapshot(".")
    result = minimal.oetgen("promote", "dev", "prod", "log_level", "--yes")
    assert result.status == 1
    assert "error[writer/hand-edited]" in result.err
    assert minimal.snapshot(".") == before


def test_an_error_that_check_would_report_is_not_written(cluster: Sandbox) -> None:
    cluster.replace(DEV, "services:\n", "ingress: {namespace: none}\nservices:\n")
    cluster.replace("environments/schema.json", '"minimum": 1024', '"minimum": 1')
    cluster.replace(
        "templates/k8s/{service}-network.yaml.j2", "targetPort: http", "targetPort: {{ ingress.namespace }}"
    )
    cluster.replace(BASE, "namespace: ingress-nginx", "namespace: http")
    before = cluster.snapshot(".")
    result = cluster.oetgen("promote", "dev", "prod", "ingress", "--yes")
    assert result.status == 1, result.out
    assert "nothing was written: `oetgen check` would report these errors" in result.err
    assert cluster.snapshot(".") == before


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "is_written"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_terminal_is_asked(
    answer: str, is_written: bool, minimal: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.cli.proposal._is_terminal", lambda: True)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    result = minimal.oetgen("promote", "dev", "prod", "log_level")
    assert result.status == 0, result.err
    assert "write this? [y/N]" in result.out
    assert ("log_level: debug" in minimal.read(PROD)) == is_written


def test_windows_line_ends_stay(minimal: Sandbox) -> None:
    path = minimal.root / PROD
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert minimal.oetgen("promote", "dev", "prod", "log_level", "--yes").status == 0
    assert path.read_bytes().endswith(b"workers: 8\r\nlog_level: debug\r\n")
    assert is_clean(minimal)


def test_a_file_that_changes_meanwhile_is_not_overwritten(
    minimal: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(question: str) -> bool:
        minimal.write(PROD, "workers: 3\n")
        return True

    monkeypatch.setattr("generator.cli.proposal._is_terminal", lambda: True)
    monkeypatch.setattr("click.confirm", answer)
    result: Result = minimal.oetgen("promote", "dev", "prod", "log_level")
    assert result.status == 2
    assert "environments/prod.yaml changed while oetgen was running" in result.err
    assert minimal.read(PROD) == "workers: 3\n"


REGIONS = {
    "environments/schema.json": """{
  "type": "object",
  "additionalProperties": false,
  "required": ["region"],
  "properties": {
    "region": {"type": "string"},
    "regions": {"type": ["object", "array"], "additionalProperties": {"type": "object"}},
    "replicas": {"type": "integer"},
    "host": {"type": "string"},
    "services": {
      "type": "object",
      "minProperties": 1,
      "additionalProperties": {
        "type": "object",
        "additionalProperties": false,
        "required": ["image", "port"],
        "properties": {
          "image": {"type": "string", "examples": ["example/api:1"]},
          "port": {"type": "integer", "minimum": 1024}
        }
      }
    }
  }
}
""",
    "environments/base.yaml": "replicas: 2\nservices: {api: {image: example/api:1, port: 8000}}\n",
    "environments/prod.yaml": (
        "# Production.\nregions:\n  eu: {replicas: 3} # the first\n  us: {}\nhost: prod.example.com\n"
    ),
    "environments/test.yaml": "regions: {eu: {}}\nhost: test.example.com\nreplicas: 1\n",
    "templates/app.yaml.j2": "region: {{ region }}\nreplicas: {{ replicas }}\nhost: {{ host }}\n",
    "templates/{service}.yaml.j2": "image: {{ service.image }}\nport: {{ service.port }}\n",
    "oetgen.yaml": "matrix: {region: regions}\n",
}
REGIONAL = "environments/prod.yaml"


@pytest.fixture
def regions(tmp_path: Path) -> Sandbox:
    """A project in which a matrix makes an environment for each region."""
    project = Sandbox(tmp_path)
    for path, text in REGIONS.items():
        project.write(path, text)
    assert project.oetgen("render", "--all").status == 0
    return project


def done(project: Sandbox, *command: str) -> str:
    """Run a command that writes, and return what it prints; the project is clean after it."""
    result = project.oetgen(*command, "--yes")
    assert result.status == 0, result.err
    assert is_clean(project)
    return result.out


def test_promote_to_an_environment_by_a_matrix_changes_its_own_entry(regions: Sandbox) -> None:
    done(regions, "promote", "test-eu", "prod-eu", "replicas")
    assert "  eu: {replicas: 1} # the first\n  us: {}\n" in regions.read(REGIONAL)
    out = done(regions, "promote", "prod-us", "prod-eu")
    assert "1 value\n  replicas: 1 → 2\n" in out
    assert "eu: {replicas: 2}" in regions.read(REGIONAL)
    assert "replicas: 2" in regions.read("out/prod-us/app.yaml")


def test_promote_copies_no_name_of_an_entry_and_no_map_of_a_matrix(regions: Sandbox) -> None:
    out = regions.oetgen("promote", "prod-us", "test", "--dry-run").out
    assert out.startswith("prod-us → test-eu: 1 value\n  replicas: 1 → 2\n")
    assert "region" not in out.partition("\n\n")[0]


def test_promote_to_an_entry_of_a_list_changes_the_file_of_all(regions: Sandbox) -> None:
    regions.write("environments/prod.yaml", "regions: [eu, us]\nhost: prod.example.com\n")
    assert regions.oetgen("render", "--all").status == 0
    out = done(regions, "promote", "test-eu", "prod-us", "replicas")
    assert out.count("\nprod-eu, prod-us: 1 file changed: ") == 1
    assert regions.read("environments/prod.yaml").endswith("host: prod.example.com\nreplicas: 1\n")


def test_an_environment_that_is_several_must_be_named_in_full(regions: Sandbox) -> None:
    result = regions.oetgen("promote", "test", "prod")
    assert (result.status, result.err) == (
        2,
        "oetgen: prod is 2 environments\n  hint: name one of prod-eu, prod-us\n",
    )


@pytest.mark.parametrize("source", ["prod", "prod-us"])
def test_a_new_environment_is_made_several_by_the_matrix_too(regions: Sandbox, source: str) -> None:
    out = done(regions, "new", "environment", "qa", "--from", source)
    assert "\nqa-eu, qa-us: 2 files new: no known hazards\n" in out
    assert regions.read("environments/qa.yaml") == REGIONS[REGIONAL].replace("prod.", "qa.")
    assert "replicas: 3" in regions.read("out/qa-eu/app.yaml")


def test_which_environment_a_new_one_resembles_names_the_files(regions: Sandbox) -> None:
    assert "add --from with one of prod, test\n" in regions.oetgen("new", "environment", "qa").err


def test_a_new_entry_of_the_matrix_is_an_environment_of_each_file(regions: Sandbox) -> None:
    out = done(regions, "new", "region", "ap", "--like", "eu")
    assert "\nprod-ap, test-ap: 2 files new: no known hazards\n" in out
    assert "  ap: {replicas: 3}" in regions.read(REGIONAL)
    assert values(regions, "environments/test.yaml")["regions"] == {"eu": {}, "ap": {}}  # type: ignore[index]


def test_the_first_service_has_what_the_schema_requires(regions: Sandbox) -> None:
    regions.write("environments/base.yaml", "replicas: 2\nservices: {} # none yet\n")
    out = done(regions, "new", "service", "web")
    assert "  + services: {web: {image: example/api:1, port: 1024}} # none yet" in out
    assert "out/prod-us/web.yaml" in out
    done(regions, "new", "service", "mail")
    assert "mail: {image: example/api:1, port: 1025}" in regions.read("environments/base.yaml")


def test_the_first_service_has_what_its_defaults_lack(vm: Sandbox) -> None:
    text = vm.read(BASE)
    start, end = text.index("services:\n"), text.index("database:")
    vm.write(BASE, f"{text[:start]}services: {{}}\n\n{text[end:]}")
    for path in (PROD, STAGING):
        text = vm.read(path)
        kept = text.partition("services:\n")[2].partition("\nbackup")
        vm.write(path, f"backup{kept[2]}" if kept[1] else "{}\n")
    done(vm, "new", "service", "web")
    entry = values(vm, BASE)["services"]["web"]  # type: ignore[index]
    assert entry == {"image": "ghcr.io/example/shop-web:1.4.0"}


def test_a_project_without_services_is_told_what_to_declare(minimal: Sandbox) -> None:
    result = minimal.oetgen("new", "service", "web")
    assert result.status == 2
    assert "environments/schema.json does not declare services" in result.err
    assert "write a template with {service} in its path" in result.err


def test_a_schema_without_examples_names_what_to_write(regions: Sandbox) -> None:
    regions.replace("environments/schema.json", ', "examples": ["example/api:1"]', "")
    regions.write("environments/base.yaml", "replicas: 2\nservices: {}\n")
    result = regions.oetgen("new", "service", "web", "--yes")
    assert result.status == 2
    assert "has no example of image" in result.err
    assert "write the first one by hand, at services.web in environments/base.yaml" in result.err
