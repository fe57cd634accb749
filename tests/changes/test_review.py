"""`oetgen diff` and `oetgen plan` as a user meets them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator.changes import Review
from generator.pipeline import Pipeline
from generator.render.result import RenderResult
from generator.report.markdown import plain
from tests.conftest import ROOT, Result, Sandbox, copy_project


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project with its output, in a repository of its own."""
    project = copy_project(ROOT, tmp_path_factory.mktemp("repository"))
    assert project.oetgen("render", "prod", "staging").status == 0
    git(project, "init", "-q", "-b", "main", "--template=")
    commit(project)
    git(project, "gc", "-q")  # one file to copy instead of one for each object
    return project.root


@pytest.fixture
def committed(repository: Path) -> Iterator[Sandbox]:
    """A copy of the repository, that a test may change; at one place, so that the cache knows its templates."""
    root = repository.with_name("committed")
    yield Sandbox(shutil.copytree(repository, root))
    shutil.rmtree(root)


def git(project: Sandbox, *arguments: str) -> str:
    settings = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", str(project.root), *settings, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def plans(project: Sandbox, *formats: Sequence[str]) -> list[Result]:
    """Return what `plan prod` prints with these options in turn: of one review, which takes most of the time."""
    known: dict[str, Review] = {}
    reviewed = Pipeline.plan

    def plan(self: Pipeline, result: RenderResult, *arguments: Any) -> Review:
        if result.env not in known:
            known[result.env] = reviewed(self, result, *arguments)
        return known[result.env]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pipeline, "plan", plan)
        return [project.oetgen("plan", "prod", *options) for options in formats]


def commit(project: Sandbox) -> str:
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "x")
    return git(project, "rev-parse", "HEAD")


# diff ENV


def test_diff_says_when_nothing_would_change(small: Sandbox) -> None:
    small.oetgen("render", "prod")
    result = small.oetgen("diff", "prod")
    assert (result.status, result.out) == (0, "out/prod is up to date\n")


def test_diff_shows_what_render_would_change_and_changes_nothing(small: Sandbox) -> None:
    small.oetgen("render", "test")
    before = small.snapshot()
    result = small.oetgen("diff", "test", "--set", "greeting=moin")
    assert result.status == 1
    assert "--- a/out/test/scripts/greet.sh\n+++ b/out/test/scripts/greet.sh\n" in result.out
    assert re.search(r"^-greeting=.*\n.*\n\+greeting=moin$", result.out, re.M)
    assert small.snapshot() == before


def test_diff_is_what_patch_takes(small: Sandbox) -> None:
    """The patch turns the tree into what render makes, files that come and go too."""
    small.oetgen("render", "prod")
    (small.root / "templates" / "README.md.j2").unlink()
    small.write("templates/NEW.md.j2", "new\n")
    small.replace("environments/prod.yaml", "greeting:", "greeting: moin #")
    patch = small.oetgen("diff", "prod").out
    small.write("changes.patch", patch)
    git(small, "init", "-q")
    git(small, "apply", "-p1", "changes.patch")
    patched = {path: data for path, (data, _) in small.snapshot().items() if not path.endswith(".oetgen")}
    small.oetgen("render", "prod", "--overwrite")
    rendered = {path: data for path, (data, _) in small.snapshot().items() if not path.endswith(".oetgen")}
    assert patched == rendered


def test_diff_shows_hand_edits_and_lost_modes(small: Sandbox) -> None:
    small.oetgen("render", "prod")
    small.write("out/prod/README.md", "mine\n")
    (small.root / "out" / "prod" / "scripts" / "greet.sh").chmod(0o644)
    result = small.oetgen("diff", "prod")
    assert result.status == 1
    assert "-mine" in result.out
    assert "mode 100644 → 100755 of out/prod/scripts/greet.sh" in result.out
    assert result.err == "out/prod/README.md was changed by hand: render would stop there\n"


def test_diff_stat_counts_lines(small: Sandbox) -> None:
    small.oetgen("render", "test")
    result = small.oetgen("diff", "test", "--stat", "--set", "greeting=moin")
    assert result.status == 1
    *files, last = result.out.splitlines()
    assert re.fullmatch(r"\d+ files?: \d+ lines? added, \d+ lines? removed", last)
    assert any(re.fullmatch(r"out/test/scripts/greet\.sh +\| \d+ \++-+", line) for line in files)


