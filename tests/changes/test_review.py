"""`oetgen diff` and `oetgen plan` as a user meets them."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.conftest import ROOT, Sandbox


@pytest.fixture
def committed(project: Sandbox) -> Sandbox:
    """This project with its output, in a repository of its own."""
    assert project.oetgen("render", "prod", "staging").status == 0
    git(project, "init", "-q", "-b", "main")
    commit(project)
    return project


def git(project: Sandbox, *arguments: str) -> str:
    settings = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", str(project.root), *settings, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


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
    assert "= note: HEAD:out/prod/terraform/main.tf:" in refused
    assert re.search(
        r"= note: environments/prod\.yaml:\d+:\d+: database\.name was oet_praxis, and is shop", refused
    )
    assert "= note: source: https://github.com/hashicorp/terraform-provider-aws/" in refused
    assert lines[-1].lstrip().startswith("= hint: keep the argument")


def test_the_page_shows_what_plan_prints(committed: Sandbox) -> None:
    committed.replace("environments/prod.yaml", "database: {", "database: {name: shop, ")
    page = (ROOT / "docs" / "plan.md").read_text("utf-8")
    shown = re.search(r"```text\n(.*?)```", page, re.S)
    assert shown
    assert shown[1] in committed.oetgen("plan", "prod").out


def test_plan_puts_data_loss_first(committed: Sandbox) -> None:
    committed.replace("environments/base.yaml", "project: oet ", "project: shop ")
    result = committed.oetgen("plan", "prod")
    titles = [
        line for line in result.out.splitlines() if line.isupper() and line[0].isalpha() and len(line) > 3
    ]
    order = ["LOSES DATA", "REFUSED", "DESTROYED", "REPLACED", "OUTAGE", "LESS CAPACITY", "LESS PROTECTION",
             "WIDER RIGHTS", "LEFT BEHIND", "NO EFFECT", "UNKNOWN", "RESTARTED"]  # fmt: skip
    assert titles == sorted(titles, key=order.index)
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
    assert "this line of the template generates it" in result.out
    assert "templates/k8s/{service}-deployment.yaml.j2:" in result.out


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
    assert "= note: HEAD:environments/prod.yaml:" in found


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
