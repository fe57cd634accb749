"""Outside tools: each finds what only it finds, and it is said at the template's line."""

from __future__ import annotations

import json
import os
import posixpath
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.checks.remembered import NOTHING, Clean
from generator.checks.validators import VALIDATORS, kubectl, work
from generator.languages import language_of
from generator.languages.source import Source
from generator.system import System
from tests.conftest import ROOT, Sandbox

WORKFLOW, DOCKERFILE = ".github/workflows/{service}{suffix}.yml", "{service}/Dockerfile"
# The tool, the template, what is changed in it, and the code of what is said.
BROKEN = {
    "check-jsonschema": (WORKFLOW, "    runs-on:", "    run-on:", "check-jsonschema/github-workflows"),
    "zizmor": (WORKFLOW, "github.sha", "github.event.issue.title", "zizmor/template-injection"),
    "hadolint": (DOCKERFILE, "CMD [", "MAINTAINER me\nCMD [", "hadolint/DL4000"),
    "dockerfile": (DOCKERFILE, "CMD [", "ENV NOTHING\nCMD [", "dockerfile/"),
    "pygohcl": ("terraform/main.tf", 'variable "name" {', 'variable "name" [', "pygohcl/"),
    "shellcheck": ("scripts/greet.sh", '"$greeting" ', "", "shellcheck/SC2034"),
    "kubernetes-validate": ("k8s/{service}.yaml", "  replicas:", "  replica:", "kubernetes-validate/schema"),
}