def test_diff_is_coloured_when_asked_for(small: Sandbox) -> None:
    small.oetgen("render", "test")
    result = small.oetgen("--color", "always", "diff", "test", "--set", "greeting=moin")
    assert "\x1b[32m\x1b[1m+greeting=moin" in result.out


@pytest.mark.parametrize(
    "arguments", [["prod", "test", "prod"], ["prod", "test", "--stat"], ["prod", "--values"], ["nope"], []]
)
def test_wrong_usage_of_diff_is_status_2(small: Sandbox, arguments: list[str]) -> None:
    result = small.oetgen("diff", *arguments)
    assert result.status == 2
    assert result.err


# diff ENV ENV


def test_diff_of_an_environment_with_itself(small: Sandbox) -> None:
    result = small.oetgen("diff", "prod", "prod")
    assert result.status == 0
    assert "0 values" in result.out


def test_diff_of_two_environments_says_values_with_their_lines_and_effects(project: Sandbox) -> None:
    result = project.oetgen("diff", "staging", "prod")
    assert result.status == 1
    assert re.search(
        r"^  rds\.multi_az: false → true\n      staging  environments/staging\.yaml:\d+:\d+\n"
        r"      prod     environments/prod\.yaml:\d+:\d+$",
        result.out,
        re.M,
    )
    assert re.search(
        r"max_replicas: not set → 4\n      staging  removed at environments/staging.yaml:", result.out
    )
    assert "~ .github/workflows/backend-staging.yml → .github/workflows/backend.yml" in result.out
    assert "    Deployment oet-backend\n      ~ metadata.namespace: oet-staging → oet\n" in result.out
    assert "    resource.aws_db_instance.postgres\n" in result.out


def test_diff_of_two_environments_by_meaning_and_not_by_formatting(project: Sandbox) -> None:
    project.write("environments/other.yaml", "extends: prod\nimage_tag: latest\n")
    result = project.oetgen("diff", "prod", "other")
    assert result.status == 0, result.out
    assert "0 values" in result.out


def test_diff_values_alone(project: Sandbox) -> None:
    result = project.oetgen("diff", "staging", "prod", "--values")
    assert result.status == 1
    assert "rds.multi_az" in result.out
    assert "k8s/" not in result.out.split("rds.multi_az")[1]


# plan


def test_plan_says_when_nothing_would_change(committed: Sandbox) -> None:
    result = committed.oetgen("plan", "prod")
    assert result.status == 0
    assert result.out.startswith("prod: no differences from HEAD (")


def test_plan_names_the_field_both_lines_the_value_the_way_out_and_the_source(committed: Sandbox) -> None:
    committed.replace("environments/prod.yaml", "database: {", "database: {name: shop, ")
    result = committed.oetgen("plan", "prod")
    assert result.status == 1
    refused = next(part for part in result.out.split("\n\n") if part.startswith("REFUSED"))
    lines = refused.splitlines()
    assert re.match(
        r"out/prod/terraform/main\.tf:\d+:3: error\[hazards/replaced\] aws_db_instance\.postgres: db_name ",
        lines[1],
    )
    assert re.match(
        r"  set     environments/prod\.yaml:\d+  database\.name was oet_praxis, and is shop", lines[2]
    )
    assert re.match(r'  was     HEAD:out/prod/terraform/main.tf:\d+  db_name += "oet_praxis"', lines[3])
    assert lines[4].startswith("  fix     keep db_name; to delete its data")
    assert lines[5].startswith("  source  https://github.com/hashicorp/terraform-provider-aws/")
    page = (ROOT / "docs" / "plan.md").read_text("utf-8")
    shown = re.search(r"```text\n(.*?)```", page, re.S)
    assert shown and shown[1] in result.out, "the page shows what it prints"


def test_plan_puts_data_loss_first(committed: Sandbox) -> None:
    committed.replace("environments/base.yaml", "project: oet ", "project: shop ")
    result = committed.oetgen("plan", "prod")
    titles = [
        line for line in result.out.splitlines() if line.isupper() and line[0].isalpha() and len(line) > 3
    ]
    order = ["LOSES DATA", "REFUSED", "DESTROYED", "REPLACED", "OUTAGE", "LESS CAPACITY", "LESS PROTECTION",
             "WIDER RIGHTS", "LEFT BEHIND", "NO EFFECT", "UNKNOWN", "RESTARTED"]  # fmt: skip
    assert titles == sorted(titles, key=lambda title: order.index(title.partition(" BY ")[0]))
    assert titles[0] == "LOSES DATA"


def test_plan_is_status_0_when_nothing_is_refused_or_lost(committed: Sandbox) -> None:
    committed.replace("environments/base.yaml", "image_tag: latest", "image_tag: v2")
    result = committed.oetgen("plan", "prod")
    assert result.status == 0
    assert "  ~ Deployment oet/oet-backend  (restarted)\n" in result.out
    assert "spec.template.spec.containers[backend].image: oet-backend:latest → oet-backend:v2" in result.out
    assert "image_tag was latest, and is v2" in result.out


def test_plan_is_the_same_before_and_after_render(committed: Sandbox) -> None:
    """What is committed is what may have been applied, whatever is on disk."""
    committed.replace("environments/base.yaml", "image_tag: latest", "image_tag: v2")
    before = committed.oetgen("plan", "prod").out
    committed.oetgen("render", "prod")
    assert committed.oetgen("plan", "prod").out == before


def test_plan_against_another_revision(committed: Sandbox) -> None:
    first = git(committed, "rev-parse", "HEAD")
    committed.replace("environments/base.yaml", "image_tag: latest", "image_tag: v2")
    committed.oetgen("render", "prod")
    commit(committed)
    git(committed, "tag", "v2")
    assert committed.oetgen("plan", "prod").out.startswith("prod: no differences from HEAD")
    assert committed.oetgen("plan", "prod", "--against", "v2").out.startswith("prod: no differences from v2")
    assert "v2" in committed.oetgen("plan", "prod", "--against", first[:10]).out
    assert "restarted" in committed.oetgen("plan", "prod", "--against", "HEAD~1").out


def test_plan_blames_a_template_when_no_value_changed(committed: Sandbox) -> None:
    committed.replace("templates/k8s/{service}-deployment.yaml.j2", "maxUnavailable: 0", "maxUnavailable: 1")
    committed.replace(
        "templates/k8s/{service}-deployment.yaml.j2",
        "terminationGracePeriodSeconds: 45",
        "terminationGracePeriodSeconds: 60",
    )
    result = committed.oetgen("plan", "prod")
    assert re.search(r"  by +templates/k8s/\{service\}-deployment\.yaml\.j2:\d+  ", result.out)


def test_plan_finds_values_that_cause_it_only_together(committed: Sandbox) -> None:
    """An autoscaler goes only when both of its values do."""
    committed.replace("environments/prod.yaml", ", autoscaling: {max_replicas: 6, cpu_percent: 70}", "")
    result = committed.oetgen("plan", "prod")
    found = next(
        part
        for part in result.out.split("\n\n")
        if "HorizontalPodAutoscaler oet/oet-backend: is no longer rendered" in part
    )
    assert "2 values cause it together" in found
    assert "services.backend.autoscaling.cpu_percent was 70, and is not set" in found
    assert re.search(r"  set +HEAD:environments/prod\.yaml:\d+  services\.backend\.autoscaling", found)


def test_plan_of_an_environment_that_was_never_committed(committed: Sandbox) -> None:
    result = committed.oetgen("plan", "spec")
    assert result.status in (0, 1)
    assert "out/spec is not committed, nor is it on disk: all of it is new" in result.err
    assert "created" in result.out


def test_plan_without_git_compares_with_what_is_on_disk(project: Sandbox) -> None:
    project.oetgen("render", "prod")
    project.replace("environments/base.yaml", "image_tag: latest", "image_tag: v2")
    result = project.oetgen("plan", "prod")
    assert result.status == 0
    assert "compared with the files on disk" in result.out


@pytest.mark.parametrize("reference", ["nope", "--upload-pack=x", ""])
def test_a_revision_that_git_does_not_know(committed: Sandbox, reference: str) -> None:
    result = committed.oetgen("plan", "prod", f"--against={reference}")
    assert result.status == 2
    assert "git has no revision" in result.err


def test_against_without_a_repository(project: Sandbox) -> None:
    result = project.oetgen("plan", "prod", "--against", "HEAD")
    assert result.status == 2
    assert "is not in a git repository" in result.err


def test_plan_of_a_project_in_a_folder_of_the_repository(small: Sandbox) -> None:
    inner = Sandbox(small.root / "infra")
    inner.root.mkdir()
    for name in ("templates", "environments"):
        (small.root / name).rename(inner.root / name)
    inner.oetgen("render", "prod")
    git(small, "init", "-q")
    commit(small)
    assert inner.oetgen("plan", "prod").out.startswith("prod: no differences from HEAD")
    inner.replace("environments/prod.yaml", "greeting:", "greeting: moin #")
    assert "scripts/greet.sh" in inner.oetgen("plan", "prod").out