@pytest.mark.parametrize("tool", BROKEN)
def test_a_tool_is_run_and_its_finding_is_at_the_template(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    for name in set(VALIDATORS) - {tool}:
        monkeypatch.setattr(VALIDATORS[name], "version", lambda _: None)
    file, old, new, said = BROKEN[tool]
    small.replace(f"templates/{file}.j2", old, new)
    out = small.oetgen("check", "test").out
    found = [line for line in out.splitlines() if f"[{said}" in line]
    assert found, out
    assert found[0].startswith(f"templates/{file}.j2:")
    assert f"; {tool} " in out


def test_the_action_of_this_repository_is_right_and_a_mistake_in_it_is_found(small: Sandbox) -> None:
    path = ".github/actions/oetgen/action.yml"
    text = (ROOT / "action.yml").read_text("utf-8")
    small.write(f"templates/{path}.j2", f"{{% raw %}}{text}{{% endraw %}}")
    assert f"templates/{path}.j2:" not in small.oetgen("check", "test").out
    small.replace(f"templates/{path}.j2", "using: composite", "using: composit")
    assert f"templates/{path}.j2:" in small.oetgen("check", "test").out


@pytest.fixture
def stand_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], None]:
    """Put a program of a name on PATH that is the body of a shell function, and look for none elsewhere."""
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin")
    monkeypatch.setattr(work, "_SCRIPTS", str(folder))

    def write(name: str, body: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{body}\n", "utf-8")
        (folder / name).chmod(0o755)

    return write


# What Terraform 1.11 prints as the answer to `version -json`.
TERRAFORM = """case "$1" in version) echo '{"terraform_version": "1.11.4"}' ;; """


def test_what_terraform_fmt_would_change_is_said_at_the_template(
    small: Sandbox, stand_in: Callable[[str, str], None]
) -> None:
    diff = "--- old/out/test/terraform/main.tf\n+++ new/out/test/terraform/main.tf\n@@ -4,1 +4,1 @@\n-a  = 1\n+a = 1"
    stand_in("terraform", f"{TERRAFORM} fmt) printf '%s\\n' '{diff}' ;; esac")
    out = small.oetgen("check", "test").out
    assert "templates/terraform/main.tf.j2:2:3: error[terraform-fmt/layout]" in out
    assert "terraform fmt 1.11.4" in out


def test_terraform_validate_is_used_where_terraform_is_initialised(
    small: Sandbox, stand_in: Callable[[str, str], None]
) -> None:
    (small.root / "out/test/terraform/.terraform").mkdir(parents=True)
    place = {"filename": "main.tf", "start": {"line": 4, "column": 3}}
    said = {"severity": "error", "summary": "Unsupported argument", "detail": "Not here.", "range": place}
    stand_in(
        "terraform",
        f"""{TERRAFORM} validate)
        case "$TF_DATA_DIR" in */out/test/terraform/.terraform) ;; *) exit 9 ;; esac
        echo '{json.dumps({"diagnostics": [said]})}' ;; esac""",
    )
    assert "terraform-validate" not in small.oetgen("check", "test").out
    out = small.oetgen("check", "--project-tools", "test").out
    assert (
        "templates/terraform/main.tf.j2:2:3: error[terraform-validate/diagnostic] Unsupported argument: Not here."
        in out
    )
    assert "terraform validate 1.11.4, of test" in out


def test_what_kubectl_cannot_build_is_said_at_the_kustomization(
    small: Sandbox, stand_in: Callable[[str, str], None]
) -> None:
    small.write(
        "templates/k8s/kustomization.yaml.j2",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n",
    )
    for printed, said in (
        ("error: no matches for Id", "no matches for Id"),
        (r'E1130 20:01:40.2 7 run.go:72] "command failed" err="not \"x\": @/out"', 'not "x": /out'),
        ("error: " + "word " * 100, f"{'word ' * 59}…"),
    ):
        prints = "echo " + shlex.quote(printed).replace("@", "'$PWD'") + " >&2"
        stand_in("kubectl", f"""[ "$1" = version ] && exec echo '{{}}'; {prints}; exit 1""")
        found = json.loads(small.oetgen("--no-cache", "check", "--format", "json", "test").out)["findings"]
        errors = {each["message"]: each["line"] for each in found if each["code"] == "kubectl/kustomize"}
        assert errors == {said: 3}


def test_what_githubs_parser_says_is_said_at_the_template(
    small: Sandbox, stand_in: Callable[[str, str], None]
) -> None:
    small.write("node_modules/@actions/workflow-parser/package.json", '{"version": "0.3.61"}')
    file = "out/test/.github/workflows/api-test.yml"
    said = [{"file": file, "message": f"{file} (Line: 4, Col: 1): Unexpected value"}]
    stand_in("node", f"echo '{json.dumps(said)}'")
    assert "workflow-parser/error" not in small.oetgen("check", "test").out
    out = small.oetgen("check", "--project-tools", "test").out
    assert f"templates/{WORKFLOW}.j2:2:1: error[workflow-parser/error]" in out
    assert "workflow-parser 0.3.61" in out


def test_a_tool_that_fails_loses_only_its_own_findings(
    small: Sandbox, stand_in: Callable[[str, str], None]
) -> None:
    (small.root / "out/test/terraform/.terraform").mkdir(parents=True)
    small.replace("templates/k8s/{service}.yaml.j2", "  replicas:", "  replica:")
    stand_in("terraform", f"{TERRAFORM} validate) echo broken >&2; exit 1 ;; esac")
    stand_in("zizmor", "echo 'cannot load the workflow' >&2; exit 3")
    result = small.oetgen("check", "--project-tools", "test")
    assert result.status == 1, result.err
    assert "error[checks/tool-failed] terraform validate failed: broken" in result.out
    assert "error[checks/tool-failed] zizmor failed: cannot load the workflow" in result.out
    assert "error[kubernetes-validate/schema]" in result.out


def test_only_what_changed_or_has_a_finding_is_examined_again(
    small: Sandbox,
    stand_in: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    log = tmp_path_factory.mktemp("log") / "asked"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    stand_in(
        "hadolint",
        f"""case "$1" in --version) echo 2.12.0; exit ;; esac
        for each; do case "$each" in *Dockerfile)
            echo "$each" >> {log}
            if grep -q MAINTAINER "$each"; then
                found="$found${{found:+,}}{{\\"file\\": \\"$each\\", \\"line\\": 1, \\"code\\": \\"DL4000\\",
                    \\"level\\": \\"error\\", \\"message\\": \\"no longer used\\"}}"
            fi ;; esac; done
        echo "[$found]" """,
    )

    def asked() -> tuple[int, int]:
        """Return the number of files that were examined, and of findings, which are those without a memory."""
        log.write_text("", "utf-8")
        out = small.oetgen("check", "--today", "2026-11-24").out
        examined = len(log.read_text("utf-8").splitlines())
        assert out == small.oetgen("--no-cache", "check", "--today", "2026-11-24").out
        return examined, out.count("hadolint/DL4000")

    def change(old: str, new: str) -> None:
        small.replace(f"templates/{DOCKERFILE}.j2", old, new)

    wrong = "{% if service.port is undefined %}MAINTAINER me\n{% endif %}"  # in one file of three
    assert [asked(), asked()] == [(3, 0), (0, 0)]
    change("CMD [", f"{wrong}CMD [")
    assert asked() == (1, 1), "the other files are as they were"
    assert asked() == (0, 1), "nothing changed"
    change("CMD [", "LABEL a=b\nCMD [")
    assert asked() == (3, 1), "every file changed"
    change("LABEL a=b\n", "")
    assert asked() == (1, 1), "what has a finding is never known to be clean"
    change(wrong, "")
    assert asked() == (0, 0), "all is as at the beginning"


BUILT = {
    "kustomization.yaml": "resources: [web.yaml]\nnamespace: shop\nimages: [{name: web, newTag: '1'}]\n",
    "web.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}], type: A}\n",
    "../main.tf": "# of the environment, and not of the kustomization\n",
}


@pytest.mark.parametrize(
    ("path", "old", "new", "is_asked"),
    [
        ("web.yaml", "port: 80", "port: 8080", False),
        ("web.yaml", "type: A", "type: B", False),
        ("web.yaml", "spec:", "# a comment\nspec:", False),
        ("../main.tf", "of the", "of this", False),
        ("web.yaml", "port: 80", "port: '80'", True),
        ("web.yaml", "port: 80", "port: 80, name: web", True),
        ("web.yaml", "{port: 80}", "{port: 80}, {port: 81}", True),
        ("web.yaml", "name: web", "name: api", True),
        ("web.yaml", "Service", "Gateway", True),
        ("web.yaml", "apiVersion: v1", "apiVersion: v2", True),
        ("web.yaml", "port: 80", "port: 80, port: 80", True),
        ("kustomization.yaml", "newTag: '1'", "newTag: '2'", False),
        ("kustomization.yaml", "newTag: '1'", "newTag: v-2", False),
        ("kustomization.yaml", "newTag: '1'", "newTag: 1e3", True),
        ("kustomization.yaml", "newTag: '1'", "newTag: y", True),
        ("kustomization.yaml", "newTag: '1'", "newTag: yes", True),
        ("kustomization.yaml", "newTag: '1'", "newTag: 2", True),
        ("kustomization.yaml", "newTag: '1'", "newName: '1'", True),
        ("kustomization.yaml", "{name: web,", "{name: api,", True),
        ("kustomization.yaml", "namespace: shop", "namespace: shopping", True),
    ],
)
def test_kubectl_builds_again_what_may_fail_to_be_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str, old: str, new: str, is_asked: bool
) -> None:
    changed = {**BUILT, path: BUILT[path].replace(old, new)}
    assert changed != BUILT
    assert builds(monkeypatch, tmp_path, BUILT, changed) == (1, int(is_asked))


@pytest.mark.parametrize(
    "key", ["namePrefix: my-", "replicas: [{name: web, count: 2}]", "patches: [{path: p.yaml}]"]
)
def test_kubectl_builds_again_whatever_changes_where_values_matter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str
) -> None:
    workload = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    files = {
        **BUILT,
        "web.yaml": BUILT["web.yaml"] + workload,
        "kustomization.yaml": f"{BUILT['kustomization.yaml']}{key}\n",
    }
    changed = {**files, "web.yaml": files["web.yaml"].replace("80", "81")}
    assert builds(monkeypatch, tmp_path, files, files) == (1, 0)
    assert builds(monkeypatch, tmp_path, files, changed) == (1, 1)