def test_plan_reports_the_errors_that_a_change_brings(committed: Sandbox) -> None:
    """A route to a port that a Service does not have is not a hazard, but an error of a check."""
    committed.replace("templates/k8s/ingress.yaml.j2", "number: {{ service_port }}", "number: 81")
    result = committed.oetgen("plan", "prod")
    assert result.status == 1
    assert "error[checks/hosts] Ingress/oet-ingress routes to port 81, which Service/oet-back" in result.out
    assert "no known hazards" not in result.out
    assert result.out.splitlines()[-1].startswith("2 errors")
    committed.oetgen("render", "prod")
    commit(committed)
    committed.replace("environments/base.yaml", "image_tag: latest", "image_tag: v2")
    after = committed.oetgen("plan", "prod")
    assert (after.status, "checks/hosts" in after.out) == (0, False)
    assert "2 errors that HEAD (" in after.out.splitlines()[-1]


def test_plan_keeps_suppressed_errors_suppressed(committed: Sandbox) -> None:
    committed.replace("templates/k8s/ingress.yaml.j2", "number: {{ service_port }}", "number: 81")
    reasons = "checks:\n- {skip: checks/hosts, reason: This test breaks it.}\n"
    committed.write("environments/prod.yaml", committed.read("environments/prod.yaml") + reasons)
    result = committed.oetgen("plan", "prod")
    assert (result.status, "error[" in result.out) == (0, False), result.err


def test_plan_without_a_name_is_about_every_environment(committed: Sandbox) -> None:
    """A value that others inherit may lose data in them alone."""
    committed.replace("environments/prod.yaml", "database: {", "database: {name: shop, ")
    both = committed.oetgen("plan", "prod", "staging")
    assert both.status == 1
    assert re.findall(r"\A(prod: .*)\n(staging: .*)\n\nprod: effects", both.out)
    heads = dict(re.findall(r"^(\w+): effects of applying it.*: (.*)$", both.out, re.M))
    assert {env: "loses data" in summary for env, summary in heads.items()} == {
        "prod": False,
        "staging": True,
    }
    every = committed.oetgen("plan").out
    assert re.findall(r"^(\w+): effects of applying it", every, re.M) == ["staging", "prod", "dev", "spec"]
    texts = [both.out, every, committed.oetgen("plan", "staging").out]
    first, all_of_them, one = (re.sub(r"^It also changes .*\n", "", text, flags=re.M) for text in texts)
    assert all(
        each.strip() in all_of_them for each in re.split(r"^(?=\w+: effects of)", first, flags=re.M)[1:]
    )
    assert one.strip() in all_of_them
    assert committed.oetgen("plan", "--format", "json").status == 2


def test_plan_does_not_count_errors_that_are_suppressed(committed: Sandbox) -> None:
    committed.oetgen("render", "spec")
    commit(committed)
    committed.write("environments/spec.yaml", committed.read("environments/spec.yaml") + "image_tag: other\n")
    result = committed.oetgen("plan", "spec")
    assert "image" in result.out
    assert "that HEAD" not in result.out


def test_plan_reports_what_the_api_server_refuses_once_and_beside_the_line_before(committed: Sandbox) -> None:
    name = "templates/k8s/{service}-deployment.yaml.j2"
    committed.replace(name, "targetPort: {{ service.port }}", "targetPort: 70000")
    result, structured = plans(committed, [], ["--format", "json"])
    assert result.status == 1
    assert "REFUSED BY THE API SERVER" in result.out
    assert "checks/api-rules" not in result.out
    refused = [each for each in json.loads(structured.out)["hazards"] if each["effect"] == "refused"]
    lines = committed.read("out/prod/k8s/backend-deployment.yaml").split("\n")
    befores = [lines[each["before"]["line"] - 1] for each in refused if "backend" in each["subject"]]
    assert [line.split() for line in befores] == [["targetPort:", "8000"]]


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("requests: {memory: 512Mi", "requests: {memory: 2Gi", "requests"),
        ("limits: {memory: 1Gi", "limits: {memory: 256Mi", "limits"),
    ],
)
def test_plan_and_check_name_the_same_values_of_one_mistake(
    committed: Sandbox, old: str, new: str, cause: str
) -> None:
    """What changed comes first, then the other value; the fix has the same words, and the mistake counts once."""
    committed.replace("environments/base.yaml", old, new)
    plan = committed.oetgen("plan", "prod")
    check = committed.oetgen("check", "prod", "--no-tools")
    found = [
        next(part for part in each.out.split("\n\n") if code in part).splitlines()
        for each, code in ((plan, "error[hazards/api-server]"), (check, "error[checks/resources]"))
    ]
    rows = [[re.sub(" +", " ", line.strip()) for line in lines] for lines in found]
    causes = [next(line for line in lines if line.startswith("set ")) for lines in rows]
    assert f"services.backend.resources.{cause}.memory was" in causes[0]
    assert causes[0] == causes[1]
    values = [[line for line in lines if line.startswith(("set ", "limit "))] for lines in rows]
    assert values[0] == values[1] and len(values[0]) == 2
    fixes = [next(line for line in lines if line.startswith("fix ")) for lines in rows]
    assert fixes[0] == fixes[1]
    assert "or raise the limit to" in fixes[0]
    assert plan.out.splitlines()[-1].startswith("1 refused by the API server,")
    assert "1 error" not in plan.out


def test_plan_counts_an_object_that_is_refused_for_two_reasons_once(committed: Sandbox) -> None:
    committed.replace("templates/k8s/ingress.yaml.j2", "- path: /\n", "- path: app\n")
    result, markdown = plans(committed, [], ["--format", "markdown"])
    assert result.out.count("REFUSED BY THE API SERVER") == 1
    assert result.out.count("error[hazards/api-server] Ingress oet/oet-ingress:") == 2
    assert result.out.splitlines()[-1].startswith("1 refused by the API server")
    table = markdown.out
    assert table.count("| **refused by the API server** | `Ingress oet/oet-ingress`") == 1
    assert "|\n|  | `Ingress oet/oet-ingress`: the API server refuses it" in table, "the second reason"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """In every format: a change that AWS refuses, that brings errors, and that loses an object."""
    project = copy_project(ROOT, tmp_path_factory.mktemp("refused"))
    project.oetgen("render", "prod")
    git(project, "init", "-q", "-b", "main")
    commit(project)
    project.replace("environments/prod.yaml", "database: {", "database: {name: shop, ")
    project.replace("templates/k8s/ingress.yaml.j2", "number: {{ service_port }}", "number: 81")
    project.replace("environments/prod.yaml", "sslmode: require", "sslmode: disable")
    for most in (4, 6):
        scaling = f", autoscaling: {{max_replicas: {most}, cpu_percent: 70}}"
        project.replace("environments/prod.yaml", scaling, "")
    forms = ("text", "json", "github", "markdown")
    return dict(zip(forms, plans(project, *(["--verbose", "--format", form] for form in forms)), strict=True))