@pytest.mark.parametrize("key", ["configMapGenerator: [{name: c, files: [missing.conf]}]", "namespce: x"])
def test_kubectl_does_not_build_what_a_rule_says_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str
) -> None:
    files = {**BUILT, "kustomization.yaml": f"{BUILT['kustomization.yaml']}{key}\n"}
    assert builds(monkeypatch, tmp_path, files, files) == (0, 0)


def test_kubectl_builds_again_what_it_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert builds(monkeypatch, tmp_path, BUILT, BUILT, status=1) == (1, 1)


def test_kubectl_builds_nothing_whose_files_are_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = BUILT | {"kustomization.yaml": "resources: [absent.yaml]\n"}
    assert builds(monkeypatch, tmp_path, missing, status=1) == (0,)


def builds(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *trees: dict[str, str], status: int = 0
) -> tuple[int, ...]:
    """Return how often each of these trees in turn is built, by a kubectl that ends with `status`."""
    asked: list[list[str]] = []

    def call(_: work.Work, command: list[str], *__: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, status, "", "error: not built")

    monkeypatch.setattr(work.Work, "call", call)
    counts, known = [], Clean()
    for tree in trees:
        asked.clear()
        places = {posixpath.normpath(f"k8s/{path}"): text for path, text in tree.items()}
        sources = [
            Source(path, text, language_of(path, text), f"out/prod/{path}") for path, text in places.items()
        ]
        system = System(sources, "prod", folder="out/prod")
        found = list(kubectl.run(work.Work(folder, folder, (system,), False, NOTHING, known)))
        assert len(found) == len(asked) * status
        counts.append(len(asked))
        known = Clean(known.news or ())
    return tuple(counts)


def test_files_are_written_below_the_folder_of_the_tool_alone(tmp_path: Path) -> None:
    folder = tmp_path / "tool"
    place = work.Work(folder, tmp_path, (), False, NOTHING, Clean())
    labels = ("a/b", "..c/d", "../e", "a/../../f", f"{tmp_path}/g", "..")
    place.write(Source(label, "text", "text", label) for label in labels)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"tool/a/b", "tool/..c/d"}