def test_plan_as_json_is_what_its_schema_says(printed: dict[str, Result]) -> None:
    schema = json.loads((ROOT / "docs" / "plan.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    result = printed["json"]
    data = json.loads(result.out)
    validator.validate(data)
    assert (result.status, data["summary"]["fails"], data["summary"]["errors"]) == (1, True, 2)
    hazard = next(each for each in data["hazards"] if each["effect"] == "refused")
    assert (hazard["refused_by"], hazard["subject"]) == ("AWS", "aws_db_instance.postgres")
    assert hazard["before"]["path"] == hazard["after"]["path"] == "out/prod/terraform/main.tf"
    changed = next(each for each in data["objects"] if each["subject"] == "aws_db_instance.postgres")
    assert changed["action"] == "replaced"
    assert changed["changes"] == [{"path": "db_name", "before": "oet_praxis", "after": "shop"}]
    del hazard["refused_by"]
    assert not validator.is_valid(data)


def test_all_formats_of_plan_say_the_same_in_the_same_order(printed: dict[str, Result]) -> None:
    assert {result.status for result in printed.values()} == {1}
    texts = {form: result.out for form, result in printed.items()}
    data = json.loads(texts["json"])
    codes = [each["code"] for each in data["errors"] + data["hazards"]]
    assert len(codes) > 5
    assert re.findall(r"^\S+:\d+:\d+: \w+\[(\S+)\]", texts["text"], re.M) == codes
    assert re.findall(r"^::\w+ .*?title=(.+?)::", texts["github"], re.M) == codes
    rows = [line for line in texts["markdown"].splitlines() if line.startswith("| **")]
    assert len(rows) == len(codes)
    subjects = zip(data["hazards"], rows[len(data["errors"]) :], strict=True)
    assert all(each["subject"] in row for each, row in subjects)
    last = texts["text"].splitlines()[-1]
    assert texts["github"].splitlines()[-1] == f"prod: {last}"
    assert texts["markdown"].startswith(f"### prod: {last}\n")


def test_every_format_of_plan_says_first_not_to_apply_what_is_refused(printed: dict[str, Result]) -> None:
    data = json.loads(printed["json"].out)["summary"]
    assert data["do_not_apply"] == (
        "Do not apply it to prod: AWS refuses aws_db_instance.postgres; the checks report 2 new errors."
    )
    assert printed["text"].out.splitlines()[1] == data["do_not_apply"]
    assert data["do_not_apply"] in printed["github"].out.splitlines()
    assert data["do_not_apply"].replace("_", "\\_") in printed["markdown"].out.splitlines()[4]
    assert {tuple(each["environments"]) for each in data["inherited"]} == {("spec", "staging")}


def test_plan_says_to_apply_nothing_only_where_something_is_refused_lost_or_wrong(committed: Sandbox) -> None:
    committed.replace("environments/dev.yaml", "suffix: -dev", "suffix: -dev\nuid: 1003")
    result = committed.oetgen("plan", "dev")
    assert result.status == 0
    assert "effects of applying it" in result.out
    assert "Do not apply" not in result.out
    assert "It also changes" not in result.out


def test_plan_names_no_environment_whose_files_stay_as_they_are(committed: Sandbox) -> None:
    committed.oetgen("render", "--all")
    commit(committed)
    committed.replace("environments/base.yaml", 'engine_version: "15"', 'engine_version: "16"')
    changed = re.search(r"It also changes (.*): rds", committed.oetgen("plan", "prod").out)
    assert changed and re.fullmatch(r"staging \(.*\)", changed[1]), "dev has no database in AWS"


def test_plan_names_no_environment_that_removes_the_value(committed: Sandbox) -> None:
    committed.replace("environments/prod.yaml", "max_replicas: 4", "max_replicas: 5")  # spec removes it
    verdict = committed.oetgen("plan", "prod").out.partition("Kubernetes:")[0]
    assert "services.frontend.autoscaling" not in verdict
    committed.replace("environments/prod.yaml", "replicas: 2", "replicas: 3")
    assert "It also changes spec" in committed.oetgen("plan", "prod").out


def test_plan_names_the_files_that_were_edited_by_hand_before_they_were_committed(committed: Sandbox) -> None:
    path = "out/prod/k8s/backend-scaling.yaml"
    committed.replace(path, "minReplicas: 3", "minReplicas: 8")
    commit(committed)
    forms = ("text", "json", "github")
    found = plans(committed, *(["--format", form] for form in forms))
    texts = {form: each.out for form, each in zip(forms, found, strict=True)}
    sentence = f"{path} was edited by hand. If that was not applied, compare with a revision before it"
    assert sentence in texts["text"]
    assert sentence in texts["github"]
    assert json.loads(texts["json"])["summary"]["edited_by_hand"] == [path]
    committed.replace("environments/prod.yaml", "replicas: 3", "replicas: 8")
    committed.replace("environments/prod.yaml", "max_replicas: 6", "max_replicas: 9")
    committed.oetgen("render", "prod", "--overwrite")
    assert sentence in committed.oetgen("plan", "prod").out
    commit(committed)
    assert "edited by hand" not in committed.oetgen("plan", "prod").out


def test_plan_names_the_other_environments_that_inherit_a_value(committed: Sandbox) -> None:
    committed.replace("environments/base.yaml", "uid: 1001", "uid: 1002")
    result, structured = plans(committed, [], ["--format", "json"])
    line = committed.read("environments/base.yaml").split("uid: 1002")[0].count("\n") + 1
    assert result.out.splitlines()[1] == (
        f"It also changes dev, spec, staging (2 restarted): uid (environments/base.yaml:{line})."
    )
    data = json.loads(structured.out)
    [inherited] = data["summary"]["inherited"]
    assert inherited["value"] == "uid"
    assert inherited["environments"] == ["dev", "spec", "staging"]
    committed.replace("environments/dev.yaml", "suffix: -dev", "suffix: -dev\nuid: 1003")
    assert re.search(r"It also changes spec[^,]*, staging[^,]*: uid", committed.oetgen("plan", "prod").out)
    # staging and spec extend prod
    committed.replace("environments/prod.yaml", "database: {", "database: {name: shop, ")
    sentence = committed.oetgen("plan", "prod").out.splitlines()[2]
    assert re.match(r"It also changes spec, staging \(.*\): ", sentence)
    assert f"uid (environments/base.yaml:{line})" in sentence
    assert "database.name (environments/prod.yaml:" in sentence


def test_a_move_to_another_namespace_is_one_change_with_its_steps_in_order(committed: Sandbox) -> None:
    committed.replace("environments/prod.yaml", "namespace: oet\n", "namespace: shop\n")
    whole, short = (result.out for result in plans(committed, ["--verbose"], []))
    lines = short.splitlines()
    start = lines.index("To do, in this order:")
    assert start == 1
    assert [re.sub(r"^  (\d)\. (.*?)(?: and \d+ more)?(?::.*)?$", r"\1 \2", line) for line in lines[2:7]] == [
        "1 Secret oet/oet-secrets",
        "2 module.eks",
        "3 apply the change, Terraform first, then the Kubernetes objects",
        "4 Ingress oet/oet-ingress",
        "5 Namespace oet",
    ]
    assert short.count("hazards/other-namespace") == 3
    assert whole.count("hazards/other-namespace") > 15
    assert "  → oet → shop: 7 NetworkPolicy, 2 Deployment" in short
    assert "+ Deployment shop/oet-backend" not in short
    assert "+ Deployment shop/oet-backend" in whole
    forms = ("json", "github", "markdown")
    found = plans(committed, *(["--format", form] for form in forms))
    texts = {form: each.out for form, each in zip(forms, found, strict=True)}
    steps = json.loads(texts["json"])["summary"]["steps"]
    assert [each.split(": ")[0].split(" and ")[0] for each in steps][3:] == [
        "Ingress oet/oet-ingress",
        "Namespace oet",
    ]
    numbered = [f"{number}. {each}" for number, each in enumerate(steps, 1)]
    assert "\n".join(["To do, in this order:", *numbered]) in texts["github"]
    assert (
        "\n".join(["", "To do, in this order:", *(plain(each) for each in numbered), ""]) in texts["markdown"]
    )


def test_an_object_that_is_refused_restarts_once_it_is_accepted(committed: Sandbox) -> None:
    name = "templates/k8s/{service}-deployment.yaml.j2"
    committed.replace(name, "containerPort: {{ service.port }}", "containerPort: 70000")
    result, structured = plans(committed, [], ["--format", "json"])
    assert "RESTARTED ONCE ACCEPTED" in result.out
    assert "~ Deployment oet/oet-backend  (refused, restarted once accepted)" in result.out
    data = json.loads(structured.out)
    waiting = {
        (each["effect"], each["awaits"]) for each in data["hazards"] if "Deployment" in each["subject"]
    }
    assert waiting == {("refused", None), ("restarted", "the API server")}


def test_an_annotation_of_plan_is_at_a_line_that_exists(printed: dict[str, Result]) -> None:
    """What is removed has no line in the new files."""
    lines = printed["github"].out.splitlines()
    gone = next(line for line in lines if "HorizontalPodAutoscaler" in line)
    assert "file=" not in gone
    assert "left behind: HorizontalPodAutoscaler oet/oet-backend" in gone


def test_markdown_of_plan_holds_values_as_text(committed: Sandbox) -> None:
    committed.replace("environments/base.yaml", "image_tag: latest", "image_tag: '@team|<b>#1_x_'")
    committed.replace("environments/schema.json", '"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"', '"^.*$"')
    found = committed.oetgen("plan", "prod", "--format", "markdown").out
    assert "<span>@</span>team\\|&lt;b&gt;<span>#</span>1\\_x\\_" in found


def test_plan_without_differences_in_every_format(committed: Sandbox) -> None:
    data = json.loads(committed.oetgen("plan", "prod", "--format", "json").out)
    assert (data["objects"], data["hazards"], data["summary"]["fails"]) == ([], [], False)
    assert committed.oetgen("plan", "prod", "--format", "github").out.startswith("prod: no known hazards")
    assert committed.oetgen("plan", "prod", "--format", "markdown").out.startswith(
        "**prod**: no differences from"
    )
